"""One pair of layers: what each rule claims, worst first, and the sums of the pair by county."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely

from xygis.atlas.law import Instrument, PairRule
from xygis.atlas.layer import Layer
from xygis.atlas.verdict import Verdict, worst
from xygis.consistency.groups import OVERLAP, Group
from xygis.consistency.result import CountyShare, DifferencePatch, Pair, PairFinding
from xygis.geodesy.plane import Plane
from xygis.judge.judging import NO_RULE, in_force
from xygis.numbers import hectares, mu, square_metres
from xygis.overlay.counties import Counties
from xygis.overlay.ground import Ground, Mask
from xygis.overlay.pairing import PairPatch, Places, Side, difference, overlap, patches, without
from xygis.overlay.tolerances import CONTACT_M, SLIVER_M2

SLIVERS = "D10"
_SMALL_M2 = 100.0  # below this, 公顷 would hide the size
_MOST_COUNTIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What every comparison rests on besides the two layers."""

    counties: Counties
    plane: Plane
    instruments: tuple[Instrument, ...]
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """What one rule says, and where; rule None: the whole layers, about which no rule speaks."""

    rule: PairRule | None
    places: Places
    possible_m2: float  # besides: places whose features lack the attribute that the rule asks for
    pieces: tuple[PairPatch, ...]
    unsorted: Places | None  # those places, as far as no rule before this one has them; None: there are none
    unsorted_m2: tuple[float, ...]  # by county


def compare(
    group: Group,
    a: tuple[Layer, Ground],
    b: tuple[Layer, Ground],
    a_extent: shapely.Geometry | None,
    b_extent: shapely.Geometry | None,
    bench: Bench,
) -> tuple[Pair, tuple[DifferencePatch, ...]]:
    """The pair, and its difference patches without numbers. An extent is where a layer claims to be complete; None: everywhere."""
    sides_a, sides_b = _sides(group, a[1], b[1])
    claims: list[_Claim] = []
    for i, rule in enumerate(group.rules or (None,)):
        claims.append(_claim(group, rule, sides_a[i], sides_b[i], claims, b_extent, bench))
    # A feature that does not say what it is belongs to the pair: leaving it out would read as nothing there.
    whole_a = Side(ground=a[1], chosen=np.logical_or.reduce([p.chosen for _, p in sides_a]))
    whole_b = Side(ground=b[1], chosen=np.logical_or.reduce([p.chosen for _, p in sides_b]))
    unmapped_m2 = _unmapped_m2([e for e in (a_extent, b_extent) if e is not None], bench.counties)
    findings = tuple(f for c in claims if (f := _finding(c, a[0], b[0], bench)) is not None)
    findings = tuple(sorted(findings, key=lambda f: (f.verdict.rank, f.worst.rank)))
    verdicts = [f.verdict for f in findings] + ([Verdict.UNDETERMINED] if unmapped_m2 > 0.0 else [])
    shares = _shares(group, claims, whole_a, whole_b, bench.counties)
    slivers = [p.area_m2 for c in claims for p in c.pieces if p.sliver]
    pair = Pair(
        a=group.a,
        b=group.b,
        relation=group.relation,
        a_m2=sum(s.a_m2 for s in shares),
        b_m2=sum(s.b_m2 for s in shares),
        overlap_m2=sum(s.overlap_m2 for s in shares),
        difference_m2=None if group.relation == OVERLAP else sum(s.difference_m2 or 0.0 for s in shares),
        patches=sum(len(c.pieces) for c in claims),
        sliver_count=len(slivers),
        sliver_m2=sum(slivers),
        by_county=shares,
        verdict=worst(verdicts),
        findings=findings,
        unmapped_m2=unmapped_m2,
    )
    return pair, tuple(_patch(group, c.rule, p, bench.counties) for c in claims if c.rule is not None for p in c.pieces)


