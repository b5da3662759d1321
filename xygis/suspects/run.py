"""`suspects`: a month's patches from their file to a list that can be worked off, one line per room."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np

from xygis.atlas.atlas import COUNTIES, Atlas
from xygis.atlas.catalogue import PERMIT
from xygis.atlas.record import atlas_record
from xygis.atlas.suspect_law import SuspectLaw, SuspectVerdict, read_suspect_law
from xygis.atlas.verdict import DataState
from xygis.check.assessment import Refused
from xygis.check.layers import OpenLayer, atlas_fingerprint, open_layers
from xygis.check.project import ProjectStatement, use_of
from xygis.errors import UsageError, XygisError
from xygis.intake.submission import SetApart, Submission
from xygis.numbers import square_metres
from xygis.overlay.counties import counties_of
from xygis.overlay.store import LayerStore
from xygis.overlay.tolerances import TOLERANCES
from xygis.suspects.judging import Bench
from xygis.suspects.measuring import Ground, Progress, UseCode, doubled_m2, measured
from xygis.suspects.patches import SuspectPatch, suspect_patches
from xygis.suspects.permits import PermitBook, book_of_file, book_of_layer
from xygis.suspects.priority import by_county, by_place, ranked, tally
from xygis.suspects.result import PatchResult, Since, Suspects
from xygis.suspects.since import EarlierBatch, gone_of, same_patches

_MOST_NAMED = 5


def suspects(
    sources: Submission | Sequence[Submission | Refused],
    atlas: Atlas,
    *,
    on: date,
    permits: Submission | None = None,
    since: EarlierBatch | None = None,
    store: LayerStore | None = None,
    progress: Progress | None = None,
) -> Suspects:
    """Judges every patch by the permits in force, and the law in force, on the day of its image.

    permits: of a file, in place of the atlas's layer. since: the result of an earlier batch. Without permits, or where a layer
    that could forbid has no data, nothing is 合法. Raises BadRule where the atlas has no `suspects.toml`.
    """
    sources = (sources,) if isinstance(sources, Submission) else tuple(sources)
    law = read_suspect_law(atlas)
    store = store or LayerStore()
    layers = open_layers(atlas, on, store)
    book = _book(atlas, law, layers, permits)
    parcels = [p for s in sources if isinstance(s, Submission) for p in s.parcels]
    patches = suspect_patches(parcels, law)
    checked = [o for o in layers if o.layer.role != PERMIT]
    ground = measured(patches, atlas, law, checked, book, on=on, use_code=_use_codes(atlas), progress=progress)
    bench = Bench(law=law, instruments=atlas.law.instruments, complete_from=atlas.law.complete_from)
    remarks, overlapping_m2, per_patch = _remarks(patches, ground)
    results = _results(patches, ground, layers, bench, per_patch)
    order = ranked(results, law)
    results = [replace(r, priority=order.get(r.id)) for r in results]
    compared: Since | None = None
    if since is not None:
        results, compared = _against(results, since)
    used = [o.record for o in checked] + ([book.opened.record] if book.opened is not None else [])
    return Suspects(
        checked_on=on,
        atlas_name=atlas.name,
        atlas_fingerprint=atlas_fingerprint(atlas, [o.record for o in layers]),
        plane=atlas.plane.title,
        rules_fingerprint=atlas.rules_fingerprint(),
        law=law,
        layers=tuple(used),
        permits=len(book.permits) if book.prepared is not None else None,
        permits_as_of=book.as_of,
        permits_note=_permits_note(book),
        sources=sources,
        set_apart=_apart(sources),
        patches=tuple(results),
        by_county=by_county(results),
        by_place=by_place(results, law),
        total=tally(None, "合计", results),
        overlapping_m2=overlapping_m2,
        since=compared,
        remarks=tuple(remarks),
        assumptions=_assumptions(law, results, book),
        tolerances=(*TOLERANCES, ("image_accuracy_m", law.image_accuracy_m)),
        record=atlas_record(atlas, ()),
        permit_file=permits,
        atlas=atlas,
    )


def _book(atlas: Atlas, law: SuspectLaw, layers: Sequence[OpenLayer], permits: Submission | None) -> PermitBook:
    opened = next((o for o in layers if o.layer.role == PERMIT and o.layer.geometry == "polygon"), None)
    if permits is None:
        return book_of_layer(opened, law.kinds)
    if opened is None:
        fix = '请从自带图集的 catalogue.toml 复制 role = "permit" 的图层，其 fields 说明许可文件各列的意思'
        raise UsageError(what="图集没有登记用地审批与规划许可图层，不知道许可文件各列的意思", fix=fix)
    return book_of_file(permits, opened.layer, atlas.plane, law.kinds)


def _results(
    patches: Sequence[SuspectPatch], ground: Ground, layers: Sequence[OpenLayer], bench: Bench, remarks: dict[int, list[str]]
) -> list[PatchResult]:
    """Each patch in the county that holds most of it, judged."""
    city = next((o for o in layers if o.layer.id == COUNTIES and o.record.state is DataState.READY), None)
    counties = counties_of(city.prepared if city is not None else None)
    shapes = np.array([s.polygon for s in ground.shapes], object)
    home = counties.areas_of(shapes).argmax(axis=1) if len(shapes) else np.zeros(0, np.int64)
    return [
        PatchResult(
            id=str(i + 1),
            patch=patch,
            geometry=shape.degrees,
            area_m2=facts.area_m2,
            county_code=counties.codes[home[i]],
            county_name=counties.names[home[i]],
            facts=facts,
            judgement=bench.judge(facts),
            priority=None,
            remarks=tuple(remarks.get(i, ())),
        )
        for i, (patch, shape, facts) in enumerate(zip(patches, ground.shapes, ground.facts, strict=True))
    ]


def _remarks(patches: Sequence[SuspectPatch], ground: Ground) -> tuple[list[str], float, dict[int, list[str]]]:
    """(of the batch, m² counted twice, of each patch): numbers given twice, patches on each other, words nobody knows."""
    batch: list[str] = []
    mine: dict[int, list[str]] = {}
    twice = {n for n, k in Counter(p.number for p in patches if p.number).items() if k > 1}
    for i, patch in enumerate(patches):
        if patch.number in twice:
            mine.setdefault(i, []).append(f"编号“{patch.number}”不止一个图斑使用")
        if patch.after_text and patch.after is None:
            mine.setdefault(i, []).append(f"影像日期“{patch.after_text}”读不懂")
        if patch.situation_text and patch.situation is None:
            mine.setdefault(i, []).append(f"图斑类型“{patch.situation_text}”不在对照表中，按类型不明处理")
        for h in ground.facts[i].beside:
            mine.setdefault(i, []).append(f"{h.permit.label}只压占图斑 {square_metres(h.overlap_m2)} m²，按相邻地块的许可计")
        mine.setdefault(i, []).extend(f"边界存疑：{doubt}" for doubt in patch.parcel.doubtful)
    if twice:
        names = "、".join(sorted(twice)[:_MOST_NAMED])
        batch.append(f"有 {len(twice)} 个编号重复使用：{names}{' 等' if len(twice) > _MOST_NAMED else ''}，各图斑分别判断")
    pairs = doubled_m2(ground.shapes)
    for i, j, area in pairs:
        for one, other in ((i, j), (j, i)):
            name = patches[other].number or f"第{other + 1}个"
            mine.setdefault(one, []).append(f"与图斑{name}相互重叠 {square_metres(area)} m²")
    total = math.fsum(area for _, _, area in pairs)
    if pairs:
        batch.append(f"有 {len(pairs)} 对图斑相互重叠，共 {square_metres(total)} m²，合计中按各图斑分别累加")
    unknown = sum(p.situation is None for p in patches)
    if unknown:
        batch.append(f"有 {unknown} 个图斑没有可用的建设类型")
    return batch, total, {i: said for i, said in mine.items() if said}


def _against(results: list[PatchResult], batch: EarlierBatch) -> tuple[list[PatchResult], Since]:
    found = same_patches([r.geometry for r in results], [r.patch.number for r in results], batch)
    told = [
        replace(r, change="persisting", earlier=batch.patches[found[i]].label) if i in found else replace(r, change="new")
        for i, r in enumerate(results)
    ]
    return told, Since(
        checked_on=batch.checked_on,
        patches=len(batch.patches),
        new=len(results) - len(found),
        persisting=len(found),
        gone=gone_of(batch, found),
        file=batch.file,
        sha256=batch.sha256,
    )


def _use_codes(atlas: Atlas) -> UseCode:
    """The code of a use in words, None where the words do not say one; each word is looked up once."""

    @cache
    def code(text: str | None) -> str | None:
        if text is None:
            return None
        try:
            use = use_of(atlas.law, ProjectStatement(), text)
        except XygisError:
            return None
        return None if use.assumed else use.rule_code

    return code


def _apart(sources: Sequence[Submission | Refused]) -> tuple[SetApart, ...]:
    return tuple(a for s in sources if isinstance(s, Submission) for a in s.set_apart)


def _permits_note(book: PermitBook) -> str:
    if book.prepared is None:
        return book.reason
    if book.source is not None:
        return f"许可取自文件 {book.source.path}，共 {len(book.permits)} 件，代替图集的许可图层"
    assert book.opened is not None
    version = f"（{book.opened.layer.version}）" if book.opened.layer.version else ""
    return f"许可取自图层 {book.opened.layer.title}{version}，共 {len(book.permits)} 件"


def _assumptions(law: SuspectLaw, results: Sequence[PatchResult], book: PermitBook) -> tuple[str, ...]:
    said = [f"图斑边线按 ±{law.image_accuracy_m:g} m 计，误差以内的压占和超出列为临界、待核"]
    if any(r.judgement.assumed for r in results):
        title = next(s.title for s in law.situations if s.assumed)
        said.append(f"没有说明建设类型的图斑按{title}判断；各类型结论不同的列为待核")
    if book.prepared is not None:
        said.append("许可数据视为完整：其中没有的许可，按没有办理计")
    said.append("公路、铁路、电力、管道等线状图层的控制区不在本清单内，逐个图斑可用 xygis check 审查")
    if any(r.verdict is SuspectVerdict.LEGAL for r in results):
        said.append("合法指影像日期有有效的许可覆盖，不涉及建筑高度、层数等影像看不出的内容")
    return tuple(said)
