"""T3: area by (current class, planned class), from files to a table. T4: the patches whose groups differ, written out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.bench.groups import current_group, plan_group
from tests.bench.peers.reading import CRS, frame, save, stage

_LEAST_M2 = 1e-3  # smaller difference patches are dropped


def matrix_overlay(data: Path, out: Path) -> None:
    """geopandas.overlay."""
    _save_matrix(out, *_overlay(data))


def matrix_sjoin(data: Path, out: Path) -> None:
    """Spatial join by predicate, then one vectorised intersection. Differs from the reference in the predicate alone."""
    _joined_matrix(data, out, predicate="intersects")


def matrix_reference(data: Path, out: Path) -> None:
    """Every pair whose boxes meet is intersected: nothing is left to a predicate."""
    _joined_matrix(data, out, predicate=None)


def patches_overlay(data: Path, out: Path) -> None:
    """geopandas.overlay of everything, then the filter: overlay has no hook to filter before."""
    now, later, geometry = _overlay(data)
    differ = np.array([current_group(c) != plan_group(p) for c, p in zip(now, later, strict=True)])
    keep = differ & (_area(geometry) > _LEAST_M2)
    _save_patches(out, now[keep], later[keep], geometry[keep])


def patches_sjoin(data: Path, out: Path) -> None:
    """Pairs of the same group are dropped before anything is intersected."""
    _joined_patches(data, out, predicate="intersects")


def patches_reference(data: Path, out: Path) -> None:
    """The same with boxes alone."""
    _joined_patches(data, out, predicate=None)


def _overlay(data: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(current classes, planned classes, geometry) of all intersections."""
    import geopandas as gpd

    current, plan = _frames(data)
    with stage("operation"):
        both = gpd.overlay(current, plan, how="intersection", keep_geom_type=True)
    return both["DLBM_1"].to_numpy(), both["DLBM_2"].to_numpy(), np.asarray(both.geometry.values)


def _joined_matrix(data: Path, out: Path, *, predicate: str | None) -> None:
    import shapely

    (now, current), (later, plan) = _arrays(data)
    with stage("operation"):
        i, j = shapely.STRtree(plan).query(current, predicate=predicate)
        pieces = shapely.intersection(current[i], plan[j])
    _save_matrix(out, now[i], later[j], pieces)


def _joined_patches(data: Path, out: Path, *, predicate: str | None) -> None:
    import shapely

    (now, current), (later, plan) = _arrays(data)
    with stage("operation"):
        i, j = shapely.STRtree(plan).query(current, predicate=predicate)
        of_current, of_plan = np.array([current_group(c) for c in now]), np.array([plan_group(c) for c in later])
        differ = of_current[i] != of_plan[j]
        i, j = i[differ], j[differ]
        pieces = shapely.intersection(current[i], plan[j])
        keep = shapely.area(pieces) > _LEAST_M2
        i, j, pieces = i[keep], j[keep], _areal(pieces[keep])
    _save_patches(out, now[i], later[j], pieces)


def _frames(data: Path) -> list:
    return [frame(data / f"{name}.gpkg", columns=["DLBM"]) for name in ("luse_current", "luse_plan")]


def _arrays(data: Path) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(f["DLBM"].to_numpy().astype(object), np.asarray(f.geometry.values)) for f in _frames(data)]


def _area(geometry: np.ndarray) -> np.ndarray:
    import shapely

    return np.asarray(shapely.area(geometry))


def _areal(pieces: np.ndarray) -> np.ndarray:
    """Collections lose their lines and points."""
    import shapely

    for i in np.flatnonzero(shapely.get_type_id(pieces) == 7):
        parts = shapely.get_parts(shapely.get_parts(pieces[i]))
        pieces[i] = shapely.multipolygons([p for p in parts if p.geom_type == "Polygon"])
    return pieces


def _save_matrix(out: Path, now: np.ndarray, later: np.ndarray, geometry: np.ndarray) -> None:
    import pandas as pd

    sums = pd.Series(_area(geometry)).groupby([pd.Series(now), pd.Series(later)]).sum()
    save(out, "current,plan,area", [(*key, area) for key, area in sums.items() if area > 0])


def _save_patches(out: Path, now: np.ndarray, later: np.ndarray, geometry: Sequence) -> None:
    import pyogrio.raw
    import shapely

    out.unlink(missing_ok=True)
    with stage("write"):
        pyogrio.raw.write(
            out,
            shapely.to_wkb(geometry),
            [np.asarray(now, object), np.asarray(later, object), shapely.area(geometry)],
            ["class_a", "class_b", "area_m2"],
            layer="patches",
            driver="GPKG",
            geometry_type="MultiPolygon",
            promote_to_multi=True,
            crs=CRS,
        )
