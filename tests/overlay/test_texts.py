"""Numbers as decimal text and rows as CSV: the compiled kernel and its plain twin write the same bytes."""

from __future__ import annotations

import csv
import io
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xygis.overlay.kernel import texts

KERNELS = ["compiled", "plain"]


@pytest.fixture(params=KERNELS)
def kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "plain":
        monkeypatch.setattr(texts, "library", lambda: None)
    return str(request.param)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, b"0.0"),
        (-0.0, b"0.0"),
        (12.0, b"12.0"),
        (9554.331, b"9554.331"),
        (0.0010004, b"0.001"),
        (0.0004, b"0.0004"),
        (2.5e-7, b"2.5e-07"),
        (-1.25, b"-1.25"),
        (0.9999996, b"1.0"),
        (1234567.0000004, b"1234567.0"),
        (1e9, b"1000000000"),
        (12345678901.25, b"12345678901.25"),
        (math.nan, b""),
        (math.inf, b"inf"),
    ],
)
def test_numbers(kernel: str, value: float, text: bytes) -> None:
    """Six decimals; a real overlap below them never reads as 0; nothing is lost of large numbers; NaN is an empty field."""
    assert texts.decimals(np.array([value])).tolist() == [text]


@given(st.lists(st.floats(width=64), max_size=30))
def test_the_twins_agree(values: list[float]) -> None:
    """Byte for byte, and within half a millionth (or 1e-9 of the value) of the number."""
    array = np.array(values, float)
    made = texts.decimals(array).tolist()
    plain = [texts._decimal(v, m) for v, m in zip(values, np.rint(np.minimum(np.abs(array), 1e9) * 1e6).tolist(), strict=True)]
    assert made == plain
    for value, text in zip(values, made, strict=True):
        if not math.isnan(value):
            assert float(text) == value or abs(float(text) - value) <= max(5.001e-7, 1e-9 * abs(value))
            assert (float(text) == 0.0) == (value == 0.0)


def test_rows_read_back(kernel: str) -> None:
    """Columns with and without an index, empty fields, Chinese text, a NUL: what csv reads is what was put in."""
    names = texts.FieldColumn(fields=texts.fields_of(["甲", "", "x\0y"]), index=np.array([0, 2, 1, 0]))
    numbers = texts.FieldColumn(fields=texts.decimals(np.array([1.5, math.nan, 0.0, 1e-9])))
    data = texts.lines([names, numbers]).decode()
    assert list(csv.reader(io.StringIO(data, newline=""))) == [["甲", "1.5"], ["xy", ""], ["", "0.0"], ["甲", "1e-09"]]
    assert data.endswith("\r\n")


def test_no_rows(kernel: str) -> None:
    """A table without rows is empty."""
    assert texts.lines([texts.FieldColumn(fields=texts.fields_of([])), texts.FieldColumn(fields=texts.decimals(np.zeros(0)))]) == b""
