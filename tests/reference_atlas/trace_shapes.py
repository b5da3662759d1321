"""One-off: generalises a geographic base into guide shapes, and writes `shapes.geojson`.

    python -m tests.reference_atlas.trace_shapes --base DIR

County outlines are drawn anew after the base's: simplified by 320 m, then every vertex moved by 80 to 180 m, so that none of the base's
remains. The Han river outside the city is simplified by 200 m and smoothed. The reach 卧龙 to 清河口, the border of 襄城 and 樊城 in it and one island
are drawn by hand; 鱼梁洲 is smoothed and scaled. Relief becomes smooth outlines without elevations.
"""

from __future__ import annotations

import argparse
import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import rasterio
import rasterio.features
import scipy.ndimage as ndimage
import shapely

from tests.reference_atlas.plane import polygons_of, smooth_line, smooth_polygon, to_degrees, to_plane

YULIANGZHOU_M2 = 17.5e6
# Own drawing of the reach between 卧龙 and 清河口: way points of the middle of the stream, zone 37 in km.
CITY_REACH_KM = [(584.6, 3549.9), (586.8, 3551.4), (589.0, 3552.6), (591.5, 3552.4), (593.8, 3550.6), (595.4, 3548.6), (597.6, 3547.0), (600.0, 3546.1), (602.5, 3545.6),
                 (605.0, 3545.3), (607.2, 3545.4), (609.0, 3546.2), (610.6, 3546.9)]  # fmt: skip


def _read(path: Path, layer: str) -> tuple[dict[str, Any], Any]:
    meta, _, wkb, columns = pyogrio.raw.read(path, layer=layer)
    return dict(zip(meta["fields"], columns, strict=True)), to_plane(shapely.force_2d(shapely.from_wkb(wkb)))


def _water(base: Path) -> tuple[Any, Any]:
    """The Han river surface with its islands cut out, and 鱼梁洲 at its published size."""
    _, river = _read(base / "unclear.gpkg", "han_river_poly")
    names, islands = _read(base / "unclear.gpkg", "han_islands")
    shape = shapely.union_all(islands[np.array([n == "鱼梁洲" for n in names["NAME"]])])
    heart = smooth_polygon(shapely.buffer(shapely.buffer(shape, 250), -250), tolerance_m=120, rounds=3)
    heart = max(polygons_of(heart), key=shapely.area)
    scale = (YULIANGZHOU_M2 / heart.area) ** 0.5
    centre = shapely.get_coordinates(heart.centroid)[0]
    heart = shapely.transform(heart, lambda xy: np.round(centre + (xy - centre) * scale, 2))
    city = shapely.box(588500, 3543800, 609800, 3553900)
    reach = shapely.buffer(smooth_line(np.array(CITY_REACH_KM) * 1000), 380)
    surface = shapely.union_all([smooth_polygon(river[0], tolerance_m=200).difference(city), reach, shapely.buffer(heart, 420)])
    surface = smooth_polygon(shapely.buffer(shapely.buffer(surface, 150), -150), tolerance_m=40)
    others = [smooth_polygon(i, tolerance_m=120) for i in islands if i.area > 4e5 and not i.intersects(shapely.union(city, heart))]
    old_dragon = shapely.transform(
        shapely.Point(595600, 3548300).buffer(1), lambda xy: (xy - [595600, 3548300]) * [1150, 420] + [595600, 3548300]
    )
    surface = shapely.union(surface, shapely.buffer(old_dragon, 350))
    return shapely.difference(surface, shapely.union_all([heart, old_dragon, *others])), heart


def _counties(base: Path, reach: Any) -> tuple[list[str], list[str], Any]:
    """Nine outlines with shared borders; the one between 襄城 and 樊城 is laid into the middle of our river."""
    columns, shapes = _read(base / "unclear.gpkg", "counties_fine")
    codes, names = [str(c) for c in columns["code"]], [str(n) for n in columns["name"]]
    shapes = shapely.coverage_simplify(shapely.set_precision(shapes, 0.01), 320)
    shapes = np.array([max(polygons_of(s), key=shapely.area) for s in shapes])
    i, j = names.index("襄城区"), names.index("樊城区")
    both = shapely.union(shapes[i], shapes[j])
    line = shapely.get_coordinates(reach)
    line = line[(line[:, 0] > 585200) & (line[:, 0] < 608800)]
    south = shapely.Polygon(np.vstack([line, [[line[-1, 0], 3541500], [line[0, 0], 3541500]]]))
    north = shapely.Polygon(np.vstack([line, [[line[-1, 0], 3556000], [line[0, 0], 3556000]]]))
    band = shapely.buffer(reach, 2600, cap_style="flat")
    shapes[i] = max(
        polygons_of(shapely.union(shapes[i].difference(north.intersection(band)), both.intersection(south).intersection(band))),
        key=shapely.area,
    )
    shapes[j] = max(polygons_of(shapely.difference(both, shapes[i])), key=shapely.area)
    for piece in polygons_of(
        shapely.difference(shapely.difference(both, shapes[i]), shapes[j])
    ):  # what the line cut off goes to its nearer side
        k = max((i, j), key=lambda k: shapely.intersection(shapes[k], piece).length)
        shapes[k] = max(polygons_of(shapely.union(shapes[k], piece)), key=shapely.area)
    return codes, names, _redrawn(shapely.coverage_simplify(shapely.set_precision(shapes, 0.01), 200))


