"""The first page of an assessment report: facts under the title, the verdict of each parcel, what the overview leaves out."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

from xygis import numbers
from xygis.atlas.verdict import Verdict
from xygis.check.assessment import Assessment, Refused
from xygis.report import headline as answer
from xygis.report.document import RefusedFile, VerdictBox
from xygis.report.overlay_tables import MOST_COLUMNS, clear_table, overlay_table
from xygis.report.table import Table
from xygis.report.totals import area_totals
from xygis.report.wording import column_names, names_are_short

FIRST_ROWS = 10  # of 表1 on the first page; the rest stands in the annex


def facts(assessment: Assessment) -> tuple[tuple[str, str], ...]:
    """The line under the title."""
    use = assessment.project.use
    named = f"{use.name}（{use.code}，{use.class_version} 版）" if use.code else use.name
    area = area_totals(assessment).ellipsoidal_m2
    files = [Path(s.path).name for s in assessment.sources]
    count = f"，{len(assessment.parcels)} 个地块" if len(assessment.parcels) != 1 else ""
    return (
        ("基准日", assessment.checked_on.isoformat()),
        ("拟定用途", named + ("，按假定" if use.assumed else "")),
        ("项目面积", f"{numbers.hectares(area)} 公顷（{numbers.mu(area)} 亩）{count}"),
        ("送审文件", files[0] if len(files) == 1 else f"{files[0]} 等 {len(files)} 个" if files else "无"),
    )


def verdict_box(assessment: Assessment) -> VerdictBox:
    """The answer in one word, two sentences, and the verdict of each parcel."""
    return VerdictBox(
        verdict=assessment.verdict,
        sentence=answer.headline(assessment),
        second=answer.second_sentence(assessment),
        rows=tuple(_parcel_rows(assessment)),
    )


def refused_files(assessment: Assessment) -> tuple[RefusedFile, ...]:
    """What could not be read."""
    return tuple(
        RefusedFile(
            path=s.path,
            what=s.error.what,
            where=str(s.error.where or ""),
            why=s.error.why or "",
            fix=s.error.fix,
            excerpt=s.error.where.excerpt if s.error.where is not None else (),
        )
        for s in assessment.sources
        if isinstance(s, Refused)
    )


def overview_tables(assessment: Assessment) -> tuple[Table, Table | None]:
    """表1 as it fits the first page, and its remaining rows."""
    overlay = overlay_table(assessment)
    rest = overlay.rows[FIRST_ROWS:]
    return replace(overlay, rows=overlay.rows[:FIRST_ROWS]), replace(overlay, title="其余管控图层", rows=rest) if rest else None


def overview_note(assessment: Assessment) -> str:
    """What the table leaves out, and what its signs mean."""
    parts = ["“–”表示不涉及。"]
    if 1 < len(assessment.parcels) <= MOST_COLUMNS and not names_are_short(assessment.parcels):
        parts.append("；".join(f"{c}：{p.name}" for c, p in zip(column_names(assessment.parcels), assessment.parcels, strict=True)) + "。")
    slivers = [(p.name, m) for p in assessment.parcels for m in p.measures if m.sliver_count]
    if slivers:
        titles = {r.layer.id: r.layer.title for r in assessment.layers}
        name, m = slivers[0]
        more = f"等 {len(slivers)} 处" if len(slivers) > 1 else ""
        parts.append(
            f"{name} 与{titles.get(m.layer, m.layer)}的重叠中有 {numbers.square_metres(m.sliver_m2)} m²{more}属疑似边界误差，不作为“不涉及”。"
        )
    shown = {row[0] for row in overlay_table(assessment).rows}
    clear = [row[0] for row in clear_table(assessment).rows if row[0] not in shown and f"{row[0]}以外" not in shown]
    if clear:
        parts.append(f"{'、'.join(str(c) for c in clear[:4])}{f'等 {len(clear)} 个图层' if len(clear) > 4 else ''}均不涉及，见附表。")
    hidden = len(overlay_table(assessment).rows) - FIRST_ROWS
    if hidden > 0:
        parts.append(f"其余 {hidden} 行见附表1。")
    return "".join(parts)


def _parcel_rows(assessment: Assessment) -> list[tuple[str, Verdict | None, str]]:
    """Each parcel, or with many a count for each verdict."""
    parcels = assessment.parcels
    if len(parcels) <= MOST_COLUMNS:
        prefix = [""] * len(parcels) if names_are_short(parcels) else [f"{p.id} 号 " for p in parcels]
        return [(pre + p.name, p.verdict, f"{numbers.hectares(p.ellipsoidal_m2)} 公顷") for pre, p in zip(prefix, parcels, strict=True)]
    counts = Counter(p.verdict for p in parcels)
    return [
        (f"{counts[v]} 个地块", v, f"{numbers.hectares(sum(p.ellipsoidal_m2 for p in parcels if p.verdict == v))} 公顷")
        for v in Verdict
        if counts[v]
    ]
