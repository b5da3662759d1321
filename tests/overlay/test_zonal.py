"""Rasters under parcels: weighted statistics, slope in true metres, bounded reading, and files that are refused."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from numpy.testing import assert_allclose
from rasterio.transform import Affine, from_origin

from tests.overlay.rasters import CELL_M, CORNER, CRS, write_tif
from xygis.errors import LayerUnreadable
from xygis.overlay import zonal
from xygis.overlay.coverage import Outlines, Tile, outlines
from xygis.overlay.raster import Raster, cells_of, open_raster
from xygis.overlay.slope import slope_deg
from xygis.overlay.zonal import class_statistics, elevation_statistics, value_statistics

ONE_CELL = np.ones(1)


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """In metres east and south of the corner: (0, 0, 10, 10) is the first cell."""
    return shapely.box(CORNER[0] + west, CORNER[1] - south, CORNER[0] + east, CORNER[1] - north)


def shapes_over(raster: Raster, *polygons: shapely.Geometry) -> Outlines:
    return outlines(np.array(polygons, object), raster.origin, raster.step)


def test_mean_is_weighted_by_the_area_covered(tmp_path: Path) -> None:
    """A parcel over a whole cell of 100 and half a cell of 400 has mean 200."""
    raster = open_raster(write_tif(tmp_path / "a.tif", np.array([[100.0, 400.0], [0.0, 0.0]])), "高程")
    found = value_statistics(raster, shapes_over(raster, box(0, 0, 15, 10)))
    assert [1.5, 200.0, 100.0, 400.0] == pytest.approx([found.weight[0], found.mean[0], found.least[0], found.greatest[0]])
    assert 0.0 == found.without[0]


def test_nodata_is_left_out_and_reported(tmp_path: Path) -> None:
    """A cell without data takes no part in the mean; its weight is told."""
    raster = open_raster(write_tif(tmp_path / "a.tif", np.array([[100, -1], [0, 0]], np.int16), nodata=-1), "高程")
    found = value_statistics(raster, shapes_over(raster, box(0, 0, 15, 10), box(10, 0, 20, 10)))
    assert_allclose(found.weight, [1.0, 0.0])
    assert_allclose(found.without, [0.5, 1.0])
    assert 100.0 == found.mean[0]
    assert np.isnan([found.mean[1], found.least[1], found.greatest[1]]).all()  # not 0


@pytest.mark.parametrize("kind", ["nan", "mask", "infinite"])
def test_every_way_to_say_no_data(tmp_path: Path, kind: str) -> None:
    """Not a number, infinity and an internal mask are all no data."""
    values = np.array([[100.0, {"nan": np.nan, "mask": 5.0, "infinite": np.inf}[kind]]], np.float32)
    path = write_tif(tmp_path / "a.tif", values)
    if kind == "mask":
        with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "r+") as data:
            data.write_mask(np.array([[True, False]]))
    raster = open_raster(path, "高程")
    found = value_statistics(raster, shapes_over(raster, box(0, 0, 20, 10)))
    assert ([1.0], [1.0], [100.0]) == (found.weight.tolist(), found.without.tolist(), found.greatest.tolist())


def test_beyond_the_raster_is_without_data(tmp_path: Path) -> None:
    """A parcel half outside, and one wholly outside, say so; neither reads 0."""
    raster = open_raster(write_tif(tmp_path / "a.tif", np.full((2, 2), 7.0)), "高程")
    found = value_statistics(raster, shapes_over(raster, box(10, 0, 30, 10), box(100, 0, 120, 10)))
    assert_allclose(found.weight, [1.0, 0.0])
    assert_allclose(found.without, [1.0, 2.0])
    assert math.isnan(found.mean[1])


def test_many_tiles_give_what_one_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parcels across the borders of tiles: the same numbers as read at once, and every cell is read once."""
    rng = np.random.default_rng(3)
    path = write_tif(tmp_path / "a.tif", rng.normal(200, 50, (200, 230)), tiled=True, blockxsize=16, blockysize=16)
    raster = open_raster(path, "高程")
    middles = rng.uniform([0, 0], [2300, 2000], (60, 2)) * (1, -1) + CORNER
    shapes = shapes_over(raster, *shapely.buffer(shapely.points(middles), rng.uniform(3, 300, 60)))
    whole = value_statistics(raster, shapes, 210.0)
    monkeypatch.setattr(zonal, "_TILE_CELLS", 32 * 32)
    tiles = [tile for tile, _ in zonal._tiles(raster, shapes)]
    seen = np.zeros((raster.rows, raster.cols), int)
    for t in tiles:
        assert t.cols <= 32 and t.rows <= 32
        seen[t.row : t.row + t.rows, t.col : t.col + t.cols] += 1
    assert len(tiles) > 20 and seen.max() == 1
    parts = value_statistics(raster, shapes, 210.0)
    for name in ("weight", "without", "mean", "least", "greatest", "above"):
        assert_allclose(getattr(parts, name), getattr(whole, name), rtol=1e-12, atol=1e-12)


