"""The map of the counties: a name and a number in each, and no pin over them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.consistency.city import make_atlas
from xygis.atlas.bundled import bundled_root
from xygis.cartography.county_figure import county_figure

HEART = (111.0 - 475 / 95_000, 31.6228 - 555 / 110_900)  # degrees: where 西县 is lettered, 475 m west and 555 m south of the middle


def _spots(svg: str) -> dict[str, tuple[float, float]]:
    """Text → where it stands, px."""
    found = re.findall(r'<text x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]+)</text>', svg)
    return {words: (float(x), float(y)) for x, y, words in found}


def test_a_name_steps_aside_for_a_pin(tmp_path: Path) -> None:
    """A pin at the heart of a county: its name and number stand clear of it, those of its neighbour where they were."""
    atlas = make_atlas(tmp_path, [], [])
    shutil.copytree(bundled_root() / "maps", tmp_path / "maps")
    values = {"1": 12.5, "2": 3.25}
    plain = county_figure(values, atlas)
    x, y = _spots(plain)["西县"]
    pinned = county_figure(values, atlas, pins=[("1", *HEART)])
    at = re.search(r"translate\(([\d.]+) ([\d.]+)\)", pinned)
    assert at is not None
    pin_x, pin_y = map(float, at.groups())
    assert abs(pin_x - x) < 30 and abs(pin_y - y) < 40, "the pin stands where the name stood"
    for words in ("西县", "3.2"):
        to_x, to_y = _spots(pinned)[words]
        assert abs(to_x - pin_x) > 9 + 7 or not pin_y - 24 - 7 < to_y < pin_y + 7
    assert _spots(pinned)["东县"] == _spots(plain)["东县"]
