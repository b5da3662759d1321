"""The printed maps of a check: what stands on every sheet can be read, is true to scale, and tells one story."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
import shapely

from tests.cartography.drawn import DrawnSheet, draw_all
from tests.cartography.toy import degrees
from xygis.atlas.atlas import Atlas
from xygis.atlas.verdict import DEMO_STAMP
from xygis.cartography.sheet import MapSheet, assessment_sheets, maps_pdf
from xygis.check.assessment import Assessment
from xygis.errors import UsageError

GOLDEN = Path(__file__).with_name("sheets.txt")
MM_PER_PT, CAP_HEIGHT = 25.4 / 72, 0.733  # the font's figures and capitals are 733/1000 of its size high
MM_PER_PX = 25.4 / 96


@pytest.fixture(scope="module")
def sheets(toy_check: Assessment, toy_atlas: Atlas) -> tuple[MapSheet, ...]:
    return assessment_sheets(toy_check, toy_atlas)


@pytest.fixture(scope="module")
def drawn(sheets: tuple[MapSheet, ...]) -> tuple[DrawnSheet, ...]:
    return draw_all(sheets)


def _of(drawn: tuple[DrawnSheet, ...], words: str) -> DrawnSheet:
    return next(d for d in drawn if words in d.sheet.title)


def test_a_check_gets_its_themes_and_a_sheet_for_each_conflict(sheets: tuple[MapSheet, ...]) -> None:
    """Location, three lines, land use, plan; then the three conflicts, the worst first; captions say what is at stake."""
    titles = [sheet.title.split("　")[1] for sheet in sheets]
    assert titles[:4] == ["位置图", "三条控制线套合图", "土地利用现状图", "国土空间规划分区图"]
    assert [t.split("（")[0] for t in titles[4:]] == ["冲突图斑图"] * 3
    assert "地块1冲突图斑图：永久基本农田，禁止，9,554.33 m²" == sheets[4].caption
    assert "无法判定，7.62 m²" in sheets[5].caption


def test_all_lettering_is_two_millimetres_high(drawn: tuple[DrawnSheet, ...]) -> None:
    """PITFALLS P46: figures are at least 2 mm high on paper, on every sheet."""
    small = [(d.sheet.title, t.words, t.size_pt) for d in drawn for t in d.texts if t.size_pt * MM_PER_PT * CAP_HEIGHT < 2.0]
    assert [] == small


def test_every_sheet_says_that_the_data_are_for_demonstration(drawn: tuple[DrawnSheet, ...]) -> None:
    """The stamp stands on each sheet once, and so do zone, coordinate system and date."""
    for d in drawn:
        assert 1 == d.words.count(DEMO_STAMP), d.sheet.title
        words = "\n".join(d.words)
        for needed in ("2000 国家大地坐标系（CGCS2000）", "高斯—克吕格投影，3 度带第 37 带", "2026-11-24", "北"):
            assert needed in words, (d.sheet.title, needed)


def test_the_legend_is_what_is_drawn(drawn: tuple[DrawnSheet, ...]) -> None:
    """Every style on a map stands in its legend, nothing else does, and its label is on the paper."""
    for d in drawn:
        shown = {one.style.id for panel in d.sheet.plan.panels for one in panel.scene.drawn}
        items = [i for i in d.sheet.plan.legend if i.group != "mark"]
        assert shown == {i.style.id for i in items}, d.sheet.title
        assert len(items) == len({i.style.id for i in items})
        for item in d.sheet.plan.legend:
            assert item.label in d.words, (d.sheet.title, item.label)


def test_the_scale_bar_is_as_long_as_its_ratio_says(drawn: tuple[DrawnSheet, ...]) -> None:
    """Four parts together, in millimetres of paper times the denominator, are the metres written at the end."""
    checked = 0
    for d in drawn:
        if len(d.sheet.plan.panels) > 1:
            continue
        ratio = next(w for w in d.words if w.startswith("1:") and w.replace(" ", "").removeprefix("1:").isdigit())
        denominator = int(ratio.replace(" ", "").removeprefix("1:"))
        assert denominator in (100, 200, 500, 1000, 1500, 2000, 2500, 3000, 4000, 5000, 10_000, 15_000, 20_000, 25_000, 50_000, 100_000)
        said, paper_mm = d.bars[0][0], sum(width for _, width in d.bars) * MM_PER_PX
        assert pytest.approx(said) == paper_mm / 1000 * denominator
        assert (f"{said:g} m" if said < 1000 else f"{said / 1000:g} km") in d.words
        checked += 1
    assert checked >= 6


def test_lengths_on_the_map_are_those_between_the_points(drawn: tuple[DrawnSheet, ...]) -> None:
    """The second parcel runs (780,330) (1150,310) (1130,80) (790,100) and is cut at x = 1000, by Pythagoras and proportion:

    edges 370.54, 230.87, 340.59, 230.22 m; the cut from y = 318.108 to 87.647, 230.46 m.
    """
    d = drawn[-1]
    for length in ("370.54", "230.87", "340.59", "230.22", "230.46"):
        assert length in [line for p in d.placed for line in p.wanted.lines]
    assert {"J1", "J2", "J3", "J4"} <= set(d.words)


def test_the_coordinate_table_has_north_then_east_with_the_zone(drawn: tuple[DrawnSheet, ...]) -> None:
    """Corner (370, −190) of 地块1 lies at 3 545 000 − 190 north and 616 000 + 370 east of zone 37."""
    words = _of(drawn, "地块1").words
    at = words.index("3544810.000")
    assert ("J3", "37616370.000") == (words[at - 1], words[at + 1])
    assert words.index("X（北）") < words.index("Y（东）")


def test_areas_stand_in_three_units(drawn: tuple[DrawnSheet, ...]) -> None:
    """9,554.33 m² are 0.9554 公顷 and 14.33 亩 (÷ 666.67)."""
    words = "\n".join(_of(drawn, "地块1").words)
    assert "9,554.33 m²" in words
    assert "0.9554 公顷　14.33 亩" in words


def test_the_verdict_is_told_by_word_mark_and_hatch(drawn: tuple[DrawnSheet, ...]) -> None:
    """Not by colour alone: the mark and the word stand on the sheet, and each ground has a pattern of its own."""
    from xygis.cartography.conflict_plan import ground_style

    patterns = {}
    for d in drawn[4:]:
        ground = d.sheet.plan.ground
        assert ground is not None
        assert f"{ground.verdict.mark} {ground.verdict.label}" in d.words
        style = ground_style(ground, dict(d.sheet.plan.panels[0].scene.styles))
        patterns[ground.verdict] = (style.pattern, style.dash)
    assert 3 == len(patterns) == len(set(patterns.values()))


def test_no_two_texts_of_a_sheet_overlap(drawn: tuple[DrawnSheet, ...]) -> None:
    """Measured as drawn, letter by letter: title, figures, legend, tables and everything on the map keep apart."""
    for d in drawn:
        areas = shapely.buffer([t.area for t in d.texts], -1.2)
        tree = shapely.STRtree(areas)
        pairs = [(i, j) for i, j in tree.query(areas, predicate="intersects").T.tolist() if i < j]
        assert [] == [(d.texts[i].words, d.texts[j].words) for i, j in pairs], d.sheet.title


def test_all_lettering_is_on_the_paper(drawn: tuple[DrawnSheet, ...]) -> None:
    """Nothing runs over the edge."""
    for d in drawn:
        page = shapely.box(0, 0, d.sheet.plan.layout.width, d.sheet.plan.layout.height)
        assert [] == [t.words for t in d.texts if not page.contains(t.area)], d.sheet.title


def test_half_a_square_metre_is_still_seen(toy_check: Assessment, toy_atlas: Atlas) -> None:
    """A tiny piece is drawn large enough to see and tied to its area by a leader or a box."""
    first = toy_check.parcels[0]
    dot = replace(first.measures[0].pieces[0], geometry=degrees(shapely.box(200, 0, 200.7, 0.7)), area_m2=0.49)
    parcel = replace(first, measures=(replace(first.measures[0], pieces=(dot,), overlap_m2=0.49), *first.measures[1:]))
    sheets = assessment_sheets(replace(toy_check, parcels=(parcel,)), toy_atlas)
    (one,) = draw_all(sheets[4:])
    assert "0.49 m²" in one.words
    assert one.sheet.plan.inset is not None  # where in the parcel it lies
    (panel,) = one.sheet.plan.panels
    assert 0.7 * panel.scene.frame.px_per_m > 12  # wider than 3 mm on paper


def test_names_that_the_font_cannot_write_stop_no_sheet(toy_check: Assessment, toy_atlas: Atlas) -> None:
    """Emoji, line breaks and formulas in a name of 500 characters: drawn as far as the font goes, cut to a line, no warning."""
    parcel = replace(toy_check.parcels[0], name="=HYPERLINK(😀)\n$x^2$\x07" + "长" * 500)
    whole = replace(parcel.measures[0].pieces[0], geometry=parcel.geometry, area_m2=parcel.ellipsoidal_m2)
    parcel = replace(parcel, measures=(replace(parcel.measures[0], pieces=(whole,)), *parcel.measures[1:]))
    check = replace(toy_check, parcels=(parcel,), project=replace(toy_check.project, name=None))
    first, *_, last = draw_all(assessment_sheets(check, toy_atlas))
    assert any("HYPERLINK" in w and w.endswith("（全部）") for w in last.words)
    assert "=HYPERLINK(〓) $x^2$ 长长长…　位置图" in first.words
    assert all("\n" not in w for d in (first, last) for w in d.words)
    assert not any("〓" in w for d in (first, last) for w in d.words if "HYPERLINK" not in w)


def test_paper_and_orientation_follow_what_is_asked_and_what_fits(toy_check: Assessment, toy_atlas: Atlas) -> None:
    """A3 is twice A4; a parcel much higher than wide stands on a portrait sheet; another paper is refused by name."""
    tall = replace(toy_check.parcels[0], geometry=degrees(shapely.box(0, 0, 100, 900)))
    check = replace(toy_check, parcels=(tall,))
    assert {(210, 297)} == {(round(s.width_mm), round(s.height_mm)) for s in assessment_sheets(check, toy_atlas)[1:4]}
    assert (420, 297) == tuple(round(v) for v in assessment_sheets(toy_check, toy_atlas, "A3")[0].plan.layout.size_mm)
    with pytest.raises(UsageError, match="A4、A3"):
        assessment_sheets(toy_check, toy_atlas, "B5")


def test_many_conflicts_are_bounded_and_the_rest_is_told(toy_check: Assessment, toy_atlas: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more sheets than the limit, the worst kept, and every reader learns how many are left out."""
    monkeypatch.setattr("xygis.cartography.plans.MOST_CONFLICTS", 1)
    sheets = assessment_sheets(toy_check, toy_atlas)
    assert 5 == len(sheets)
    assert "禁止" in sheets[4].caption
    for sheet in (sheets[0], sheets[4]):
        assert any("共 3 处" in note and "其余 2 处" in note for note in sheet.plan.notes)


