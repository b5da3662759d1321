"""Parcels for the tests of writing: drawn at random with holes and parts, in every system that is written; and how alike two are."""

from __future__ import annotations

import math

import numpy as np
import shapely
from hypothesis import strategies as st

from xygis.convert.target import moved_points
from xygis.geodesy.crs import from_geographic
from xygis.intake.submission import Parcel, Submission

ENVELOPE = (110.75, 31.23, 113.1, 32.62)
PLACES = {  # where in the city a system is tried
    "EPSG:4525": (112.05, 32.0),
    "EPSG:4546": (112.05, 32.0),
    "EPSG:4526": (112.9, 32.1),
    "EPSG:4547": (112.9, 32.1),
    "EPSG:4497": (111.6, 31.6),
    "EPSG:4508": (111.6, 31.6),
}
Points = list[tuple[float, float]]


def square(x: float, y: float, side: float) -> Points:
    return [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]


def parcel(*parts: list[Points], crs: str = "EPSG:4525", name: str = "地块1", **rest: object) -> Parcel:
    """A parcel of parts, each a shell with its holes, given in metres around a place in the city."""
    lon, lat = PLACES[crs]
    x, y = from_geographic(crs, np.array([lon]), np.array([lat]))
    at = np.round([x[0], y[0]], 0)
    polygons = [shapely.Polygon(np.array(p[0]) + at, [np.array(h) + at for h in p[1:]]) for p in parts]
    values: dict[str, object] = {"declared_m2": None} | rest
    geometry = polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
    return Parcel(name=name, geometry=geometry, crs=crs, **values)  # type: ignore[arg-type]  # the rest of a Parcel


def submission(*parcels: Parcel, path: str = "输入.gpkg") -> Submission:
    return Submission(path=path, sha256="", format="geopackage", encoding=None, crs=parcels[0].crs, evidence=(), notes=(), parcels=parcels)


@st.composite
def star(draw: st.DrawFn, x: float, y: float, low: float, high: float) -> Points:
    """A ring around a point, every vertex between two radii, in either direction."""
    n = draw(st.integers(3, 9))
    radii = draw(st.lists(st.floats(low, high), min_size=n, max_size=n))
    start = draw(st.floats(0, 2 * math.pi))
    ring = [(x + r * math.cos(start + 2 * math.pi * i / n), y + r * math.sin(start + 2 * math.pi * i / n)) for i, r in enumerate(radii)]
    ring = [*ring, ring[0]]
    return ring[::-1] if draw(st.booleans()) else ring


@st.composite
def parcels(draw: st.DrawFn) -> tuple[Parcel, ...]:
    """One to three parcels in one system: one to three parts each, with holes, one of them with an island in its hole."""
    crs = draw(st.sampled_from([*PLACES]))
    out = []
    for k in range(draw(st.integers(1, 3))):
        parts = []
        for j in range(draw(st.integers(1, 3))):
            x, y = 1500.0 * j, 1500.0 * k
            shell = draw(star(x, y, 200, 600))
            holes = [draw(star(x, y, 20, 90))] if draw(st.booleans()) else []  # inside: a triangle of radii ≥ 200 holds 100
            parts.append([shell, *holes])
            if holes and draw(st.booleans()):
                parts.append([draw(star(x, y, 1, 9))])
        use = draw(st.sampled_from([None, "工业用地"]))
        true_m2 = round(parcel(*parts, crs=crs).geometry.area, 1)
        declared = draw(st.sampled_from([None, true_m2]))
        attributes = (("地块编号", f"A-{k}"),) if draw(st.booleans()) else ()
        out.append(parcel(*parts, crs=crs, name=f"地块{k + 1}", use_text=use, declared_m2=declared, attributes=attributes))
    return tuple(out)


def in_degrees(parcels: tuple[Parcel, ...]) -> tuple[Parcel, ...]:
    """The same parcels as somebody gives them in longitude and latitude."""
    from xygis.convert.target import moved

    return moved(parcels, "EPSG:4490")[0]


def farthest_m(a: Parcel, b: Parcel) -> float:
    """How far, along either axis in metres, any vertex of one is from the nearest of the other; infinite where rings differ in number."""
    here = next(c for c in (a.crs, b.crs) if c in PLACES) if {a.crs, b.crs} & {*PLACES} else "EPSG:4525"
    own, other = (_points(p, here) for p in (a, b))
    if len(own) != len(other) or _shape(a) != _shape(b):
        return math.inf
    off = np.abs(own[:, None, :] - other[None, :, :]).max(axis=2)
    return float(max(off.min(axis=0).max(), off.min(axis=1).max()))


def _points(p: Parcel, code: str) -> np.ndarray:  # type: ignore[type-arg]
    return moved_points(shapely.get_coordinates(p.geometry), p.crs, code)


def _shape(p: Parcel) -> list[int]:
    """Points of each ring, in no order."""
    return sorted(len(r.coords) for part in shapely.get_parts(p.geometry) for r in (part.exterior, *part.interiors))
