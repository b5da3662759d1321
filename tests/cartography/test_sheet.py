"""Printed maps: whole, lettered in Chinese, and never half a file."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from xygis.atlas.atlas import Atlas
from xygis.cartography.sheet import write_atlas_map, write_map_png
from xygis.check.assessment import Assessment
from xygis.errors import OutputFailed, UsageError


def _size(path: Path) -> tuple[int, int]:
    head = path.read_bytes()[:24]
    assert head[:4] == b"\x89PNG"
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def test_a_check_is_printed_on_a4_at_200_dpi(toy_check: Assessment, toy_atlas: Atlas, tmp_path: Path) -> None:
    """The sheet is A4 landscape; a glyph that the font lacks would be a warning, and warnings are errors here."""
    out = tmp_path / "map.png"
    write_map_png(toy_check, toy_atlas, out)
    width, height = _size(out)
    assert pytest.approx((width, height), abs=2) == (2339, 1654)
    assert [p.name for p in tmp_path.iterdir()] == ["map.png"]


def test_the_same_check_gives_the_same_picture(toy_check: Assessment, toy_atlas: Atlas, tmp_path: Path) -> None:
    """Two runs give the same bytes."""
    for name in ("a.png", "b.png"):
        write_map_png(toy_check, toy_atlas, tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize(("name", "magic"), [("m.png", b"\x89PNG"), ("m.pdf", b"%PDF"), ("m.html", b"<!DO")])
def test_an_atlas_is_drawn_by_suffix(toy_atlas: Atlas, tmp_path: Path, name: str, magic: bytes) -> None:
    """.png, .pdf and .html each give their kind of map."""
    write_atlas_map(toy_atlas, ["counties", "ecological_red_line", "highways"], tmp_path / name)
    assert magic == (tmp_path / name).read_bytes()[:4]


def test_an_unknown_suffix_is_a_usage_error(toy_atlas: Atlas, tmp_path: Path) -> None:
    """The message lists what can be written."""
    with pytest.raises(UsageError, match=r"\.html、\.png 或 \.pdf"):
        write_atlas_map(toy_atlas, ["counties"], tmp_path / "m.tif")


def test_a_map_that_cannot_be_written_says_so_and_leaves_nothing(toy_atlas: Atlas, tmp_path: Path) -> None:
    """A file where the folder should be: one clear message, and nothing beside it."""
    (tmp_path / "none").write_text("")
    with pytest.raises(OutputFailed, match="无法写出"):
        write_atlas_map(toy_atlas, ["counties"], tmp_path / "none" / "m.png")
    assert [p.name for p in tmp_path.iterdir()] == ["none"]


def test_a_check_without_parcels_draws_nothing(toy_check: Assessment, toy_atlas: Atlas, tmp_path: Path) -> None:
    """Where every file was refused there is no figure and no map, and it is said."""
    from dataclasses import replace

    from xygis.cartography.figure import parcel_figure
    from xygis.cartography.leaflet_page import render_map_page

    nothing = replace(toy_check, parcels=())
    assert parcel_figure(nothing, toy_atlas) == ""
    with pytest.raises(UsageError, match="没有能画的地块"):
        render_map_page(nothing, toy_atlas)
    with pytest.raises(UsageError, match="没有能画的地块"):
        write_map_png(nothing, toy_atlas, tmp_path / "m.png")
