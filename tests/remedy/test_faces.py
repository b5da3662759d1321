"""Remedies in every face: contract, tables, terminal, page, figure and boundary points say the same, and the points keep the promise."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import click
import jsonschema
import pytest
import shapely
from click.testing import CliRunner

from tests.remedy.town import DAY, placed, remedied, submission, town, unplaced
from xygis import saving
from xygis.atlas.atlas import Atlas
from xygis.atlas.verdict import Verdict
from xygis.cartography.remedy_figure import remedy_figure
from xygis.check.assessment import Assessment
from xygis.check.remedies import RemedyOptions
from xygis.check.run import check
from xygis.cli.check_command import command
from xygis.cli.remedy_text import remedy_text
from xygis.convert.remedy_files import write_remedies
from xygis.errors import UsageError
from xygis.geodesy.crs import to_geographic
from xygis.intake.read import read_submission
from xygis.intake.submission import Parcel
from xygis.overlay.store import LayerStore
from xygis.remedy.run import with_remedies
from xygis.report.cells import print_table
from xygis.report.contract import ASSESSMENT_SCHEMA, assessment_dict, load_schema
from xygis.report.remedy_tables import cuts_table, remedy_blocks, shifts_table
from xygis.saving import Saved

SQUARE = shapely.box(0, 0, 100, 100)
YARD = SQUARE.difference(shapely.box(10, 10, 30, 30))
PAIR = shapely.MultiPolygon([YARD, shapely.box(200, 0, 250, 50)])
WALLS = {"farmland": shapely.box(90, -3000, 3000, 3000), "red_line": shapely.box(-3000, 95, 3000, 3000)}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    """Three parcels: into two layers, with a courtyard and a strange name, and clear of everything."""
    atlas = town(tmp_path_factory.mktemp("faces"), WALLS)
    names = ("北地块", '<script>alert(1)</script>,=HYPERLINK("x")/../🏗', "地块3")
    return remedied(atlas, SQUARE, shapely.transform(YARD, lambda c: c + [5.0, -60.0]), shapely.box(-300, 0, -200, 80), names=names)


def test_the_contract_holds_all_of_it_and_its_schema(found: Assessment) -> None:
    """Schema, options, verdict after, GeoJSON at millimetres; a check without remedies has none of these keys."""
    document: dict[str, Any] = json.loads(json.dumps(assessment_dict(found), allow_nan=False))
    jsonschema.Draft202012Validator(load_schema(ASSESSMENT_SCHEMA)).validate(document)
    assert {"margin_m": 1.0, "shift_radius_m": 500.0, "crumb_m": 2.0} == document["remedy_options"]
    one = document["parcels"][0]["remedies"]
    assert [["farmland"], ["red_line"]] == [c["layers"] for c in one["cuts"]]
    assert "compliant" == one["combined"]["verdict_after"] == one["shift"]["verdict_after"]
    assert pytest.approx(1100 + 600 - 66, abs=0.05) == one["combined"]["lost_m2"]
    assert pytest.approx(12.53, abs=0.005) == one["shift"]["distance_m"]
    assert "Polygon" == one["shift"]["geometry"]["type"]
    assert [] == document["parcels"][2]["remedies"]["cuts"]
    plain = assessment_dict(replace(found, remedy_options=None, parcels=tuple(replace(p, remedies=None) for p in found.parcels)))
    assert "remedy_options" not in plain and all("remedies" not in p for p in plain["parcels"])  # type: ignore[attr-defined]


def test_tables_print_what_the_contract_says(found: Assessment) -> None:
    """The cut for all prohibitions first, in m², 公顷 and 亩; metres, bearing and both increments of the shift."""
    row = print_table(cuts_table(found)).texts(0)
    assert ("全部禁止项（永久基本农田、生态保护红线）", "0.1634", "2.45", "符合") == tuple(
        row[k] for k in ("layers", "lost_ha", "lost_mu", "after")
    )
    assert re.fullmatch(r"1,63[34]\.\d\d", row["lost_m2"])
    moved = print_table(shifts_table(found)).texts(0)
    assert ("12.53", "241.4°（西南）", "−11.000", "−6.000", "符合") == tuple(
        moved[k] for k in ("distance", "bearing", "east", "north", "after")
    )


def test_the_terminal_tells_cut_shift_and_verdict_after(found: Assessment) -> None:
    """Within 80 columns, by the words of the trade; a parcel that needs nothing is not told of."""
    text = click.unstyle(remedy_text(found))
    assert "最小退让（全部禁止项：永久基本农田、生态保护红线）损失 0.1634 公顷（2.45 亩）" in text.replace("\n            ", "")
    assert "最小平移 12.53 米、坐标方位角 241.4°（西南），之后 √ 符合" in text
    assert "地块3" not in text


def test_the_figure_is_sound_and_escapes_names(found: Assessment) -> None:
    """Well-formed SVG with both outlines; a hostile name is text."""
    assert found.atlas is not None
    for parcel in found.parcels[:2]:
        svg = remedy_figure(found, parcel, found.atlas)
        ElementTree.fromstring(svg)
        assert "<script" not in svg
        assert "stroke-dasharray" in svg and "退让后" in svg and "平移" in svg
    assert "" == remedy_figure(found, found.parcels[2], found.atlas)


def test_the_report_says_what_was_looked_for_in_vain(tmp_path: Path) -> None:
    """Enclosed on all sides: no table, but the reasons stand."""
    enclosed = remedied(town(tmp_path, {"farmland": shapely.box(-3000, -3000, 3000, 3000)}), SQUARE)
    blocks = remedy_blocks(enclosed, {})
    said = [item.text for b in blocks if b.kind == "bullets" for item in b.items]  # type: ignore[union-attr]
    assert any("没有可保留的部分" in s for s in said)
    assert any("500 米以内没有" in s for s in said)


@pytest.mark.parametrize("parcel", [SQUARE, YARD, PAIR], ids=["square", "courtyard", "two parts"])
def test_the_written_points_keep_the_promise(tmp_path: Path, parcel: shapely.Geometry) -> None:
    """Read back like any submission, each file has the verdict, the rules and the boundary that the report promised."""
    atlas = town(tmp_path, WALLS)
    assessment = remedied(atlas, parcel)
    files = write_remedies(assessment, tmp_path)
    assert ["remedy-1-cut.txt", "remedy-1-shift.txt"] == [f.name for f in files]
    remedies = assessment.parcels[0].remedies
    assert remedies is not None and remedies.combined is not None and remedies.shift is not None
    for file, promised in zip(files, (remedies.combined.changed, remedies.shift.changed), strict=True):
        again = read_submission(file, envelope=atlas.envelope)
        assert shapely.equals(shapely.normalize(again.parcels[0].geometry), shapely.normalize(promised.geometry))
        (judged,) = check(again, atlas, on=DAY, store=LayerStore(tmp_path / "cache")).parcels
        assert promised.after is judged.verdict is Verdict.COMPLIANT
        assert [f.rule for f in promised.left] == [f.rule for f in judged.findings]
        assert promised.ellipsoidal_m2 == pytest.approx(judged.ellipsoidal_m2, abs=1e-6)


def test_a_hostile_name_stays_out_of_the_file_name_and_whole_inside(found: Assessment, tmp_path: Path) -> None:
    """Files are called by running number; the name inside is read back, its comma made full-width as the form wants."""
    files = write_remedies(found, tmp_path)
    assert {"remedy-1-cut.txt", "remedy-1-shift.txt", "remedy-2-cut.txt", "remedy-2-shift.txt"} == {f.name for f in files}
    assert set(files) == set(tmp_path.iterdir())
    (parcel,) = read_submission(tmp_path / "remedy-2-cut.txt", envelope=None).parcels
    assert '<script>alert(1)</script>，=HYPERLINK("x")/../🏗（退让后）' == parcel.name


def test_a_parcel_in_degrees_is_remedied_in_its_zone(tmp_path: Path) -> None:
    """Given in longitude and latitude, it is written in the local zone with the zone number in front, and keeps the promise."""
    atlas = town(tmp_path, {"farmland": WALLS["farmland"]})
    degrees = shapely.transform(placed(SQUARE), lambda c: shapely.get_coordinates(shapely.points(*to_geographic("EPSG:4525", *c.T))))
    given = submission(SQUARE)
    parcel = Parcel(name="经纬度", geometry=degrees, crs="EPSG:4490", declared_m2=None)
    store = LayerStore(tmp_path / "cache")
    found = with_remedies(check(replace(given, parcels=(parcel,)), atlas, on=DAY, store=store), atlas, store=store)
    remedies = found.parcels[0].remedies
    assert remedies is not None and remedies.shift is not None
    assert ("EPSG:4525", 11.0, 270.0) == (remedies.crs, round(remedies.shift.distance_m, 2), round(remedies.shift.bearing_deg, 1))
    assert shapely.box(-11, 0, 89, 100).equals_exact(shapely.normalize(unplaced(remedies.shift.changed.geometry)), 0.002, normalize=True)
    write_remedies(found, tmp_path)
    again = read_submission(tmp_path / "remedy-1-shift.txt", envelope=None)
    assert Verdict.COMPLIANT is check(again, atlas, on=DAY, store=store).verdict


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`xygis check` on a town whose parcel stands in a file, in an empty folder."""
    town(tmp_path, WALLS)
    assessment = remedied(Atlas.open(tmp_path / "atlas"), SQUARE)
    (file, *_) = write_remedies(replace_changed(assessment), tmp_path)
    file.rename(tmp_path / "地块.txt")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def call(*arguments: str) -> Any:
        return CliRunner().invoke(command, ["地块.txt", "--on", DAY.isoformat(), "--atlas", "atlas", *arguments])

    return call


