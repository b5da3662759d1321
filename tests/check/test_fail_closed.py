"""What is missing, mistyped or too early never reads as 符合: each way in which a planner once got a wrong "clear"."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from xygis.atlas.atlas import Atlas
from xygis.atlas.bundled import bundled_root
from xygis.atlas.verdict import LayerState, Verdict
from xygis.check.assessment import Assessment
from xygis.check.run import check
from xygis.intake.read import read_submission

DAY = date(2026, 11, 24)
SAMPLE = bundled_root() / "layers" / "demo" / "示例地块.txt"
FARM = "permanent_basic_farmland"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the bundled atlas that may be spoilt."""
    for name in ("layers", "redlines"):
        shutil.copytree(bundled_root() / name, tmp_path / "atlas" / name, ignore=shutil.ignore_patterns("local"))
    return tmp_path / "atlas"


def run(folder: Path, on: date = DAY, parcels: Path = SAMPLE) -> Assessment:
    atlas = Atlas.open(folder)
    return check(read_submission(parcels, envelope=atlas.envelope), atlas, on=on)


def without_rules(folder: Path) -> None:
    shutil.rmtree(folder / "redlines")


def without_farmland_rules(folder: Path) -> None:
    (folder / "redlines" / "10-permanent-farmland.toml").write_text("")


def with_a_mistyped_layer(folder: Path) -> None:
    path = folder / "redlines" / "10-permanent-farmland.toml"
    path.write_text(path.read_text("utf-8").replace(f'layer = "{FARM}"', 'layer = "permanent_basic_farmlan"'), "utf-8")


def with_the_layer_struck_out(folder: Path) -> None:
    path = folder / "layers" / "catalogue.toml"
    head, *tables = path.read_text("utf-8").split("[[layer]]")
    path.write_text("[[layer]]".join([head, *(t for t in tables if f'id = "{FARM}"' not in t)]), "utf-8")


def with_an_emptied_layer(folder: Path) -> None:
    with sqlite3.connect(folder / "layers" / f"{FARM}.gpkg") as db:
        table = db.execute("select table_name from gpkg_contents where data_type = 'features'").fetchone()[0]
        for (trigger,) in db.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            db.execute(f'drop trigger "{trigger}"')
        db.execute(f'delete from "{table}"')


@pytest.mark.parametrize(
    "spoil", [without_rules, without_farmland_rules, with_a_mistyped_layer, with_the_layer_struck_out, with_an_emptied_layer]
)
def test_the_parcel_on_farmland_is_never_clear(folder: Path, spoil: Callable[[Path], None]) -> None:
    """Whatever became of the farmland's rules or data, the parcel on it is not 符合, and something says what is wanting."""
    spoil(folder)
    parcel = run(folder).parcels[1]
    assert parcel.verdict in (Verdict.PROHIBITED, Verdict.UNDETERMINED)
    open_findings = [f for f in parcel.findings if f.verdict is Verdict.UNDETERMINED]
    assert open_findings and all(f.needs for f in open_findings)


@pytest.mark.parametrize("spoil", [without_rules, with_a_mistyped_layer, with_the_layer_struck_out, with_an_emptied_layer])
def test_even_the_clear_parcel_is_undetermined(folder: Path, spoil: Callable[[Path], None]) -> None:
    """A parcel that meets nothing cannot be called clear while a whole line is unanswered."""
    spoil(folder)
    assert Verdict.UNDETERMINED == run(folder).parcels[0].verdict


@pytest.mark.parametrize("on", [date(1, 1, 1), date(1990, 1, 1), date(2025, 2, 28)])
def test_before_the_rule_base_begins_nothing_is_clear(on: date) -> None:
    """Earlier law has not been entered: every parcel is undetermined at best."""
    assert {Verdict.UNDETERMINED, Verdict.PROHIBITED} >= {p.verdict for p in run(bundled_root(), on).parcels}


def test_the_rule_base_holds_from_its_first_day_to_the_end_of_time() -> None:
    """On the first complete day and on the last day that a calendar has, the clear parcel is judged."""
    for on in (date(2025, 3, 1), date(9999, 12, 31)):
        parcel = run(bundled_root(), on).parcels[0]
        assert "BASE-01" not in {f.rule for f in parcel.findings}


