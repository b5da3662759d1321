"""A batch as a whole: its order of work, its sums, numbers given twice, last month, permits of a file, 2,000 patches, hostile names."""

from __future__ import annotations

import json
import math
import random
import re
import sqlite3
import time
from pathlib import Path

import jsonschema
import openpyxl
import pytest
import shapely

from tests.suspects.town import AT, CRS, building, judged, patch, submission, town
from xygis.atlas.suspect_law import SuspectVerdict
from xygis.errors import FileMissing, InputError, UsageError
from xygis.intake.submission import Parcel, Submission
from xygis.report.contract import SUSPECTS_SCHEMA, json_text, load_schema
from xygis.report.suspects_html import suspects_html
from xygis.saving import save_suspects
from xygis.suspects.result import Suspects
from xygis.suspects.since import read_earlier

FARM = {"permanent_basic_farmland": [((400.0, 0.0, 700.0, 700.0), {})]}
CORE = {"ecological_red_line": [((0.0, 400.0, 300.0, 700.0), {"zone": "核心保护区", "reserve_type": "自然保护区"})]}
HOSTILE = (
    '<script>alert("x")</script>',
    '=HYPERLINK("http://x","y")',
    "+1+1",
    "@SUM(A1)",
    "'; DROP TABLE suspects;--",
    "图\u202e斑\x07",
    "a" * 5000,
)


def box(x: float, y: float, w: float = 30.0, h: float = 20.0) -> tuple[float, float, float, float]:
    return (x, y, x + w, y + h)


def batch(tmp_path: Path) -> Suspects:
    """Five patches: core zone 600 m², farmland 600 and 1200 m², plain 600 m² in 西县, and one that is lawful."""
    atlas = town(tmp_path, land_permits=building((795, 95, 835, 125)), **FARM, **CORE)
    return judged(
        atlas,
        patch(box(-500, 0), number="平地"),
        patch(box(500, 100), number="小田"),
        patch(box(500, 300, 60), number="大田"),
        patch(box(100, 500), number="核心"),
        patch(box(800, 100), number="有证"),
    )


def test_the_order_of_work_is_place_then_size(tmp_path: Path) -> None:
    """Core zone before farmland, the larger farmland first, plain ground last; what is lawful is not in the list."""
    result = batch(tmp_path)
    assert ["核心", "大田", "小田", "平地"] == [p.label for p in result.worked]
    assert [1, 2, 3, 4] == [p.priority for p in result.worked]
    assert [1, 1, 1, 4] == [p.judgement.level for p in result.worked]


def test_counties_and_places_add_up_to_the_batch(tmp_path: Path) -> None:
    """3000 + 600 m² in two counties and four places, each patch counted once in either table (P44)."""
    result = batch(tmp_path)
    for rows in (result.by_county, result.by_place):
        for k in range(3):
            assert result.total.patches[k] == sum(t.patches[k] for t in rows)
            assert result.total.area_m2[k] == pytest.approx(math.fsum(t.area_m2[k] for t in rows), abs=1e-9)
    assert ((4, 0, 1), pytest.approx((3000.0, 0.0, 600.0))) == (result.total.patches, result.total.area_m2)
    assert [("东县", (3, 0, 1)), ("西县", (1, 0, 0))] == [(t.title, t.patches) for t in result.by_county]
    assert {"永久基本农田": 2, "自然保护地核心保护区": 1, "不在上列范围": 2} == {t.title: t.count for t in result.by_place if t.count}


def test_a_patch_across_the_county_line_belongs_to_the_larger_part(tmp_path: Path) -> None:
    """20 of 30 m lie west of x = 0: 西县."""
    (found,) = judged(town(tmp_path), patch(box(-20, 0))).patches
    assert "西县" == found.county_name


def test_numbers_given_twice_are_two_patches(tmp_path: Path) -> None:
    """Both are judged, and it is said."""
    result = judged(town(tmp_path), patch(box(100, 0), number="001"), patch(box(300, 0), number="001"))
    assert 2 == result.total.count and any("重复使用" in r for r in result.remarks)
    assert all(any("001" in r for r in p.remarks) for p in result.patches)