def replace_changed(assessment: Assessment) -> Assessment:
    """With the parcel itself in place of its cut, so that the writer of remedies writes the test's submission."""
    parcel = assessment.parcels[0]
    assert parcel.remedies is not None and parcel.remedies.combined is not None
    own = replace(parcel.remedies.combined.changed, geometry=placed(SQUARE))
    remedies = replace(parcel.remedies, combined=replace(parcel.remedies.combined, changed=own), shift=None)
    return replace(assessment, parcels=(replace(parcel, remedies=remedies),))


def test_the_command_line_tells_writes_and_takes_away(run: Callable[..., Any], tmp_path: Path) -> None:
    """--remedy writes boundaries beside the report; a run without leaves none of an earlier run; another's file stays."""
    assert "最小退让" not in run().output
    first = run("--out", "结果", "--format", "json", "--remedy")
    assert "最小平移 12.53 米" in first.output and "remedy-1-shift.txt" in first.output
    out = tmp_path / "结果"
    assert {"report.json", "remedy-1-cut.txt", "remedy-1-shift.txt"} == {p.name for p in out.iterdir()}
    (out / "remedy-我的.txt").write_text("x", "utf-8")
    run("--out", "结果", "--format", "json")
    assert {"report.json", "remedy-我的.txt"} == {p.name for p in out.iterdir()}
    assert "remedy_options" not in json.loads((out / "report.json").read_text("utf-8"))


