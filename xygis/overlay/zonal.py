"""Statistics of a raster under many polygons: every part of the file is read about once, in tiles of bounded size.

Each tile is read only as far as polygons need it. Tiles go to two threads; what they find is added up in the order of the
tiles, so that the same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from xygis.errors import LayerUnreadable, Where
from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.coverage import Outlines, Tile, cell_statistics, class_weights
from xygis.overlay.prepared import Ints
from xygis.overlay.raster import Raster, ReadTile, cells_of
from xygis.overlay.slope import cell_sizes_m, slope_deg

_TILE_CELLS = 1 << 20
_READING_CELLS = (20_000, 2_000)  # what one reading more costs, in cells: of a file, of kept cells
_WORTH_A_THREAD = 1 << 18  # cells
_THREADS = 2
MOST_CLASSES = 1000
_ROUNDING = 1e-9  # of a polygon: less than this of it outside the raster is rounding

T = TypeVar("T")
Work = Callable[[ReadTile, Tile, Ints], T]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellStatistics:
    """One number for each polygon in every array, weighted by covered shares. Means and extremes are nan where nothing has data."""

    weight: Floats  # cells with data
    without: Floats  # cells without data, or outside the raster
    mean: Floats
    least: Floats
    greatest: Floats
    above: Floats  # cells at or above the threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassStatistics:
    """weight (p, k): cells of each class under each polygon; classes: their k values, ascending."""

    classes: tuple[int, ...]
    weight: Floats
    without: Floats


def value_statistics(raster: Raster, shapes: Outlines, threshold: float = np.inf) -> CellStatistics:
    """Of the raster's own values."""

    def work(read: ReadTile, tile: Tile, chosen: Ints) -> Floats:
        return cell_statistics(shapes, chosen, tile, read(tile), threshold)

    return _gathered(shapes, _over_tiles(raster, shapes, work))


def elevation_statistics(raster: Raster, shapes: Outlines, threshold_deg: float) -> tuple[CellStatistics, CellStatistics]:
    """(of elevation in m, of slope in degrees): the raster holds elevations, read once for both."""

    def work(read: ReadTile, tile: Tile, chosen: Ints) -> Floats:
        around = _with_margin(raster, read, tile)
        slope = slope_deg(around, *cell_sizes_m(raster, tile))
        elevation = cell_statistics(shapes, chosen, tile, around[1:-1, 1:-1], np.inf)
        return np.hstack([elevation, cell_statistics(shapes, chosen, tile, slope, threshold_deg)])

    found = _over_tiles(raster, shapes, work)
    elevation, slope = ([(chosen, part[:, columns]) for chosen, part in found] for columns in (slice(0, 6), slice(6, 12)))
    return _gathered(shapes, elevation), _gathered(shapes, slope)


def class_statistics(raster: Raster, shapes: Outlines) -> ClassStatistics:
    """Of a raster of classes. Raises LayerUnreadable where its values are no classes."""
    where = Where(file=raster.path.name, layer=raster.title)
    if not raster.whole_numbers:
        raise LayerUnreadable(what="分类栅格的数值不是整数", where=where, fix="请导出为整数类型的地类代码")

    def work(read: ReadTile, tile: Tile, chosen: Ints) -> tuple[Floats, Floats]:
        values = read(tile)
        known = np.isfinite(values)
        classes, numbers = np.unique(values[known], return_inverse=True)
        if len(classes) > MOST_CLASSES:
            raise LayerUnreadable(what=f"分类栅格有 {len(classes)} 种以上的数值", where=where, fix="请核对 measure：高程用 elevation")
        number = np.full(values.shape, -1, np.int32)
        number[known] = numbers
        return classes, class_weights(shapes, chosen, tile, number, len(classes))

    found = _over_tiles(raster, shapes, work)
    every = np.array(sorted({float(c) for _, (classes, _) in found for c in classes.tolist()}))
    weight, without = np.zeros((len(shapes), len(every))), np.zeros(len(shapes))
    for chosen, (classes, part) in found:
        weight[chosen[:, None], np.searchsorted(every, classes)[None, :]] += part[:, :-1]
        without[chosen] += part[:, -1]
    without += _outside(shapes, weight.sum(axis=1) + without)
    return ClassStatistics(classes=tuple(int(c) for c in every.tolist()), weight=weight, without=without)


