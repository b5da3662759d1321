"""`report.sig`: what a signature covers and how it is written. The bytes that are signed are fixed here and nowhere else.

    {"algorithm": "Ed25519", "schema": "xygis/signature/1", "signature": base64,
     "signed": {"files": [{"file", "sha256", "size"}], "public_key": base64 of 32 bytes, "report": {"file", "sha256"} | null,
                "signed_at": ISO 8601, "signer": text | null, "xygis": version}}

Signed is the line `xygis/signature/1 Ed25519`, a line feed, and `signed` as JSON: UTF-8, keys sorted, no blanks. The file itself is
that object with keys sorted, indented by two; a file that is written otherwise has been touched.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

FILE = "report.sig"
SCHEMA = "xygis/signature/1"
ALGORITHM = "Ed25519"
_DIGITS = frozenset("0123456789abcdef")
_LONGEST = 1024
_MOST_FILES = 10_000


class Unusable(Exception):
    """A signature file that is not to be trusted in any part; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file that is signed; `file` is relative to the folder, with /."""

    file: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What is signed. report: (file, sha256) of the JSON report, whose digest every rendering prints; None: there is none."""

    files: tuple[Entry, ...]
    report: tuple[str, str] | None
    public_key: bytes
    signer: str | None
    signed_at: str
    version: str

    def to_dict(self) -> dict[str, Any]:
        return {
            "files": [{"file": e.file, "sha256": e.sha256, "size": e.size} for e in self.files],
            "public_key": base64.b64encode(self.public_key).decode("ascii"),
            "report": {"file": self.report[0], "sha256": self.report[1]} if self.report is not None else None,
            "signed_at": self.signed_at,
            "signer": self.signer,
            "xygis": self.version,
        }

    def message(self) -> bytes:
        """The bytes that are signed."""
        body = json.dumps(self.to_dict(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return f"{SCHEMA} {ALGORITHM}\n{body}".encode()


def written(signed: Signed, signature: bytes) -> bytes:
    """The file."""
    document = {
        "algorithm": ALGORITHM,
        "schema": SCHEMA,
        "signature": base64.b64encode(signature).decode("ascii"),
        "signed": signed.to_dict(),
    }
    return (json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def parsed(data: bytes) -> tuple[Signed, bytes]:
    """(what is signed, the signature). Raises Unusable for anything that `written` does not write, byte for byte."""
    try:
        document = json.loads(data)
        said = document["signed"]
        report = said["report"]
        signed = Signed(
            files=tuple(Entry(file=_name(e["file"]), size=_size(e["size"]), sha256=_digest(e["sha256"])) for e in _list(said["files"])),
            report=None if report is None else (_name(report["file"]), _digest(report["sha256"])),
            public_key=_decoded(said["public_key"], 32),
            signer=None if said["signer"] is None else _text(said["signer"]),
            signed_at=_text(said["signed_at"]),
            version=_text(said["xygis"]),
        )
        signature = _decoded(document["signature"], 64)
        again = written(signed, signature)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError, binascii.Error) as error:
        raise Unusable("读不懂：不是签名文件，或内容被改过、不完整") from error
    if again != data:
        raise Unusable("写法被动过（多了内容，或换行、空白变了）")
    if len({e.file for e in signed.files}) < len(signed.files):
        raise Unusable("同一个文件列了两次")
    if signed.report is not None and signed.report not in {(e.file, e.sha256) for e in signed.files}:
        raise Unusable("报告的指纹与清单不符")
    return signed, signature


def inside(name: str) -> bool:
    """Whether a name stays in the folder on every system: no way up, no drive, no root, nothing that steers a terminal."""
    parts = name.split("/")
    plain = name.isprintable() and not any(c in name for c in '\\:*?"<>|') and len(name) <= _LONGEST
    return plain and not PurePosixPath(name).is_absolute() and not any(p.strip() in ("", ".", "..") for p in parts)


def _name(value: object) -> str:
    name = _text(value)
    if not inside(name):
        raise Unusable(f"清单里的“{name[:80]}”指向目录之外")
    return name


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise TypeError("text")
    value.encode()  # half a surrogate is no text
    return value


def _size(value: object) -> int:
    if type(value) is not int or value < 0:
        raise TypeError("size")
    return value


def _digest(value: object) -> str:
    text = _text(value)
    if len(text) != 64 or not set(text) <= _DIGITS:
        raise ValueError("sha256")
    return text


def _decoded(value: object, size: int) -> bytes:
    data = base64.b64decode(_text(value), validate=True)
    if len(data) != size:
        raise ValueError("length")
    return data


def _list(value: object) -> list[Any]:
    if not isinstance(value, list) or len(value) > _MOST_FILES:
        raise TypeError("list")
    return value
