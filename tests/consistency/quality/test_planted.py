"""For every rule one planted error, with its number and place; its clean twin has none, and nothing else is ever reported."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from tests.consistency.quality.survey import COLUMNS, Plant, Row, clean, counts, degrees_of, examined, patch, sql, write
from xygis.atlas.bundled import bundled_root
from xygis.atlas.standards import read_standards
from xygis.consistency.quality.file import FileQuality

SEVENTH = "420606010000000007"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """plant: into the clean rows, or `write_to` a file of its own. at: x, y of the plan where the error is shown."""

    rule: str
    plant: Plant = lambda rows: rows
    sql: tuple[str, ...] = ()
    how: dict[str, Any] | None = None
    count: int = 1
    feature: str | None = None
    field: str | None = None
    value: str | None = None
    expected: str | None = None
    at: tuple[float, float] | None = None
    near_m: float = 0.05
    area_m2: float | None = None


def with_(index: int, **values: Any) -> Plant:
    """Other values in one row."""

    def plant(rows: list[Row]) -> list[Row]:
        rows[index] = {**rows[index], **values}
        return rows

    return plant


def shaped(*changes: tuple[int, shapely.Geometry | None]) -> Plant:
    """Other shapes of some rows."""

    def plant(rows: list[Row]) -> list[Row]:
        for index, shape in changes:
            rows[index]["geometry"] = shape
        return rows

    return plant


def more(*rows: Row) -> Plant:
    return lambda old: [*old, *rows]


def cut(index: int, shape: shapely.Geometry, code: str = "0301") -> Plant:
    """A ninth patch, taken out of one that is there."""

    def plant(rows: list[Row]) -> list[Row]:
        rows[index]["geometry"] = rows[index]["geometry"].difference(shape)
        return [*rows, patch(9, shape, rows[index]["BSM"][:6], code)]

    return plant


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(west, south, east, north)


def slightly_large(rows: list[Row]) -> list[Row]:
    """5 m² too much on 250,000: every patch is within a ten-thousandth, the county is not."""
    from tests.consistency.quality.survey import geodesic_m2

    for row in rows[:4]:
        row["TBMJ"] = round(geodesic_m2(row["geometry"]), 2) + 5.0
    return rows


def triangle() -> tuple[tuple[int, shapely.Geometry], ...]:
    """A spike of half a degree from patch 2 (east of patch 1) into patch 1; both have that angle."""
    spike = shapely.Polygon([(500, 250), (300, 250.872665), (500, 251.745330)])
    return (0, box(0, 0, 500, 500).difference(spike)), (1, box(500, 0, 1000, 500).union(spike))


BOW_TIE = shapely.Polygon([(1000, 500), (1500, 1000), (1500, 500), (1000, 1000)])
NESTED = shapely.Polygon(
    box(1000, 500, 1500, 1000).exterior, [box(1100, 600, 1400, 900).exterior.coords, box(1200, 700, 1300, 800).exterior.coords]
)
with np.errstate(invalid="ignore"):
    ENDLESS = shapely.Polygon([(1000, 500), (1500, 500), (float("nan"), 1000), (1000, 1000)])

CASES = (
    Case(rule="Q101", plant=lambda rows: []),
    Case(rule="Q102", how={"columns": [c for c in COLUMNS if c != "QSDWMC"]}, field="QSDWMC"),
    Case(rule="Q201", plant=lambda rows: [{**r, "SJNF": "2025"} for r in rows], field="SJNF", value="文本", expected="整数"),
    Case(
        rule="Q202",
        sql=("UPDATE sqlite_master SET sql = replace(sql, '\"BSM\" TEXT', '\"BSM\" TEXT(12)')",),
        field="BSM",
        value="12",
        expected="≥18",
    ),
    Case(
        rule="Q203",
        sql=("UPDATE sqlite_master SET sql = replace(sql, '\"TBMJ\" REAL', '\"TBMJ\" DECIMAL(15,1)')",),
        field="TBMJ",
        value="1",
        expected="≥2",
    ),
    Case(rule="Q204", how={"name": "地类"}, value="地类", expected="DLTB"),
    Case(
        rule="Q205",
        plant=lambda rows: [{**r, "dlmc": r["DLMC"]} for r in rows],
        how={"columns": [c if c != "DLMC" else "dlmc" for c in COLUMNS]},
        field="dlmc",
        expected="DLMC",
    ),
    Case(rule="Q206", plant=with_(6, DLBM="0399"), feature=SEVENTH, field="DLBM", value="0399", at=(1250, 750), near_m=400),
    Case(rule="Q207", plant=with_(6, YSDM="2001010199"), feature=SEVENTH, field="YSDM", value="2001010199", expected="2001010100"),
    Case(rule="Q208", sql=("UPDATE DLTB SET TBDLMJ = '一千' WHERE fid = 7",), feature=SEVENTH, field="TBDLMJ", value="一千"),
    Case(rule="Q209", plant=with_(6, TBBH="123456789"), feature=SEVENTH, field="TBBH", expected="≤8 字"),
    Case(rule="Q210", plant=lambda rows: [{**r, "LXDH": "13800000000"} for r in rows], how={"columns": [*COLUMNS, "LXDH"]}, field="LXDH"),
    Case(rule="Q301", how={"crs": None}),
    Case(rule="Q302", how={"crs": "EPSG:4508"}, value="EPSG:4508"),
    Case(rule="Q304", plant=shaped((6, ENDLESS)), feature=SEVENTH),
    Case(rule="Q305", plant=shaped((7, box(1500, 500, 2010, 1000))), at=(2005, 750), near_m=260, area_m2=5000.0),
    Case(rule="Q401", plant=shaped((6, None)), feature=SEVENTH),
    Case(rule="Q402", plant=shaped((6, shapely.Point(1250, 750))), feature=SEVENTH, value="点", expected="面"),
    Case(rule="Q403", plant=shaped((6, BOW_TIE)), feature=SEVENTH, at=(1250, 750)),
    Case(
        rule="Q404",
        plant=shaped((7, shapely.Polygon([(1500, 500), (2000, 500), (2000, 800), (2000, 800), (2000, 1000), (1500, 1000)]))),
        at=(2000, 800),
    ),
    Case(
        rule="Q405",
        plant=shaped((7, shapely.Polygon([(1500, 500), (2000, 500), (2000, 800), (2000, 800.003), (2000, 1000), (1500, 1000)]))),
        at=(2000, 800),
        value="3 毫米",
    ),
    Case(rule="Q406", plant=shaped((6, box(1000, 500, 1505, 1000))), feature=SEVENTH, at=(1502.5, 750), near_m=250, area_m2=2500.0),
    Case(
        rule="Q407",
        plant=more(patch(9, box(1000, 500, 1500, 1000), "420606")),
        feature="420606010000000009",
        at=(1250, 750),
        near_m=1,
        area_m2=250_000.0,
    ),
    Case(
        rule="Q408",
        plant=more(patch(9, box(1100, 600, 1200, 700), "420606")),
        feature="420606010000000009",
        at=(1150, 650),
        near_m=1,
        area_m2=10_000.0,
    ),
    Case(rule="Q409", plant=lambda rows: rows[:6] + rows[7:], at=(1250, 750), near_m=60, area_m2=250_000.0),
    Case(
        rule="Q410",
        plant=lambda rows: shaped((4, shapely.MultiPolygon([rows[4]["geometry"], rows[7]["geometry"]])))(rows)[:7],
        feature="420606010000000005",
        value="2 个面",
    ),
    Case(
        rule="Q411", plant=cut(6, box(1000, 500, 1000.1, 1000)), feature="420606010000000009", at=(1000.05, 750), near_m=250, area_m2=50.0
    ),
    Case(rule="Q412", plant=cut(6, box(1000, 500, 1010, 510), "0101"), feature="420606010000000009", expected="≥400 m²"),
    Case(rule="Q413", plant=shaped(*triangle()), count=2, at=(300, 250.872665), expected="≥1°"),
    Case(rule="Q414", plant=shaped((6, NESTED)), feature=SEVENTH, at=(1200, 700), near_m=150),
    Case(rule="Q501", plant=with_(6, TBMJ=250_100.0), feature=SEVENTH, field="TBMJ", value="250100.00", near_m=400),
    Case(rule="Q502", plant=with_(6, TBMJ=0.0), feature=SEVENTH, field="TBMJ", value="0", expected=">0"),
    Case(rule="Q503", plant=with_(4, KCMJ=17_000.0), feature="420606010000000005", field="KCMJ", value="17000.00"),
    Case(rule="Q504", plant=with_(6, TBDLMJ=249_000.0), feature=SEVENTH, field="TBDLMJ", value="249000.00"),
    Case(rule="Q505", plant=slightly_large, field="TBMJ", at=(500, 500), near_m=500, area_m2=20.0),
    Case(rule="Q601", plant=with_(6, BSM="420606010000000005"), feature="420606010000000005", field="BSM", expected="不重复"),
    Case(rule="Q602", plant=with_(6, QSDWMC=None), feature=SEVENTH, field="QSDWMC", expected="不为空"),
    Case(rule="Q603", plant=with_(6, DLMC="乔木林"), feature=SEVENTH, field="DLMC", value="乔木林", expected="乔木林地"),
    Case(rule="Q604", plant=with_(6, ZLDWDM="4299991020010000000"), feature=SEVENTH, field="ZLDWDM"),
    Case(rule="Q605", plant=with_(6, ZLDWDM="4206021020010000000"), feature=SEVENTH, field="ZLDWDM", value="420602", expected="420606"),
    Case(rule="Q606", plant=with_(6, SJNF=2027), feature=SEVENTH, field="SJNF", value="2027", expected="1949—2026"),
    Case(rule="Q607", plant=with_(4, GDPDJB=None), feature="420606010000000005", field="GDPDJB", expected="不为空"),
    Case(rule="Q608", plant=with_(3, CZCSXM="205"), feature="420602010000000004", field="CZCSXM", value="205"),
    Case(rule="Q609", plant=with_(6, BSM="429999010000000007"), feature="429999010000000007", field="BSM"),
)
ELSEWHERE = {"Q303", "Q421", "Q422", "Q610", "Q611"}  # of layers of an atlas: tests/consistency/quality/test_atlas.py


def run(folder: Path, case: Case) -> FileQuality:
    how = case.how or {}
    if not case.sql:
        return examined(folder, case.plant, **how)
    file = write(folder / "DLTB.gpkg", case.plant(clean()), **how)
    sql(file, *case.sql)
    return examined(folder, file=file)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.rule)
def test_the_planted_error_is_found_and_nothing_else(case: Case, tmp_path: Path) -> None:
    """Rule, number, feature, field, value, expected value, place and size are those of what was planted."""
    found = run(tmp_path, case)
    assert counts(found) == {case.rule: case.count}, [(f.rule, f.feature, f.text) for f in found.quality.faults]
    assert found.quality.failed == ()
    for fault in found.quality.faults:
        for name in ("feature", "field", "value", "expected"):
            if getattr(case, name) is not None:
                assert getattr(fault, name) == getattr(case, name)
        if case.at is not None:
            assert fault.place is not None and fault.geometry is not None
            lon, lat = degrees_of(*case.at)
            away = np.hypot((fault.place[0] - lon) * np.cos(np.radians(lat)), fault.place[1] - lat) * 111_320
            assert away < case.near_m, fault.place
        if case.area_m2 is not None:
            assert fault.area_m2 == pytest.approx(case.area_m2, rel=1e-3)


def test_the_clean_twin_has_no_error_and_is_complete(tmp_path: Path) -> None:
    """Not one error, every rule that can apply has been run, none failed, none was skipped that was due."""
    found = examined(tmp_path)
    assert (counts(found), found.result) == ({}, "clean")
    assert found.quality.failed == () and not [s for s in found.quality.skipped if s.due]
    assert {"Q303", "Q421", "Q422", "Q610", "Q611"} == set(read_standards(bundled_root()).checks) - {r.rule for r in found.quality.run}


def test_every_rule_has_a_planted_error() -> None:
    """No rule of the standard goes without its case."""
    assert {c.rule for c in CASES} | ELSEWHERE == set(read_standards(bundled_root()).checks)


def noise(rows: list[Row]) -> list[Row]:
    """Every vertex moved by a ten-thousandth of a millimetre or so: what another program's rounding does."""
    random = np.random.default_rng(1)
    for row in rows:
        ring = shapely.get_coordinates(row["geometry"]) + random.normal(0, 1e-7, (5, 2))
        ring[-1] = ring[0]
        row["geometry"] = shapely.Polygon(ring)
    return rows


