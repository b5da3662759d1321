"""Slivers between layers, from files to report: which are proven, and that nothing else changes by it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pyogrio
import pytest
import shapely

from tests.consistency.city import DAY, Row, make_atlas, rule, write_layer, zone
from xygis.atlas.atlas import Atlas
from xygis.atlas.verdict import Verdict
from xygis.cli.consistency_text import consistency_text
from xygis.consistency.result import Consistency
from xygis.consistency.run import consistency
from xygis.geodesy.plane import Plane
from xygis.overlay.causes import CauseKind
from xygis.overlay.store import LayerStore
from xygis.report.consistency_causes import causes_table
from xygis.report.consistency_contract import consistency_dict
from xygis.report.consistency_html import consistency_html
from xygis.report.consistency_patches import write_patches
from xygis.report.contract import load_schema

RED, FARM = "ecological_red_line", "permanent_basic_farmland"


def border(seed: int = 1) -> np.ndarray:
    """A border of random bends that runs east from −400 to 400 m."""
    rng = np.random.default_rng(seed)
    return np.column_stack([np.linspace(-400, 400, 81), rng.uniform(-4, 4, 81)])


def land(line: np.ndarray, side: float, **values: str) -> Row:
    return shapely.Polygon(np.vstack([line, [line[-1, 0], side], [line[0, 0], side]])), values


def city(tmp_path: Path, farm: list[Row], red: list[Row], *, plane: str = "EPSG:4525") -> Atlas:
    layers = [write_layer(tmp_path, RED, red, title="生态保护红线"), write_layer(tmp_path, FARM, farm, title="永久基本农田")]
    atlas = make_atlas(tmp_path, layers, [rule("LL-01", zone(RED), zone(FARM), Verdict.JUSTIFICATION)])
    return replace(atlas, plane=Plane(plane))


def run(atlas: Atlas, tmp_path: Path) -> Consistency:
    return consistency(atlas, on=DAY, store=LayerStore(tmp_path / "cache"))


def strip() -> tuple[np.ndarray, np.ndarray]:
    """A straight border far north, and the same with 0.15 m taken along 280 m, from −90 to 190."""
    line = np.array([(-300.0, 700.0), (300.0, 700.0)])
    return line, np.array([(-300.0, 700.0), (-90, 700), (-90, 699.85), (190, 699.85), (190, 700), (300, 700)])


@pytest.fixture(params=["EPSG:4525", "official"])
def found(request: pytest.FixtureRequest, tmp_path: Path) -> Consistency:
    """A border rounded to 0.1 m in the file, and a strip of 0.15 m; the strip crosses the county border at x = 50."""
    line, (edge, taken) = border(), strip()
    red = [land(line, -300, id="核", zone="核心保护区"), land(edge, 500, id="般", zone="一般控制区")]
    farm = [land(np.round(line, 1), 300, id="田1"), land(taken, 900, id="田2")]
    return run(city(tmp_path, farm, red, plane=request.param), tmp_path)


def test_rounding_is_proven_and_the_strip_stays_real(found: Consistency) -> None:
    """In either plane: the file's own coordinates were rounded, and they are what is tested."""
    assert all(p.sliver for p in found.patches)
    real = [p for p in found.patches if p.cause == CauseKind.REAL]
    assert [p.area_m2 for p in real] == [pytest.approx(21.0, rel=1e-3)] * 2, "140 m in either county"
    rounded = [p for p in found.patches if p not in real]
    assert rounded and {p.cause for p in rounded} == {CauseKind.ROUNDING}
    assert all("取整格网 0.1 m" in p.cause_evidence and p.cause_evidence.startswith("乙方") for p in rounded)
    assert found.shifts == ()


def test_only_what_is_proven_is_set_aside_and_all_of_it_is_counted(found: Consistency) -> None:
    """A rounded border is a notice, a strip stays undetermined and so does the run; no sliver is left out of the sums."""
    assert {(p.cause, p.verdict) for p in found.patches} == {
        (CauseKind.ROUNDING, Verdict.NOTICE),
        (CauseKind.REAL, Verdict.UNDETERMINED),
    }
    [finding] = found.pairs[0].findings
    assert finding.verdict is found.verdict is Verdict.UNDETERMINED, "one strip is not proven"
    assert sum(p.area_m2 for p in found.patches) == pytest.approx(found.pairs[0].sliver_m2)


def test_a_finding_whose_slivers_are_all_proven_is_a_notice(tmp_path: Path) -> None:
    """Only a rounded border between the layers: the conflict is one of tidying, with its own suggestion, and the run is a notice."""
    line = border()
    found = run(city(tmp_path, [land(np.round(line, 1), 300)], [land(line, -300)]), tmp_path)
    [finding] = found.pairs[0].findings
    assert finding.verdict is found.verdict is Verdict.NOTICE and finding.needs == ()
    assert "已证明是界线误差" in finding.text and "接边" in finding.suggestion