def test_patches_on_each_other_are_told_with_the_area(tmp_path: Path) -> None:
    """Two patches share 10 × 20 m: 200 m² stand twice in the sums, and that is said."""
    result = judged(town(tmp_path), patch(box(100, 0), number="甲"), patch(box(120, 0), number="乙"))
    assert 200.0 == pytest.approx(result.overlapping_m2)
    assert any("相互重叠" in r and "200.00" in r for r in result.remarks)


def test_the_order_of_the_file_does_not_change_the_verdicts(tmp_path: Path) -> None:
    """The same patches shuffled: the same verdicts, places and order of work."""
    parcels = [p.patch.parcel for p in batch(tmp_path).patches]
    random.Random(1).shuffle(parcels)
    atlas = town(tmp_path, land_permits=building((795, 95, 835, 125)), **FARM, **CORE)
    assert ["核心", "大田", "小田", "平地"] == [p.label for p in judged(atlas, *parcels).worked]


def earlier(tmp_path: Path, result: Suspects) -> Path:
    path = tmp_path / "上期.json"
    path.write_text(json_text(result.to_dict()), "utf-8")
    return path


def test_last_month_tells_new_persisting_and_gone(tmp_path: Path) -> None:
    """The same outline under another number persists; the number of last month at another place is new; the rest is gone."""
    atlas = town(tmp_path)
    last = judged(atlas, patch(box(100, 0), number="001"), patch(box(300, 0), number="002"), patch(box(500, 0), number="003"))
    since = read_earlier(earlier(tmp_path, last))
    now = judged(
        atlas,
        patch(box(100.5, 0), number="101"),  # traced anew, half a metre off
        patch(box(900, 0), number="002"),  # another place
        patch(box(520, 0, 60), number="003"),  # grown: shares 10 of 80 m with last month's, and its number
        since=since,
    )
    assert [("persisting", "001"), ("new", None), ("persisting", "003")] == [(p.change, p.earlier) for p in now.patches]
    assert now.since is not None
    assert (3, 1, 2, ["002"]) == (now.since.patches, now.since.new, now.since.persisting, [g.label for g in now.since.gone])


def test_one_earlier_patch_is_not_two(tmp_path: Path) -> None:
    """A patch that is split in two persists once, the other half is new: the sums with last month close."""
    atlas = town(tmp_path)
    since = read_earlier(earlier(tmp_path, judged(atlas, patch(box(100, 0, 60), number="001"))))
    now = judged(atlas, patch(box(100, 0, 35), number="001"), patch(box(135, 0, 25), number="001"), since=since)
    assert now.since is not None and (1, 1, 0) == (now.since.persisting, now.since.new, len(now.since.gone))


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"schema": "xygis/assessment/1"}', '{"schema": "xygis/suspects/1", "checked_on": "x", "patches": [{}]}', "\x00"],
)
def test_a_last_month_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    """A wrong, broken or hostile file: one error that says what to give instead."""
    path = tmp_path / "x.json"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as refused:
        read_earlier(path)
    assert "report.json" in refused.value.fix
    with pytest.raises(FileMissing):
        read_earlier(tmp_path / "没有.json")


def permits_file(*rows: tuple[tuple[float, float, float, float], dict[str, str]]) -> Submission:
    parcels = tuple(
        Parcel(
            name="许可",
            geometry=shapely.transform(shapely.box(*outline), lambda c: c + AT),
            crs=CRS,
            declared_m2=None,
            attributes=tuple(said.items()),
        )
        for outline, said in rows
    )
    return Submission(path="许可.xlsx", sha256="1" * 64, format="xlsx", encoding=None, crs=CRS, evidence=(), notes=(), parcels=parcels)


def test_permits_of_a_file_take_the_place_of_the_layer(tmp_path: Path) -> None:
    """Other columns and other words than the layer's; what the layer says no longer counts."""
    atlas = town(tmp_path, land_permits=building((295, -5, 335, 25)))
    said = {"证书类型": "国有建设用地使用权出让合同", "发证日期": "2026年3月1日", "证号": "甲1"}
    more = {"证书类型": "建字证", "发证日期": "2026/3/1", "证号": "乙1"}
    book = permits_file(((95, -5, 135, 25), said), ((95, -5, 135, 25), more))
    result = judged(atlas, patch(box(100, 0)), patch(box(300, 0)), permits=book)
    assert [SuspectVerdict.LEGAL, SuspectVerdict.SUSPECTED] == [p.verdict for p in result.patches]
    assert 2 == result.permits and "许可.xlsx" in result.permits_note