def _gathered(shapes: Outlines, found: Sequence[tuple[Ints, Floats]]) -> CellStatistics:
    sums, low, high = np.zeros((len(shapes), 4)), np.full(len(shapes), np.inf), np.full(len(shapes), -np.inf)
    for chosen, part in found:
        sums[chosen] += part[:, [0, 1, 2, 5]]
        low[chosen] = np.minimum(low[chosen], part[:, 3])
        high[chosen] = np.maximum(high[chosen], part[:, 4])
    weight, without, total, above = sums.T
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.clip(total / weight, low, high)  # rounding does not carry a mean past what it is the mean of
    return CellStatistics(
        weight=weight,
        without=without + _outside(shapes, weight + without),
        mean=np.where(weight > 0.0, mean, np.nan),
        least=np.where(weight > 0.0, low, np.nan),
        greatest=np.where(weight > 0.0, high, np.nan),
        above=above,
    )


def _outside(shapes: Outlines, met: Floats) -> Floats:
    """Cells of each polygon beyond the raster."""
    rest = shapes.cells - met
    return np.where(rest > _ROUNDING * shapes.cells, rest, 0.0)


def _with_margin(raster: Raster, read: ReadTile, tile: Tile) -> Floats:
    """The tile with one cell more on every side, not a number beyond the raster."""
    left, top = max(tile.col - 1, 0), max(tile.row - 1, 0)
    right, bottom = min(tile.col + tile.cols + 1, raster.cols), min(tile.row + tile.rows + 1, raster.rows)
    around = np.full((tile.rows + 2, tile.cols + 2), np.nan)
    rows = slice(top - tile.row + 1, bottom - tile.row + 1)
    cols = slice(left - tile.col + 1, right - tile.col + 1)
    around[rows, cols] = read(Tile(col=left, row=top, cols=right - left, rows=bottom - top))
    return around


def _over_tiles(raster: Raster, shapes: Outlines, work: Work[T]) -> list[tuple[Ints, T]]:
    """(polygons, what `work` found of them) of every tile that polygons meet, in the order of the tiles."""
    tiles = _tiles(raster, shapes)

    def some(start: int) -> list[tuple[Ints, T]]:
        with cells_of(raster) as read:
            return [(chosen, work(read, tile, chosen)) for tile, chosen in tiles[start::threads]]

    threads = min(_THREADS, len(tiles))
    if threads < 2 or sum(t.cols * t.rows for t, _ in tiles) < _WORTH_A_THREAD:
        threads = 1
        return some(0) if tiles else []
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(some, range(threads)))
    return [parts[i % threads][i // threads] for i in range(len(tiles))]


def _tiles(raster: Raster, shapes: Outlines) -> list[tuple[Tile, Ints]]:
    """Windows that lie in tiles of whole blocks, no larger than their polygons need, with the numbers of these polygons.

    One window for a tile; where its polygons are few and far between, one for each of them.
    """
    width, height = tile_size(raster)
    reading = _READING_CELLS[raster.kept is not None]
    low = np.floor(shapes.bounds[:, :2]).astype(np.float64)
    high = np.ceil(shapes.bounds[:, 2:])
    size = np.array([raster.cols, raster.rows], float)
    low, high = np.clip(low, 0, size).astype(np.int64), np.clip(high, 0, size).astype(np.int64)
    meets = np.flatnonzero((high > low).all(axis=1))
    if len(meets) == 0:
        return []
    low, high = low[meets], high[meets]
    first, last = low // (width, height), (high - 1) // (width, height)
    across, down = (last - first + 1).T
    owner = np.repeat(np.arange(len(meets)), across * down)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(across * down) - across * down, across * down)
    col, row = first[owner, 0] + place % across[owner], first[owner, 1] + place // across[owner]
    key = row * (raster.cols // width + 1) + col
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(key[order]) > 0])
    out = []
    for group in np.split(order, starts[1:]):
        corner = np.array([col[group[0]] * width, row[group[0]] * height])
        own = owner[group]
        from_, to = np.maximum(low[own], corner), np.minimum(high[own], corner + (width, height))
        apart = int((to - from_).prod(axis=1).sum()) + reading * len(own)
        if apart < int((to.max(axis=0) - from_.min(axis=0)).prod()):
            out += [(_window(from_[k], to[k]), meets[own[k : k + 1]]) for k in range(len(own))]
        else:
            out.append((_window(from_.min(axis=0), to.max(axis=0)), meets[own]))
    return out


def _window(from_: Ints, to: Ints) -> Tile:
    (left, top), (right, bottom) = from_.tolist(), to.tolist()
    return Tile(col=left, row=top, cols=right - left, rows=bottom - top)


def tile_size(raster: Raster) -> tuple[int, int]:
    """(columns, rows) of a tile: whole blocks, about a million cells, as square as the blocks allow."""
    cols, rows = raster.block
    side = int(_TILE_CELLS**0.5)
    width = min(max(side // cols, 1) * cols, raster.cols)
    height = max(_TILE_CELLS // width // rows, 1) * rows
    return width, height
