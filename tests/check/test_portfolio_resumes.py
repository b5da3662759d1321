"""A second run works out only what has changed, says how much that was, and is right whatever became of what the first one kept."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from tests.check.sites import small_atlas, square, squares, submitted
from xygis.atlas.atlas import Atlas
from xygis.check import closely
from xygis.check.layer_column import NUMBERS
from xygis.check.portfolio import Portfolio, screen_parcels
from xygis.check.rows import FOLDER, Rows
from xygis.errors import LayerUnreadable
from xygis.intake.submission import Parcel
from xygis.overlay.measure import Measure

DAY = date(2026, 11, 24)
PARCELS = [*squares(30, lon=111.6, lat=31.7, step=0.02), square("城外", 113.5, 32.0)]
LAYERS = 6


def run(
    atlas: Path, kept: Path | None, parcels: list[Parcel] = PARCELS, on: date = DAY, project: dict[str, object] | None = None
) -> Portfolio:
    rows = Rows(folder=kept) if kept is not None else None
    return screen_parcels((submitted(parcels),), Atlas.open(atlas), on=on, project=project, rows=rows, jobs=1)


def same(a: Portfolio, b: Portfolio) -> bool:
    """To the bit, NaN for NaN."""
    return a.verdicts == b.verdicts and all(
        np.array_equal(getattr(x, n), getattr(y, n), equal_nan=getattr(x, n).dtype == float)
        for x, y in zip(a.columns, b.columns, strict=True)
        for n in NUMBERS
    )


@pytest.fixture
def atlas(tmp_path: Path) -> Path:
    return small_atlas(tmp_path / "atlas")


def test_a_second_run_works_nothing_out(atlas: Path, tmp_path: Path) -> None:
    """Every pair is taken over and nothing differs."""
    first, again = run(atlas, tmp_path), run(atlas, tmp_path)
    assert (0, LAYERS * len(PARCELS)) == (first.reused, first.measured)
    assert (LAYERS * len(PARCELS), 0) == (again.reused, again.measured)
    assert same(first, again)


def touch_a_byte(atlas: Path) -> None:
    with sqlite3.connect(atlas / "layers" / "flood_zones.gpkg") as db:
        db.execute("update gpkg_contents set description = description || '。'")


def edit_a_rule(atlas: Path) -> None:
    path = atlas / "redlines" / "30-ecological-red-line.toml"
    path.write_text(path.read_text("utf-8").replace('verdict = "prohibited"', 'verdict = "approval"'), "utf-8")


def say_it_is_less_accurate(atlas: Path) -> None:
    path = atlas / "layers" / "catalogue.toml"
    path.write_text(path.read_text("utf-8").replace("accuracy_m = 5\n", "accuracy_m = 50\n"), "utf-8")


@pytest.mark.parametrize(("change", "layers"), [(touch_a_byte, 1), (edit_a_rule, 1), (say_it_is_less_accurate, None)])
def test_what_changed_in_the_atlas_is_worked_out_anew(
    atlas: Path, tmp_path: Path, change: Callable[[Path], None], layers: int | None
) -> None:
    """One byte of a layer, one rule, one line of the catalogue: those layers anew, the others taken over."""
    run(atlas, tmp_path)
    change(atlas)
    again = run(atlas, tmp_path)
    assert again.measured > 0 and again.reused > 0
    assert layers is None or layers * len(PARCELS) == again.measured
    assert same(run(atlas, None), again)


def test_changed_counties_are_asked_for_every_layer_without_an_extent(atlas: Path, tmp_path: Path) -> None:
    """They say where the city ends, and with it where a layer is complete."""
    run(atlas, tmp_path)
    with sqlite3.connect(atlas / "layers" / "counties.gpkg") as db:
        table = db.execute("select table_name from gpkg_contents where data_type = 'features'").fetchone()[0]
        for (trigger,) in db.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            db.execute(f'drop trigger "{trigger}"')
        db.execute(f'delete from "{table}" where rowid > 3')
    assert same(run(atlas, None), run(atlas, tmp_path))


def test_one_parcel_moved_is_one_row_a_layer(atlas: Path, tmp_path: Path) -> None:
    """By a metre: its rows are made anew, the others' are not; the order of the parcels does not matter."""
    run(atlas, tmp_path)
    moved = [*PARCELS[5:], replace(PARCELS[0], geometry=square("", 111.60001, 31.7).geometry), *PARCELS[1:5]]
    again = run(atlas, tmp_path, moved)
    assert LAYERS == again.measured
    assert same(run(atlas, None, moved), again)