def test_a_displaced_layer_is_never_set_aside(tmp_path: Path) -> None:
    """Thirty fields against the same thirty 0.1 m off: proven as shift, and still undetermined, because one layer is wrong."""
    rng = np.random.default_rng(4)
    x = np.arange(31) * 30.0 - 450 + rng.uniform(-5, 5, 31)
    fields = [shapely.Polygon([(x[i], 0), (x[i + 1], 5), (x[i + 1], 60 + i), (x[i], 53 + i)]) for i in range(30)]
    red = [(f, {"id": str(i)}) for i, f in enumerate(fields) if i % 2]
    farm = [(shapely.transform(f, lambda c: c + (0.08, 0.06)), {"id": str(i)}) for i, f in enumerate(fields) if not i % 2]
    both = [(f, {"id": str(i)}) for i, f in enumerate(fields)]
    found = run(city(tmp_path, [*farm, *((shapely.transform(f, lambda c: c + (0.08, 0.06)), v) for f, v in red)], both), tmp_path)
    assert found.shifts
    slivers = [p for p in found.patches if p.cause == CauseKind.SHIFT]
    assert {p.verdict for p in slivers} <= {Verdict.UNDETERMINED}
    assert found.verdict is not Verdict.NOTICE


def test_json_terminal_page_and_file_say_the_same(found: Consistency, tmp_path: Path) -> None:
    """How many, how much, by which proof: the same figures on every face."""
    told = consistency_dict(found)
    jsonschema.validate(told, load_schema("xygis/consistency/1"))
    causes = told["causes"]
    assert isinstance(causes, list)
    assert [(c["kind"], c["proven"]) for c in causes] == [("rounding", True), ("real", False)]
    n, area = causes[0]["patches"], causes[0]["area_m2"]
    assert n == sum(p.cause == CauseKind.ROUNDING for p in found.patches) and told["shifts"] == []
    text = consistency_text(found)
    assert f"微小差异的成因：已证明 {n} 处、{area:.2f} m²，其中坐标取整 {n} 处、{area:.2f} m²；未证明 2 处、4" in text
    html = consistency_html(found, county_figure=None, map_page=None)
    assert "微小差异的成因" in html and "坐标取整" in html and f"已证明 {n} 处、{area:.2f} m²" in html
    assert causes_table(found).total is not None
    write_patches(found, tmp_path / "consistency.gpkg")
    _, _, _, columns = pyogrio.raw.read(tmp_path / "consistency.gpkg", layer="patches", columns=["cause"])
    assert {"坐标取整", "真实差异"} == set(columns[0])


def test_a_layer_shifted_by_30_cm_is_told(tmp_path: Path) -> None:
    """Ten fields against the same ten 0.24 m east and 0.18 m south: the layer is named with its displacement."""
    rng = np.random.default_rng(4)
    x = np.arange(11) * 70.0 - 380 + rng.uniform(-20, 20, 11)
    fields = [shapely.Polygon([(x[i], 0), (x[i + 1], 5), (x[i + 1], 60 + 7 * i), (x[i], 53 + 7 * i)]) for i in range(10)]
    red = [(f, {"id": str(i)}) for i, f in enumerate(fields)]
    farm = [(shapely.transform(f, lambda c: c + (0.24, -0.18)), {"id": str(i)}) for i, f in enumerate(fields)]
    found = run(city(tmp_path, farm, red), tmp_path)
    [shift] = found.shifts
    assert (shift.a, shift.b) == (RED, FARM)
    assert (shift.dx_m, shift.dy_m) == (pytest.approx(0.24, abs=1e-3), pytest.approx(-0.18, abs=1e-3))
    assert "永久基本农田相对生态保护红线整体偏移：东 +0.240 m、北 -0.180 m" in consistency_text(found)
    told = consistency_dict(found)
    jsonschema.validate(told, load_schema("xygis/consistency/1"))
    assert [s["dx_m"] for s in told["shifts"]] == [shift.dx_m]  # type: ignore[attr-defined]


def test_without_slivers_there_is_no_table(tmp_path: Path) -> None:
    """A plan against a plan that overlaps by metres: nothing is asked, nothing is shown."""
    found = run(city(tmp_path, [(shapely.box(0, 0, 60, 60), {"id": "1"})], [(shapely.box(30, 0, 90, 60), {"id": "2"})]), tmp_path)
    assert [p.cause for p in found.patches] == [None, None]
    told = consistency_dict(found)
    assert (told["causes"], told["shifts"]) == ([], [])
    assert "成因" not in consistency_text(found)
    assert "微小差异的成因" not in consistency_html(found, county_figure=None, map_page=None)
