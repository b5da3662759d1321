"""Numbers as decimal text, and tables of many rows as CSV, by the compiled kernel or its plain twin: the same bytes."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xygis.overlay.kernel.binding import at, compiled, long
from xygis.overlay.kernel.library import library
from xygis.overlay.kernel.pieces import Floats, Ints

Bytes = NDArray[np.bytes_]
_FIELD = "S24"


class ColumnStruct(ctypes.Structure):
    _fields_ = [("fields", ctypes.c_void_p), ("index", ctypes.c_void_p), ("width", long)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldColumn:
    """A column of a table: ready fields in UTF-8, and which of them stands in each row (None: one field a row)."""

    fields: Bytes
    index: Ints | None = None

    def __len__(self) -> int:
        return len(self.fields if self.index is None else self.index)


def decimals(values: Floats) -> Bytes:
    """Each number with six decimals, zeros at the end left off but the first; below a thousandth nine significant digits, from a
    thousand million on sixteen. NaN is empty."""
    values = np.ascontiguousarray(values, np.float64)
    if library() is None:
        return np.array(
            [_decimal(v, m) for v, m in zip(values.tolist(), np.rint(np.minimum(np.abs(values), 1e9) * 1e6).tolist(), strict=True)], _FIELD
        )
    out = np.zeros(len(values), _FIELD)
    compiled().xygis_decimals(at(values), long(len(values)), at(out))
    return out


def fields_of(texts: Sequence[str]) -> Bytes:
    """Texts as fields; a NUL, which no table can hold, is left out."""
    return np.array([t.replace("\0", "").encode("utf-8", "surrogateescape") for t in texts] or [b""], np.bytes_)[: len(texts)]


def lines(columns: Sequence[FieldColumn]) -> bytes:
    """The rows of a table, fields parted by commas, every row ended by CR LF."""
    count = len(columns[0])
    assert all(len(c) == count for c in columns)
    if library() is None:
        parts = [c.fields if c.index is None else c.fields[c.index] for c in columns]
        return b"".join(b",".join(row) + b"\r\n" for row in zip(*(p.tolist() for p in parts), strict=True))
    held = [(np.ascontiguousarray(c.fields), None if c.index is None else np.ascontiguousarray(c.index, np.int64)) for c in columns]
    table = (ColumnStruct * len(held))(*(ColumnStruct(at(f), None if i is None else at(i), f.dtype.itemsize) for f, i in held))
    rows = compiled().xygis_rows
    rows.restype = long
    size = rows(table, long(len(held)), long(count), None)
    out = ctypes.create_string_buffer(size + 1)
    rows(table, long(len(held)), long(count), out)
    return out.raw[:size]


def _decimal(value: float, millionths: float) -> bytes:
    size = abs(value)
    if value != value:
        return b""
    if size != 0.0 and (size < 1e-3 or size >= 1e9):
        return (b"%.9g" if size < 1.0 else b"%.16g") % value
    whole, rest = divmod(int(millionths), 1_000_000)
    sign = b"-" if value < 0.0 else b""
    return sign + b"%d." % whole + ((b"%06d" % rest).rstrip(b"0") or b"0")