@pytest.mark.parametrize(
    ("on", "project", "reused"),
    [
        (date(2027, 1, 1), None, False),
        (DAY, {"use": "1001"}, False),
        (DAY, {"temporary": True}, False),
        (DAY, None, True),
    ],
)
def test_another_day_use_or_fact_is_another_question(
    atlas: Path, tmp_path: Path, on: date, project: dict[str, object] | None, reused: bool
) -> None:
    """Nothing is taken over from an answer to a different question."""
    if project and "temporary" in project:
        project = {next(f.name for f in Atlas.open(atlas).law.facts if any(v is True for v in f.values)): True}
    run(atlas, tmp_path)
    again = run(atlas, tmp_path, on=on, project=project)
    assert reused == (again.reused > 0)
    assert same(run(atlas, None, on=on, project=project), again)


def test_another_use_of_one_parcel_is_asked_anew(atlas: Path, tmp_path: Path) -> None:
    """地块用途 belongs to the parcel."""
    run(atlas, tmp_path)
    other = [replace(PARCELS[0], use_text="公园绿地"), *PARCELS[1:]]
    again = run(atlas, tmp_path, other)
    assert LAYERS == again.measured
    assert same(run(atlas, None, other), again)


def test_another_kind_of_fact_is_asked_anew(atlas: Path, tmp_path: Path) -> None:
    """What is assumed of a project that says nothing stands in facts.toml."""
    run(atlas, tmp_path)
    path = atlas / "redlines" / "facts.toml"
    path.write_text(path.read_text("utf-8").replace('kind = "assume"', 'kind = "open"'), "utf-8")
    assert 0 == run(atlas, tmp_path).reused


def test_damaged_rows_are_not_believed(atlas: Path, tmp_path: Path) -> None:
    """Cut short, a bit turned over, another layer's, empty, a zip of something else, a folder: worked out anew, and right."""
    right = run(atlas, tmp_path)
    whole = {p.name: p.read_bytes() for p in (tmp_path / FOLDER).glob("*.rows")}
    assert LAYERS == len(whole)
    dice = random.Random(1)
    for _ in range(12):
        for name, data in whole.items():
            path = tmp_path / FOLDER / name
            match dice.randrange(6):
                case 0:
                    path.write_bytes(data[: dice.randrange(len(data))])
                case 1:
                    at = dice.randrange(len(data))
                    path.write_bytes(data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1 :])
                case 2:
                    path.write_bytes(dice.choice(list(whole.values())))
                case 3:
                    path.write_bytes(b"")
                case 4:
                    np.savez(path.open("wb"), key=np.array("x"), parcels=np.zeros(16, np.uint8))
                case 5:
                    path.unlink(missing_ok=True)
                    path.mkdir()
        assert same(right, run(atlas, tmp_path))
        for path in (tmp_path / FOLDER).glob("*.rows"):
            if path.is_dir():
                path.rmdir()


def test_rows_of_another_run_are_not_of_the_wrong_parcel(atlas: Path, tmp_path: Path) -> None:
    """More parcels, fewer parcels, none: each gets its own."""
    run(atlas, tmp_path, PARCELS[10:20])
    assert same(run(atlas, None), run(atlas, tmp_path))
    few = run(atlas, tmp_path, PARCELS[29:])
    assert 0 == few.measured and same(run(atlas, None, PARCELS[29:]), few)
    assert () == run(atlas, tmp_path, []).verdicts


def test_a_failure_is_tried_again(atlas: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be worked out once is not remembered as such."""

    def broken(*_: object) -> Measure:
        raise MemoryError("没有内存")

    with monkeypatch.context() as patched:
        patched.setattr(closely, "measured", broken)
        first = run(atlas, tmp_path)
    failed = sum(int((c.failed != "").sum()) for c in first.columns)
    again = run(atlas, tmp_path)
    assert 0 < failed == again.measured
    assert same(run(atlas, None), again)


def test_a_raster_that_breaks_off_is_tried_again(atlas: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its pairs stay open, the other layers are judged, and the next run reads it."""

    def broken(*_: object) -> object:
        raise LayerUnreadable(what="栅格读到一半", fix="重试")

    with monkeypatch.context() as patched:
        patched.setattr("xygis.overlay.relief.zonals", broken)
        first = run(atlas, tmp_path)
    relief = next(c for c in first.columns if c.layer == "relief")
    assert (relief.failed != "").all() and "栅格读到一半" in relief.failed[0]
    assert same(run(atlas, None), run(atlas, tmp_path))


def test_a_folder_that_cannot_be_written_keeps_nothing_and_stops_nothing(atlas: Path, tmp_path: Path) -> None:
    """A file stands where the folder of rows should be."""
    (tmp_path / FOLDER).write_text("")
    run(atlas, tmp_path)
    assert same(run(atlas, None), run(atlas, tmp_path))


def test_the_atlas_may_move(atlas: Path, tmp_path: Path) -> None:
    """The same bytes at another place are the same layers."""
    run(atlas, tmp_path)
    shutil.copytree(atlas, tmp_path / "there")
    assert 0 == run(tmp_path / "there", tmp_path).measured