def _redrawn(shapes: Any) -> Any:
    """The same outlines drawn anew: every vertex is moved by 80 to 180 m, the same way on both sides of a shared border."""

    def moved(xy: Any, salt: int) -> Any:
        key = np.sin(np.round(xy, 1) @ np.array([[12.9898, 39.3467], [78.233, 11.1353]]) + salt) * 43758.5453
        turn, far = 2 * np.pi * (key[:, 0] % 1), 80 + 100 * (key[:, 1] % 1)
        return np.round(xy + far[:, None] * np.column_stack([np.cos(turn), np.sin(turn)]), 2)

    for salt in range(500):
        drawn = shapely.transform(shapes, partial(moved, salt=salt))
        if shapely.is_valid(drawn).all() and shapely.coverage_is_valid(drawn):
            return drawn
    raise SystemExit("every redrawn outline crosses itself: take a smaller displacement")


def _mask(mask: Any, transform: Any, *, least_m2: float, tolerance_m: float) -> Any:
    parts = [shapely.geometry.shape(g) for g, v in rasterio.features.shapes(mask.astype("uint8"), transform=transform) if v]
    parts = [to_plane(p) for p in parts]
    solid = shapely.union_all(
        [shapely.Polygon(p.exterior, [r for r in p.interiors if shapely.Polygon(r).area > least_m2]) for p in parts if p.area > least_m2]
    )
    return smooth_polygon(solid, tolerance_m=tolerance_m)


def _relief(base: Path, prefecture: Any) -> dict[str, Any]:
    """Hills as smooth shapes: foot, slope and crest of all high ground, and the named ones."""
    with rasterio.open(base / "dem.tif") as dem:
        z, where = dem.read(1).astype(float), dem.transform
    fine = 4
    z = ndimage.zoom(ndimage.gaussian_filter(z, 0.6), fine, order=3, grid_mode=True, mode="nearest")
    where = where * where.scale(1 / fine)
    lon = where.c + where.a * (np.arange(z.shape[1]) + 0.5)
    lat = where.f + where.e * (np.arange(z.shape[0]) + 0.5)
    lon, lat = np.meshgrid(lon, lat)
    relief = ndimage.gaussian_filter(ndimage.maximum_filter(z, 20) - ndimage.minimum_filter(z, 20), 6)
    soft = ndimage.gaussian_filter(z, 5)

    def window(west: float, south: float, east: float, north: float) -> Any:
        return (lon > west) & (lon < east) & (lat > south) & (lat < north)

    near = ndimage.gaussian_filter(z, 2)
    xian, lumen, longzhong = (
        window(112.09, 31.90, 112.165, 32.002),
        window(112.18, 31.84, 112.36, 31.965),
        window(111.94, 31.93, 112.085, 32.002),
    )
    city = window(111.93, 31.82, 112.42, 32.02)
    shapes = {
        "岘山": _mask(xian & (near > 120), where, least_m2=3e6, tolerance_m=180),
        "隆中": _mask(longzhong & (near > 128), where, least_m2=2e6, tolerance_m=180),
        "鹿门山": _mask(lumen & (near > 118), where, least_m2=3e6, tolerance_m=180),
        "foot": _mask(((relief > 105) | (soft > 330)) & ~city, where, least_m2=1.2e7, tolerance_m=400),
        "slope": _mask((relief > 260) | (soft > 620), where, least_m2=2e7, tolerance_m=450),
        "crest": _mask((soft > 900) | ((soft > 700) & (relief > 500)), where, least_m2=2e7, tolerance_m=450),
        "荆山": _mask((soft > 520) & window(110.7, 31.2, 111.9, 31.98), where, least_m2=3e8, tolerance_m=700),
    }
    upland = (
        (soft > 88) & (soft < 240) & (relief < 95) & (lat > 32.14 + 0.035 * np.sin(lon * 23)) & (lon > 111.66 + 0.03 * np.sin(lat * 40))
    )
    shapes["鄂北岗地"] = _mask(ndimage.binary_opening(upland, iterations=8), where, least_m2=8e7, tolerance_m=700)
    return {k: shapely.intersection(v, prefecture) for k, v in shapes.items()}


def main() -> None:
    """Read the base, write the shapes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True, help="folder with unclear.gpkg and dem.tif")
    base = parser.parse_args().base
    river, heart = _water(base)
    codes, names, counties = _counties(base, smooth_line(np.array(CITY_REACH_KM) * 1000))
    prefecture = shapely.union_all(counties)
    features = [("county", n, c, g) for c, n, g in zip(codes, names, counties, strict=True)]
    features += [("water", "汉江", "", river.intersection(prefecture)), ("island", "鱼梁洲", "", heart)]
    features += [("relief", name, "", g) for name, g in _relief(base, prefecture).items()]
    out = []
    for kind, name, code, g in features:
        g = shapely.set_precision(to_degrees(g), 1e-5) if kind != "county" else to_degrees(g)
        out.append({"type": "Feature", "properties": {"kind": kind, "name": name, "code": code}, "geometry": shapely.geometry.mapping(g)})
    degrees = shapely.set_precision(np.array([shapely.geometry.shape(f["geometry"]) for f in out[:9]]), 1e-5)
    for f, g in zip(out, degrees, strict=False):
        f["geometry"] = shapely.geometry.mapping(g)
    text = json.dumps({"type": "FeatureCollection", "features": out}, ensure_ascii=False, separators=(",", ":")).replace(
        '{"type":"Feature"', '\n{"type":"Feature"'
    )
    Path(__file__).with_name("shapes.geojson").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
