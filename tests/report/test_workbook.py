"""summary.xlsx as a head of a bureau opens it: the answer on the first sheet, numbers as numbers, text that stays text.

Read back from the file itself, without a library that might be kinder than a spreadsheet.
"""

from __future__ import annotations

import re
import zipfile
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import shapely

from tests.check.sites import small_atlas, square, squares, submitted
from xygis.atlas.atlas import Atlas
from xygis.atlas.verdict import Verdict
from xygis.check import closely
from xygis.check.assessment import Refused
from xygis.check.portfolio import Portfolio, screen_parcels
from xygis.errors import BadGeometry, Where
from xygis.intake.submission import SetApart
from xygis.report.summary import summary_of
from xygis.report.summary_gpkg import write_summary_gpkg
from xygis.report.workbook import write_workbook

DAY = date(2026, 11, 24)
NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
ODD = ("=1+1", "@SUM(A1)", "甲,乙", "两\n行", "<b>&", "铃\x07", "=cmd|' /C calc'!A0", "https://example.org", "007")
Cells = dict[str, str | float]


def sheets(path: Path) -> dict[str, Cells]:
    """Cells by sheet and place; a formula would be told as such."""
    with zipfile.ZipFile(path) as book:
        shared = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        words = ["".join(t.text or "" for t in si.iter(f"{{{NS['m']}}}t")) for si in shared.findall("m:si", NS)]
        names = [s.attrib["name"] for s in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{{{NS['m']}}}sheet")]
        out = {}
        for k, name in enumerate(names, 1):
            cells: Cells = {}
            for c in ElementTree.fromstring(book.read(f"xl/worksheets/sheet{k}.xml")).iter(f"{{{NS['m']}}}c"):
                value = c.find("m:v", NS)
                if c.find("m:f", NS) is not None:
                    cells[c.attrib["r"]] = "FORMULA"
                elif value is not None and value.text is not None:
                    cells[c.attrib["r"]] = words[int(value.text)] if c.attrib.get("t") == "s" else float(value.text)
            out[name] = cells
        return out


def column(cells: Cells, letter: str, start: int) -> list[str | float]:
    found = {int(re.sub(r"\D", "", place)): value for place, value in cells.items() if re.sub(r"\d", "", place) == letter}
    return [found[i] for i in sorted(found) if i >= start]


@pytest.fixture
def portfolio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Portfolio:
    """Twenty squares, odd names, one outside the city; a refused file, a feature without a shape, a pair that failed."""
    given = [*squares(20, lon=111.5, lat=31.6, step=0.08, side=0.01), square("城外", 114.0, 32.0)]
    given += [square(name, 112.1 + 0.003 * i, 32.05) for i, name in enumerate(ODD)]
    error = BadGeometry(what="没有图形", where=Where(file="甲.gpkg", feature="7"), fix="补上")
    first = submitted(given, "甲.gpkg")
    second = submitted([], "乙.gpkg")
    object.__setattr__(second, "set_apart", (SetApart(name="缺图形", error=error),))
    measured = closely.measured

    def broken(shape, *rest):  # type: ignore[no-untyped-def]
        if shape.degrees.equals(given[0].geometry):
            raise RuntimeError("量算失败")
        return measured(shape, *rest)

    monkeypatch.setattr(closely, "measured", broken)
    atlas = Atlas.open(small_atlas(tmp_path / "atlas"))
    return screen_parcels((first, second, Refused(path="坏.txt", error=error)), atlas, on=DAY, jobs=1)


@pytest.fixture
def book(portfolio: Portfolio, tmp_path: Path) -> dict[str, Cells]:
    write_workbook(portfolio, summary_of(portfolio), tmp_path / "summary.xlsx")
    return sheets(tmp_path / "summary.xlsx")


def test_the_first_sheet_counts(book: dict[str, Cells], portfolio: Portfolio) -> None:
    """Parcels and hectares by verdict add up to all of them; stamped; what could not be checked is told in red."""
    assert ["概况", "汇总", "未审查", "图层"] == list(book)
    first = book["概况"]
    assert "示意数据，非法定成果" in first.values()
    assert [v.label for v in Verdict] == [str(first[f"A{5 + i}"]).split()[1] for i in range(6)]
    counts = [first[f"B{5 + i}"] for i in range(6)]
    assert [portfolio.verdicts.count(v) for v in Verdict] == counts
    assert len(portfolio.parcels) == first["B11"] == sum(float(c) for c in counts)
    assert float(portfolio.ellipsoidal_m2.sum()) / 1e4 == pytest.approx(first["D11"])
    assert "未能审查" in str(first["A12"])


def test_the_worst_parcels_stand_on_the_first_sheet(book: dict[str, Cells], portfolio: Portfolio) -> None:
    """By verdict, then by size, each with its reason."""
    shown = column(book["概况"], "L", 5)
    worst = [v for v in portfolio.verdicts if v in (Verdict.PROHIBITED, Verdict.UNDETERMINED)]
    assert sorted(str(v.label) for v in worst)[:40] == sorted(str(s).split()[1] for s in shown)
    ranks = [next(v.rank for v in Verdict if v.label == str(s).split()[1]) for s in shown]
    assert sorted(ranks) == ranks
    assert all(str(reason) for reason in column(book["概况"], "N", 5))


def test_a_row_a_parcel_with_the_verdict_first(book: dict[str, Cells], portfolio: Portfolio) -> None:
    """Names as they are, none a formula; verdicts and areas as they were found, unrounded."""
    rows = book["汇总"]
    assert ["地块", "结论", "主要原因", "椭球面积（m²）"] == [rows[f"{c}2"] for c in "ABCD"]
    assert "FORMULA" not in {v for sheet in book.values() for v in sheet.values()}
    names = column(rows, "A", 4)
    assert [n.replace("\x07", "") for n in portfolio.names] == [str(n).replace("_x0007_", "") for n in names]
    assert [v.label for v in portfolio.verdicts] == [str(v).split()[1] for v in column(rows, "B", 4)]
    assert portfolio.ellipsoidal_m2.tolist() == pytest.approx(column(rows, "D", 4), rel=1e-15)


def test_no_data_is_written_as_such(book: dict[str, Cells], portfolio: Portfolio) -> None:
    """Outside the city no layer says 0: it says 无数据."""
    i = portfolio.names.index("城外")
    row = {re.sub(r"\d", "", place): v for place, v in book["汇总"].items() if re.sub(r"\D", "", place) == str(i + 4)}
    assert list(row.values()).count("无数据") >= 2 * (len(portfolio.columns) - 2)
    assert list(row.values()).count(0.0) <= 3  # of 行政区, the layer that says where the city ends


def test_what_could_not_be_checked_has_its_own_sheet(book: dict[str, Cells]) -> None:
    """The refused file, the feature without a shape, each failed pair: which, and why."""
    text = [str(v) for v in book["未审查"].values()]
    assert {"坏.txt", "缺图形"} <= set(text)
    assert any("量算失败" in t and "：" in t for t in text)


def test_it_unfolds(portfolio: Portfolio, tmp_path: Path) -> None:
    """Panes frozen under the heads and beside the verdict, filters over every column, details folded away."""
    write_workbook(portfolio, summary_of(portfolio), tmp_path / "summary.xlsx")
    with zipfile.ZipFile(tmp_path / "summary.xlsx") as file:
        sheet = file.read("xl/worksheets/sheet2.xml").decode()
    assert 'topLeftCell="C4"' in sheet and 'state="frozen"' in sheet
    assert re.search(r'<autoFilter ref="A3:[A-Z]+33"/>', sheet)
    assert 'outlineLevel="1"' in sheet and 'hidden="1"' in sheet


def test_no_parcels_make_a_workbook_and_a_geopackage(tmp_path: Path) -> None:
    """Nothing was checked, and the tables say so instead of failing."""
    empty = screen_parcels((submitted([]),), Atlas.open(small_atlas(tmp_path / "atlas")), on=DAY)
    write_workbook(empty, summary_of(empty), tmp_path / "summary.xlsx")
    write_summary_gpkg(empty, summary_of(empty), tmp_path / "summary.gpkg")
    assert 0.0 == sheets(tmp_path / "summary.xlsx")["概况"]["B11"]


def test_the_geopackage_knows_unknown_from_zero(portfolio: Portfolio, tmp_path: Path) -> None:
    """NULL where a layer cannot tell, numbers elsewhere; shapes as they were given."""
    import pyogrio

    write_summary_gpkg(portfolio, summary_of(portfolio), tmp_path / "summary.gpkg")
    meta, _, shapes, fields = pyogrio.raw.read(tmp_path / "summary.gpkg", layer="summary")
    values = dict(zip(meta["fields"].tolist(), fields, strict=True))
    i = portfolio.names.index("城外")
    assert np.isnan(values["flood_zones_overlap_m2"][i]) and np.isnan(values["flood_zones_patches"][i])
    assert 0.0 == values["ecological_red_line_overlap_m2"][portfolio.names.index("=1+1")]
    assert [v.value for v in portfolio.verdicts] == values["verdict"].tolist()
    assert "EPSG:4490" == meta["crs"]
    assert all(a.equals(p.geometry) for a, p in zip(shapely.from_wkb(shapes), portfolio.parcels, strict=True))
