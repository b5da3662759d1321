"""What a revised layer would change, on squares: gains and losses by county, conflicts that come and go."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from tests.consistency.city import DAY, make_atlas, rule, square, write_layer, zone
from xygis.atlas.adopt import draft_layer
from xygis.atlas.atlas import Atlas
from xygis.atlas.verdict import Verdict
from xygis.consistency.result import Consistency
from xygis.consistency.run import consistency_with
from xygis.errors import UsageError
from xygis.overlay.store import LayerStore
from xygis.report.consistency_contract import consistency_dict
from xygis.report.consistency_html import consistency_html
from xygis.report.contract import load_schema

RED, FARM, FOREST = "ecological_red_line", "permanent_basic_farmland", "forest"


def atlas_with(tmp_path: Path) -> Atlas:
    """A red line of 0–100 m, farmland of 80–120 m (20 m of conflict, all of it in the east), a forest that no rule speaks of."""
    red = write_layer(tmp_path, RED, [square(0, 0, 100, 100, id="红", zone="一般控制区")])
    farm = write_layer(tmp_path, FARM, [square(80, 0, 120, 100, id="田")])
    forest = write_layer(tmp_path, FOREST, [square(0, 0, 10, 10, id="林")])
    return make_atlas(tmp_path, [red, farm, forest], [rule("LL-02", zone(RED), zone(FARM), Verdict.PROHIBITED)])


def run(atlas: Atlas, tmp_path: Path, *new: tuple[object, object], layer: str = RED) -> Consistency:
    file = write_layer(tmp_path / "new", layer, new).path  # type: ignore[arg-type]
    assert file is not None
    (tmp_path / "draft").mkdir()
    draft = draft_layer(atlas, file, layer, tmp_path / "draft")
    return consistency_with(atlas, draft, on=DAY, store=LayerStore(tmp_path / "cache"))


def test_gains_and_losses_by_county_and_conflicts_that_come_and_go(tmp_path: Path) -> None:
    """The red line moves 30 m east: it leaves 30 m in the west, gains 30 m in the east, and 20 m of conflict become 40.

    West of the border at 50 m: 50 m before, 20 after. East: 50 before, 80 after.
    """
    found = run(atlas_with(tmp_path), tmp_path, square(30, 0, 130, 100, id="红", zone="一般控制区")).what_if
    assert found is not None
    rows = {b.name: (b.before_m2, b.lost_m2, b.gained_m2, b.after_m2) for b in found.balance}
    assert rows == {"东县": pytest.approx((5000, 0, 3000, 8000)), "西县": pytest.approx((5000, 3000, 0, 2000))}
    [change] = found.changes
    assert (change.before_m2, change.cured_m2, change.new_m2, change.after_m2) == pytest.approx((2000, 0, 2000, 4000))
    assert [(name, new, cured) for _, name, new, cured in change.by_county] == [("东县", pytest.approx(2000), pytest.approx(0))]
    assert [p.area_m2 for p in change.new] == [pytest.approx(2000)] and change.cured == ()


def test_the_result_is_that_of_the_revised_layer(tmp_path: Path) -> None:
    """The red line draws back by 30 m: the conflict is cured, the run is clear, and the contract holds."""
    result = run(atlas_with(tmp_path), tmp_path, square(0, 0, 70, 100, id="红", zone="一般控制区"))
    assert result.verdict is Verdict.COMPLIANT and result.pairs[0].overlap_m2 == 0.0
    assert result.what_if is not None and result.what_if.changes[0].cured_m2 == pytest.approx(2000)
    jsonschema.validate(consistency_dict(result), load_schema("xygis/consistency/1"))
    page = consistency_html(result, county_figure=None, map_page=None)
    assert "替换图层的影响" in page and "消除与新增的冲突" in page


def test_the_same_layer_changes_nothing(tmp_path: Path) -> None:
    """A layer in its own place: no gain, no loss, no conflict comes or goes."""
    found = run(atlas_with(tmp_path), tmp_path, square(0, 0, 100, 100, id="红", zone="一般控制区")).what_if
    assert found is not None and found.changes == ()
    assert all(b.gained_m2 == b.lost_m2 == 0.0 and b.before_m2 == b.after_m2 for b in found.balance)


def test_a_feature_that_lost_its_zone_is_told_not_cured(tmp_path: Path) -> None:
    """A rule about the core zone; the revised feature does not say its zone: cured surely, but still possible, and undetermined."""
    red = write_layer(tmp_path, RED, [square(0, 0, 100, 100, zone="核心保护区")])
    farm = write_layer(tmp_path, FARM, [square(80, 0, 120, 100)])
    atlas = make_atlas(tmp_path, [red, farm], [rule("LL-01", zone(RED, "核心保护区"), zone(FARM), Verdict.PROHIBITED)])
    result = run(atlas, tmp_path, square(0, 0, 100, 100, zone=None), square(900, 900, 910, 910, zone="核心保护区"))
    assert result.what_if is not None
    [change] = result.what_if.changes
    assert (change.cured_m2, change.possible_after_m2) == pytest.approx((2000, 2000))
    assert result.verdict is Verdict.UNDETERMINED


def test_a_layer_that_no_rule_speaks_of_is_wrong_usage(tmp_path: Path) -> None:
    """The message names the layers that can be replaced."""
    with pytest.raises(UsageError, match=RED):
        run(atlas_with(tmp_path), tmp_path, square(0, 0, 5, 5), layer=FOREST)


def xygis(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "xygis", *words]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ("ecological_red_line", 2, "图层=文件"),
        ("ecological_red_line=没有.gpkg", 4, "没有.gpkg"),
        ("red_line=没有.gpkg", 2, "red_line"),
    ],
)
def test_what_cannot_be_replaced_is_refused(words: str, code: int, says: str) -> None:
    """Wrong spelling, no file, no such layer: one clear message each."""
    done = xygis("consistency", "--replace", words)
    assert done.returncode == code and says in done.stderr


def test_the_command_on_the_bundled_atlas(tmp_path: Path) -> None:
    """The growth boundary replaced by its first ten features: what it loses is told by county."""
    import pyogrio

    from xygis.atlas.bundled import bundled_root

    source = bundled_root() / "layers" / "urban_growth_boundary.gpkg"
    ten = pyogrio.read_dataframe(source, max_features=10)
    ten.to_file(tmp_path / "新边界.gpkg", layer="CZKFBJ", driver="GPKG")
    words = ["consistency", "urban_growth_boundary", "permanent_basic_farmland", "--json"]
    done = xygis(*words, "--replace", f"urban_growth_boundary={tmp_path / '新边界.gpkg'}")
    found = json.loads(done.stdout)["what_if"]
    before, after = (sum(b[k] for b in found["balance"]) for k in ("before_m2", "after_m2"))
    assert after < before
    gained, lost = (sum(b[k] for b in found["balance"]) for k in ("gained_m2", "lost_m2"))
    assert after == pytest.approx(before + gained - lost, abs=0.01) and gained == pytest.approx(0.0, abs=0.01)
