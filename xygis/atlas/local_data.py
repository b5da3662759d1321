"""Puts a layer's data and its catalogue entry into an atlas, so that an error or a kill leaves the old state or the new one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from xygis.atlas.catalogue import read_catalogue
from xygis.atlas.catalogue_text import CatalogueText
from xygis.atlas.layer import Layer
from xygis.errors import OutputFailed, Where, os_words
from xygis.vector.gpkg import Geometries

LOCAL = "local"  # layers/local: a user's own data
_STAMP = "2000-01-01T00:00:00.000Z"  # GDAL writes the time of day into a GeoPackage; the same data shall give the same bytes
_WAIT_S = 120
_READ_WITH_IT = ("layers/crosswalk.toml", "maps/codes.toml")  # what the catalogue refers to by name


@contextmanager
def workshop(root: Path) -> Iterator[Path]:
    """A private folder beside the data, gone afterwards; only one adoption at a time works in an atlas."""
    import filelock

    local = root / "layers" / LOCAL
    try:
        local.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(local / "adopt.lock", timeout=_WAIT_S):
            for left in local.glob(".adopt-*"):  # of a run that was killed
                shutil.rmtree(left, ignore_errors=True)
            with tempfile.TemporaryDirectory(dir=local, prefix=".adopt-", ignore_cleanup_errors=True) as folder:
                yield Path(folder)
    except filelock.Timeout as error:
        raise OutputFailed(what="另一个 xygis adopt 正在改这个图集", where=Where(file=str(root)), fix="请等它完成后重试") from error
    except OSError as error:
        raise OutputFailed(
            what=f"图集写不进去：{os_words(error)}", where=Where(file=str(root)), fix="请核对磁盘空间和目录权限；图集保持原样"
        ) from error


def write_gpkg(path: Path, name: str, geometry: Geometries, columns: Mapping[str, list[object]], crs: str) -> None:
    """One GeoPackage with one table. The same features give the same bytes."""
    from xygis.vector.ogr import gdal

    library = gdal()
    kinds = shapely.get_type_id(geometry)
    plain = "LineString" if np.isin(kinds, (1, 5)).all() else "Polygon"
    multiple = bool(np.isin(kinds, (4, 5, 6)).any())
    arrays = [_array(values) for values in columns.values()]
    library.set_gdal_config_options({"OGR_CURRENT_DATE": _STAMP})
    try:
        library.raw.write(
            path,
            geometry=shapely.to_wkb(geometry),
            field_data=[values for values, _ in arrays],
            fields=np.array(list(columns), dtype=object),
            field_mask=[absent for _, absent in arrays],
            layer=name,
            driver="GPKG",
            geometry_type=f"Multi{plain}" if multiple else plain,
            promote_to_multi=multiple,
            crs=crs,
            layer_options={"FID": _unused("fid", columns), "GEOMETRY_NAME": _unused("geom", columns)},
        )
    except (library.errors.DataSourceError, library.errors.DataLayerError, library.errors.FeatureError, library.errors.FieldError) as error:
        raise OutputFailed(what="GeoPackage 写不成", where=Where(file=path.name), why=str(error)[:150], fix="请核对磁盘空间") from error
    finally:
        library.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def install(root: Path, layer: Layer, made: Path, entry: Mapping[str, Any]) -> Layer:
    """Moves the finished file `made` to layers/local and writes the entry (None removes a key); returns the layer as it is now.

    The catalogue is what counts: it always names a file that is whole and fits its entry. Where the entry already names
    the target, it first moves to a second name, so that no file is replaced under an entry that describes another.
    """
    catalogue = root / "layers" / "catalogue.toml"
    target = root / "layers" / LOCAL / f"{layer.id}.gpkg"
    second = target.with_name(f"{layer.id}.new.gpkg")
    old = catalogue.read_bytes().decode("utf-8-sig")  # line ends as they are

    def point_to(path: Path) -> None:
        text = CatalogueText(old)
        text.edit_layer(layer.id, {**entry, "source": {"file": f"{LOCAL}/{path.name}", "layer": layer.table or layer.id}})
        trial = made.parent / "trial" / "layers" / "catalogue.toml"
        trial.parent.mkdir(parents=True, exist_ok=True)
        for companion in _READ_WITH_IT:
            if (root / companion).is_file():
                (trial.parents[1] / companion).parent.mkdir(exist_ok=True)
                shutil.copyfile(root / companion, trial.parents[1] / companion)
        trial.write_text(text.text(), "utf-8", newline="")
        read_catalogue(trial.parents[1])
        _sync(trial)
        trial.replace(catalogue)

    _sync(made)
    if layer.path == target and target.exists():
        _remove_with_journals(second)
        shutil.copyfile(made, second)
        _sync(second)
        point_to(second)
    _remove_with_journals(target)
    made.replace(target)
    point_to(target)
    _remove_with_journals(second)
    return next(found for found in read_catalogue(root)[1] if found.id == layer.id)


def _remove_with_journals(path: Path) -> None:
    """A journal that outlives its database would be played into the next one of that name."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _array(values: list[object]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """(values, True where there is none), typed as narrowly as all of them allow."""
    absent = np.array([v is None for v in values], dtype=bool)
    present = [v for v in values if v is not None]
    if present and all(isinstance(v, int) and not isinstance(v, bool) and abs(v) < 2**63 for v in present):
        return np.array([0 if v is None else v for v in values], dtype=np.int64), absent
    if present and all(isinstance(v, int | float) and not isinstance(v, bool) for v in present):
        return np.array([np.nan if v is None else v for v in values], dtype=np.float64), absent
    return np.array([None if v is None else str(v) for v in values] + [None], dtype=object)[:-1], absent


def _unused(name: str, columns: Mapping[str, list[object]]) -> str:
    taken = {c.lower() for c in columns}
    while name in taken:
        name = f"xygis_{name}"
    return name
