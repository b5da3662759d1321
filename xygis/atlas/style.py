"""`Style`: how one layer is drawn, on every map and in every legend."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """One entry of `maps/styles.toml`. Colours are #rrggbb; widths are typographic points."""

    id: str  # layer id, or "layer/class" for one class of it
    label: str
    fill: str | None
    line: str | None
    width_pt: float
    dash: tuple[float, ...]  # on, off, … in points; empty: solid
    pattern: str | None  # hatch45 | ticks | dashes | lines | grid | hills | dots | cross | None
    pattern_colour: str | None
    casing: str | None  # colour of a wider line drawn underneath
    order: int  # drawn from low to high
    opacity: float
    min_scale: int | None  # not drawn when the map is smaller than 1:min_scale
    where: tuple[str, tuple[str, ...]] | None  # (field, values) for a class style
