"""`Style`: how one layer is drawn, on every map and in every legend.

A feature is drawn by the class style that takes it, else by the layer's own; a `merged` layer style draws the whole layer
besides, as one area without inner borders. Entries whose id is no layer ("parcel", "verdict/prohibited", …) are marks.
"""

from __future__ import annotations

from dataclasses import dataclass

PATTERNS = ("hatch45", "hatch135", "ticks", "dashes", "lines", "bars", "waves", "grid", "hills", "dots", "cross", "broken")


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """One entry of `maps/styles.toml`. Colours are #rrggbb; widths are typographic points."""

    id: str  # layer id, or "layer/class" for one class of it
    label: str
    fill: str | None
    line: str | None
    width_pt: float
    dash: tuple[float, ...]  # on, off, … in points; empty: solid
    pattern: str | None  # one of PATTERNS, or None
    pattern_colour: str | None
    casing: str | None  # colour of a wider line drawn underneath
    order: int  # drawn from low to high
    opacity: float
    min_scale: int | None  # not drawn when the map is smaller than 1:min_scale
    where: tuple[str, tuple[str, ...]] | None  # (field, values) for a class style; "R*" takes every value that starts with R
    casing_width_pt: float = 0.0  # how much wider than the line the casing is; 0: by 2 points
    text: str | None = None  # colour of the layer's labels on maps
    name: str | None = None  # our field that labels its features; None: the label stands once
    quiet: bool = False  # covers everything: left out of parcel maps unless asked for
    merged: bool = False  # drawn as one area, without borders between neighbours
    base: bool = False  # part of the base map: also on maps that only show where something lies
