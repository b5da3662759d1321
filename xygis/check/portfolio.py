"""`screen_parcels`: thousands of parcels against the whole atlas, a row a parcel and a set of columns a layer.

Facts come from the engine that needs no geometry; a pair of parcel and layer that needs one is measured and judged as a single
check does it, on as many processes as are wanted. What fails is set apart and counts as undetermined. The application as a
whole is not judged: a portfolio is many sites, not one project.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.atlas.atlas import COUNTIES, Atlas
from xygis.atlas.law import Rule
from xygis.atlas.verdict import Verdict, worst
from xygis.check.assessment import LayerRecord, Refused
from xygis.check.layer_column import LayerColumn
from xygis.check.layers import OpenLayer, atlas_fingerprint, in_plane, open_checked
from xygis.check.project import ProjectStatement, project_statement, use_of
from xygis.check.rows import KEY_BYTES, Rows
from xygis.errors import UsageError
from xygis.intake.submission import Parcel, SetApart, Submission
from xygis.judge.facts import resolve_facts
from xygis.judge.judging import Bench, rules_on
from xygis.overlay.class_sums import ClassSums, class_sums
from xygis.overlay.kernel.pieces import Floats, Ints, Pieces
from xygis.overlay.screen import area_pieces, outside_m2
from xygis.overlay.sheet import Sheet, lay_sheet
from xygis.overlay.store import LayerStore

Progress = Callable[[str, int, int], None]  # title of the layer, parcels done, of how many


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """Everything one run over many parcels found out. Rows stand in the order of the sources; columns in that of the atlas."""

    checked_on: date
    verdict: Verdict
    atlas: Atlas
    atlas_fingerprint: str
    sources: tuple[Submission | Refused, ...]
    parcels: tuple[Parcel, ...]
    source_of: Ints
    ellipsoidal_m2: Floats
    verdicts: tuple[Verdict, ...]  # of each parcel
    layers: tuple[LayerRecord, ...]
    columns: tuple[LayerColumn, ...]
    set_apart: tuple[tuple[int, SetApart], ...]  # (source, parcel that could not be read)
    reused: int  # pairs of parcel and layer taken over from an earlier run
    measured: int  # pairs worked out now
    project_name: str | None
    class_sums: tuple[tuple[str, ClassSums], ...] = ()  # (layer, overlap by class), where it was asked for

    @property
    def demo(self) -> bool:
        """True where any layer that took part is demonstration data: every output is stamped."""
        return any(r.layer.status == "demo" and r.sha256 is not None for r in self.layers)

    @property
    def names(self) -> tuple[str, ...]:
        """What a row goes by: the parcel's name where names are unique in the run, else its running number."""
        names = tuple(p.name for p in self.parcels)
        return names if len(set(names)) == len(names) else tuple(str(i + 1) for i in range(len(names)))


def screen_parcels(
    sources: Sequence[Submission | Refused],
    atlas: Atlas,
    *,
    on: date,
    project: ProjectStatement | Mapping[str, object] | None = None,
    store: LayerStore | None = None,
    jobs: int | None = None,
    rows: Rows | None = None,
    classes: bool = False,
    progress: Progress | None = None,
) -> Portfolio:
    """Measures every parcel against every layer and judges it by the rules of the day `on`.

    rows: what an earlier run kept of itself, and where this one keeps it. classes: the overlap by class too. jobs: threads and
    processes at once; the result does not depend on it. Raises UsageError for a fact or use code that the rule base does not know.
    """
    from xygis.check.columns import Task, column_of

    statement = project if isinstance(project, ProjectStatement) else project_statement(project)
    work = [(i, p) for i, source in enumerate(sources) if isinstance(source, Submission) for p in source.parcels]
    parcels = tuple(p for _, p in work)
    if statement.overrides:
        raise UsageError(what="批量汇总不能对图层作更正", fix="把要更正的地块单独审查，或者从项目文件中删去 [[override]]")
    store = store or LayerStore()
    layers = open_checked(atlas, on, store)
    records = tuple(o.record for o in layers)
    rules = rules_on(atlas.rules, on)
    sheet = lay_sheet(parcels, atlas.plane)
    benches, bench_of = _benches(parcels, atlas, statement, layers, rules, on)
    city = beyond_city_m2(sheet, atlas, layers, jobs)
    task = Task(
        parcels=parcels,
        sheet=sheet,
        atlas=atlas,
        on=on,
        statement=statement,
        benches=benches,
        bench_of=bench_of,
        layers=layers,
        store_folder=store.folder,
        jobs=jobs,
        keys=_keys(parcels),
        city_key=_city_key(atlas, records),
    )
    columns, reused = [], 0
    for opened in layers:
        if progress:
            progress(opened.layer.title, 0, len(parcels))
        column, taken = column_of(task, opened, unmapped_m2(sheet, opened, city, jobs), rows, progress)
        columns.append(column)
        reused += taken
    verdicts = _worst(parcels, benches, bench_of, columns)
    apart = tuple((i, a) for i, s in enumerate(sources) if isinstance(s, Submission) for a in s.set_apart)
    refused = any(isinstance(s, Refused) for s in sources)
    open_ = [Verdict.UNDETERMINED] if refused or apart or not parcels else []
    return Portfolio(
        checked_on=on,
        verdict=min([*verdicts, *open_], key=lambda v: v.rank),
        atlas=atlas,
        atlas_fingerprint=atlas_fingerprint(atlas, records),
        sources=tuple(sources),
        parcels=parcels,
        source_of=np.array([i for i, _ in work], np.int64),
        ellipsoidal_m2=sheet.ellipsoidal_m2,
        verdicts=verdicts,
        layers=records,
        columns=tuple(columns),
        set_apart=apart,
        reused=reused,
        measured=len(parcels) * len(columns) - reused,
        project_name=statement.name,
        class_sums=tuple(
            (o.layer.id, class_sums(sheet, o.prepared, jobs=jobs))
            for o in layers
            if classes and o.prepared is not None and o.layer.geometry == "polygon"
        ),
    )


