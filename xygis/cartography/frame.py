"""`Frame`: a rectangle of the local Gauss-Krüger zone, laid on a page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.geodesy.crs import from_geographic, gauss_zone, local_zone, to_geographic

BBox = tuple[float, float, float, float]
Geometries = NDArray[np.object_]
_STEPS_M = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)
_SCALES = (
    100,
    200,
    500,
    1000,
    1500,
    2000,
    2500,
    3000,
    4000,
    5000,
    10_000,
    15_000,
    20_000,
    25_000,
    30_000,
    40_000,
    50_000,
    100_000,
    150_000,
    200_000,
    250_000,
    300_000,
    400_000,
    500_000,
    600_000,
    750_000,
    800_000,
    1_000_000,
    1_200_000,
    1_500_000,
    2_000_000,
)
_MM_PER_PX = 25.4 / 96


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """West, south, east, north in metres of `crs` (eastings without zone prefix); width and height in page units (px)."""

    crs: str
    west_m: float
    south_m: float
    east_m: float
    north_m: float
    width: float
    height: float

    @property
    def px_per_m(self) -> float:
        return self.width / (self.east_m - self.west_m)

    @property
    def scale(self) -> float:
        """Denominator of the map scale when a px is a CSS px (1/96 inch)."""
        return 1000 / _MM_PER_PX / self.px_per_m

    @property
    def zone(self) -> int:
        zone = gauss_zone(self.crs)
        assert zone is not None  # frames are made by frame_around, in a Gauss-Krüger zone
        return zone.zone

    @property
    def meridian_deg(self) -> float:
        zone = gauss_zone(self.crs)
        assert zone is not None
        return zone.meridian_deg

    def box(self, margin_m: float = 0.0) -> BBox:
        """(west, south, east, north) in metres, widened on every side."""
        return self.west_m - margin_m, self.south_m - margin_m, self.east_m + margin_m, self.north_m + margin_m

    def bbox_deg(self) -> BBox:
        """The smallest box of longitudes and latitudes that holds the frame."""
        x, y = np.meshgrid(np.linspace(self.west_m, self.east_m, 9), np.linspace(self.south_m, self.north_m, 9))
        lon, lat = to_geographic(self.crs, x.ravel(), y.ravel())
        return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())

    def metres(self, geometry: Geometries) -> Geometries:
        """Geometries in longitude and latitude, in metres of this frame's zone."""
        out: Geometries = shapely.transform(geometry, lambda c: np.column_stack(from_geographic(self.crs, c[:, 0], c[:, 1])))
        return out

    def degrees(self, geometry: Geometries) -> Geometries:
        """The way back from `metres`."""
        out: Geometries = shapely.transform(geometry, lambda c: np.column_stack(to_geographic(self.crs, c[:, 0], c[:, 1])))
        return out

    def page(self, geometry: Geometries) -> Geometries:
        """Geometries in metres, in page units from the top left corner."""
        k = self.px_per_m
        out: Geometries = shapely.transform(
            geometry, lambda c: np.column_stack([(c[:, 0] - self.west_m) * k, (self.north_m - c[:, 1]) * k])
        )
        return out

    def grid(self, *, least_px: float = 90.0, least_m: int = 100) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
        """(step, eastings, northings) in metres of the grid lines inside; lines stand at least `least_px` and `least_m` apart."""
        step = next((s for s in _STEPS_M if s >= least_m and s * self.px_per_m >= least_px), _STEPS_M[-1])
        return step, _multiples(self.west_m, self.east_m, step), _multiples(self.south_m, self.north_m, step)

    def scale_bar_m(self, longest_px: float) -> int:
        """The longest round length that fits."""
        return max((s for s in _STEPS_M if s * self.px_per_m <= longest_px), default=_STEPS_M[0])


def _multiples(low: float, high: float, step: int) -> tuple[int, ...]:
    return tuple(range(math.ceil(low / step) * step, math.floor(high / step) * step + 1, step))


def frame_around(
    geometry: Sequence[shapely.Geometry],
    width: float,
    height: float,
    *,
    widen: float = 2.4,
    least_m: float = 800.0,
    most_m: float = 1e9,
    crs: str | None = None,
) -> Frame:
    """The frame whose middle is that of some geometries (longitude, latitude) and that shows `widen` times their extent.

    Its shorter side is at least `least_m` long, its longer one at most `most_m`. crs: its zone, by default the local one.
    """
    west, south, east, north = shapely.total_bounds(list(geometry))
    crs = crs or local_zone((west + east) / 2)
    x, y = from_geographic(crs, np.array([west, east, east, west]), np.array([south, south, north, north]))
    span_x, span_y = float(np.ptp(x)) * widen, float(np.ptp(y)) * widen
    metres_per_px = max(span_x / width, span_y / height, least_m / min(width, height))
    metres_per_px = min(metres_per_px, most_m / max(width, height))
    mid_x, mid_y = float(x.min() + x.max()) / 2, float(y.min() + y.max()) / 2
    half_x, half_y = width * metres_per_px / 2, height * metres_per_px / 2
    return Frame(
        crs=crs, west_m=mid_x - half_x, south_m=mid_y - half_y, east_m=mid_x + half_x, north_m=mid_y + half_y, width=width, height=height
    )


def at_round_scale(frame: Frame) -> Frame:
    """The same middle at the next smaller round scale, for paper."""
    scale = next((s for s in _SCALES if s >= frame.scale * 0.999), None)
    if scale is None:
        return frame
    half_x, half_y = (side * scale * _MM_PER_PX / 1000 / 2 for side in (frame.width, frame.height))
    x, y = (frame.west_m + frame.east_m) / 2, (frame.south_m + frame.north_m) / 2
    return replace(frame, west_m=x - half_x, east_m=x + half_x, south_m=y - half_y, north_m=y + half_y)


def kilometres(value_m: float, step_m: int) -> str:
    """A grid figure in km, with as many decimals as the step needs: 616, 616.5, 616.05."""
    decimals = next((i for i, least in enumerate((1000, 100, 10)) if step_m >= least), 3)
    return f"{value_m / 1000:.{decimals}f}"


def length_text(value_m: float) -> str:
    """250 m, 2 km."""
    return f"{value_m / 1000:g} km" if value_m >= 1000 else f"{value_m:g} m"
