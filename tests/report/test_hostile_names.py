"""Names that try to break out, and parcels of 1 m² and 100 km²: every format is written, opens again, and has the name as text."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date
from html.parser import HTMLParser

import openpyxl
import pyogrio
import pytest
import shapely
from pdf_reading import needs_poppler, pages
from word_reading import whole_text

from tests.check.sites import small_atlas, square, submitted
from xygis.atlas.atlas import Atlas
from xygis.atlas.bundled import bundled_root
from xygis.check.run import check
from xygis.outputs import OUTPUTS
from xygis.saving import save_assessment
from xygis.visible import visible

LAYERS = ("ecological_red_line", "counties")
CONTROLS = "".join(map(chr, range(1, 32)))
NAMES = (
    "<script>alert(1)</script>",
    '=HYPERLINK("http://x")',
    "../../x",
    "很长的名称" * 100,
    "滚河😀岘山👩‍🌾",
    "甲\u202e乙\u200f丙\u2066丁",
    f"铃{CONTROLS}末",
    "\"'&;{{7*7}}${x}%s\\",
    "#set page() *粗* $x$ @y",
)
TINY, VAST = "一平方米", "百平方公里"
FILE = "<img src=x onerror=alert(1)>\u202e.gpkg"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """All formats of one check: a square for each name inside a red line, one of about 1 m², one of about 100 km² around them."""
    root = small_atlas(tmp_path_factory.mktemp("hostile") / "atlas", LAYERS)
    (root / "maps").symlink_to(bundled_root() / "maps")
    atlas = Atlas.open(root)
    shapes = shapely.from_wkb(pyogrio.raw.read(atlas.root / "layers" / "ecological_red_line.gpkg")[2])
    largest = max(shapes, key=lambda s: s.area)
    at = shapely.get_coordinates(shapely.maximum_inscribed_circle(largest))[0]
    parcels = [square(name, at[0] + i * 2e-4, at[1], 1e-4) for i, name in enumerate(NAMES)]
    parcels += [square(TINY, at[0], at[1] + 2e-4, 1e-5), square(VAST, at[0] - 0.05, at[1] - 0.05, 0.1)]
    made = check([submitted(parcels, FILE)], atlas, on=date(2026, 11, 24))
    out = tmp_path_factory.mktemp("written")
    saved = save_assessment(made, out, tuple(OUTPUTS))
    assert saved.failed == ()
    return out


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.tags = "", []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("page", ["report.html", "brief.html", "map.html"])
def test_pages_have_no_element_of_a_name(folder, page):
    """No picture, no handler but our own button, no sign that turns the direction of writing round."""
    source = (folder / page).read_text("utf-8")
    reader = _Reader(source)
    assert not [a for tag, a in reader.tags if tag == "img" and a.get("src") == "x"]
    assert not [a for _, a in reader.tags if any(k.startswith("on") and a[k] != "print()" for k in a)]
    assert "<script>alert" not in source


def test_the_page_shows_the_names(folder):
    """Whole, in the table of areas; signs that steer as their number."""
    text = bare(_Reader((folder / "report.html").read_text("utf-8")).text)
    assert [n for n in NAMES if bare(visible(n)) not in text] == []
    assert "\u202e" not in text


@pytest.mark.parametrize("file", ["report.docx", "paragraphs.docx"])
def test_word_opens_and_shows_the_names(folder, file):
    """python-docx reads it, which any sign that XML forbids would prevent."""
    text = bare(whole_text((folder / file).read_bytes()))
    if file == "report.docx":
        assert [n for n in NAMES if bare(visible(n)) not in text] == []
        assert "{{7*7}}" in text


def test_excel_opens_and_shows_the_names(folder):
    """As text, none computed."""
    book = openpyxl.load_workbook(io.BytesIO((folder / "report.xlsx").read_bytes()))
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None]
    assert {c.data_type for c in cells} <= {"s", "n"}
    shown = {bare(str(c.value)) for c in cells}
    assert [n for n in NAMES if bare(visible(n)) not in shown] == []


@needs_poppler
def test_the_pdf_shows_the_names(folder):
    """Signs that its font lacks as their number, markup of its typesetter as written."""
    text = "".join(pages(folder / "report.pdf"))
    for name in ("<script>alert(1)</script>", '=HYPERLINK("http://x")', "../../x", "#setpage()*粗*$x$@y", "滚河〔U+1F600〕岘山"):
        assert name in text
    assert "\u202e" not in text
    assert len(pages(folder / "maps.pdf")) > len(NAMES)


def test_data_keep_the_names_as_they_are(folder):
    """report.json has them letter for letter."""
    found = json.loads((folder / "report.json").read_text("utf-8"))
    assert [*NAMES, TINY, VAST] == [p["name"] for p in found["parcels"]]


def test_patches_keep_the_names(folder):
    """conflicts.gpkg and .geojson open, and each name that can be stored is there."""
    plain = [n for n in NAMES if not re.search("[\x00-\x1f]", n)]
    for file in ("conflicts.gpkg", "conflicts.geojson"):
        meta, _, _, fields = pyogrio.raw.read(folder / file, layer="conflicts")
        values = {str(v) for column in fields for v in column if isinstance(v, str)}
        assert [n for n in plain if not any(n in v for v in values)] == [], file


def test_tables_keep_the_names_and_carry_no_formula(folder):
    """measures.csv and summary.csv: a name that a spreadsheet would compute has a quote before it."""
    for file in ("measures.csv", "summary.csv"):
        rows = list(csv.reader(io.StringIO((folder / file).read_bytes().decode("utf-8-sig"), newline="")))
        assert {len(r) for r in rows} == {len(rows[0])}
        assert not [c for r in rows for c in r if c.startswith(("=", "@", "\t"))]
        assert {n if not n.startswith("=") else f"'{n}" for n in NAMES} <= {r[0] for r in rows} | {r[1] for r in rows}


def test_text_to_be_pasted_has_no_line_of_a_name(folder):
    """paragraphs.txt: one paragraph a line, whatever the names hold."""
    text = (folder / "paragraphs.txt").read_bytes().decode("utf-8-sig")
    assert not re.search("[\x00-\x09\x0b\x0c\x0e-\x1f\u202e]", text)


def test_the_small_and_the_vast_are_measured(folder):
    """About 1 m² is not 0, about 100 km² is not cut: the printed hectares are those of the JSON."""
    area = {p["name"]: p["area"]["ellipsoidal_m2"] for p in json.loads((folder / "report.json").read_text("utf-8"))["parcels"]}
    assert 0.5 < area[TINY] < 2 and 9e7 < area[VAST] < 1.2e8
    text = bare(whole_text((folder / "report.docx").read_bytes()))
    assert f"{area[TINY]:.2f}" in text and f"{area[VAST]:,.2f}" in text
