"""The assessment as one HTML page that works offline, puts the answer first and prints on A4."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from xygis import numbers
from xygis.atlas.verdict import LayerState, Verdict
from xygis.check.assessment import Assessment, Refused, Upcoming
from xygis.geodesy.crs import title as crs_title
from xygis.geodesy.plane import Plane
from xygis.intake.submission import Submission
from xygis.report import headline as answer
from xygis.report.cells import PrintedTable, print_table
from xygis.report.contract import assessment_dict, json_text
from xygis.report.land_table import land_table
from xygis.report.overlay_tables import MOST_COLUMNS, clear_table, overlay_table, parcel_lines_table, parcels_table
from xygis.report.pages import render
from xygis.report.patch_table import patch_table
from xygis.report.record_tables import (
    areas_table,
    corrections_table,
    layers_table,
    needs_table,
    points_table,
    procedures_table,
    questions_table,
    trace_table,
)
from xygis.report.table import Table
from xygis.report.terrain_table import classes_table, terrain_table
from xygis.report.totals import area_totals, layer_totals
from xygis.report.upcoming_table import NOTHING_KNOWN, heading, summary, upcoming_table
from xygis.report.wording import FORMATS, basis, column_names, document_title, fingerprint, listed, names_are_short, net_sentences

if TYPE_CHECKING:
    from markupsafe import Markup

FIRST_ROWS = 10  # of 表1 on the first screen; the rest stands in the appendix
_DISCLAIMER = "本报告由 xygis 依据上列数据与规则自动生成，供审查参考，不替代行政审批。数字可由 xygis verify 复核。"
_DEMO_DISCLAIMER = "本报告由 xygis 依据示意数据生成，用于演示，不作为行政审批依据。数字可由 xygis verify 复核。"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Numbered:
    printed: PrintedTable
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Card:
    rule: str
    heading: str
    verdict: Verdict
    best: Verdict
    worst: Verdict
    lines: tuple[tuple[str, str], ...]  # (parcel where there are several, text)
    basis: tuple[tuple[str, bool], ...]
    authority: str
    documents: tuple[str, ...]
    needs: tuple[str, ...]
    remedy: str
    penalty: str
    figure: Markup | None


def assessment_html(
    assessment: Assessment,
    *,
    map_page: str | None,
    main_figure: str | None,
    finding_figures: Mapping[tuple[str, str], str],
    legend: Sequence[tuple[str, str]] = (),
    figure_caption: str = "图1 送审地块与管控图层套合图。",
) -> str:
    """The report. map_page: a whole HTML document for the screen; figures: SVG of our own making, for screen and paper.

    finding_figures: (parcel id, layer id) → SVG. legend: (swatch as SVG, label) of the main figure.
    """
    from markupsafe import Markup

    digest = hashlib.sha256(json_text(assessment_dict(assessment)).encode()).hexdigest()
    tables = _tables(assessment)
    context = {
        "atlas_name": assessment.atlas_name,
        "verdict": assessment.verdict,
        "facts": _facts(assessment),
        "refused": [s for s in assessment.sources if isinstance(s, Refused)],
        "sentence": answer.headline(assessment),
        "second": answer.second_sentence(assessment),
        "parcel_rows": _parcel_rows(assessment),
        "single": len(assessment.parcels) == 1,
        "map_page": map_page,
        "main_figure": Markup(main_figure) if main_figure else None,  # drawn by xygis.cartography, which escapes names
        "figure_caption": figure_caption,
        "legend": [(Markup(swatch), label) for swatch, label in legend],
        "overlay_note": _overlay_note(assessment),
        "steps": answer.next_steps(assessment),
        "groups": _cards(assessment, finding_figures),
        "path": answer.path(assessment),
        "cured": answer.verdict_without_prohibitions(assessment),
        "upcoming": [
            (heading(d), summary(d, {p.id: p.name for p in assessment.parcels}), _upcoming(assessment, d)) for d in assessment.upcoming
        ],
        "nothing_known": NOTHING_KNOWN,
        "sources": [_source(s) for s in assessment.sources if isinstance(s, Submission)],
        "atlas_fingerprint": fingerprint(assessment.atlas_fingerprint),
        "rules_count": assessment.rules_count,
        "rules_fingerprint": fingerprint(assessment.rules_fingerprint),
        "layer_notes": [f"{r.layer.title}：{r.note}" for r in assessment.layers if r.note],
        "tolerances": _tolerances(assessment),
        "assumptions": (*assessment.remarks, *assessment.assumptions),
        "net": net_sentences(layer_totals(assessment)),
        "beside": len(assessment.parcels) <= MOST_COLUMNS and names_are_short(assessment.parcels),
        "plane": Plane(assessment.plane).title,
        "steps_run": _steps_run(assessment),
        "disclaimer": _DEMO_DISCLAIMER if assessment.demo else _DISCLAIMER,
        **tables,
    }
    foot = f"基准日 {assessment.checked_on.isoformat()} · 报告指纹 {fingerprint(digest)}"
    return render("assessment.html.j2", context, title=document_title(assessment), demo=assessment.demo, foot=foot)


def _tables(assessment: Assessment) -> dict[str, object]:
    """Every table of the page, numbered in the order in which they stand."""
    several = len(assessment.parcels) > 1
    many = len(assessment.parcels) > MOST_COLUMNS
    overlay = overlay_table(assessment)
    first, rest = replace(overlay, rows=overlay.rows[:FIRST_ROWS]), overlay.rows[FIRST_ROWS:]
    named: list[tuple[str, Table | None]] = [
        ("overlay", first),
        ("by_parcel", parcels_table(assessment) if many else None),
        ("parcel_lines", parcel_lines_table(assessment) if several and not many else None),
        ("procedures", procedures_table(assessment)),
        ("areas", areas_table(assessment)),
        ("layers", layers_table(assessment)),
    ]
    tables: dict[str, object] = {"needs": _Numbered(printed=print_table(needs_table(assessment)))}
    tables["corrections"] = _Numbered(printed=print_table(corrections_table(assessment)))
    tables["questions"] = _Numbered(printed=print_table(questions_table(assessment)))
    n = 0
    for key, table in named:
        if table is not None and (table.rows or key != "procedures"):
            n += 1
        tables[key] = None if table is None else _Numbered(printed=print_table(table), label=f"表{n}")
    appendices = [
        replace(overlay, title="其余管控图层", rows=rest) if rest else None,
        parcel_lines_table(assessment) if many else None,
        land_table(assessment),
        terrain_table(assessment),
        classes_table(assessment),
        patch_table(assessment),
        clear_table(assessment),
        points_table(assessment),
        trace_table(assessment),
    ]
    kept = [t for t in appendices if t is not None and t.rows]
    tables["appendices"] = [_Numbered(printed=print_table(t), label=f"附表{i}") for i, t in enumerate(kept, start=1)]
    return tables


def _upcoming(assessment: Assessment, day: Upcoming) -> PrintedTable | None:
    return print_table(upcoming_table(assessment, day)) if day.changes else None


def _facts(assessment: Assessment) -> list[tuple[str, str]]:
    """The line under the title."""
    use = assessment.project.use
    named = f"{use.name}（{use.code}，{use.class_version} 版）" if use.code else use.name
    area = area_totals(assessment).ellipsoidal_m2
    files = [Path(s.path).name for s in assessment.sources]
    count = f"，{len(assessment.parcels)} 个地块" if len(assessment.parcels) != 1 else ""
    return [
        ("基准日", assessment.checked_on.isoformat()),
        ("拟定用途", named + ("，按假定" if use.assumed else "")),
        ("项目面积", f"{numbers.hectares(area)} 公顷（{numbers.mu(area)} 亩）{count}"),
        ("送审文件", files[0] if len(files) == 1 else f"{files[0]} 等 {len(files)} 个" if files else "无"),
    ]


def _parcel_rows(assessment: Assessment) -> list[tuple[str, Verdict | None, str]]:
    """At the right of the verdict: each parcel, or with many a count for each verdict."""
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


def _overlay_note(assessment: Assessment) -> str:
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


def _cards(assessment: Assessment, figures: Mapping[tuple[str, str], str]) -> list[_Card]:
    """One card per rule and verdict. A figure stands on the first card that it belongs to."""
    from markupsafe import Markup

    cards, drawn = [], set()
    for g in answer.finding_groups(assessment):
        key = (
            next(((p.id, g.layer) for p, _ in g.voices if (p.id, g.layer) in figures and (p.id, g.layer) not in drawn), None)
            if g.verdict != Verdict.NOTICE
            else None
        )
        drawn.add(key)
        several = len(g.voices) > 1
        same = len({f.text for _, f in g.voices}) == 1
        lines = (("", g.first.text),) if same else tuple((p.name if several else "", f.text) for p, f in g.voices)
        cards.append(
            _Card(
                rule=g.rule,
                heading=f"{listed(g.names)} {g.title}",
                verdict=g.verdict,
                best=g.best,
                worst=g.worst,
                lines=lines,
                basis=tuple(basis(g.first.basis)),
                authority=g.first.authority,
                documents=tuple(dict.fromkeys(d for _, f in g.voices for d in f.documents)),
                needs=(*g.needs[:3], *((f"等 {len(g.needs)} 项（见“尚需材料”）",) if len(g.needs) > 3 else ())),
                remedy="；".join(dict.fromkeys(f.remedy.rstrip("。；") for _, f in g.voices if f.remedy)),
                penalty=g.first.penalty,
                figure=Markup(figures[key]) if key is not None else None,
            )
        )
    return cards


def _source(source: Submission) -> dict[str, object]:
    encoding = f"，{source.encoding.upper()} 编码" if source.encoding else ""
    what = f"{FORMATS.get(source.format, source.format)}{encoding}，{len(source.parcels)} 个地块，坐标系判为 {crs_title(source.crs)}"
    what += f"；文件指纹 {fingerprint(source.sha256)}"
    return {"path": source.path, "what": what, "evidence": source.evidence, "notes": source.notes}


def _tolerances(assessment: Assessment) -> list[tuple[str, str]]:
    """Each tolerance as a number and a sentence, in the order of DESIGN §6."""
    t = dict(assessment.tolerances)
    found = []
    if "contact_m" in t:
        found.append((f"{t['contact_m']:g} m", "几何容差。平均宽小于此值为相接，按 0 计，原值留在计算记录。"))
    if "sliver_area_m2" in t and "sliver_width_m" in t:
        found.append(
            (f"{t['sliver_area_m2']:g} m² 或 {t['sliver_width_m']:g} m", "疑似边界误差。面积或平均宽小于此值单独列出，不作为“不涉及”。")
        )
    minima = [v for k, v in assessment.tolerances if k.startswith("mapping_minimum")]
    if minima:
        found.append((f"{' / '.join(f'{v:g}' for v in minima)} m²", "上图最小面积，按建设、农业、其他用地；小于此值仍照列，仅作说明。"))
    if "search_radius_m" in t:
        found.append((f"{t['search_radius_m']:,.0f} m", "最近距离的搜索半径。超出的不列距离。"))
    return found


def _steps_run(assessment: Assessment) -> str:
    counts = Counter(s.status for s in assessment.trace)
    no_data = sum(m.state == LayerState.NO_DATA for p in assessment.parcels for m in p.measures)
    words = f"已做 {counts['run']}，未做 {counts['skipped']}，失败 {counts['failed']}"
    return words + (f"；无数据的套合 {no_data} 项。明细见附表。" if no_data else "。明细见附表。")
