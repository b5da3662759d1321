"""What lays a layer out is the same compiled and plain, to the bit where nothing is added up."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from tests.overlay.laid import layer_of, needs_compiled, plain_kernel
from tests.overlay.nasty import polygons, star
from xygis.overlay.kernel import asking, build, laying
from xygis.overlay.kernel.library import kernel_name, library
from xygis.overlay.rings import rings_of

pytestmark = needs_compiled
some = settings(max_examples=100)
shapes = st.lists(polygons(), min_size=1, max_size=6)


@some
@given(shapes)
def test_sizes_and_turning(shapes: list[shapely.Geometry]) -> None:
    """Signed areas to rounding, bounds and the order of vertices to the bit; they are also shapely's."""
    parts = shapely.get_parts(np.array([shapely.reverse(s) if k % 2 else s for k, s in enumerate(shapes)], object))
    one, other = rings_of(parts, np.zeros(0, np.int64)), rings_of(parts, np.zeros(0, np.int64))
    laying.orient(one)
    area, bounds = laying.sizes(*one.table, one.first, one.last)
    with plain_kernel():
        laying.orient(other)
        plain_area, plain_bounds = laying.sizes(*other.table, other.first, other.last)
    assert np.array_equal(one.xy, other.xy) and np.array_equal(bounds, plain_bounds)
    assert area == pytest.approx(plain_area, rel=1e-12, abs=1e-9)
    assert area == pytest.approx(shapely.area(parts), rel=1e-9, abs=1e-6)
    assert np.array_equal(bounds, shapely.bounds(parts))


boxes = st.lists(st.tuples(*[st.floats(-1e7, 4e7, allow_nan=False)] * 2, *[st.floats(0, 1e4)] * 2), min_size=0, max_size=60)


@some
@given(boxes)
def test_the_hilbert_curve(rows: list[tuple[float, float, float, float]]) -> None:
    """Each box has the same place along the curve, compiled and plain."""
    bounds = np.ascontiguousarray([(x, y, x + u, y + v) for x, y, u, v in rows], float).reshape(-1, 4)
    with plain_kernel():
        plain = laying.hilbert(bounds)
    assert np.array_equal(plain, laying.hilbert(bounds))
    assert ((plain >= 0) & (plain < 2**32)).all()


def test_the_hilbert_curve_goes_from_neighbour_to_neighbour() -> None:
    """Over a grid of 64 × 64 cells it visits each once, and every step leads to a neighbouring cell."""
    cells = np.array([(x, y, x + 1, y + 1) for x in range(64) for y in range(64)], float)
    order = np.argsort(laying.hilbert(cells))
    steps = np.abs(np.diff(cells[order, :2], axis=0)).sum(axis=1)
    assert np.unique(laying.hilbert(cells)).size == 4096 and (steps == 1).all()
    same = laying.hilbert(np.tile([3.0, 3.0, 3.0, 3.0], (5, 1)))
    assert [0] == np.unique(same).tolist(), "points on one spot divide by no zero"


@some
@given(
    groups=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5), st.integers(0, 3)), min_size=0, max_size=12), seed=st.integers(0, 99)
)
def test_gathering(groups: list[tuple[int, int, int]], seed: int) -> None:
    """Runs of rings from two tables, some empty, some taken twice: one after the other, the same compiled and plain."""
    rng = np.random.default_rng(seed)
    tables = []
    for _ in range(2):
        offsets = np.r_[0, np.cumsum(rng.integers(4, 9, 8))].astype(np.int64)
        tables.append((rng.random((int(offsets[-1]), 2)), offsets))
    table, first = np.array([g[0] for g in groups], np.uint8), np.array([g[1] for g in groups], np.int64)
    last = first + np.array([g[2] for g in groups], np.int64)
    xy, offsets = laying.gather(tables, table, first, last, jobs=2)
    expected = [tables[t][0][tables[t][1][r] : tables[t][1][r + 1]] for t, f, n in groups for r in range(f, f + n)]
    assert np.array_equal(xy, np.vstack([np.zeros((0, 2)), *expected]))
    assert np.array_equal(offsets, np.r_[0, np.cumsum([len(e) for e in expected])])
    with plain_kernel():
        plain_xy, plain_offsets = laying.gather(tables, table, first, last)
    assert np.array_equal(xy, plain_xy) and np.array_equal(offsets, plain_offsets)


