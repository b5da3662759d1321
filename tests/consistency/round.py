"""One run of the city after another, each written out, as a bureau does it month by month."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tests.consistency.city import DAY, Row, make_atlas, rule, square, write_layer, zone
from xygis.atlas.bundled import bundled_root
from xygis.atlas.law import PairRule
from xygis.atlas.verdict import Verdict
from xygis.consistency.earlier import read_earlier
from xygis.consistency.notes_file import read_notes
from xygis.consistency.noting import noted
from xygis.consistency.result import Consistency, DifferencePatch, Gone
from xygis.consistency.run import consistency
from xygis.consistency.tracking import tracked
from xygis.overlay.store import LayerStore
from xygis.saving import save_consistency

RED, FARM, PLAN = "ecological_red_line", "permanent_basic_farmland", "urban_rural_plan"
EVERYWHERE = [square(-900, -900, 900, 900, id="红")]
RULES = (
    rule("LL-01", zone(RED), zone(FARM), Verdict.PROHIBITED),
    rule("PL-06", zone(PLAN), zone(FARM), Verdict.PROHIBITED, difference="D4"),
)


@dataclass
class Bureau:
    """Keeps the folders of its runs."""

    home: Path
    runs: int = 0

    def run(
        self,
        farm: Sequence[Row],
        *,
        red: Sequence[Row] | None = None,
        plan: Sequence[Row] | None = None,
        rules: Sequence[PairRule] = RULES,
        layers: Sequence[str] | None = None,
        on: date = DAY,
        since: Path | None = None,
        notes: Path | None = None,
        absent: str | None = None,
        out: Path | None = None,
        **changes: object,
    ) -> tuple[Consistency, Path]:
        """(result, folder it was written to). Farmland on a red line that covers all; what there is of a plan."""
        self.runs += 1
        folder = self.home / f"atlas{self.runs}"
        rows = {RED: EVERYWHERE if red is None else red, FARM: farm, PLAN: [square(-800, 800, -790, 810)] if plan is None else plan}
        made = [
            write_layer(folder, name, rows[name], **({"path": None} if name == absent else changes if name == FARM else {}))
            for name in rows
        ]
        atlas = make_atlas(folder, made, rules)
        shutil.copytree(bundled_root() / "maps", folder / "maps")
        found = consistency(atlas, on=on, layers=layers, store=LayerStore(folder / "cache"))
        if since is not None:
            found = tracked(found, read_earlier(since / "report.json"))
        if notes is not None:
            found = noted(found, read_notes(notes), notes.name)
        out = out or self.home / f"run{self.runs}"
        out.mkdir(exist_ok=True)
        save_consistency(found, atlas, out, ("html", "json", "gpkg", "xlsx"))
        return found, out


def states(found: Consistency) -> list[tuple[str, float, str]]:
    """(id, m², state) of this run's patches, largest first."""
    return [(p.id, round(p.area_m2, 2), p.track.text if p.track else "") for p in sorted(found.patches, key=lambda p: -p.area_m2)]


def gone(found: Consistency) -> tuple[Gone, ...]:
    assert found.tracking is not None
    return found.tracking.gone


def at(found: Consistency, m2: float) -> DifferencePatch:
    """The one patch of that size."""
    [patch] = [p for p in found.patches if abs(p.area_m2 - m2) < 0.005]
    return patch


def edit(gpkg: Path, sql: str) -> None:
    """Changes a GeoPackage as a GIS would; its index is not what is looked at."""
    with closing(sqlite3.connect(gpkg)) as db, db:
        for (name,) in db.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            db.execute(f'drop trigger "{name}"')
        db.execute(sql)