def test_one_parcel_reads_its_window_only(tmp_path: Path) -> None:
    """Of a raster of 4 million cells a parcel of 25 m reads nine."""
    raster = open_raster(write_tif(tmp_path / "a.tif", np.zeros((2000, 2000), np.int16), tiled=True, compress="deflate"), "高程")
    ((tile, chosen),) = zonal._tiles(raster, shapes_over(raster, box(10_003, 10_003, 10_028, 10_028)))
    assert Tile(col=1000, row=1000, cols=3, rows=3) == tile
    assert [0] == chosen.tolist()


def test_south_up_grids_are_read_as_they_lie(tmp_path: Path) -> None:
    """A grid whose first row is the southernmost gives the same cell under the same parcel."""
    up = from_origin(*CORNER, CELL_M, CELL_M) * Affine.translation(0, 2) * Affine.scale(1, -1)
    raster = open_raster(write_tif(tmp_path / "a.tif", np.array([[1.0, 2.0], [3.0, 4.0]]), transform=up), "高程")
    assert [3.0] == value_statistics(raster, shapes_over(raster, box(0, 0, 10, 10))).mean.tolist()


def test_slope_of_a_tilted_plane(tmp_path: Path) -> None:
    """A plane that rises 10 m in 10 m eastwards is 45° everywhere but on the border, where slope has no data."""
    rise = np.tile(np.arange(6) * 10.0, (6, 1))
    raster = open_raster(write_tif(tmp_path / "a.tif", rise), "高程")
    elevation, slope = elevation_statistics(raster, shapes_over(raster, box(10, 10, 50, 50), box(0, 10, 20, 20)), 25.0)
    assert_allclose(slope.mean, 45.0, atol=0.01)  # a metre of the projection is not quite a metre
    assert_allclose(slope.weight, [16.0, 1.0])
    assert_allclose(slope.without, [0.0, 1.0])
    assert_allclose(slope.above, [16.0, 1.0])
    assert [25.0, 5.0] == elevation.mean.tolist()


def test_slope_does_not_depend_on_tiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The margin of a tile comes from its neighbours."""
    values = np.random.default_rng(4).normal(300, 20, (60, 60))
    raster = open_raster(write_tif(tmp_path / "a.tif", values, tiled=True, blockxsize=16, blockysize=16), "高程")
    shapes = shapes_over(raster, box(3, 3, 597, 596))
    _, whole = elevation_statistics(raster, shapes, 25.0)
    monkeypatch.setattr(zonal, "_TILE_CELLS", 256)
    _, parts = elevation_statistics(raster, shapes, 25.0)
    for name in ("weight", "without", "mean", "least", "greatest", "above"):
        assert_allclose(getattr(parts, name), getattr(whole, name), rtol=1e-6)


def test_slope_by_hand() -> None:
    """Horn's worked example: dz/dx = ((50+2·45+30) − (10+2·20+30)) / (8·5), dz/dy likewise; slope from both."""
    z = np.array([[10.0, 30.0, 50.0], [20.0, 30.0, 45.0], [30.0, 40.0, 30.0]])
    across, down = (170 - 80) / 40, (140 - 120) / 40
    assert_allclose(slope_deg(z, ONE_CELL * 5, ONE_CELL * 5), [[math.degrees(math.atan(math.hypot(across, down)))]])


def test_degree_grids_are_sloped_in_metres(tmp_path: Path) -> None:
    """At 32° N a cell of one second is 26.25 m by 30.80 m: a rise of a tenth of that eastwards is 5.71°."""
    second = 1 / 3600
    rise = np.tile(np.arange(8) * 2.6252, (8, 1))
    grid = from_origin(112.0, 32.0 + 4 * second, second, second)
    raster = open_raster(write_tif(tmp_path / "a.tif", rise, crs="EPSG:4490", transform=grid), "高程")
    parcel = shapely.box(112.0 + second, 32 - 2 * second, 112.0 + 6 * second, 32 + 2 * second)
    _, slope = elevation_statistics(raster, shapes_over(raster, parcel), 25.0)
    assert math.degrees(math.atan(0.1)) == pytest.approx(slope.mean[0], abs=1e-3)


