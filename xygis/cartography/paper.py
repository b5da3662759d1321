"""`Layout`: where map, side column and foot stand on A4 or A3, landscape or portrait. In px of 1/96 inch, y down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xygis.errors import UsageError

Rect = tuple[float, float, float, float]  # left, top, width, height
PX_PER_MM = 96 / 25.4
LEAST_PX = 10.5  # of any lettering: its figures are 2 mm high on paper (the font's are 0.733 of its size)
PAPERS = {"A4": (297.0, 210.0, 1.0), "A3": (420.0, 297.0, 1.18)}  # mm landscape, and how much larger the lettering is
_EDGE, _BAND, _GAP, _FOOT = 34.0, 17.0, 16.0, 124.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A column of blocks."""

    x: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """map: inside its neat line, which stands `band` outside. slots: where blocks go, by name. k: factor of the lettering."""

    width: float
    height: float
    portrait: bool
    map: Rect
    band: float
    slots: Mapping[str, Slot]
    k: float

    @property
    def size_mm(self) -> tuple[float, float]:
        return self.width / PX_PER_MM, self.height / PX_PER_MM

    @property
    def neat(self) -> tuple[float, float, float, float]:
        """left, top, right, bottom of the outer line."""
        left, top, width, height = self.map
        return left - self.band, top - self.band, left + width + self.band, top + height + self.band


def lay_out(paper: str, *, portrait: bool = False, conflict: bool = False) -> Layout:
    """A layout for a sheet of themes, or of one conflict, which needs room for a table of points. Raises UsageError for another paper."""
    if paper not in PAPERS:
        raise UsageError(what=f"没有“{paper}”纸", fix=f"可用：{'、'.join(PAPERS)}")
    long_mm, short_mm, k = PAPERS[paper]
    wide, high = (short_mm, long_mm) if portrait else (long_mm, short_mm)
    width, height = wide * PX_PER_MM, high * PX_PER_MM
    band, top = _BAND * k, 62 * k
    left, bottom = _EDGE, height - _EDGE - 6 * k
    if portrait:
        foot = (340.0 if conflict else 262.0) * k
        map_ = (left + band, top + band, width - 2 * _EDGE - 2 * band, bottom - top - foot - _GAP * k - 2 * band)
        third = (width - 2 * _EDGE - 2 * _GAP * k) / 3
        columns = [left + i * (third + _GAP * k) for i in range(3)]
        slots = {f"c{i}": Slot(x=x, right=x + third, top=bottom - foot, bottom=bottom) for i, x in enumerate(columns, start=1)}
    else:
        side = (304.0 if conflict else 236.0) * k
        foot = (_FOOT + _GAP) * k if conflict else 0.0
        across = width - 2 * _EDGE - side - _GAP * k
        map_ = (left + band, top + band, across - 2 * band, bottom - top - foot - 2 * band)
        slots = {"side": Slot(x=width - _EDGE - side, right=width - _EDGE, top=top, bottom=bottom)}
        if conflict:
            middle = left + 0.4 * across
            slots["c1"] = Slot(x=left, right=middle - _GAP * k, top=bottom - _FOOT * k, bottom=bottom)
            slots["c2"] = Slot(x=middle, right=left + across, top=bottom - _FOOT * k, bottom=bottom)
    return Layout(width=width, height=height, portrait=portrait, map=map_, band=band, slots=slots, k=k)


def upright(width_m: float, height_m: float) -> bool:
    """Whether something is so much higher than wide that it stands better on a portrait sheet."""
    return height_m > 1.35 * width_m
