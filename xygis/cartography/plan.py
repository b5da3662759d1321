"""`Plan`: everything that one printed sheet shows, before anything is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import shapely

from xygis.cartography.corners import Corner
from xygis.cartography.grounds import Ground
from xygis.cartography.legend import LegendItem
from xygis.cartography.panels import Panel
from xygis.cartography.paper import Layout
from xygis.cartography.relief_shade import Shade
from xygis.cartography.scene import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Inset:
    """A small map that shows where the sheet lies. box: the sheet's extent in metres of the scene's zone."""

    title: str
    scene: Scene
    box: shapely.Polygon


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A table of the named features of a sheet: what the data themselves state."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A sheet. data: a line per layer shown, on source, version and accuracy. notes: what the sheet leaves out and where it stands."""

    title: str
    caption: str
    date: str
    atlas_name: str
    fingerprint: str
    layout: Layout
    panels: tuple[Panel, ...]
    legend: tuple[LegendItem, ...]
    data: tuple[str, ...]
    notes: tuple[str, ...] = ()
    number: str = ""  # 第 2 幅，共 9 幅
    locator: bool = False  # parcels are numbered dots
    ground: Ground | None = None
    corners: tuple[Corner, ...] = ()
    boundary: tuple[Corner, ...] = ()
    inset: Inset | None = None
    register: Register | None = None
    shade: Shade | None = None
    headings: Mapping[str, str] | None = None  # of the legend's groups; None: the usual ones where there are parcels, else none

    @property
    def demo(self) -> bool:
        return any(panel.scene.demo for panel in self.panels)
