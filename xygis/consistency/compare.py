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
from xygis.consistency.claims import Claim, Claims, claims_of
from xygis.consistency.ground_plan import GroundPlan
from xygis.consistency.groups import OVERLAP, Group
from xygis.consistency.result import CountyShare, DifferencePatch, Pair, PairFinding
from xygis.geodesy.ellipsoid import Floats
from xygis.geodesy.plane import Plane
from xygis.judge.judging import NO_RULE, in_force
from xygis.numbers import hectares, mu, square_metres
from xygis.overlay.counties import Counties
from xygis.overlay.ground import Mask
from xygis.overlay.partition import Partition
from xygis.overlay.places import PairPatch, patches, places
from xygis.overlay.tolerances import CONTACT_M, SLIVER_M2

SLIVERS = "D10"
_SMALL_M2 = 100.0  # below this, 公顷 would hide the size
_MOST_COUNTIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What every comparison rests on besides the two layers."""

    plan: GroundPlan
    plane: Plane
    instruments: tuple[Instrument, ...]
    on: date

    @property
    def counties(self) -> Counties:
        return self.plan.counties


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """What one rule claims, as patches."""

    rule: PairRule | None
    pieces: tuple[PairPatch, ...]
    total_m2: float
    possible_m2: float
    unsorted_m2: Floats  # by county


def compare(
    group: Group, a: Layer, b: Layer, a_extent: shapely.Geometry | None, b_extent: shapely.Geometry | None, bench: Bench
) -> tuple[Pair, tuple[DifferencePatch, ...], Mask]:
    """The pair, its difference patches without names, and the cells that any rule about a type of difference claims.

    An extent is where a layer claims to be complete; None: everywhere.
    """
    claims = claims_of(group, bench.plan)
    found = [_place(group, claim, bench) for claim in claims.claims]
    unmapped_m2 = _unmapped_m2([e for e in (a_extent, b_extent) if e is not None], bench.counties)
    findings = tuple(f for c in found if (f := _finding(c, a, b, bench)) is not None)
    findings = tuple(sorted(findings, key=lambda f: (f.verdict.rank, f.worst.rank)))
    verdicts = [f.verdict for f in findings] + ([Verdict.UNDETERMINED] if unmapped_m2 > 0.0 else [])
    shares = _shares(group, found, claims, bench.plan.cells)
    slivers = [p.area_m2 for c in found for p in c.pieces if p.sliver]
    pair = Pair(
        a=group.a,
        b=group.b,
        relation=group.relation,
        a_m2=sum(s.a_m2 for s in shares),
        b_m2=sum(s.b_m2 for s in shares),
        overlap_m2=sum(s.overlap_m2 for s in shares),
        difference_m2=None if group.relation == OVERLAP else sum(s.difference_m2 or 0.0 for s in shares),
        patches=sum(len(c.pieces) for c in found),
        sliver_count=len(slivers),
        sliver_m2=sum(slivers),
        by_county=shares,
        verdict=worst(verdicts),
        findings=findings,
        unmapped_m2=unmapped_m2,
    )
    return pair, tuple(_patch(group, c.rule, p, bench.counties) for c in found if c.rule is not None for p in c.pieces), claims.differing


def _place(group: Group, claim: Claim, bench: Bench) -> _Place:
    """What is claimed, as places; contact is dropped from what is possible too."""
    here = places(bench.plan.cells, np.flatnonzero(claim.sure))
    a, b = bench.plan.grounds[group.a], bench.plan.grounds[group.b] if group.relation == OVERLAP else None
    possible_m2, unsorted_m2 = 0.0, np.zeros(len(bench.counties))
    if claim.possible.any():
        possible_m2 = places(bench.plan.cells, np.flatnonzero(claim.possible)).total_m2
        unsorted = places(bench.plan.cells, np.flatnonzero(claim.unsorted))
        for piece in patches(unsorted, bench.plan.cells, a, b, bench.plane):
            unsorted_m2[piece.county] += piece.area_m2
    return _Place(
        rule=claim.rule,
        pieces=patches(here, bench.plan.cells, a, b, bench.plane),
        total_m2=here.total_m2,
        possible_m2=possible_m2,
        unsorted_m2=unsorted_m2,
    )


def _finding(claim: _Place, a: Layer, b: Layer, bench: Bench) -> PairFinding | None:
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
        needs.append(f"补充{a.title}、{b.title}中缺失的分区或类别属性，过粗的写到下一级类")
    return PairFinding(
        rule=rule.code,
        title=rule.title,
        difference=rule.difference,
        verdict=rule.verdict if real else Verdict.UNDETERMINED,
        best=rule.verdict if real else Verdict.COMPLIANT,
        worst=rule.verdict,
        needs=tuple(needs),
        text=f"{rule.title}：{_says(real, slivers, claim.possible_m2, bench.counties)}。",
        area_m2=claim.total_m2,
        patches=len(claim.pieces),
        suggestion=rule.suggestion,
        basis=in_force(rule.basis, bench.instruments, bench.on),
        possible_m2=claim.possible_m2,
        yields=rule.yields,
        departments=rule.departments,
    )


def _unruled(claim: _Place, a: Layer, b: Layer) -> PairFinding:
    return PairFinding(
        rule=NO_RULE,
        title=f"{a.title}与{b.title}",
        difference=None,
        verdict=Verdict.UNDETERMINED,
        best=Verdict.COMPLIANT,
        worst=Verdict.PROHIBITED,
        needs=(f"在规则库中写明{a.title}与{b.title}的关系",),
        text=f"规则库对{a.title}与{b.title}没有规定，只列重叠面积 {_size(claim.total_m2)}，不作判断。",
        area_m2=claim.total_m2,
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
        parts.append(f"另有 {_size(possible_m2)} 因要素缺属性或者类别不明，无法归类")
    return "；".join(parts)


def _size(m2: float) -> str:
    return f"{square_metres(m2)} m²" if m2 < _SMALL_M2 else f"{hectares(m2)} 公顷（{mu(m2)} 亩）"


def _shares(group: Group, found: Sequence[_Place], claims: Claims, cells: Partition) -> tuple[CountyShare, ...]:
    """The pair by county; the last entry, outside all counties, only where something lies there."""
    counties = cells.counties
    of_a, of_b = cells.by_county(claims.of_a), cells.by_county(claims.of_b)
    area, count = np.zeros(len(counties)), np.zeros(len(counties), int)
    for one in found:
        area += one.unsorted_m2
        for piece in one.pieces:
            area[piece.county] += piece.area_m2
            count[piece.county] += 1
    overlaps = area if group.relation == OVERLAP else np.maximum(0.0, of_a - area)
    last = len(counties) - 1
    return tuple(
        CountyShare(
            code=counties.codes[i],
            name=counties.names[i],
            a_m2=float(of_a[i]),
            b_m2=float(of_b[i]),
            overlap_m2=float(overlaps[i]),
            difference_m2=None if group.relation == OVERLAP else float(area[i]),
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