@some
@given(data=st.binary(max_size=400).map(lambda b: b[: len(b) // 8 * 8]), at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_the_checksum(data: bytes, at: int, bit: int) -> None:
    """Compiled, plain and by whole numbers in Python the same; one flipped bit or two swapped words change it."""
    words = [int.from_bytes(data[i : i + 8], sys.byteorder) for i in range(0, len(data), 8)]
    expected = f"{sum(words) % 2**64:016x}{sum(w * (2 * i + 1) for i, w in enumerate(words)) % 2**64:016x}"
    with plain_kernel():
        assert expected == laying.checksum(data)
    assert expected == laying.checksum(data)
    if data:
        flipped = bytearray(data)
        flipped[at % len(data)] ^= 1 << bit
        assert expected != laying.checksum(bytes(flipped))
    if len(words) > 1 and words[0] != words[-1]:
        assert expected != laying.checksum(data[-8:] + data[8:-8] + data[:8]) or (words[0] - words[-1]) * 2 * (len(words) - 1) % 2**64 == 0


def test_the_checksum_of_much_data_does_not_depend_on_threads() -> None:
    """Three million words, taken in parts: the sums of the whole."""
    words = np.random.default_rng(1).integers(0, 2**63, 3_000_000, dtype=np.uint64)
    weights = 2 * np.arange(len(words), dtype=np.uint64) + np.uint64(1)
    assert f"{int(words.sum()):016x}{int((words * weights).sum()):016x}" == laying.checksum(memoryview(words).cast("B"))


def test_the_index_misses_nothing_in_a_large_layer() -> None:
    """5,000 boxes, three levels: every window meets, with the same area, what a look at each box finds."""
    rng = np.random.default_rng(2)
    corners = rng.random((5000, 2)) * 10_000
    q = layer_of([box(x, y, x + 30, y + 20) for x, y in corners])
    windows = layer_of([box(x, y, x + 150, y + 150) for x, y in rng.random((200, 2)) * 10_000])
    found = asking.pairs(windows, q)
    with plain_kernel():
        plain = asking.pairs(windows, q)
    assert len(found[0]) > 200 and all(np.array_equal(a, b) for a, b in zip(found[:2], plain[:2], strict=True))
    assert np.allclose(found[2], plain[2], rtol=1e-9, atol=1e-6)


def test_the_plain_kernel_lays_out_the_same_parts() -> None:
    """A layer laid out plainly is not cut, and has the same areas part by part."""
    shapes = [star(np.random.default_rng(k), 300, 400.0, hole=True) for k in range(5)]
    cut = layer_of(shapes)
    with plain_kernel():
        whole = layer_of(shapes)
    assert len(whole) == 5 < len(cut)
    assert np.bincount(cut.owner, cut.area) == pytest.approx(np.bincount(whole.owner, whole.area), rel=1e-12)


@pytest.mark.parametrize("word", ["plain", "Plain"])
def test_the_environment_switches_the_compiled_kernel_off(word: str) -> None:
    """XYGIS_KERNEL=plain: the library is not even loaded."""
    code = "from xygis.overlay.kernel.library import kernel_name; print(kernel_name())"
    run = subprocess.run([sys.executable, "-c", code], env={**os.environ, "XYGIS_KERNEL": word}, capture_output=True, text=True, check=True)
    assert "plain" == run.stdout.strip()
    assert "compiled" == kernel_name()


@pytest.mark.parametrize("library_bytes", [b"", b"no library", b"\x7fELF" + bytes(200)], ids=["empty", "text", "hollow"])
def test_what_is_no_library_is_not_used(library_bytes: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in its place that cannot be loaded: the plain twins do the work."""
    (tmp_path / "_kernel.so").write_bytes(library_bytes)
    monkeypatch.setattr("xygis.overlay.kernel.library.LIBRARY", tmp_path / "_kernel.so")
    library.cache_clear()
    try:
        assert "plain" == kernel_name()
    finally:
        monkeypatch.undo()
        library.cache_clear()


def test_a_library_from_other_sources_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sources changed, library not compiled again: it is not believed, because it may count otherwise."""
    monkeypatch.setattr("xygis.overlay.kernel.library.sources_sha256", lambda: "0" * 64)
    library.cache_clear()
    try:
        assert "plain" == kernel_name()
    finally:
        monkeypatch.undo()
        library.cache_clear()
    assert build.sources_sha256() == build.sources_sha256() and "compiled" == kernel_name()