def test_a_permit_whose_outline_was_mended_makes_nobody_lawful(tmp_path: Path) -> None:
    """A permit drawn as a bow-tie: what it covers is not known, so 待核."""
    from dataclasses import replace

    book = permits_file(*[((95, -5, 135, 25), {"证书类型": k, "发证日期": "2026-03-01"}) for k in ("建设用地批准书", "建字证")])
    doubtful = replace(book, parcels=tuple(replace(p, doubtful=("自相交",)) for p in book.parcels))
    assert ["legal"] == [p.verdict.value for p in judged(town(tmp_path), patch(box(100, 0)), permits=book).patches]
    assert ["verify"] == [p.verdict.value for p in judged(town(tmp_path), patch(box(100, 0)), permits=doubtful).patches]


def test_a_file_needs_the_layer_that_explains_its_columns(tmp_path: Path) -> None:
    """An atlas without a permit layer cannot know what the columns mean: one error that says what to add."""
    atlas = town(tmp_path)
    from dataclasses import replace

    without = replace(atlas, layers=tuple(x for x in atlas.layers if x.role != "permit"))
    with pytest.raises(UsageError, match="许可"):
        judged(without, patch(box(100, 0)), permits=permits_file((box(0, 0), {"证号": "1"})))
    assert [SuspectVerdict.VERIFY] == [p.verdict for p in judged(without, patch(box(100, 0))).patches]


def test_holders_are_never_read(tmp_path: Path) -> None:
    """Names of persons in a permit file reach no output."""
    said = {"证书类型": "建设用地批准书", "发证日期": "2026-03-01", "证号": "甲1", "权利人": "张三丰", "用地单位": "李四光公司"}
    result = judged(town(tmp_path), patch(box(100, 0)), permits=permits_file(((95, -5, 135, 25), said)))
    text = json_text(result.to_dict()) + suspects_html(result, county_figure=None, map_page=None)
    assert "张三丰" not in text and "李四光" not in text


def test_the_document_fits_its_schema_and_is_unrounded(tmp_path: Path) -> None:
    """xygis/suspects/1 validates, with last month and without; every patch of 合法 names a permit."""
    result = batch(tmp_path)
    jsonschema.Draft202012Validator.check_schema(load_schema(SUSPECTS_SCHEMA))
    document = json.loads(json_text(result.to_dict()))
    jsonschema.Draft202012Validator(load_schema(SUSPECTS_SCHEMA)).validate(document)
    assert [p.area_m2 for p in result.patches] == [p["area_m2"] for p in document["patches"]]
    again = judged(town(tmp_path), patch(box(100, 0)), since=read_earlier(earlier(tmp_path, result)))
    jsonschema.Draft202012Validator(load_schema(SUSPECTS_SCHEMA)).validate(json.loads(json_text(again.to_dict())))


def test_the_schema_refuses_lawful_without_a_permit(tmp_path: Path) -> None:
    """A document that calls a patch 合法 by nothing is no document of ours."""
    document = json.loads(json_text(batch(tmp_path).to_dict()))
    lawful = next(p for p in document["patches"] if p["verdict"] == "legal")
    lawful["permits"] = []
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(load_schema(SUSPECTS_SCHEMA)).validate(document)