def _sides(group: Group, a: Ground, b: Ground) -> tuple[list[tuple[Side, Side]], list[tuple[Side, Side]]]:
    """For each rule the features that it surely and possibly speaks of, on either side; without rules, all."""
    if not group.rules:
        everything_a, everything_b = np.ones(len(a.parts), bool), np.ones(len(b.parts), bool)
        return [_both(a, (everything_a, everything_a))], [_both(b, (everything_b, everything_b))]
    return [_both(a, a.chosen(r.a)) for r in group.rules], [_both(b, b.chosen(r.b)) for r in group.rules]


def _both(ground: Ground, chosen: tuple[Mask, Mask]) -> tuple[Side, Side]:
    return Side(ground=ground, chosen=chosen[0]), Side(ground=ground, chosen=chosen[1])


def _claim(
    group: Group,
    rule: PairRule | None,
    a: tuple[Side, Side],
    b: tuple[Side, Side],
    earlier: Sequence[_Claim],
    b_extent: shapely.Geometry | None,
    bench: Bench,
) -> _Claim:
    """What is left for a rule after the worse ones; for a difference, a feature of b that may count does count."""
    claimed = [c.places for c in earlier]
    known = bool((a[0].chosen == a[1].chosen).all() and (b[0].chosen == b[1].chosen).all())
    if group.relation == OVERLAP:
        sure = without(overlap(a[0], b[0]), claimed)
        possible = sure if known else without(overlap(a[1], b[1]), claimed)
    else:
        sure = without(difference(a[0], b[1], b_extent), claimed)
        possible = sure if known else without(difference(a[1], b[0], b_extent), claimed)
    unsorted = None if known else without(possible, [sure, *claimed, *(c.unsorted for c in earlier if c.unsorted is not None)])
    unsorted_m2 = np.zeros(len(bench.counties))
    for piece in patches(unsorted, a[0].ground, b[0].ground, bench.counties, bench.plane) if unsorted is not None else ():
        unsorted_m2[piece.county] += piece.area_m2
    return _Claim(
        rule=rule,
        places=sure,
        possible_m2=max(0.0, possible.total_m2 - sure.total_m2),
        pieces=patches(sure, a[0].ground, b[0].ground, bench.counties, bench.plane),
        unsorted=unsorted,
        unsorted_m2=tuple(unsorted_m2.tolist()),
    )


def _finding(claim: _Claim, a: Layer, b: Layer, bench: Bench) -> PairFinding | None:
    """What the rule says; None where it claims nothing. Where only slivers or unknown attributes speak for it, nobody knows."""
    real = [p for p in claim.pieces if not p.sliver]
    slivers = [p for p in claim.pieces if p.sliver]
    if claim.rule is None:
        return _unruled(claim, a, b)
    if not claim.pieces and claim.possible_m2 == 0.0:
        return None
    rule = claim.rule
    needs = []
    if slivers and not real:
        needs.append(f"核实{a.title}与{b.title}的界线（{len(slivers)} 处疑似边界误差）")
    if claim.possible_m2 > 0.0 and not real:
        needs.append(f"补充{a.title}、{b.title}中缺失的分区或类别属性")
    return PairFinding(
        rule=rule.code,
        title=rule.title,
        difference=rule.difference,
        verdict=rule.verdict if real else Verdict.UNDETERMINED,
        best=rule.verdict if real else Verdict.COMPLIANT,
        worst=rule.verdict,
        needs=tuple(needs),
        text=f"{rule.title}：{_says(real, slivers, claim.possible_m2, bench.counties)}。",
        area_m2=claim.places.total_m2,
        patches=len(claim.pieces),
        suggestion=rule.suggestion,
        basis=in_force(rule.basis, bench.instruments, bench.on),
    )


