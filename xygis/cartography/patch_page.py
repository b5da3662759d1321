"""What the map pages of patches share: the ground they lie on, and how many of them a page can carry."""

from __future__ import annotations

from collections.abc import Iterable

from xygis.atlas.atlas import COUNTIES, Atlas
from xygis.atlas.layer import Layer
from xygis.cartography.leaflet_page import atlas_view
from xygis.cartography.offline_page import dumps
from xygis.cartography.page_data import Json
from xygis.cartography.page_load import MOST_FEATURES
from xygis.cartography.scene import Scene
from xygis.errors import LayerUnreadable
from xygis.overlay.features import layer_features

MOST_BYTES = 3_000_000  # of patches; the last ones are left out beyond it, and the page says so
_GROUND = (COUNTIES, "one_river_nine_tributaries", "ecological_red_line", "urban_growth_boundary")
_SIZE_PX = 1200.0
_TOLERANCE_M = 3.0  # of the ground's outlines


def patch_ground(atlas: Atlas) -> Scene | None:
    """Counties, rivers and control lines as far as they can be read; None where none can."""
    ground = [name for name in _GROUND if _readable(atlas, name)]
    return atlas_view(atlas, ground, _SIZE_PX, _SIZE_PX, tolerance_m=_TOLERANCE_M) if ground else None


def _readable(atlas: Atlas, name: str) -> bool:
    layer = next((one for one in atlas.layers if one.id == name), None)
    if layer is None:
        return False
    try:
        return len(layer_features(layer)) > 0
    except LayerUnreadable:
        return False


def ground_layers(scene: Scene) -> list[Layer]:
    """The layers of the ground, for the layer tree."""
    return list({one.layer.id: one.layer for one in scene.drawn}.values())


def fitting(scene: Scene, patches: Iterable[tuple[float, Json]]) -> list[Json]:
    """As many patches (area in m², entry of the page) as the page can carry, the first ones first, to be drawn from large to small."""
    kept: list[tuple[float, Json]] = []
    size, most = 0, MOST_FEATURES - sum(len(one.geometry) for one in scene.drawn)
    for area_m2, one in patches:
        size += len(dumps(one).encode())
        if size > MOST_BYTES or len(kept) >= most:
            break
        kept.append((area_m2, one))
    return [one for _, one in sorted(kept, key=lambda entry: -entry[0])]
