"""What the map pages of patches share: the ground they lie on, and how many of them a page can carry."""

from __future__ import annotations

import json
from collections.abc import Iterable

from xygis.atlas.atlas import COUNTIES, Atlas
from xygis.cartography.leaflet_page import atlas_view
from xygis.cartography.page_data import Json
from xygis.cartography.scene import Scene
from xygis.errors import LayerUnreadable
from xygis.overlay.features import layer_features

MOST_BYTES = 3_000_000  # of patches; the last ones are left out beyond it, and the page says so
_GROUND = (COUNTIES, "one_river_nine_tributaries", "ecological_red_line", "urban_growth_boundary")
_SIZE_PX = 1200.0


def patch_ground(atlas: Atlas) -> Scene | None:
    """Counties, rivers and control lines as far as they can be read; None where none can."""
    ground = [name for name in _GROUND if _readable(atlas, name)]
    return atlas_view(atlas, ground, _SIZE_PX, _SIZE_PX) if ground else None


def _readable(atlas: Atlas, name: str) -> bool:
    layer = next((one for one in atlas.layers if one.id == name), None)
    if layer is None:
        return False
    try:
        return len(layer_features(layer)) > 0
    except LayerUnreadable:
        return False


def fitting(patches: Iterable[tuple[float, Json]]) -> list[Json]:
    """As many patches (area in m², entry of the page) as the page can carry, the first ones first, to be drawn from large to small."""
    kept: list[tuple[float, Json]] = []
    size = 0
    for area_m2, one in patches:
        size += len(json.dumps(one, ensure_ascii=False).encode())
        if size > MOST_BYTES:
            break
        kept.append((area_m2, one))
    return [one for _, one in sorted(kept, key=lambda entry: -entry[0])]