def _benches(
    parcels: Sequence[Parcel], atlas: Atlas, statement: ProjectStatement, layers: Sequence[OpenLayer], rules: Sequence[Rule], on: date
) -> tuple[tuple[Bench, ...], Ints]:
    """(a bench for each use code that parcels state, which of them each parcel is judged on)."""
    texts = dict.fromkeys(p.use_text for p in parcels) or {None: None}
    code_of = {text: use_of(atlas.law, statement, text).rule_code for text in texts}
    place = {code: i for i, code in enumerate(dict.fromkeys(code_of.values()))}
    benches = tuple(
        Bench(
            rules=tuple(rules),
            instruments=atlas.law.instruments,
            layers=tuple(o.layer for o in layers),
            facts=resolve_facts(atlas.law.facts, dict(statement.facts), code),
            on=on,
            complete_from=atlas.law.complete_from,
        )
        for code in place
    )
    return benches, np.array([place[code_of[p.use_text]] for p in parcels], np.int64)


def beyond_city_m2(sheet: Sheet, atlas: Atlas, layers: Sequence[OpenLayer], jobs: int | None) -> Floats:
    """How much of each parcel lies outside the city, where a layer without an extent of its own is not complete."""
    counties = next((o.prepared for o in layers if o.layer.id == COUNTIES and o.prepared is not None and o.prepared.features), None)
    area: Pieces | None = None
    if counties is not None:
        area = counties.pieces
    elif atlas.envelope is not None:
        area = area_pieces(in_plane(shapely.box(*atlas.envelope), atlas.plane))
    return outside_m2(sheet, area, jobs=jobs)


def _city_key(atlas: Atlas, records: Sequence[LayerRecord]) -> str:
    counties = next((r for r in records if r.layer.id == COUNTIES), None)
    return f"{atlas.envelope} {counties.sha256 if counties else None}"


def unmapped_m2(sheet: Sheet, opened: OpenLayer, city: Floats, jobs: int | None) -> Floats:
    """How much of each parcel lies outside what the layer claims to cover."""
    if opened.extent is not None:
        return outside_m2(sheet, area_pieces(opened.extent), jobs=jobs)
    return np.zeros(len(sheet)) if opened.layer.id == COUNTIES else city


def _worst(parcels: Sequence[Parcel], benches: Sequence[Bench], bench_of: Ints, columns: Sequence[LayerColumn]) -> tuple[Verdict, ...]:
    """The worst verdict of each parcel."""
    by_rank = {v.rank: v for v in Verdict}
    usual = np.array([worst([f.verdict for f in b.of_parcel("")]).rank for b in benches], np.int64)
    rank = usual[bench_of] if len(parcels) else np.zeros(0, np.int64)
    for i, parcel in enumerate(parcels):
        if parcel.doubtful:
            found = benches[int(bench_of[i])].of_parcel(parcel.name, parcel.doubtful)
            rank[i] = min(int(rank[i]), *(f.verdict.rank for f in found))
    for column in columns:
        rank = np.minimum(rank, column.rank)
    return tuple(by_rank[r] for r in rank.tolist())


def _keys(parcels: Sequence[Parcel]) -> NDArray[np.void]:
    """What makes a parcel the same in another run: its shape, system and use. Its name and its doubts are no layer's business."""
    shapes = shapely.to_wkb(np.array([p.geometry for p in parcels], object)).tolist()
    digests = (
        hashlib.blake2b(wkb + f"\n{p.crs}\n{p.use_text}".encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).digest()
        for wkb, p in zip(shapes, parcels, strict=True)
    )
    return np.frombuffer(b"".join(digests), f"V{KEY_BYTES}")
