"""The project files that the handbook shows: they are read, name every fact that may be stated, and come to what the statute says.

Expected verdicts are from the articles named beside them, on places of the bundled atlas (layers/demo/示例地块.txt and near the rivers).
"""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest
import shapely

from tests.check.sites import square, submitted
from xygis.atlas.atlas import Atlas
from xygis.atlas.verdict import Verdict
from xygis.check.assessment import ParcelAssessment
from xygis.check.project import read_project, use_of
from xygis.check.run import check
from xygis.intake.read import read_submission
from xygis.intake.submission import Submission
from xygis.overlay.features import layer_features

ROOT = Path(__file__).resolve().parents[2]
PROJECTS = ROOT / "redlines" / "projects"
ATLAS = Atlas.open(ROOT)
DAY = date(2026, 11, 29)
NAMES = ("工厂", "住宅", "公路", "村民住宅", "光伏电站", "临时用地", "采矿", "化工项目", "填埋场", "湿地修复")


def sample(name: str) -> Submission:
    whole = read_submission(ROOT / "layers" / "demo" / "示例地块.txt", envelope=ATLAS.envelope)
    return submitted([p for p in whole.parcels if p.name == name])


def inside(layer: str, **attributes: str) -> Submission:
    """A small square well inside a feature of a layer."""
    features = layer_features(ATLAS.layer(layer))
    for number, geometry in enumerate(features.geometry):
        if all(features.attributes[field][number] == value for field, value in attributes.items()):
            point = shapely.maximum_inscribed_circle(geometry).coords[0]
            return submitted([square("试点", point[0] - 2e-4, point[1] - 2e-4, 4e-4)])
    raise LookupError(layer)


def judged(name: str, where: Submission, on: date = DAY) -> ParcelAssessment:
    (parcel,) = check(where, ATLAS, on=on, project=read_project(PROJECTS / f"{name}.toml")).parcels
    return parcel


def rules(parcel: ParcelAssessment) -> dict[str, Verdict]:
    return {f.rule: f.verdict for f in parcel.findings}


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_read_and_its_use_is_known(name: str) -> None:
    statement = read_project(PROJECTS / f"{name}.toml")
    use = use_of(ATLAS.law, statement, None)
    assert statement.name and use.code == statement.use and not use.assumed
    known = {f.name: f for f in ATLAS.law.facts}
    for fact, value in statement.facts:
        assert value in known[fact].values


def test_there_are_the_ten_that_the_handbook_names() -> None:
    assert {p.stem for p in PROJECTS.glob("*.toml")} == set(NAMES)


def test_the_guide_names_every_fact_and_value() -> None:
    """What may be stated in a project file stands in the guide beside the examples, and nothing else does."""
    guide = (PROJECTS / "README.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \|(.*)\|$", guide, flags=re.M))
    facts = {f.name: f for f in ATLAS.law.facts}
    assert set(rows) == set(facts)
    for name, text in rows.items():
        assert facts[name].title in text, name
        for value, label in facts[name].labels:
            if value not in ("true", "false"):
                assert f"`{value}`" in text and label in text, (name, value)


def test_the_override_in_the_guide_can_be_read(tmp_path: Path) -> None:
    guide = (PROJECTS / "README.md").read_text("utf-8")
    (example,) = [block for block in re.findall(r"```toml\n(.*?)```", guide, flags=re.S) if "[[override]]" in block]
    assert tomllib.loads(example)["override"]
    (tmp_path / "项目.toml").write_text(example, "utf-8")
    assert len(read_project(tmp_path / "项目.toml").overrides) == 1


@pytest.mark.parametrize(
    ("name", "place", "rule", "verdict"),
    [
        ("工厂", "地块2", "PBF-01", Verdict.PROHIBITED),  # 土地管理法 35
        ("公路", "地块2", "PBF-02", Verdict.APPROVAL),  # 土地管理法 35: 国家重点项目, the State Council
        ("村民住宅", "地块2", "PBF-06", Verdict.PROHIBITED),  # 土地管理法 62
        ("临时用地", "地块2", "PBF-07", Verdict.JUSTIFICATION),  # 自然资规〔2021〕2号
        ("采矿", "地块2", "PBF-05", Verdict.PROHIBITED),  # 土地管理法 37
        ("填埋场", "地块3", "ESR-08", Verdict.PROHIBITED),  # 生态环境法典 481
        ("住宅", "地块4", "UGB-04", Verdict.PROHIBITED),  # 城镇开发边界外不得进行城镇集中建设
        ("公路", "地块3", "NR-01", Verdict.PROHIBITED),  # 自然保护区条例 26: 核心保护区, a claim does not lift it
    ],
)
def test_an_example_on_a_place_of_the_atlas(name: str, place: str, rule: str, verdict: Verdict) -> None:
    assert rules(judged(name, sample(place)))[rule] is verdict


def test_a_major_road_is_not_forbidden_what_the_state_council_may_approve() -> None:
    found = rules(judged("公路", sample("地块2")))
    assert "PBF-01" not in found


def test_a_chemical_plant_in_the_river_is_forbidden_and_a_factory_is_not_for_that() -> None:
    """长江保护法 26: within one kilometre of the bank; a plant that is no chemical one is held against other rules."""
    river = inside("one_river_nine_tributaries", name="汉江")
    assert rules(judged("化工项目", river))["CJ-01"] is Verdict.PROHIBITED
    assert "CJ-01" not in rules(judged("工厂", river))


def test_a_restored_wetland_is_not_held_to_occupy_it() -> None:
    """湿地保护法 19 is about building on wetland; restoring it is not building."""
    wetland = inside("wetlands", **{"class": "国家重要湿地"})
    assert not any(r.startswith("WET-") and v is Verdict.PROHIBITED for r, v in rules(judged("湿地修复", wetland)).items())
    assert any(r.startswith("WET-") and v is Verdict.PROHIBITED for r, v in rules(judged("工厂", wetland)).items())
