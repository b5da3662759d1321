"""What fails is set apart: one parcel, one layer, one process. The others are judged, and nothing that failed is ever 不涉及."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely

from tests.check.sites import small_atlas, square, squares, submitted
from tests.check.test_portfolio_resumes import same
from xygis.atlas.atlas import Atlas
from xygis.atlas.verdict import DataState, LayerState, Verdict
from xygis.check import closely, columns, processes
from xygis.check.layer_column import STATES
from xygis.check.portfolio import screen_parcels
from xygis.check.run import check
from xygis.intake.submission import Parcel

DAY = date(2026, 11, 24)
CLEAR = STATES.index(LayerState.CLEAR)


def test_one_pair_that_fails_is_its_own_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measuring one parcel raises: its row says so and is undetermined; the others are as they were."""
    atlas, given = Atlas.open(), submitted([*squares(8, lon=112.12, lat=32.02), square("坏", 112.1413, 32.0205)])
    right = screen_parcels((given,), atlas, on=DAY, jobs=1)
    measured = closely.measured

    def broken(shape, *rest):  # type: ignore[no-untyped-def]
        if shape.degrees.equals(given.parcels[-1].geometry):
            raise RuntimeError("此地块量算失败")
        return measured(shape, *rest)

    monkeypatch.setattr(closely, "measured", broken)
    found = screen_parcels((given,), atlas, on=DAY, jobs=1)
    assert right.verdicts[:-1] == found.verdicts[:-1]
    assert found.verdicts[-1] in (Verdict.UNDETERMINED, Verdict.PROHIBITED)
    touched = [c for c in found.columns if c.failed[-1]]
    assert touched and all("此地块量算失败" in c.failed[-1] for c in touched)
    assert all(Verdict.UNDETERMINED.rank == c.rank[-1] and c.state[-1] != CLEAR and np.isnan(c.overlap_m2[-1]) for c in touched)
    assert not any((c.failed[:-1] != "").any() for c in found.columns)


def test_when_all_at_once_fails_each_is_looked_at_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The engine for many gives up: the same answers, one by one."""
    atlas, given = Atlas.open(small_atlas(tmp_path / "atlas")), submitted(squares(10, lon=112.1, lat=32.0, step=0.01))
    right = screen_parcels((given,), atlas, on=DAY, jobs=1)

    def broken(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(columns, "screen", broken)
    found = screen_parcels((given,), atlas, on=DAY, jobs=1)
    assert right.verdicts == found.verdicts
    assert [c.state.tolist() for c in right.columns] == [c.state.tolist() for c in found.columns]
    assert [c.rules.tolist() for c in right.columns] == [c.rules.tolist() for c in found.columns]


def test_processes_give_the_same_bits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One process or two, a few pairs at a time."""
    monkeypatch.setattr(closely, "_WORTH_A_PROCESS", 20)
    monkeypatch.setattr(columns, "_CHUNK", 7)
    used = []
    on_processes = processes.on_processes
    monkeypatch.setattr(processes, "on_processes", lambda *a: used.append(1) or on_processes(*a))
    atlas = Atlas.open(small_atlas(tmp_path / "atlas", ("ecological_red_line", "flood_zones", "relief", "counties")))
    given = submitted(squares(100, lon=111.5, lat=31.6, step=0.07, side=0.03))
    assert same(screen_parcels((given,), atlas, on=DAY, jobs=1), screen_parcels((given,), atlas, on=DAY, jobs=2))
    assert used