def test_lost_boundary_points_leave_the_parcel_undetermined(tmp_path: Path) -> None:
    """The block states seven points and two are gone: 界址存疑, not a smaller clear parcel."""
    lines = SAMPLE.read_bytes().decode("gb18030").splitlines()
    start = next(i for i, line in enumerate(lines) if line.endswith("@"))
    end = next(i for i, line in enumerate(lines) if i > start and line.endswith("@"))
    cut = lines[: end - 2]
    (tmp_path / "cut.txt").write_bytes("\r\n".join(cut).encode("gb18030"))
    parcel = run(bundled_root(), parcels=tmp_path / "cut.txt").parcels[0]
    assert Verdict.UNDETERMINED == parcel.verdict
    assert any("丢失" in f.text for f in parcel.findings)


def test_a_use_that_nobody_knows_is_named(tmp_path: Path) -> None:
    """地块用途 “火星用地” is not passed over as if nothing had been written."""
    text = SAMPLE.read_bytes().decode("gb18030").replace("公园绿地", "火星用地")
    (tmp_path / "mars.txt").write_bytes(text.encode("gb18030"))
    use = run(bundled_root(), parcels=tmp_path / "mars.txt").parcels[0].use
    assert use.assumed and "火星用地" in use.name


def test_an_emptied_layer_has_no_data(folder: Path) -> None:
    """No features and no declared extent: 无数据, never 不涉及."""
    with_an_emptied_layer(folder)
    measure = next(m for m in run(folder).parcels[0].measures if m.layer == FARM)
    assert LayerState.NO_DATA is measure.state


def test_parcels_on_each_other_are_told() -> None:
    """The same file handed in twice: totals add every parcel, and a remark says by how much they overlap."""
    atlas = Atlas.open()
    once = read_submission(SAMPLE, envelope=atlas.envelope)
    assert () == check(once, atlas, on=DAY).remarks
    twice = check([once, once], atlas, on=DAY)
    assert 5 == len(twice.remarks)
    assert all("相互重叠" in r for r in twice.remarks)


def test_a_declared_area_that_is_off_is_a_warning(tmp_path: Path) -> None:
    """One per cent off is more than any projection explains."""
    text = SAMPLE.read_bytes().decode("gb18030")
    head, _, rest = text.partition("[地块坐标]")
    lines = rest.lstrip().splitlines()
    fields = lines[0].split(",")
    fields[1] = f"{float(fields[1]) * 1.05:.4f}"
    lines[0] = ",".join(fields)
    (tmp_path / "off.txt").write_bytes((head + "[地块坐标]\r\n" + "\r\n".join(lines)).encode("gb18030"))
    notes = read_submission(tmp_path / "off.txt", envelope=Atlas.open().envelope).notes
    assert [("declared_area_off", "warning")] == [(n.code, n.level) for n in notes if n.code.startswith("declared")]


def spell(folder: Path, file: str, table: str, column: str, value: str | None) -> None:
    with sqlite3.connect(folder / "layers" / f"{file}.gpkg") as data:
        names = [r[0] for r in data.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in names:  # they call functions of the spatial extension, which sqlite3 does not have
            data.execute(f'DROP TRIGGER "{name}"')
        assert data.execute(f'UPDATE "{table}" SET "{column}" = ?', (value,)).rowcount > 0


@pytest.mark.parametrize("word", ["核心保护局", "核心保护区（东片）", "Ⅰ类", None])
def test_a_zone_that_the_layer_does_not_list_is_not_another_zone(folder: Path, word: str | None) -> None:
    """A slip in the zone of a reserve lifted its strictest rule: the word is unknown, so 禁止 stays possible and nothing is clear."""
    spell(folder, "nature_reserves", "XZZRBHDFB", "ZRBHDFQ", word)
    parcel = next(p for p in run(folder).parcels if any(m.layer == "nature_reserves" and m.overlap_m2 for m in p.measures))
    about = [f for f in parcel.findings if f.layer == "nature_reserves" and f.rule in ("NR-01", "NR-02")]
    assert {(f.rule, f.verdict, f.worst) for f in about} == {
        ("NR-01", Verdict.UNDETERMINED, Verdict.PROHIBITED),
        ("NR-02", Verdict.UNDETERMINED, Verdict.JUSTIFICATION),
    }
    assert all(any("对照表" in need.text for need in f.needs) for f in about)


@pytest.mark.parametrize("code", ["01", "耕地", "9", "ABC"])
def test_a_land_class_that_is_no_code_is_not_construction_land(folder: Path, code: str) -> None:
    """DLBM filled with names, or with nothing known: 耕地 stays possible. 01 is 耕地 without its kind, which no rule asks."""
    spell(folder, "current_land_use", "DLTB", "DLBM", code)
    for parcel in run(folder).parcels:
        rules = {f.rule for f in parcel.findings if f.layer == "current_land_use"}
        assert "GD-01" in rules, parcel.name
