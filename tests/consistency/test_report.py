"""The report of a consistency run says what its numbers say, and says what it does not know."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import pyogrio
import pytest
import shapely

from tests.consistency.city import DAY, make_atlas, rule, square, write_layer, zone
from xygis.atlas.atlas import Atlas
from xygis.atlas.verdict import DEMO_STAMP, Verdict
from xygis.consistency.result import Consistency
from xygis.consistency.run import consistency
from xygis.overlay.store import LayerStore
from xygis.report.cells import print_table
from xygis.report.consistency_heat import heat_table
from xygis.report.consistency_html import consistency_html
from xygis.report.consistency_patches import write_patches
from xygis.report.consistency_tables import findings_table, largest_conflicts, sizes_table, types_table
from xygis.saving import save_consistency

RED, FARM, PLAN = "ecological_red_line", "permanent_basic_farmland", "urban_rural_plan"


def result(tmp_path: Path, *, with_farm: bool = True, plan_name: str = "物流园") -> Consistency:
    """Farmland on the red line (D6), plans on farmland (D4), and a strip of 0.1 m (D10)."""
    red = write_layer(tmp_path, RED, [square(0, 0, 333, 100, id="核", zone="核心保护区")], title="生态保护红线")
    farm = write_layer(
        tmp_path, FARM, [square(300, 0, 433, 77, id="田1", **{"class": "0101"}), square(-200, 0, 0.1, 50, id="田2")], title="永久基本农田"
    )
    plan = write_layer(tmp_path, PLAN, [square(-150, 10, -100, 30, name=plan_name, **{"class": "W1"})], title="城乡规划用地")
    if not with_farm:
        farm = write_layer(tmp_path, FARM, [square(0, 0, 1, 1)], title="永久基本农田", path=None)
    rules = [
        rule("LL-01", zone(RED, "核心保护区"), zone(FARM), Verdict.JUSTIFICATION, difference="D6"),
        rule("PL-06", zone(PLAN), zone(FARM), Verdict.PROHIBITED, difference="D4"),
        rule("PL-10", zone(PLAN), zone(RED), Verdict.PROHIBITED, difference="D5"),
    ]
    return consistency(make_atlas(tmp_path, [red, farm, plan], rules), on=DAY, store=LayerStore(tmp_path / "cache"))


def page(found: Consistency) -> str:
    return consistency_html(found, county_figure=None, map_page=None)


def test_the_first_screen_has_the_verdict_and_its_number(tmp_path: Path) -> None:
    """The plan takes 50 × 20 m of farmland: 0.1 公顷 stand beside the word."""
    html = page(result(tmp_path))
    assert "存在禁止类冲突" in html and "占用永农 0.1 公顷，须先行消除" in html
    assert DEMO_STAMP in html and "基准日" in html


def test_printed_counties_and_types_add_up(tmp_path: Path) -> None:
    """Row and column totals of the heat table are the sums of what is printed in its cells (P44)."""
    heat = heat_table(result(tmp_path))

    def number(text: str) -> int:
        return 0 if text == "–" or text.startswith("<") else round(float(text.replace(",", "")) * 10)

    for i, column in enumerate(heat.totals):
        assert number(column) == sum(number(row.cells[i].text) for row in heat.rows)
    for row in heat.rows:
        assert number(row.total) == sum(number(cell.text) for cell in row.cells)
    assert number(heat.total) == sum(number(row.total) for row in heat.rows)
    assert [row.name for row in heat.rows] == ["东县", "西县"]
    d10 = heat.rows[1].cells[9]
    assert (d10.text, d10.shade > 0) == ("<0.1", True), "5 m² of sliver are not nothing"


def test_html_shows_the_numbers_of_the_json(tmp_path: Path) -> None:
    """Areas by type, read back from the page, are those of the contract (P45)."""
    found = result(tmp_path)
    html = page(found)
    for difference in json.loads(json.dumps(found.to_dict()))["differences"]:
        if difference["area_m2"]:
            assert f"{difference['area_m2'] / 1e4:,.4f}" in html
    assert [row[5].text for row in print_table(types_table(found)).rows if row[0].text == "D6"] == ["0.2541"], "33 × 77 m"


def test_missing_data_look_missing(tmp_path: Path) -> None:
    """Without farmland D4 and D6 are 无数据 in every county, D5 is a real nothing, and the verdict is open."""
    found = result(tmp_path, with_farm=False)
    heat = heat_table(found)
    by_type = {code: heat.rows[0].cells[i] for i, (code, *_) in enumerate(heat.heads)}
    assert by_type["D4"].unknown and by_type["D6"].unknown
    assert (by_type["D5"].text, by_type["D5"].unknown) == ("–", False)
    html = page(found)
    assert "无法判定" in html and "2 对图层缺数据，未计为一致" in html and "不计为一致" in html
    verdicts = {row[0]: row[3] for row in types_table(found).rows}
    assert verdicts["D4"] is Verdict.UNDETERMINED and verdicts["D1"] == "无规则"


def test_names_from_data_cannot_become_markup(tmp_path: Path) -> None:
    """A plan named like a script is text."""
    html = page(result(tmp_path, plan_name="<script>alert(1)</script>"))
    assert "<script>alert(1" not in html and "&lt;script&gt;alert(1" in html


def test_the_page_asks_nothing_of_the_network(tmp_path: Path) -> None:
    """No address, no script, no style sheet from elsewhere."""
    html = page(result(tmp_path))
    assert not re.search(r"(?:src|href)=\"(?!#)", html.replace('href="#', 'href="#')) and "http" not in html.replace(
        "http-equiv", ""
    ).replace("http://www.w3.org/2000/svg", "")


def test_findings_give_advice_and_law(tmp_path: Path) -> None:
    """Each finding has its suggestion and the article in force; a sliver asks for the border to be looked at."""
    rows = {row[0]: row for row in findings_table(result(tmp_path)).rows}
    assert rows["PL-06"][6] == "按PL-06处理" and rows["PL-06"][7] == "旧法 第三十五条"


def test_slivers_are_no_conflict_to_look_at_first(tmp_path: Path) -> None:
    """The list of largest conflicts holds real places, worst verdict first."""
    found = result(tmp_path)
    assert [p.rule for p in largest_conflicts(found)] == ["PL-06", "LL-01"]
    assert [row[1] for row in sizes_table(found).rows] == [1, None, 2, None], "5 m²; 1000 and 2541 m²"


def test_patches_come_back_from_the_geopackage(tmp_path: Path) -> None:
    """Every patch is in the file with both sides' attributes; the same result gives the same bytes."""
    found = result(tmp_path)
    path = tmp_path / "consistency.gpkg"
    write_patches(found, path)
    table = pyogrio.read_dataframe(path, layer="patches")
    assert len(table) == len(found.patches) == 3 and table.crs.to_epsg() == 4490
    row = table[table["rule"] == "PL-06"].iloc[0]
    assert (row["a_class"], row["b_ids"], row["county"], row["verdict"]) == ("W1", "田2", "西县", "prohibited")
    assert row["area_m2"] == pytest.approx(1000) and row["difference"] == "D4" and not row["sliver"]
    first = path.read_bytes()
    write_patches(found, path)
    assert first == path.read_bytes()