def _unruled(claim: _Claim, a: Layer, b: Layer) -> PairFinding:
    return PairFinding(
        rule=NO_RULE,
        title=f"{a.title}与{b.title}",
        difference=None,
        verdict=Verdict.UNDETERMINED,
        best=Verdict.COMPLIANT,
        worst=Verdict.PROHIBITED,
        needs=(f"在规则库中写明{a.title}与{b.title}的关系",),
        text=f"规则库对{a.title}与{b.title}没有规定，只列重叠面积 {_size(claim.places.total_m2)}，不作判断。",
        area_m2=claim.places.total_m2,
        patches=len(claim.pieces),
        suggestion="",
        basis=(),
    )


def _says(real: Sequence[PairPatch], slivers: Sequence[PairPatch], possible_m2: float, counties: Counties) -> str:
    parts = []
    if real:
        areas: dict[int, float] = {}
        for p in real:
            areas[p.county] = areas.get(p.county, 0.0) + p.area_m2
        names = [counties.names[i] for i in sorted(areas, key=lambda i: -areas[i])]
        more = f"等 {len(names)} 个县（市、区）" if len(names) > _MOST_COUNTIES else ""
        where = f"，在{'、'.join(names[:_MOST_COUNTIES])}{more}" if len(counties) > 1 else ""
        parts.append(f"{_size(sum(areas.values()))}，{len(real)} 个图斑{where}")
    if slivers:
        parts.append(f"{'另有' if real else '只有'}疑似边界误差 {len(slivers)} 处、{square_metres(sum(p.area_m2 for p in slivers))} m²")
    if possible_m2 > 0.0:
        parts.append(f"另有 {_size(possible_m2)} 因要素缺属性无法归类")
    return "；".join(parts)


def _size(m2: float) -> str:
    return f"{square_metres(m2)} m²" if m2 < _SMALL_M2 else f"{hectares(m2)} 公顷（{mu(m2)} 亩）"


def _shares(group: Group, claims: Sequence[_Claim], a: Side, b: Side, counties: Counties) -> tuple[CountyShare, ...]:
    """The pair by county; the last entry, outside all counties, only where something lies there."""
    of_a, of_b = a.areas_m2(), b.areas_m2()
    found, count = np.zeros(len(counties)), np.zeros(len(counties), int)
    for claim in claims:
        found += claim.unsorted_m2
        for piece in claim.pieces:
            found[piece.county] += piece.area_m2
            count[piece.county] += 1
    overlaps = found if group.relation == OVERLAP else np.maximum(0.0, of_a - found)
    last = len(counties) - 1
    return tuple(
        CountyShare(
            code=counties.codes[i],
            name=counties.names[i],
            a_m2=float(of_a[i]),
            b_m2=float(of_b[i]),
            overlap_m2=float(overlaps[i]),
            difference_m2=None if group.relation == OVERLAP else float(found[i]),
            patches=int(count[i]),
        )
        for i in range(len(counties))
        if i < last or last == 0 or of_a[i] + of_b[i] > 0.0
    )


def _unmapped_m2(extents: Sequence[shapely.Geometry], counties: Counties) -> float:
    """How much of the city is outside what both layers claim to cover; contact does not count."""
    if not extents or len(counties.shapes) == 0:
        return 0.0
    both = extents[0] if len(extents) == 1 else shapely.intersection(extents[0], extents[1])
    area = counties.outside_m2(both)
    return area if area > max(SLIVER_M2, CONTACT_M * float(shapely.length(counties.shapes).sum())) else 0.0


def _patch(group: Group, rule: PairRule, piece: PairPatch, counties: Counties) -> DifferencePatch:
    return DifferencePatch(
        id="",
        rule=rule.code,
        difference=SLIVERS if piece.sliver and rule.difference else rule.difference,
        a=group.a,
        b=group.b,
        verdict=Verdict.UNDETERMINED if piece.sliver else rule.verdict,
        county_code=counties.codes[piece.county],
        county_name=counties.names[piece.county],
        geometry=piece.geometry,
        area_m2=piece.area_m2,
        mean_width_m=piece.mean_width_m,
        sliver=piece.sliver,
        a_features=piece.a,
        b_features=piece.b,
    )
