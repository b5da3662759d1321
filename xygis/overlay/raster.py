"""A raster file opened safely: what it says of itself, and the cells of a window. The only module that loads rasterio.

GeoTIFF alone, by content: no virtual file, no address, nothing beside the file is read. What the file does not say of
itself (coordinate system, nodata) is not guessed.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xygis.errors import InputError, LayerUnreadable, Where, os_words
from xygis.geodesy.crs import from_wkt
from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.coverage import Tile
from xygis.vector.crs_claim import old_datum
from xygis.vector.safe import check_file

if TYPE_CHECKING:
    import rasterio

_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_MAX_BYTES = 64 << 30  # of the file: a province at 2 m
_MAX_CELLS = 1 << 33
_MAX_BLOCK_CELLS = 1 << 24  # what must be unpacked at once to see a single cell
_ENVIRONMENT = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO", "GDAL_CACHEMAX": 64}  # MB: some tiles of blocks

Cells = NDArray[np.float32] | NDArray[np.float64]
ReadTile = Callable[[Tile], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Raster:
    """What a raster file says of itself. One band, north-up or at least unrotated."""

    path: Path
    title: str  # of its layer, for errors
    crs: str  # "EPSG:4490"
    origin: tuple[float, float]  # first corner, x and y in crs
    step: tuple[float, float]  # width and height of a cell, signed
    cols: int
    rows: int
    block: tuple[int, int]  # columns and rows that are stored together
    whole_numbers: bool
    single: bool  # single precision holds every value exactly
    kept: Cells | None = field(default=None, repr=False, compare=False)  # all cells, not a number without data


def open_raster(path: Path, title: str) -> Raster:
    """The raster's own description. Raises LayerUnreadable where it cannot be used without guessing."""
    where = Where(file=path.name, layer=title)
    try:
        check_file(path, limit=_MAX_BYTES)
        with path.open("rb") as file:
            head = file.read(4)
    except InputError as error:
        raise LayerUnreadable(what=error.what, where=where, fix=error.fix) from error
    except OSError as error:
        raise LayerUnreadable(what=f"栅格文件无法读取：{os_words(error)}", where=where, fix="请检查文件权限") from error
    if head not in _MAGIC:
        raise LayerUnreadable(what="不是 GeoTIFF 文件", where=where, fix="栅格图层只接受 GeoTIFF（.tif），请转换格式后重新放入")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what GDAL finds odd, such as no coordinates, is refused by name
        with _dataset(path, title) as data:
            return _described(data, path, title, where)


@contextmanager
def cells_of(raster: Raster) -> Iterator[ReadTile]:
    """A reader of windows as float64, not a number where the raster has no data. One for each thread."""
    kept = raster.kept
    if kept is not None:
        yield lambda tile: kept[tile.row : tile.row + tile.rows, tile.col : tile.col + tile.cols].astype(np.float64)
        return
    with _dataset(raster.path, raster.title) as data:
        flags = {flag.name for flag in data.mask_flag_enums[0]}
        nodata = None if data.nodata is None else np.float64(data.nodata).astype(data.dtypes[0])
        plain = (data.scales[0], data.offsets[0]) == (1.0, 0.0)

        def read(tile: Tile) -> Floats:
            import rasterio.windows

            window = rasterio.windows.Window(tile.col, tile.row, tile.cols, tile.rows)
            stored = data.read(1, window=window)
            with np.errstate(invalid="ignore"):  # odd bit patterns that mean no number
                values: Floats = stored.astype(np.float64)
            if flags == {"nodata"}:
                values[stored == nodata] = np.nan
            elif flags != {"all_valid"}:
                values[data.read_masks(1, window=window) == 0] = np.nan
            return values if plain else values * data.scales[0] + data.offsets[0]

        yield read


def _described(data: rasterio.DatasetReader, path: Path, title: str, where: Where) -> Raster:
    def refuse(what: str, fix: str) -> LayerUnreadable:
        return LayerUnreadable(what=what, where=where, fix=fix)

    if data.count != 1:
        raise refuse(f"栅格有 {data.count} 个波段", "请只导出高程、坡度或地类一个波段")
    if data.dtypes[0].startswith("complex"):
        raise refuse(f"栅格的数值类型是 {data.dtypes[0]}", "请导出为整数或浮点数")
    if data.crs is None:
        raise refuse("栅格没有坐标系", "请在导出时写入坐标系（GeoTIFF 内嵌，不是 .tfw）")
    t = data.transform
    if t.b or t.d or not t.a or not t.e or not np.isfinite([t.a, t.e, t.c, t.f]).all() or t.is_identity:
        raise refuse("栅格没有坐标，或网格是旋转的", "请重采样为正北方向的网格后重新放入")
    rows, cols = data.block_shapes[0]
    if data.width * data.height > _MAX_CELLS:
        raise refuse(f"栅格有 {data.width} × {data.height} 个单元，过大", "请裁剪到本市范围，或改用较粗的格网")
    if rows * cols > _MAX_BLOCK_CELLS:
        raise refuse(f"栅格整幅存成一块（{cols} × {rows}），无法分块读取", "请用分块方式（TILED=YES）重新导出")
    plain = (data.scales[0], data.offsets[0]) == (1.0, 0.0)
    dtype = np.dtype(data.dtypes[0])
    return Raster(
        path=path,
        title=title,
        crs=_crs(data, where),
        origin=(t.c, t.f),
        step=(t.a, t.e),
        cols=data.width,
        rows=data.height,
        block=(cols, rows),
        whole_numbers=plain and dtype.kind in "iu",
        single=plain and dtype.name in ("float32", "int8", "uint8", "int16", "uint16"),
    )


def _crs(data: rasterio.DatasetReader, where: Where) -> str:
    text = data.crs.to_wkt()
    old = old_datum(text)
    if old is not None:
        raise LayerUnreadable(what=f"栅格的坐标系是{old}", where=where, fix="请转换到 CGCS2000 后重新放入")
    number = data.crs.to_epsg()
    code = f"EPSG:{number}" if number is not None else from_wkt(text)
    if code is None:
        raise LayerUnreadable(what="认不出栅格的坐标系", where=where, fix="请导出为有 EPSG 代码的坐标系，例如 EPSG:4490")
    return code


@contextmanager
def _dataset(path: Path, title: str) -> Iterator[rasterio.DatasetReader]:
    """The file in GDAL, with no driver but GeoTIFF; what GDAL says against it is our error."""
    import rasterio
    import rasterio.errors

    try:
        with rasterio.Env(**_ENVIRONMENT), rasterio.open(path.resolve(), driver="GTiff") as data:
            yield data
    except (rasterio.errors.RasterioError, rasterio.errors.CRSError, UnicodeDecodeError) as error:
        what = f"栅格损坏或不完整：{' '.join(str(error).split())[:200]}"
        raise LayerUnreadable(what=what, where=Where(file=path.name, layer=title), fix="请重新取得完整的文件") from error