def test_class_shares(tmp_path: Path) -> None:
    """Half cropland, a quarter forest, a quarter without data."""
    path = write_tif(tmp_path / "a.tif", np.array([[10, 10], [20, 0]], np.uint8), nodata=0)
    raster = open_raster(path, "地表覆盖")
    found = class_statistics(raster, shapes_over(raster, box(0, 0, 20, 20), box(0, 0, 10, 10)))
    assert (10, 20) == found.classes
    assert [[2.0, 1.0], [1.0, 0.0]] == found.weight.tolist()
    assert [1.0, 0.0] == found.without.tolist()


def test_elevations_are_no_classes(tmp_path: Path) -> None:
    """A raster of real numbers, or of thousands of values, is not taken for classes."""
    for values in (np.zeros((2, 2), np.float32), np.arange(1600, dtype=np.int32).reshape(40, 40)):
        raster = open_raster(write_tif(tmp_path / "a.tif", values), "地表覆盖")
        with pytest.raises(LayerUnreadable, match="分类栅格"):
            class_statistics(raster, shapes_over(raster, box(0, 0, 400, 400)))


def _absent(folder: Path) -> Path:
    return folder / "没有.tif"


def _text(folder: Path) -> Path:
    (folder / "a.tif").write_text("II*\0 but no more", "utf-8")
    return folder / "a.tif"


def _vrt(folder: Path) -> Path:
    inner = write_tif(folder / "inner.tif", np.zeros((2, 2)))
    text = f'<VRTDataset rasterXSize="2" rasterYSize="2"><VRTRasterBand dataType="Float64" band="1"><SimpleSource><SourceFilename>{inner}'
    (folder / "a.tif").write_text(text + "</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>", "utf-8")
    return folder / "a.tif"


def _png(folder: Path) -> Path:
    with rasterio.open(folder / "a.png", "w", driver="PNG", width=2, height=2, count=1, dtype="uint8") as data:
        data.write(np.zeros((1, 2, 2), np.uint8))
    return folder / "a.png"


def _folder(folder: Path) -> Path:
    (folder / "a.tif").mkdir()
    return folder / "a.tif"


def _header_cut(folder: Path) -> Path:
    path = write_tif(folder / "a.tif", np.random.default_rng(1).normal(size=(64, 64)))
    path.write_bytes(path.read_bytes()[:120])
    return path


@pytest.mark.parametrize("make", [_absent, _text, _vrt, _png, _folder, _header_cut])
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_what_is_no_geotiff_is_refused(tmp_path: Path, make: object) -> None:
    """By content, not by name; with a word on how to mend it."""
    with pytest.raises(LayerUnreadable) as refused:
        open_raster(make(tmp_path), "高程")  # type: ignore[operator]
    assert refused.value.fix


@pytest.mark.parametrize(
    "address",
    ["/vsizip/a.zip/a.tif", "/vsicurl/http://example.org/a.tif", "http://example.org/a.tif", "zip://a.zip!a.tif", "GTIFF_DIR:1:a.tif"],
)
def test_addresses_and_virtual_files_are_refused(address: str) -> None:
    """Nothing is fetched, nothing unpacked."""
    with pytest.raises(LayerUnreadable):
        open_raster(Path(address), "高程")


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize(
    ("keywords", "says"),
    [
        ({"crs": None}, "没有坐标系"),
        ({"crs": "EPSG:2383"}, "西安"),
        ({"crs": "EPSG:4214"}, "北京"),
        ({"transform": from_origin(*CORNER, 10, 10) * Affine.rotation(10)}, "旋转"),
        ({"transform": Affine.identity()}, "没有坐标"),
    ],
)
def test_rasters_that_do_not_say_where_they_lie_are_refused(tmp_path: Path, keywords: dict[str, object], says: str) -> None:
    """No coordinate system, an old datum, a rotated grid, no grid at all."""
    path = write_tif(tmp_path / "a.tif", np.zeros((4, 4)), **keywords)  # type: ignore[arg-type]
    with pytest.raises(LayerUnreadable, match=says):
        open_raster(path, "高程")


def test_several_bands_and_complex_numbers_are_refused(tmp_path: Path) -> None:
    """One number a cell."""
    for values, says in ((np.zeros((3, 2, 2), np.uint8), "3 个波段"), (np.zeros((2, 2), np.complex64), "complex")):
        with pytest.raises(LayerUnreadable, match=says):
            open_raster(write_tif(tmp_path / "a.tif", values), "高程")