def test_a_process_that_dies_takes_one_pair_with_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The pair that kills its process is found and set apart; every other pair has its row, once."""
    script = tmp_path / "dies.py"
    script.write_text(
        "import os\n"
        "from xygis.check import closely\n"
        "row = closely.Desk.row\n"
        "def dying(self, parcel, bench):\n"
        "    if parcel.name == '地块5':\n"
        "        os._exit(9)\n"
        "    return row(self, parcel, bench)\n"
        "closely.Desk.row = dying\n",
        "utf-8",
    )
    (tmp_path / "sitecustomize.py").write_text("import os\nif os.environ.get('XYGIS_DIES'): import dies\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("XYGIS_DIES", "1")  # only processes that start from now on: not this one
    monkeypatch.setattr(closely, "_WORTH_A_PROCESS", 1)
    monkeypatch.setattr(columns, "_CHUNK", 3)
    atlas = Atlas.open(small_atlas(tmp_path / "atlas", ("flood_zones", "counties")))
    touched = squares(8, lon=112.12, lat=32.0, step=0.003, side=0.002)
    flood = next(o for o in atlas.layers if o.id == "flood_zones")
    assert flood.accuracy_m
    found = screen_parcels((submitted(_on_flood(atlas, touched)),), atlas, on=DAY, jobs=2)
    failed = {(c.layer, i) for c in found.columns for i in np.flatnonzero(c.failed != "").tolist()}
    assert {("flood_zones", 4)} == failed
    assert Verdict.UNDETERMINED.rank == found.columns[0].rank[4]


def _on_flood(atlas: Atlas, names: list[Parcel]) -> list[Parcel]:
    """As many parcels across the border of a flood zone, where the accuracy of the border opens the pair."""
    from xygis.check.layers import open_layers
    from xygis.overlay.store import LayerStore

    opened = next(o for o in open_layers(atlas, DAY, LayerStore()) if o.layer.id == "flood_zones")
    assert opened.prepared is not None
    ring = shapely.get_exterior_ring(opened.prepared.parts(np.array([0]))[0])
    spots = [ring.interpolate(f, normalized=True) for f in np.linspace(0.05, 0.9, 200)]
    degrees = [atlas.plane.inverse(np.array([p.x]), np.array([p.y])) for p in spots]
    inside = [(float(lon[0]), float(lat[0])) for lon, lat in degrees if lon[0] < 112.3]
    assert len(inside) >= len(names)
    return [square(p.name, lon - 5e-4, lat - 5e-4) for p, (lon, lat) in zip(names, inside, strict=False)]


def test_a_layer_changed_under_way_is_not_mixed_in(tmp_path: Path) -> None:
    """A process that finds other data than the run began with says so, instead of measuring them."""
    atlas = Atlas.open(small_atlas(tmp_path / "atlas", ("flood_zones", "counties")))
    seat = processes._Seat(
        atlas=atlas, on=DAY, layer="flood_zones", known=(("flood_zones", "x"),), benches=(), folder=tmp_path
    )  # fmt: skip
    assert "被改动" in str(processes._sit_down(seat).row(squares(1)[0], 0))


def test_processes_that_all_die_at_once_end_the_run_with_every_pair_set_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """However early they die, nobody waits for them: each pair is tried, and says that its process ended."""
    script = tmp_path / "sitecustomize.py"
    script.write_text(
        "import os\nif os.environ.get('XYGIS_DIES'):\n    from xygis.check import processes\n    processes._sit_down = lambda seat: os._exit(9)\n"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("XYGIS_DIES", "1")
    monkeypatch.setattr(closely, "_WORTH_A_PROCESS", 1)
    monkeypatch.setattr(columns, "_CHUNK", 2)
    atlas = Atlas.open(small_atlas(tmp_path / "atlas", ("flood_zones", "counties")))
    parcels = _on_flood(atlas, squares(4, lon=112.12, lat=32.0, step=0.003, side=0.002))
    found = screen_parcels((submitted(parcels),), atlas, on=DAY, jobs=2)
    (column,) = [c for c in found.columns if c.layer == "flood_zones"]
    assert column.failed.tolist() == ["计算进程意外中止"] * 4


@pytest.mark.parametrize("how", ["gone", "broken", "expired", "emptied"])
def test_a_layer_that_cannot_be_asked_leaves_every_parcel_open(tmp_path: Path, how: str) -> None:
    """Missing, damaged, out of date or empty: the same verdicts as a single check, and never 不涉及."""
    root = small_atlas(tmp_path / "atlas")
    path, catalogue = root / "layers" / "ecological_red_line.gpkg", root / "layers" / "catalogue.toml"
    if how == "gone":
        path.unlink()
    elif how == "broken":
        path.write_bytes(path.read_bytes()[:70000])
    elif how == "expired":
        text = catalogue.read_text("utf-8")
        catalogue.write_text(text.replace('version = "2022-11-07"', 'version = "2022-11-07"\nvalid_until = "2026-01-01"', 1), "utf-8")
    atlas = Atlas.open(root)
    if how == "emptied":
        path.unlink()
        path.write_bytes((root / "layers" / "railways.gpkg").read_bytes())
    given = submitted(squares(6, lon=111.4, lat=31.6, step=0.05))
    found, single = screen_parcels((given,), atlas, on=DAY, jobs=1), check(given, atlas, on=DAY)
    assert [p.verdict for p in single.parcels] == list(found.verdicts)
    column = next(c for c in found.columns if c.layer == "ecological_red_line")
    assert (column.rank == Verdict.UNDETERMINED.rank).all()
    assert how == "expired" or (column.state != CLEAR).all()
    record = next(r for r in found.layers if r.layer.id == "ecological_red_line")
    assert DataState.READY != record.state


def test_uses_beyond_number_do_not_run_into_each_other(tmp_path: Path) -> None:
    """三百 parcels that each write another use: what the first may, the last may not for that."""
    atlas = Atlas.open(small_atlas(tmp_path / "atlas"))
    words = [u.name for u in atlas.law.uses if u.class_version == "2023"]
    uses = [words[i] if i < len(words) else f"用途{i}" for i in range(300)]
    given = submitted([square(f"地块{i}", 112.1 + 0.0001 * (i % 20), 32.0 + 0.0001 * (i // 20), use=use) for i, use in enumerate(uses)])
    found = screen_parcels((given,), atlas, on=DAY, jobs=1)
    some = list(range(0, 300, 37)) + [256, 299]
    single = check(submitted([given.parcels[i] for i in some]), atlas, on=DAY)
    assert [p.verdict for p in single.parcels] == [found.verdicts[i] for i in some]


def test_nobody_is_undetermined() -> None:
    """No parcel at all is no good news."""
    found = screen_parcels((submitted([]),), Atlas.open(), on=DAY)
    assert (Verdict.UNDETERMINED, (), 0) == (found.verdict, found.verdicts, found.measured)
