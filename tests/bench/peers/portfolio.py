"""T1: areas of every parcel in every layer, from files to a table. T2: the same for one parcel, reading only what is near."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.bench.peers.reading import frame, layer, meta, save, stage

_HEAD = "parcel,layer,area"


def reference(data: Path, out: Path) -> None:
    """Per parcel and layer the area of the union of the intersections. No dissolve of a whole layer; the best shapely program."""
    import shapely

    parcels, rows = frame(data / "parcels.gpkg"), []
    shapes, names = np.asarray(parcels.geometry.values), parcels["XMMC"].to_numpy()
    for name in meta(data)["layers"]:
        features = np.asarray(frame(data / f"{name}.gpkg").geometry.values)
        with stage("pairs"):
            parcel, feature = shapely.STRtree(features).query(shapes, predicate="intersects")
            order = np.argsort(parcel, kind="stable")
            parcel, feature = parcel[order], feature[order]
        with stage("intersection"):
            pieces = shapely.intersection(shapes[parcel], features[feature])
            cuts = [*np.flatnonzero(np.diff(parcel, prepend=-1)).tolist(), len(parcel)]
            for a, b in zip(cuts[:-1], cuts[1:], strict=True):
                whole = pieces[a] if b - a == 1 else shapely.union_all(pieces[a:b])
                rows.append((names[parcel[a]], name, shapely.area(whole)))
    save(out, _HEAD, [r for r in rows if r[2] > 0])


def overlay(data: Path, out: Path) -> None:
    """geopandas.overlay, layer by layer."""
    import geopandas as gpd

    parcels, rows = frame(data / "parcels.gpkg")[["XMMC", "geometry"]], []
    for name in meta(data)["layers"]:
        features = layer(data, name)
        with stage("operation"):
            pieces = gpd.overlay(parcels, features, how="intersection", keep_geom_type=True)
        sums = pieces.geometry.area.groupby(pieces["XMMC"]).sum()
        rows += [(parcel, name, area) for parcel, area in sums.items() if area > 0]
    save(out, _HEAD, rows)


def sjoin(data: Path, out: Path) -> None:
    """Spatial join, then one vectorised intersection."""
    import geopandas as gpd
    import shapely

    parcels, rows = frame(data / "parcels.gpkg")[["XMMC", "geometry"]], []
    for name in meta(data)["layers"]:
        features = layer(data, name, columns=[]).reset_index(drop=True)
        with stage("operation"):
            joined = gpd.sjoin(parcels, features[["geometry"]], predicate="intersects")
            right = np.asarray(features.geometry.values)[joined["index_right"].to_numpy()]
            area = shapely.area(shapely.intersection(np.asarray(joined.geometry.values), right))
        sums = joined.assign(area=area).groupby("XMMC")["area"].sum()
        rows += [(parcel, name, area) for parcel, area in sums.items() if area > 0]
    save(out, _HEAD, rows)


def bbox(data: Path, out: Path, parcel: str) -> None:
    """geopandas, of each layer only what meets the parcel's box. parcel: the file's stem."""
    import shapely

    one, rows = frame(data / f"{parcel}.gpkg"), []
    box, shape = tuple(one.total_bounds), one.geometry.iloc[0]
    for name in meta(data)["layers"]:
        near = np.asarray(layer(data, name, bbox=box).geometry.values)
        rows.append((one["XMMC"].iloc[0], name, float(shapely.area(shapely.intersection(near, shape)).sum())))
    save(out, _HEAD, [r for r in rows if r[2] > 0])


def raw(data: Path, out: Path, parcel: str) -> None:
    """The careful user's way: pyogrio.raw and shapely, no data frame."""
    import pyogrio.raw
    import pyproj
    import shapely

    from tests.bench.peers.reading import CRS

    told, rows = meta(data), []
    head, _, wkb, (names,) = pyogrio.raw.read(data / f"{parcel}.gpkg", columns=["XMMC"])
    shape = shapely.from_wkb(wkb[0])
    if head["crs"] != CRS:
        here = pyproj.Transformer.from_crs(head["crs"], CRS, always_xy=True)
        shape = shapely.transform(shape, lambda c: np.column_stack(here.transform(c[:, 0], c[:, 1])))
    shape = shapely.make_valid(shape)
    for name in told["layers"]:
        _, _, found, _ = pyogrio.raw.read(data / f"{name}.gpkg", columns=[], bbox=tuple(shapely.bounds(shape)))
        pieces = shapely.intersection(shapely.make_valid(shapely.from_wkb(found)), shape)
        whole = shapely.union_all(pieces) if name in told["overlapping"] else pieces
        rows.append((names[0], name, float(shapely.area(whole).sum())))
    save(out, _HEAD, [r for r in rows if r[2] > 0])
