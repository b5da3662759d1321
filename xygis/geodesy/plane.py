"""The plane that areas are measured in: by default one where plane area *is* the official ellipsoidal area.

`official`: the equal-area cylinder on CGCS2000 with true scale at 32° N, central meridian 112° E. A shoelace there
equals the land survey's 图斑椭球面积 once edges are split (DESIGN §2.5). A projected system may be named instead, for
another country or to compare with planar tools; areas are then planar in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xygis.errors import UnknownCrs
from xygis.geodesy.crs import from_geographic, is_geographic, to_geographic
from xygis.geodesy.edges import Offsets, split_edges
from xygis.geodesy.ellipsoid import Floats, equal_area_to_geographic, geographic_to_equal_area

_MERIDIAN_DEG = 112.0
_TRUE_LAT_DEG = 32.0


@dataclass(frozen=True, slots=True)
class Plane:
    """`Plane("official")`, or `Plane("EPSG:4525")` for areas in a projected system."""

    code: str = "official"

    def __post_init__(self) -> None:
        if self.code != "official" and is_geographic(self.code):
            raise UnknownCrs(what=f"{self.code} 是经纬度坐标系，不能用来量面积", fix="plane 应为 official 或投影坐标系，例如 EPSG:4525")

    @property
    def title(self) -> str:
        """What stands in the report."""
        return "CGCS2000 椭球面积（等积圆柱投影平面）" if self.code == "official" else f"{self.code} 平面面积"

    def forward(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Plane x, y in metres of longitude and latitude in degrees."""
        if self.code == "official":
            return geographic_to_equal_area(lon, lat, meridian_deg=_MERIDIAN_DEG, true_lat_deg=_TRUE_LAT_DEG)
        return from_geographic(self.code, lon, lat)

    def inverse(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Longitude and latitude in degrees of plane x, y in metres."""
        if self.code == "official":
            return equal_area_to_geographic(x, y, meridian_deg=_MERIDIAN_DEG, true_lat_deg=_TRUE_LAT_DEG)
        return to_geographic(self.code, x, y)

    def project(self, coords: Floats, offsets: Offsets, code: str) -> tuple[Floats, Offsets]:
        """Chains drawn in `code`, with their edges split there, in this plane. Shapes as in `split_edges`."""
        if code == self.code:
            return coords, offsets
        coords, offsets = split_edges(coords, offsets, code)
        x, y = self.forward(*to_geographic(code, coords[:, 0], coords[:, 1]))
        return np.column_stack([x, y]), offsets


OFFICIAL = Plane()


def ring_areas_m2(coords: Floats, offsets: Offsets) -> Floats:
    """Signed shoelace area of each closed chain, counter-clockwise positive; local to the chain, so exact to rounding."""
    origin = np.repeat(coords[offsets[:-1]], np.diff(offsets), axis=0)
    local = coords - origin
    cross = np.zeros(len(coords))
    cross[:-1] = local[:-1, 0] * local[1:, 1] - local[1:, 0] * local[:-1, 1]
    cross[offsets[1:] - 1] = 0.0
    return np.add.reduceat(cross, offsets[:-1]) / 2


def official_area_m2(coords: Floats, offsets: Offsets, code: str) -> float:
    """Area of one polygon as the land survey counts it (图斑椭球面积), in m².

    coords: (n, 2) in the system `code`, rings closed; offsets: (k+1,), outer ring first, orientation free.
    Source: 国土调查办发〔2008〕32号; equal to its trapezoid formula to 1e-8 (tests/geodesy).
    """
    areas = np.abs(ring_areas_m2(*OFFICIAL.project(coords, offsets, code)))
    return float(areas[0] - areas[1:].sum())
