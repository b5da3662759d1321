"""Whoever recomputes a report is told the exact cause first: which point, layer, rule or number."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from tests.verify.desk import POINTS, Desk, kinds, parcel_txt, said
from xygis.errors import XygisError
from xygis.verify.result import CauseKind


def shoelace(points: tuple[tuple[float, float], ...]) -> float:
    points = tuple((n - points[0][0], e - points[0][1]) for n, e in points)
    following = (*points[1:], points[0])
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, following, strict=True))) / 2


def test_an_untouched_report_is_green(made: Desk) -> None:
    """Nothing differs, by folder, by report and by any file of it; the signature is named."""
    for path in (made.out, made.report, made.out / "map.html"):
        result = made.verify(path, key=made.public)
        assert result.same and result.recomputed
        assert result.signature is not None and result.signature.expected and result.signature.signer == "张工"


def test_one_moved_point_is_named_with_its_distance(slip: Desk) -> None:
    """0.3 m north and 0.4 m west make 0.5 m; the areas that follow are those of the shoelace formula."""
    moved = (*POINTS[:2], (POINTS[2][0] + 0.3, POINTS[2][1] - 0.4), POINTS[3])
    slip.input.write_bytes(parcel_txt(moved))
    result = slip.verify()
    assert [CauseKind.INPUT] == kinds(result)
    assert "地块.txt" in said(result)
    assert "地块“地块1”的界址点 J3 移动 0.500 m（向北 0.300 m、向西 0.400 m）" in said(result)
    area = next(d for d in result.differences if d.path == "parcels[0].area.planar_m2")
    assert shoelace(POINTS) == pytest.approx(float(area.reported), abs=1e-3)
    assert shoelace(moved) == pytest.approx(float(area.recomputed), abs=1e-3)


def test_one_point_more_is_named(slip: Desk) -> None:
    """A point inserted between J1 and J2 is told as such, not as three points that moved."""
    middle = ((POINTS[0][0] + POINTS[1][0]) / 2 + 1.0, (POINTS[0][1] + POINTS[1][1]) / 2)
    slip.input.write_bytes(parcel_txt((POINTS[0], middle, *POINTS[1:])))
    told = said(slip.verify())
    assert "界址点由 4 个变为 5 个" in told and "新的点：界址点 J2" in told


def test_words_of_the_input_are_no_coordinates(slip: Desk) -> None:
    """Another producer in the header: the file has changed, its points and every number have not, and both is said."""
    slip.input.write_bytes(parcel_txt(producer="乙单位"))
    result = slip.verify()
    assert [CauseKind.INPUT] == kinds(result) and not result.differences
    assert "界址坐标没有变" in said(result)


def test_one_feature_less_names_the_layer(desk: Desk) -> None:
    """The layer, how many features it had and has, and that its version date was not changed."""
    with sqlite3.connect(desk.root / "atlas" / "layers" / "ecological_red_line.gpkg") as base:
        (table,) = next(base.execute("select table_name from gpkg_contents"))
        for (name,) in base.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            base.execute(f'drop trigger "{name}"')
        (before,) = next(base.execute(f'select count(*) from "{table}"'))
        base.execute(f'delete from "{table}" where rowid = (select max(rowid) from "{table}")')
    result = desk.verify()
    assert CauseKind.LAYER == kinds(result)[0] and len(result.causes) == 1
    assert "生态保护红线" in said(result) and f"要素个数由 {before} 变为 {before - 1}" in said(result)
    assert "版本没有改" in said(result)


def test_a_missing_layer_is_a_cause(desk: Desk) -> None:
    """Without its file the layer has no data, and the verdict that follows stands first among the consequences."""
    (desk.root / "atlas" / "layers" / "urban_growth_boundary.gpkg").unlink()
    result = desk.verify()
    assert [CauseKind.LAYER] == kinds(result)
    assert "现在没有数据" in said(result)
    assert "verdict" == result.differences[0].path or result.differences[0].path.endswith("].verdict")


def test_one_rule_is_named_with_its_field(desk: Desk) -> None:
    """A threshold raised from 0 to 10 m²: the code of the rule, its condition before and after, and the file."""
    path = next(p for p in (desk.root / "atlas" / "redlines").glob("*.toml") if "growth-boundary" in p.name)
    text = path.read_text("utf-8")
    code = re.findall(r'code = "([A-Z]+-\d+)"', text[: text.index('overlap_m2 = ">0"')])[-1]
    path.write_text(text.replace('overlap_m2 = ">0"', 'overlap_m2 = ">10"', 1), "utf-8")
    result = desk.verify()
    assert {CauseKind.RULE} == set(kinds(result))
    assert result.causes[0].text.startswith(f"规则 {code} 变了：触发条件")
    assert "由 “重叠面积大于 0 m²” 变为 “重叠面积大于 10 m²”" in said(result) and path.name in said(result)


def test_a_comment_in_the_rules_changes_no_rule(desk: Desk) -> None:
    """The file is named, and that no rule of the report is concerned."""
    path = next((desk.root / "atlas" / "redlines").glob("*growth-boundary.toml"))
    path.write_text("# 校对\n" + path.read_text("utf-8"), "utf-8")
    result = desk.verify()
    assert [CauseKind.RULE] == kinds(result) and not result.differences
    assert "报告涉及的规则都没有变" in said(result)
    assert any("每一个数都与报告相同" in n for n in result.notes)


def test_an_entry_of_the_catalogue_is_named(desk: Desk) -> None:
    """Another accuracy of the same data: the layer, and the value before and after."""
    path = desk.root / "atlas" / "layers" / "catalogue.toml"
    head, entry = path.read_text("utf-8").split('id = "ecological_red_line"', 1)
    path.write_text(f'{head}id = "ecological_red_line"' + re.sub(r"accuracy_m = [\d.]+", "accuracy_m = 3.25", entry, count=1), "utf-8")
    result = desk.verify()
    assert CauseKind.LAYER == kinds(result)[0]
    assert "变为 3.25" in said(result)


def put(*path: str | int, to: object) -> Callable[[dict[str, Any]], None]:
    def edit(document: Any) -> None:
        for step in path[:-1]:
            document = document[step]
        document[path[-1]] = to

    return edit


ALTERED = {
    "parcels[0].area.ellipsoidal_m2": put("parcels", 0, "area", "ellipsoidal_m2", to=1.0),
    "parcels[0].measures[1].distance_m": put("parcels", 0, "measures", 1, "distance_m", to=77.5),
    "verdict": put("verdict", to="notice"),
    "parcels[0].findings[0].text": put("parcels", 0, "findings", 0, "text", to="不涉及"),
    "totals.area.planar_m2": put("totals", "area", "planar_m2", to=2),
    "atlas.layers[1].sha256": put("atlas", "layers", 1, "sha256", to="0" * 64),
    "atlas.layers[1].features": put("atlas", "layers", 1, "features", to=1),
    "atlas.rules.fingerprint": put("atlas", "rules", "fingerprint", to="sha256:" + "0" * 64),
    "atlas.rules.count": put("atlas", "rules", "count", to=1),
    "tolerances.geometry_m": put("tolerances", "geometry_m", to=0.5),
    "parcels[0].boundary": put("parcels", 0, "boundary", to="POLYGON ((0 0, 1 0, 1 1, 0 0))"),
    "project.use.assumed": put("project", "use", "assumed", to=0),
}


@pytest.mark.parametrize("path", ALTERED)
def test_one_altered_value_is_named(slip: Desk, path: str) -> None:
    """With the same inputs, layers and rules the cause is the report itself: which value, and what it should be."""
    if path == "tolerances.geometry_m":
        first = next(iter(json.loads(slip.report.read_text("utf-8"))["tolerances"]))
        slip.change(put("tolerances", first, to=123.0))
        path = f"tolerances.{first}"
    else:
        slip.change(ALTERED[path])
    result = slip.verify()
    assert [CauseKind.REPORT] == kinds(result)
    assert path in result.causes[0].details and "被改过" in result.causes[0].text


def test_a_list_in_another_order_is_found(slip: Desk) -> None:
    """Findings stand worst first; a report that has them otherwise was altered."""
    slip.change(lambda d: d["parcels"][0]["measures"].reverse())
    result = slip.verify()
    assert [CauseKind.REPORT] == kinds(result) and "次序" in said(result)


def test_a_finding_taken_out_is_found(slip: Desk) -> None:
    """What is missing from the report is told by the rule that says it."""
    document = json.loads(slip.report.read_text("utf-8"))
    rule = document["parcels"][0]["findings"][0]["rule"]
    slip.change(lambda d: d["parcels"][0]["findings"].pop(0))
    assert rule in said(slip.verify())


def test_another_program_is_a_cause_only_where_numbers_differ(slip: Desk) -> None:
    """The same numbers by another version: a note. Other numbers: the version is the cause."""
    slip.change(put("generator", "version", to="0.0.1"))
    result = slip.verify()
    assert result.same and any("0.0.1" in n for n in result.notes)
    slip.change(put("parcels", 0, "area", "ellipsoidal_m2", to=1.0))
    result = slip.verify()
    assert [CauseKind.ENGINE] == kinds(result) and result.differences


@pytest.mark.parametrize(("key", "words"), [("geos", "GEOS 3.9.0"), ("build", "构建 3.9.0")])
def test_another_program_accuses_nobody(slip: Desk, key: str, words: str) -> None:
    """Numbers that differ where another build or another GEOS worked: that is the cause, not that somebody altered the report."""
    slip.change(put("generator", key, to="3.9.0"))
    slip.change(put("parcels", 0, "area", "ellipsoidal_m2", to=1.0))
    result = slip.verify()
    assert [CauseKind.ENGINE] == kinds(result) and words in said(result)


def test_last_digits_of_another_processor_are_no_difference(slip: Desk) -> None:
    """One part in 10¹² is told in a note; a ten-thousandth of a square metre is a difference."""
    area = json.loads(slip.report.read_text("utf-8"))["parcels"][0]["area"]["ellipsoidal_m2"]
    slip.change(put("parcels", 0, "area", "ellipsoidal_m2", to=area * (1 + 1e-12)))
    result = slip.verify()
    assert result.same and any("1 个数只差在" in n for n in result.notes)
    slip.change(put("parcels", 0, "area", "ellipsoidal_m2", to=area + 1e-4))
    assert [CauseKind.REPORT] == kinds(slip.verify())


def older(document: dict[str, Any]) -> None:
    """As a version wrote it that kept neither files nor rules, boundaries nor options."""
    del document["atlas"]["files"], document["atlas"]["rules"]["each"], document["generator"]["build"], document["generator"]["geos"]
    for source in document["sources"]:
        del source["options"]
    for parcel in document["parcels"]:
        del parcel["boundary"]


def test_an_older_report_is_verified_too(slip: Desk) -> None:
    """What it lacks is told as not compared; every number of it is compared, and a changed input is still named."""
    slip.change(older)
    result = slip.verify()
    assert result.same and any("界址坐标" in n for n in result.notes)
    slip.input.write_bytes(parcel_txt((*POINTS[:3], (POINTS[3][0] + 1.0, POINTS[3][1]))))
    result = slip.verify()
    assert [CauseKind.INPUT] == kinds(result) and "没有记下界址坐标" in said(result)


def test_an_older_report_with_another_number_accuses_nobody(slip: Desk) -> None:
    """Nobody knows which state of the program wrote it: both causes are said to be possible."""
    slip.change(older)
    slip.change(put("parcels", 0, "area", "ellipsoidal_m2", to=1.0))
    result = slip.verify()
    assert [CauseKind.ENGINE] == kinds(result) and "或是报告里的数被改过" in said(result)
    assert any(d.path == "parcels[0].area.ellipsoidal_m2" for d in result.differences)


def test_the_file_is_found_by_what_is_in_it(slip: Desk) -> None:
    """Of two files of the name, the one with the content of the report is taken; one that lies elsewhere is given."""
    slip.change(put("sources", 0, "file", to="地块.txt"))
    (slip.out / "地块.txt").write_bytes(slip.input.read_bytes())
    assert slip.verify().same
    (slip.out / "地块.txt").unlink()
    slip.input.rename(slip.root / "存档.txt")
    with pytest.raises(XygisError, match="找不到"):
        slip.verify()
    result = slip.verify(inputs=[slip.root / "存档.txt"])
    assert result.same, said(result)


def test_an_input_that_is_broken_now_is_one_message(slip: Desk) -> None:
    """A file that can no longer be read: said that it has changed, and why it cannot be read."""
    slip.input.write_bytes(b"[\xb5\xd8")
    with pytest.raises(XygisError, match="变了，而且现在读不成"):
        slip.verify()