def test_the_eighth_decimal_raises_no_alarm(tmp_path: Path) -> None:
    """Borders that differ by rounding neither overlap nor leave a gap."""
    assert counts(examined(tmp_path, noise)) == {}


@pytest.mark.parametrize(("over_m2", "faults"), [(0.09, {}), (20.0, {}), (30.0, {"Q501": 1})])
def test_a_stored_area_may_be_off_by_either_limit(tmp_path: Path, over_m2: float, faults: dict[str, int]) -> None:
    """0.1 m² or a ten-thousandth (25 m² of 250,000): one of the two suffices. The sum of the county is told only where no patch is."""
    from tests.consistency.quality.survey import geodesic_m2

    def plant(rows: list[Row]) -> list[Row]:
        rows[6]["TBMJ"] = round(geodesic_m2(rows[6]["geometry"]), 2) + over_m2
        return rows

    assert {k: v for k, v in counts(examined(tmp_path, plant)).items() if k != "Q505"} == faults


def test_broken_geometry_spends_no_area_check(tmp_path: Path) -> None:
    """A bow-tie's area is not compared; the check says for how many features it was not made, and the result is errors."""
    found = examined(tmp_path, shaped((6, BOW_TIE)))
    skipped = {s.rule: s.features for s in found.quality.skipped if s.due}
    assert skipped["Q501"] == 1 and skipped["Q406"] == 1 and {"Q409", "Q505"} <= set(skipped)
    assert next(r.features for r in found.quality.run if r.rule == "Q501") == 7 and found.result == "errors"


def test_without_counties_nothing_is_clean(tmp_path: Path) -> None:
    """What needs the counties layer is skipped as due, so the file is not free of errors but not wholly checked."""
    from tests.consistency.quality.survey import DAY, atlas
    from xygis.consistency.quality.file import check_file

    file = write(tmp_path / "DLTB.gpkg", clean())
    found = check_file(atlas(tmp_path, counties=False), file, "current_land_use", on=DAY)
    assert (counts(found), found.result) == ({}, "incomplete")
    assert {"Q305", "Q409", "Q505", "Q604", "Q605"} <= {s.rule for s in found.quality.skipped if s.due}


def test_a_step_that_breaks_is_failed_not_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the geometry library gives up, the checks of that step stand in `failed`, and the result is incomplete."""
    from xygis.consistency.quality import subject

    def broken(*_: object) -> None:
        raise shapely.errors.GEOSException("TopologyException")

    monkeypatch.setattr(subject, "overlaps_of", broken)
    found = examined(tmp_path)
    assert {"Q406", "Q407", "Q408"} <= {f.rule for f in found.quality.failed}
    assert counts(found) == {} and found.result == "incomplete"
