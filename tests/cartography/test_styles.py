"""maps/: every layer has a look, every look reads in grey, every mistake is named with its line."""

from __future__ import annotations

import shutil
from itertools import combinations
from pathlib import Path

import pytest

from xygis.atlas.bundled import bundled_root
from xygis.atlas.catalogue import read_catalogue
from xygis.atlas.codes import code_name, read_codes
from xygis.atlas.style import PATTERNS, Style
from xygis.atlas.styles import font_files, read_styles
from xygis.atlas.verdict import Verdict
from xygis.cartography.motif import MOTIFS
from xygis.errors import BadStyle

TOKENS = {  # the design's verdict colours: mark, tint
    "prohibited": ("#9f1717", "#fbecea"),
    "undetermined": ("#5b3a8e", "#f3eef9"),
    "approval": ("#8a4300", "#fdf1e3"),
    "justification": ("#665600", "#f8f4da"),
    "notice": ("#185a94", "#e9f2fa"),
    "compliant": ("#1b6a3c", "#e9f5ed"),
}


@pytest.fixture(scope="module")
def styles() -> dict[str, Style]:
    return {style.id: style for style in read_styles(bundled_root())}


def contrast(a: str, b: str) -> float:
    """WCAG 2 contrast of two #rrggbb colours."""

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(a), light(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_every_layer_of_the_catalogue_has_a_style_of_its_own(styles: dict[str, Style]) -> None:
    """No layer of the reference atlas falls back to grey, and each has a legend label."""
    _, layers = read_catalogue(bundled_root())
    assert [v.id for v in layers if v.geometry != "raster" and (v.id not in styles or not styles[v.id].label)] == []


def test_class_styles_ask_for_fields_that_their_layer_has(styles: dict[str, Style]) -> None:
    """A class style whose field the catalogue does not know would never draw anything."""
    layers = {layer.id: layer for layer in read_catalogue(bundled_root())[1]}
    asked = [(s.id, s.where[0]) for s in styles.values() if s.where and s.id.split("/")[0] in layers]
    assert [(style, field) for style, field in asked if layers[style.split("/")[0]].alias(field) is None] == []


def test_verdict_colours_are_the_designs_and_readable(styles: dict[str, Style]) -> None:
    """Each verdict has the design's colour, its Chinese label, and a contrast of 4.5:1 on white and on its tint."""
    for verdict in Verdict:
        style = styles[f"verdict/{verdict.value}"]
        assert TOKENS[verdict.value] == (style.line, style.fill)
        assert verdict.label == style.label
        assert min(contrast(style.line or "", "#ffffff"), contrast(style.line or "", style.fill or "")) >= 4.5


def test_patterns_read_in_grey(styles: dict[str, Style]) -> None:
    """Every pattern stands out from its ground by lightness alone."""
    weak = [s.id for s in styles.values() if s.pattern and contrast(s.pattern_colour or "", s.fill or "#ffffff") < 1.25]
    assert weak == []


def test_patterns_differ_in_form() -> None:
    """No two patterns have the same strokes at the same angle."""
    assert set(PATTERNS) == set(MOTIFS)
    assert [
        (a, b) for a, b in combinations(MOTIFS, 2) if (MOTIFS[a].strokes, MOTIFS[a].angle_deg) == (MOTIFS[b].strokes, MOTIFS[b].angle_deg)
    ] == []


@pytest.fixture
def own_maps(tmp_path: Path) -> Path:
    (tmp_path / "maps").mkdir()
    shutil.copy(bundled_root() / "maps" / "styles.toml", tmp_path / "maps")
    return tmp_path


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ('\n[[style]]\nid = "x"\nlabel = "x"\norder = 1\ncolour = "#000000"\n', "不认识的键“colour”"),
        ('\n[[style]]\nid = "x"\nlabel = "x"\norder = 1\nfil = "#000000"\n', "是否应为“fill”"),
        ('\n[[style]]\nid = "x"\nlabel = "x"\norder = 1\nfill = "red"\n', "#rrggbb"),
        ('\n[[style]]\nid = "x"\nlabel = "x"\norder = 1\npattern = "hatch"\n', "没有图案“hatch”"),
        ('\n[[style]]\nid = "x"\norder = 1\n', "缺少“label”"),
        ('\n[[style]]\nid = "parcel"\nlabel = "x"\norder = 1\n', "写了两次"),
    ],
)
def test_a_wrong_style_is_refused_with_file_and_line(own_maps: Path, wrong: str, says: str) -> None:
    """A mistake in styles.toml names the file, the line and what to write instead."""
    path = own_maps / "maps" / "styles.toml"
    before = path.read_text("utf-8")
    path.write_text(before + wrong, "utf-8")
    with pytest.raises(BadStyle) as caught:
        read_styles(own_maps)
    assert says in str(caught.value)
    assert caught.value.where.file == "styles.toml"
    assert (caught.value.where.line or 0) > before.count("\n")


def test_a_missing_mark_is_named(own_maps: Path) -> None:
    """An atlas without the parcel's style cannot draw a check, and says so."""
    path = own_maps / "maps" / "styles.toml"
    path.write_text(path.read_text("utf-8").replace('id = "parcel"', 'id = "parcels"'), "utf-8")
    with pytest.raises(BadStyle, match="parcel"):
        read_styles(own_maps)


def test_codes_are_named_by_their_longest_beginning() -> None:
    """0201K (可调整果园) is called as 0201; an unknown code has no name."""
    codes = read_codes(bundled_root())
    assert tuple(code_name(codes["dlbm"], code) for code in ("0101", "0201K", "99")) == ("水田", "果园", None)
    assert code_name(codes["gb50137"], "M") == "工业用地"


def test_the_font_has_the_rare_characters_of_place_names(own_maps: Path) -> None:
    """Rare place names are lettered; an atlas without fonts uses the bundled ones; files stay small."""
    from fontTools.ttLib import TTFont

    for file in font_files(own_maps):
        have = TTFont(file).getBestCmap()
        assert "".join(c for c in "襄阳樊岘峪滚沮漳淯鄢郧隆㎡²（）“”，。" if ord(c) not in have) == ""
        assert file.stat().st_size < 2_600_000
