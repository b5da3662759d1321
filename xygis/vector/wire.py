"""Foreign layers, and the sheets of workbooks, as bytes and back, for the way out of a process that is not trusted: plain values and WKB, no code.

A message is its length, JSON, and then the geometries as WKB. Only the classes named here are ever made.
"""

from __future__ import annotations

import dataclasses
import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np
import shapely

from xygis import errors
from xygis.errors import DamagedFile, Where, XygisError
from xygis.vector.crs_claim import Claim
from xygis.vector.gpkg import RawFeatures
from xygis.vector.layers import ForeignLayer
from xygis.vector.notes import Note
from xygis.vector.workbook import Sheet

_KNOWN = {kind.__name__: kind for kind in (ForeignLayer, RawFeatures, Claim, Note, Where)}
_LENGTHS = struct.Struct("<QQ")
MAX_MESSAGE = 4 << 30


def send(stream: BinaryIO, answer: list[ForeignLayer] | list[Sheet] | XygisError) -> None:
    """One message: the layers or sheets, or the error instead."""
    blobs: list[bytes] = []
    if isinstance(answer, XygisError):
        told = {
            "kind": type(answer).__name__,
            "what": answer.what,
            "where": _plain(answer.where, blobs),
            "why": answer.why,
            "fix": answer.fix,
        }
        content: dict[str, Any] = {"error": told}
    else:
        sheets = [[s.name, s.hidden, s.rows] for s in answer if isinstance(s, Sheet)]  # millions of cells: as they are
        content = {"sheets": sheets, "layers": [_plain(one, blobs) for one in answer if not isinstance(one, Sheet)]}
    head, body = json.dumps(content).encode(), b"".join(blobs)
    stream.write(_LENGTHS.pack(len(head), len(body)))
    stream.write(head)
    stream.write(body)
    stream.flush()


def understood(head: bytes, body: bytes) -> list[ForeignLayer]:
    """The layers of a message. Raises the error that it carries, and DamagedFile where it is no message."""
    with _whole():
        return [_made(layer, body) for layer in _content(head)["layers"]]


def understood_sheets(head: bytes) -> list[Sheet]:
    """The sheets of a message. Raises as `understood` does."""
    with _whole():
        return [
            Sheet(name=str(name), hidden=bool(hidden), rows=[(int(line), cells) for line, cells in rows])
            for name, hidden, rows in _content(head)["sheets"]
        ]


def _content(head: bytes) -> dict[str, Any]:
    content = json.loads(head)
    if "error" in content:
        raise _error(content["error"])
    return dict(content)


@contextmanager
def _whole() -> Iterator[None]:
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, shapely.errors.GEOSException) as error:
        raise DamagedFile(what="读取的结果不完整", why=str(error)[:100], fix="请重新导出这个文件") from error


def lengths(raw: bytes) -> tuple[int, int]:
    """How long the two parts of a message are. Raises DamagedFile where nobody would write so much."""
    head, body = _LENGTHS.unpack(raw)
    if head + body > MAX_MESSAGE:
        raise DamagedFile(what="读取的结果大得不可能", fix="请重新导出这个文件")
    return head, body


LENGTHS_BYTES = _LENGTHS.size


def _plain(value: Any, blobs: list[bytes]) -> Any:
    if isinstance(value, np.ndarray):
        wkb = [b"" if g is None else g for g in shapely.to_wkb(value).tolist()]
        start = sum(map(len, blobs))
        blobs.append(b"".join(wkb))
        return {"wkb": [start, [len(b) for b in wkb]]}
    if dataclasses.is_dataclass(value):
        return {"class": type(value).__name__, "fields": {f.name: _plain(getattr(value, f.name), blobs) for f in dataclasses.fields(value)}}
    if isinstance(value, dict):
        return {"pairs": [[str(k), _plain(v, blobs)] for k, v in value.items()]}
    if isinstance(value, tuple):
        return {"tuple": [_plain(v, blobs) for v in value]}
    if isinstance(value, list):
        return [_plain(v, blobs) for v in value]
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)


def _made(value: Any, body: bytes) -> Any:
    if isinstance(value, list):
        return [_made(v, body) for v in value]
    if not isinstance(value, dict):
        return value
    if "wkb" in value:
        start, sizes = value["wkb"]
        return _geometry(start, sizes, body)
    if "tuple" in value:
        return tuple(_made(v, body) for v in value["tuple"])
    if "pairs" in value:
        return {k: _made(v, body) for k, v in value["pairs"]}
    return _KNOWN[value["class"]](**{k: _made(v, body) for k, v in value["fields"].items()})


def _geometry(start: int, sizes: list[int], body: bytes) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    ends = start + np.cumsum(sizes, dtype=np.int64) if sizes else np.empty(0, dtype=np.int64)
    wkb = np.full(len(sizes), None, dtype=object)
    for i, (end, size) in enumerate(zip(ends.tolist(), sizes, strict=True)):
        if size:
            wkb[i] = body[end - size : end]
    with np.errstate(invalid="ignore"):
        return np.asarray(shapely.from_wkb(wkb), dtype=object)


def _error(told: dict[str, Any]) -> XygisError:
    kind = getattr(errors, told["kind"], DamagedFile)
    if not (isinstance(kind, type) and issubclass(kind, XygisError)):
        kind = DamagedFile
    return kind(what=str(told["what"]), where=_made(told["where"], b""), why=str(told["why"]), fix=str(told["fix"]))