def test_every_face_says_the_same(tmp_path: Path) -> None:
    """Rows, verdicts and areas of the workbook and the GeoPackage are those of the result; numbers are numbers, the list filters."""
    result = batch(tmp_path)
    assert result.atlas is not None
    save_suspects(result, result.atlas, tmp_path)
    book = openpyxl.load_workbook(tmp_path / "suspects.xlsx")
    rows = list(book["清单"].iter_rows(values_only=True))
    head = {name: j for j, name in enumerate(rows[0])}
    assert [("核心", "疑似违法"), ("大田", "疑似违法"), ("小田", "疑似违法"), ("平地", "疑似违法"), ("有证", "合法")] == [
        (r[head["图斑编号"]], r[head["结论"]]) for r in rows[1:]
    ]
    assert [600.0, 1200.0, 600.0, 600.0, 600.0] == pytest.approx([r[head["面积（m²）"]] for r in rows[1:]])
    assert book["清单"].auto_filter.ref is not None
    assert "土地管理法" in rows[1][head["依据"]]
    assert "永久基本农田 1,200.00 m²" == rows[2][head["压占的管控和格局图层"]]
    with sqlite3.connect(tmp_path / "suspects.gpkg") as file:
        found = file.execute("select number, verdict, area_m2 from suspects order by fid").fetchall()
    assert [("核心", "疑似违法"), ("大田", "疑似违法")] == [f[:2] for f in found[:2]]
    assert 3600.0 == pytest.approx(sum(f[2] for f in found))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text(tmp_path: Path, name: str) -> None:
    """Markup, formulas and control characters in number, note and type reach page and sheet as text."""
    parcel = patch(box(100, 0), kind=name, number=name, note=name, name=name, use=name)
    result = judged(town(tmp_path), parcel)
    page = suspects_html(result, county_figure=None, map_page=None)
    assert "<script>alert" not in page
    assert result.atlas is not None
    (tmp_path / "out").mkdir()
    save_suspects(result, result.atlas, tmp_path / "out")
    sheet = openpyxl.load_workbook(tmp_path / "out" / "suspects.xlsx")["清单"]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert "<script>alert" not in (tmp_path / "out" / "map.html").read_text("utf-8")


def test_the_page_adds_up_as_printed(tmp_path: Path) -> None:
    """公顷 of the counties and of the places, as printed with two decimals, add up to the printed total (P44)."""
    page = suspects_html(batch(tmp_path), county_figure=None, map_page=None)
    for table in re.findall(r'<table class="t3 sums">(.*?)</table>', page, re.S):
        body, foot = re.search(r"<tbody>(.*)</tbody>\s*<tfoot>(.*)</tfoot>", table, re.S).groups()  # type: ignore[union-attr]
        rows = [re.findall(r'<td class="n a">([^<]*)</td>', row) for row in body.split("</tr>") if "<th" in row]
        total = re.findall(r'<td class="n a">([^<]*)</td>', foot)
        for k, printed in enumerate(total):
            values = [round(100 * float(row[k])) for row in rows if row[k] not in ("–", "&lt;0.01")]
            assert printed in ("–", f"{sum(values) / 100:.2f}")
    assert "4 个图斑疑似违法" in page


def test_an_empty_batch_is_not_lawful(tmp_path: Path) -> None:
    """No patch at all: nothing to be said, so 待核, and the page still stands."""
    result = judged(town(tmp_path))
    assert SuspectVerdict.VERIFY is result.verdict
    assert "没有图斑" in suspects_html(result, county_figure=None, map_page=None)


def test_two_thousand_patches_in_reasonable_time(tmp_path: Path) -> None:
    """2,000 patches, 1,000 permits, farmland under half of them: in reasonable time; sums by hand."""
    grid = [(-1900.0 + 60 * (i % 60), -1800.0 + 60 * (i // 60)) for i in range(2000)]
    rows = [p for i, (x, y) in enumerate(grid) if i % 4 == 0 for p in building((x - 5, y - 5, x + 35, y + 25))]
    atlas = town(tmp_path, land_permits=rows, permanent_basic_farmland=[((0.0, -2000.0, 2000.0, 2000.0), {})])
    started = time.monotonic()
    result = judged(atlas, *(patch(box(x, y), number=str(i)) for i, (x, y) in enumerate(grid)))
    assert time.monotonic() - started < 120  # a few seconds on an idle machine
    assert 2000 == result.total.count
    assert 2000 * 600.0 == pytest.approx(math.fsum(result.total.area_m2))
    east = sum(x > 2 for x, _ in grid)
    permitted_west = sum(x + 30 < -2 for i, (x, _) in enumerate(grid) if i % 4 == 0)
    assert permitted_west == result.total.patches[2]
    assert east == pytest.approx(sum(t.count for t in result.by_place if t.code == "KWP-02"), abs=70)


def test_submissions_of_two_files_are_one_batch(tmp_path: Path) -> None:
    """Patches keep running numbers over all files."""
    from tests.suspects.town import DAY
    from xygis.overlay.store import LayerStore
    from xygis.suspects.run import suspects

    atlas = town(tmp_path)
    result = suspects([submission(patch(box(100, 0))), submission(patch(box(300, 0)))], atlas, on=DAY, store=LayerStore(tmp_path / "cache"))
    assert ["1", "2"] == [p.id for p in result.patches]