def test_absurd_sizes_are_no_danger(tmp_path: Path) -> None:
    """A sparse file of 3.6 billion cells answers in its window; a larger one, or one that must be unpacked whole, is refused."""
    path = tmp_path / "big.tif"
    keys = {"driver": "GTiff", "count": 1, "dtype": "int16", "crs": CRS, "nodata": -1, "sparse_ok": True, "compress": "deflate"}
    keys["transform"] = Affine(CELL_M, 0, CORNER[0], 0, -CELL_M, CORNER[1])
    with rasterio.open(path, "w", width=60_000, height=60_000, tiled=True, bigtiff="YES", **keys):
        pass
    raster = open_raster(path, "高程")
    found = value_statistics(raster, shapes_over(raster, box(500_000, 500_000, 500_020, 500_020)))
    assert ([0.0], [4.0]) == (found.weight.tolist(), found.without.tolist())
    for says, size in (
        ("过大", {"width": 100_000, "height": 100_000, "tiled": True}),
        ("无法分块读取", {"width": 20_000, "height": 20_000}),
    ):
        with rasterio.open(path, "w", blockysize=size["height"] if "tiled" not in size else 256, bigtiff="YES", **size, **keys):
            pass
        with pytest.raises(LayerUnreadable, match=says):
            open_raster(path, "高程")


@pytest.mark.parametrize("seed", range(8))
def test_damaged_bytes_end_in_one_error_or_in_numbers(tmp_path: Path, seed: int) -> None:
    """Some bytes of the file changed at random: a LayerUnreadable, or numbers, never another error."""
    rng = np.random.default_rng(seed)
    keys = [{}, {"compress": "lzw"}, {"tiled": True, "blockxsize": 16, "blockysize": 16, "compress": "deflate"}][seed % 3]
    whole = write_tif(tmp_path / "a.tif", rng.normal(100, 20, (60, 70)).astype(np.float32), nodata=-1, **keys).read_bytes()
    path = tmp_path / "b.tif"
    for _ in range(40):
        damaged = bytearray(whole)
        for place in rng.integers(0, rng.choice([8, 400, len(whole)]), rng.integers(1, 8)):
            damaged[place] = rng.integers(256)
        path.write_bytes(damaged)
        try:
            raster = open_raster(path, "高程")
            elevation_statistics(raster, shapes_over(raster, box(3, 3, 400, 400), box(-50, -50, 900, 900)), 25.0)
        except LayerUnreadable as error:
            assert error.fix


def test_slope_is_true_in_every_projection(tmp_path: Path) -> None:
    """Web Mercator stretches a metre at 32° N to 1.18: a rise of 10 m over 10 true metres is still 45°."""
    stretch = 1 / math.cos(math.radians(32.0))
    x, y = 12_467_782.0, 3_763_310.0  # 112° E, 32° N
    rise = np.tile(np.arange(6) * 10.0, (6, 1))
    grid = Affine(10 * stretch, 0, x, 0, -10 * stretch, y)
    raster = open_raster(write_tif(tmp_path / "a.tif", rise, crs="EPSG:3857", transform=grid), "高程")
    parcel = shapely.box(x + 10 * stretch, y - 50 * stretch, x + 50 * stretch, y - 10 * stretch)
    _, slope = elevation_statistics(raster, shapes_over(raster, parcel), 25.0)
    assert 45.0 == pytest.approx(slope.mean[0], abs=0.1)


def test_a_file_cut_short_is_broken_not_empty(tmp_path: Path) -> None:
    """The header is whole, the cells are not: reading them is an error, never no data."""
    path = write_tif(tmp_path / "a.tif", np.random.default_rng(1).normal(size=(300, 300)), tiled=True, blockxsize=64, blockysize=64)
    path.write_bytes(path.read_bytes()[:200_000])
    raster = open_raster(path, "高程")
    with pytest.raises(LayerUnreadable, match="损坏"):
        value_statistics(raster, shapes_over(raster, box(0, 0, 3000, 3000)))


def test_what_lies_beside_the_file_changes_nothing(tmp_path: Path) -> None:
    """No .aux.xml, world file or overview is looked at: the file's own bytes decide."""
    path = write_tif(tmp_path / "a.tif", np.array([[5.0, 6.0]]))
    beside = "<PAMDataset><PAMRasterBand band='1'><NoDataValue>5</NoDataValue></PAMRasterBand></PAMDataset>"
    (tmp_path / "a.tif.aux.xml").write_text(beside, "utf-8")
    shutil.copy(path, tmp_path / "a.tif.ovr")
    shutil.copy(path, tmp_path / "a.tif.msk")
    raster = open_raster(path, "高程")
    with cells_of(raster) as read:
        assert [[5.0, 6.0]] == read(Tile(col=0, row=0, cols=2, rows=1)).tolist()
