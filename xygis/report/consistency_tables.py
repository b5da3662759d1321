"""The three-line tables of the consistency report: types, findings, sizes, pairs, what lacks data, quality."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from xygis import numbers
from xygis.atlas.verdict import Verdict
from xygis.consistency.indicators import LINES
from xygis.consistency.result import Consistency, DifferencePatch, Pair, PairFinding
from xygis.overlay.ground import FeatureRef
from xygis.report.table import Cell, Column, Kind, Table
from xygis.report.wording import basis_line, numeral, shortened

MOST_CONFLICTS = 5
_RELATIONS = {"overlap": "重叠", "difference": "甲超出乙", "containment": "甲应在乙内"}
_LEVELS = {"error": "严重", "warning": "一般", "info": "警告"}
_NOT_ASKED = "无规则"
_NUMBER = re.compile(r"\d{5,}")  # a running number says nothing to a reader

Rows = tuple[tuple[Cell, ...], ...]


def titles(consistency: Consistency) -> dict[str, str]:
    """Layer id → title, for every layer that the atlas knows."""
    known = consistency.atlas.layers if consistency.atlas is not None else tuple(r.layer for r in consistency.layers)
    return {layer.id: layer.title for layer in known}


def largest_conflicts(consistency: Consistency) -> tuple[DifferencePatch, ...]:
    """The places to look at first."""
    return ranked_patches(consistency)[:MOST_CONFLICTS]


def ranked_patches(consistency: Consistency) -> tuple[DifferencePatch, ...]:
    """Every real place, worst verdict first, then by area. Slivers are for the survey, not for the bureau head."""
    real = [p for p in consistency.patches if not p.sliver and p.verdict is not Verdict.COMPLIANT]
    return tuple(sorted(real, key=lambda p: (p.verdict.rank, -p.area_m2, p.id)))


def conflicts_table(consistency: Consistency) -> Table:
    """最大的冲突, with their pins on the county map."""
    names = titles(consistency)
    kinds = {d.type: d.title for d in consistency.differences}
    body: Rows = tuple(
        (
            str(i),
            p.county_name,
            f"{p.difference} {kinds[p.difference]}" if p.difference else p.rule,
            p.verdict,
            p.area_m2,
            sides_words(p, names),
            p.id,
            *([p.track.text if p.track is not None else ""] if consistency.tracking is not None else []),
        )
        for i, p in enumerate(largest_conflicts(consistency), start=1)
    )
    columns = (
        Column(key="n", title=""),
        Column(key="county", title="位置", kind=Kind.NAME),
        Column(key="type", title="类型"),
        Column(key="verdict", title="结论", kind=Kind.VERDICT),
        Column(key="ha", title="公顷", kind=Kind.HA),
        Column(key="sides", title="甲 × 乙"),
        Column(key="id", title="图斑编号", kind=Kind.CODE),
        *([Column(key="state", title="状态")] if consistency.tracking is not None else []),
    )
    return Table(
        title=f"最大的{'两' if len(body) == 2 else numeral(len(body))}处冲突" if body else "最大的冲突", columns=columns, rows=body
    )


def types_table(consistency: Consistency) -> Table:
    """差异类型 D1 … D10."""
    whole = consistency.patch_m2
    body: Rows = tuple(
        (
            d.type,
            d.title,
            d.sides,
            _NOT_ASKED if d.verdict is None else d.verdict,
            d.patches or None,
            d.area_m2 or None,
            d.area_m2 or None,
            d.area_m2 / whole if whole and d.area_m2 else None,
            "、".join(d.rules) if d.type != consistency.differences[-1].type else "各规则的疑似边界误差",
        )
        for d in consistency.differences
    )
    columns = (
        Column(key="type", title="类型", kind=Kind.NAME),
        Column(key="title", title="名称"),
        Column(key="sides", title="甲与乙"),
        Column(key="verdict", title="结论", kind=Kind.VERDICT),
        Column(key="patches", title="图斑", kind=Kind.COUNT),
        Column(key="ha", title="公顷", kind=Kind.HA),
        Column(key="mu", title="亩", kind=Kind.MU),
        Column(key="share", title="面积占比", kind=Kind.SHARE),
        Column(key="rules", title="规则"),
    )
    total: tuple[Cell, ...] = ("合计", "", "", "", consistency.patch_count, whole, whole, 1.0 if whole else None, "")
    note = "同一地块与几类图层都有差异的，分别计入各类；同一图层对内，一处只计一次，归于结论最重的规则。"
    return Table(title="差异类型", columns=columns, rows=body, total=total, notes=(note,))


def findings_table(consistency: Consistency) -> Table:
    """审查意见: what each rule found, with the suggestion and the law in force on the day, worst first."""
    found = sorted((f for p in consistency.pairs for f in p.findings), key=lambda f: (f.verdict.rank, f.worst.rank, -f.area_m2))
    body: Rows = tuple(
        (
            f.rule,
            f.difference,
            f.title,
            f.verdict if f.best == f.worst else (f.best, f.worst),
            f.patches,
            f.area_m2,
            _advice(f),
            basis_line(f.basis),
        )
        for f in found
    )
    columns = (
        Column(key="rule", title="规则", kind=Kind.CODE),
        Column(key="type", title="类型"),
        Column(key="title", title="差异", kind=Kind.NAME),
        Column(key="verdict", title="结论", kind=Kind.VERDICT),
        Column(key="patches", title="图斑", kind=Kind.COUNT),
        Column(key="ha", title="公顷", kind=Kind.HA),
        Column(key="advice", title="建议路径"),
        Column(key="basis", title="依据"),
    )
    return Table(title="各规则的差异与建议", columns=columns, rows=body, notes=("图斑和面积含疑似边界误差。",))


def sizes_table(consistency: Consistency) -> Table:
    """图斑大小."""
    classes = consistency.differences[0].by_size
    body: Rows = tuple(
        (
            one.title,
            sum(d.by_size[i].patches for d in consistency.differences) or None,
            math.fsum(d.by_size[i].area_m2 for d in consistency.differences) or None,
        )
        for i, one in enumerate(classes)
    )
    columns = (
        Column(key="size", title="面积", kind=Kind.NAME),
        Column(key="patches", title="图斑", kind=Kind.COUNT),
        Column(key="ha", title="公顷", kind=Kind.HA),
    )
    total = ("合计", consistency.patch_count, consistency.patch_m2)
    return Table(title="图斑大小", columns=columns, rows=body, total=total)


def lines_table(consistency: Consistency) -> Table:
    """三条控制线两两比对."""
    return replace(_pairs(consistency, line_pairs(consistency)), title="三条控制线两两比对")


def line_pairs(consistency: Consistency) -> tuple[Pair, ...]:
    """The control lines against each other: no place may lie in two of them."""
    return tuple(p for p in consistency.pairs if p.relation == "overlap" and p.a in LINES and p.b in LINES)


def pairs_table(consistency: Consistency) -> Table:
    """图层对: every pair that was compared, agreeing or not."""
    note = "甲、乙的面积只算规则所问的分区或类别，层内重叠处只计一次。"
    return replace(_pairs(consistency, consistency.pairs), title="比对的图层对", notes=(note,))


def _pairs(consistency: Consistency, pairs: Sequence[Pair]) -> Table:
    names = titles(consistency)
    body: Rows = tuple(
        (
            names.get(p.a, p.a),
            names.get(p.b, p.b),
            _RELATIONS[p.relation],
            p.a_m2,
            p.b_m2,
            (p.overlap_m2 if p.difference_m2 is None else p.difference_m2) or None,
            p.patches or None,
            p.sliver_count or None,
            p.sliver_m2 or None,
            p.verdict,
        )
        for p in sorted(pairs, key=lambda p: p.verdict.rank)
    )
    columns = (
        Column(key="a", title="甲", kind=Kind.NAME),
        Column(key="b", title="乙", kind=Kind.NAME),
        Column(key="relation", title="关系"),
        Column(key="a_ha", title="甲（公顷）", kind=Kind.HA),
        Column(key="b_ha", title="乙（公顷）", kind=Kind.HA),
        Column(key="ha", title="重叠或超出（公顷）", kind=Kind.HA),
        Column(key="patches", title="图斑", kind=Kind.COUNT),
        Column(key="slivers", title="其中边界误差", kind=Kind.COUNT),
        Column(key="sliver_m2", title="边界误差（m²）", kind=Kind.M2),
        Column(key="verdict", title="结论", kind=Kind.VERDICT),
    )
    return Table(title="图层对", columns=columns, rows=body)


def no_data_table(consistency: Consistency) -> Table:
    """无数据的图层对: never counted as agreeing."""
    names = titles(consistency)
    body: Rows = tuple(
        (names.get(n.a, n.a), names.get(n.b, n.b), _RELATIONS[n.relation], n.reason, "、".join(n.rules)) for n in consistency.no_data
    )
    columns = (
        Column(key="a", title="甲", kind=Kind.NAME),
        Column(key="b", title="乙", kind=Kind.NAME),
        Column(key="relation", title="关系"),
        Column(key="reason", title="原因"),
        Column(key="rules", title="未能判断的规则", kind=Kind.CODE),
    )
    return Table(title="缺数据、未能比对的图层对", columns=columns, rows=body)


def quality_table(consistency: Consistency) -> Table:
    """数据质量: what is wrong with the layers themselves."""
    names = titles(consistency)
    body: Rows = tuple(
        (
            names.get(q.layer, q.layer),
            f"{q.rule} {q.title}",
            _LEVELS.get(q.level, q.level) + ("" if q.read else "（标准待核）"),
            q.count,
            q.area_m2,
            q.text,
            "；".join(q.where[:2]) + (" 等" if q.count > 2 else ""),
        )
        for q in consistency.quality
    )
    columns = (
        Column(key="layer", title="图层", kind=Kind.NAME),
        Column(key="check", title="检查"),
        Column(key="level", title="级别"),
        Column(key="count", title="处", kind=Kind.COUNT),
        Column(key="m2", title="面积（m²）", kind=Kind.M2),
        Column(key="text", title="说明"),
        Column(key="where", title="位置或编号", kind=Kind.CODE),
    )
    return Table(title="数据质量", columns=columns, rows=body)


def quality_words(consistency: Consistency) -> str:
    """What was checked and what was not: a check that did not run never reads as no error."""
    quality = consistency.quality_check
    due = [n for n in quality.skipped if n.due]
    said = f"质检做了 {len(quality.run):,} 项（按图层计），发现错误 {len(quality.faults):,} 处，逐条见 consistency.gpkg 的 quality_errors 图层。"
    if quality.failed or due:
        lacking = "、".join(dict.fromkeys(n.reason for n in (*quality.failed, *due)))
        said += f"失败 {len(quality.failed):,} 项、应做未做 {len(due):,} 项，不等于没有错误：{shortened(lacking, 200)}。"
    return said


def _advice(finding: PairFinding) -> str:
    needs = f"先{'、'.join(finding.needs)}。" if finding.needs else ""
    sides = {"a": "甲方", "b": "乙方", "both": "双方"}
    settled = [f"{sides[finding.yields]}退让"] if finding.yields in sides else []
    settled += [f"责任部门：{'、'.join(finding.departments)}"] if finding.departments else []
    return f"{needs}{finding.suggestion}" + (f"（{'；'.join(settled)}）" if settled else "")


def sides_words(patch: DifferencePatch, names: dict[str, str]) -> str:
    """甲 × 乙, each with what its features are called."""
    p = patch
    return f"{names.get(p.a, p.a)}{_features(p.a_features)} × {names.get(p.b, p.b)}{_features(p.b_features)}"


def _features(features: tuple[FeatureRef, ...]) -> str:
    """（居住用地 R2）: what the features are called, where that is short."""
    words = dict.fromkeys(
        w for f in features if (w := next((v for v in (f.zone, f.name, f.class_) if v and not _NUMBER.fullmatch(v)), None))
    )
    text = "、".join(list(words)[:2]) + ("等" if len(words) > 2 else "")
    return f"（{shortened(text, 16)}）" if text else ""


def permil_by_county(consistency: Consistency) -> dict[str, float]:
    """County code → share of the county in which any difference lies, in ‰; for the county map."""
    areas = {c.code: m2 for c, m2 in zip(consistency.counties, consistency.differing_m2, strict=True) if c.code is not None}
    size = {c.code: c.area_m2 for c in consistency.counties}
    return {code: round(area / size[code] * 1000, 6) for code, area in areas.items() if size.get(code)}


def area_words(m2: float) -> str:
    """1,183.2 公顷, or m² where that is too small."""
    if m2 < numbers.M2_PER_HA / 10:
        return f"{numbers.square_metres(m2)} m²"
    return f"{numbers.printed(m2, scale=numbers.M2_PER_HA, decimals=1)} 公顷"