def test_all_sheets_are_one_pdf_with_a_bookmark_each(sheets: tuple[MapSheet, ...], tmp_path: Path) -> None:
    """A page and an entry in the outline for each sheet, the same bytes each time."""
    few = sheets[:1] + sheets[4:5]
    for name in ("a.pdf", "b.pdf"):
        (tmp_path / name).write_bytes(maps_pdf(few))
    content = (tmp_path / "a.pdf").read_bytes()
    assert content == (tmp_path / "b.pdf").read_bytes()
    assert 2 == content.count(b"/Type /Page ") + content.count(b"/Type /Page\n")
    assert b"/Type /Outlines" in content
    assert 2 == content.count(b"/Dest [")
    assert all(
        sheet.title.encode("utf-16-be") in content.replace(b"\\(", b"(").replace(b"\\)", b")").replace(b"\\\\", b"\\") for sheet in few
    )


def test_a_sheet_is_a_picture_for_a_report(sheets: tuple[MapSheet, ...]) -> None:
    """PNG at the resolution asked for, SVG without text that a font could change."""
    png, svg = sheets[4].png(dpi=50), sheets[4].svg()
    assert b"\x89PNG" == png[:4]
    assert round(297 / 25.4 * 50) == pytest.approx(int.from_bytes(png[16:20], "big"), abs=1)
    assert b"<svg" in svg
    assert b"<text" not in svg


def test_the_words_of_the_sheets_are_the_approved_ones(drawn: tuple[DrawnSheet, ...]) -> None:
    """Kept in sheets.txt. After a change that is meant: `XYGIS_GOLDEN=write python -m pytest tests/cartography/test_printed_sheets.py`."""
    text = "".join(f"# {d.sheet.title}\n" + "".join(f"{w}\n" for w in sorted(set(d.words))) + "\n" for d in drawn)
    if os.environ.get("XYGIS_GOLDEN") == "write":
        GOLDEN.write_text(text, "utf-8")
    assert GOLDEN.read_text("utf-8") == text