def test_remedies_come_with_the_whole_report(run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """--out without --format looks for them, unless told not to; named formats are just what was named."""
    seen: list[bool] = []

    def save(assessment: Assessment, folder: Path, formats: tuple[str, ...], **_: object) -> Saved:
        seen.append(assessment.remedy_options is not None)
        folder.mkdir(exist_ok=True)
        return Saved(written=())

    monkeypatch.setattr(saving, "save_assessment", save)
    for arguments in ((), ("--no-remedy",), ("--format", "html")):
        run("--out", "结果", *arguments)
    assert [True, False, False] == seen


def test_margin_and_radius_are_taken_and_nonsense_is_refused(run: Callable[..., Any]) -> None:
    """--margin 3 --shift-radius 5: the cut keeps 3 m, no shift is found within 5 m; a negative or infinite margin is no margin."""
    document = json.loads(run("--json", "--margin", "3", "--shift-radius", "5").output)
    assert {"margin_m": 3.0, "shift_radius_m": 5.0, "crumb_m": 2.0} == document["remedy_options"]
    remedies = document["parcels"][0]["remedies"]
    assert pytest.approx(1300 + 800 - 104, abs=0.05) == remedies["combined"]["lost_m2"]
    assert remedies["shift"] is None and any("5 米以内没有" in u["reason"] for u in remedies["unsolved"])
    for bad in ("-1", "nan", "inf"):
        with pytest.raises(UsageError, match="退让距离"):
            raise run("--margin", bad).exception
    assert 2 == run("--margin", "1", "--no-remedy").exit_code


def test_options_are_checked_for_python_too(tmp_path: Path) -> None:
    """A radius of nothing is no radius."""
    atlas = town(tmp_path, WALLS)
    found = check(submission(SQUARE), atlas, on=DAY, store=LayerStore(tmp_path / "cache"))
    with pytest.raises(UsageError, match="平移半径"):
        with_remedies(found, atlas, options=RemedyOptions(shift_radius_m=0.0))