def test_an_empty_result_still_makes_a_file(tmp_path: Path) -> None:
    """No patches: an empty layer, not a missing one."""
    path = tmp_path / "consistency.gpkg"
    write_patches(result(tmp_path, with_farm=False), path)
    with sqlite3.connect(path) as db:
        assert db.execute("select count(*) from patches").fetchone() == (0,)


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Consistency, Path]:
    """Plans against wetlands of the bundled atlas, written out."""
    folder = tmp_path_factory.mktemp("bundled")
    atlas = Atlas.open()
    found = consistency(atlas, on=DAY, layers=(PLAN, "wetlands"), store=LayerStore(folder / "cache"))
    save_consistency(found, atlas, folder / "out")
    return found, folder / "out"


def test_all_files_of_a_run_are_written(bundled: tuple[Consistency, Path]) -> None:
    """Report, map, data and patches, each whole, with the map inside the report."""
    found, out = bundled
    assert {p.name for p in out.iterdir()} == {
        "report.html",
        "report.pdf",
        "map.html",
        "report.json",
        "consistency.gpkg",
        "consistency.xlsx",
    }
    assert json.loads((out / "report.json").read_text("utf-8")) == json.loads(json.dumps(found.to_dict()))
    html = (out / "report.html").read_text("utf-8")
    assert "srcdoc=" in html and 'aria-label="各县（市、区）差异图斑占辖区面积"' in html


def test_the_bundled_pair_closes(bundled: tuple[Consistency, Path]) -> None:
    """Counties, patches and the pair agree, and no place stands in two patches."""
    found, out = bundled
    [pair] = found.pairs
    assert sum(s.overlap_m2 for s in pair.by_county) == pytest.approx(pair.overlap_m2, rel=1e-9)
    assert sum(p.area_m2 for p in found.patches) == pytest.approx(pair.overlap_m2, rel=1e-9)
    assert sum(s.patches for s in pair.by_county) == pair.patches == len(found.patches)
    shapes = shapely.from_wkb(pyogrio.raw.read(out / "consistency.gpkg", layer="patches")[2])
    assert shapely.area(shapely.union_all(shapes)) == pytest.approx(shapely.area(shapes).sum(), rel=1e-9), "no place twice"
