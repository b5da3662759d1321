"""The remedies of one parcel: a cut for every layer that forbids or needs approval, one for all prohibitions, and a shift."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from xygis.atlas.law import Rule
from xygis.atlas.verdict import Verdict
from xygis.check.assessment import ParcelAssessment
from xygis.check.correcting import taken
from xygis.check.layers import OpenLayer
from xygis.check.remedies import Changed, Cut, Remedies, RemedyOptions, Shift, Unsolved
from xygis.intake.submission import Parcel
from xygis.judge.finding import Finding
from xygis.overlay.overlap import union
from xygis.overlay.shape import Areal
from xygis.overlay.tolerances import ALL, SLIVER_M
from xygis.remedy.cutting import cut_away, in_millimetres
from xygis.remedy.demands import Demand, certain, demand_of, merged, standing_prohibitions
from xygis.remedy.obstacles import Window, beyond_data, extents_of, obstacle, window_around
from xygis.remedy.rechecking import Court, metric
from xygis.remedy.shifting import NoWay, smallest_shift

SOUGHT = (Verdict.PROHIBITED, Verdict.APPROVAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One parcel with all that its remedies rest on; body: the parcel in metres of `crs`."""

    court: Court
    options: RemedyOptions
    parcel: Parcel
    result: ParcelAssessment
    body: Areal
    crs: str

    def obstacle(self, demands: Iterable[Demand], window: Window) -> shapely.Geometry:
        """All that these demands keep the parcel from, as one area."""
        return union(np.array([obstacle(d, self._versions(d.selection.layer), window) for d in demands], object))

    def _versions(self, layer: str) -> list[OpenLayer]:
        """The layer as it counts for the parcel; where a correction is not confirmed, by both values."""
        opened = next(o for o in self.court.hearing.layers if o.layer.id == layer)
        said = [o for o in self.court.about(self.parcel, self.result.id) if o.layer == layer]
        sure = [o for o in said if o.confirmed]
        return [taken(opened, sure) if sure else opened, *([taken(opened, said)] if len(sure) < len(said) else [])]

    def rule(self, finding: Finding) -> Rule | None:
        """The rule behind a finding; None where it is no rule's (a boundary in doubt, a layer without rules)."""
        return next((r for r in self.court.hearing.rules if r.code == finding.rule and r.selection.layer == finding.layer), None)

    def title(self, layer: str) -> str:
        return next(o.layer.title for o in self.court.hearing.layers if o.layer.id == layer)


def remedies_of_parcel(court: Court, options: RemedyOptions, parcel: Parcel, result: ParcelAssessment) -> Remedies:
    """parcel: as it was submitted; result: what the check says of it."""
    body, crs = metric(parcel, court.hearing.atlas)
    hits = certain(result.findings, SOUGHT)
    if parcel.doubtful and hits:
        return Remedies(crs=crs, notes=("界址存疑，核实前不求调整。",))
    case = _Case(court=court, options=options, parcel=parcel, result=result, body=body, crs=crs)
    notes = _open_note(result)
    if not hits:
        return Remedies(crs=crs, notes=notes)
    cuts: list[Cut] = []
    unsolved: list[Unsolved] = []
    for layer in dict.fromkeys(f.layer for f in hits):
        for level in SOUGHT:
            if not certain(hits, (level,), layer):
                continue
            found = _cut(case, certain(hits, SOUGHT[: SOUGHT.index(level) + 1], layer), level, "cut")
            if isinstance(found, Cut):
                cuts.append(found)
            else:
                unsolved.append(found)
    combined, shift = None, None
    forbidden = certain(hits, (Verdict.PROHIBITED,))
    if forbidden:
        combined = _combined(case, forbidden, cuts, unsolved)
        moved = _shift(case)
        if isinstance(moved, Shift):
            shift = moved
        else:
            unsolved.append(moved)
    notes += _accuracy_notes(case, cuts)
    return Remedies(crs=crs, cuts=tuple(cuts), combined=combined, shift=shift, unsolved=tuple(unsolved), notes=notes)


def _combined(case: _Case, forbidden: Sequence[Finding], cuts: Sequence[Cut], unsolved: list[Unsolved]) -> Cut | None:
    """One cut for all prohibitions; that of the only layer that forbids is it already."""
    layers = {f.layer for f in forbidden}
    if len(layers) == 1:
        return next((c for c in cuts if c.level is Verdict.PROHIBITED), None)
    found = _cut(case, forbidden, Verdict.PROHIBITED, "all")
    if isinstance(found, Cut):
        return found
    unsolved.append(found)
    return None


def _cut(case: _Case, findings: Sequence[Finding], level: Verdict, kind: str) -> Cut | Unsolved:
    """The parcel without what these findings speak of, checked again."""
    layers = tuple(dict.fromkeys(f.layer for f in findings))

    def vain(reason: str) -> Unsolved:
        return Unsolved(kind=kind, layer=layers[0] if kind == "cut" else None, level=level, reason=reason)

    rules = [case.rule(f) for f in findings]
    demands = [d for r in rules if r is not None and (d := demand_of(r)) is not None]
    if len(demands) < len(findings):
        return vain("有的条文不由界址的位置决定，裁切不能消除")
    options = case.options
    window = window_around(case.body, case.crs, options.margin_m + 2.0, case.court.hearing.atlas)
    rest = cut_away(case.body, case.obstacle(merged(demands), window), margin_m=options.margin_m, crumb_m=options.crumb_m)
    titles = "、".join(case.title(layer) for layer in layers)
    if rest.geometry is None:
        crumbs = f"（只剩宽不足 {options.crumb_m:g} 米的碎块）" if rest.crumbs else ""
        return vain(f"退让后没有可保留的部分{crumbs}：地块整体与{titles}冲突")
    changed = case.court.changed(case.parcel, case.result.id, rest.geometry, case.crs)
    codes = tuple(dict.fromkeys(f.rule for f in findings))
    still = [f for f in changed.left if f.layer in layers and f.rule in codes] or _new(case.result, changed)
    if still:
        return vain(f"裁切后复核仍有：{_names(still)}")
    return Cut(
        layers=layers,
        clears=codes,
        level=level,
        changed=changed,
        lost_m2=max(0.0, case.result.ellipsoidal_m2 - changed.ellipsoidal_m2),
        parts=rest.parts,
        crumbs=rest.crumbs,
        crumbs_m2=rest.crumbs_m2,
    )


def _shift(case: _Case) -> Shift | Unsolved:
    """The whole parcel elsewhere, checked again."""

    def vain(reason: str) -> Unsolved:
        return Unsolved(kind="shift", layer=None, level=Verdict.PROHIBITED, reason=reason)

    hearing, options, result = case.court.hearing, case.options, case.result
    _, bench = hearing.bench(case.parcel)
    rules = standing_prohibitions(bench, result.findings, result.measures)
    demands = merged(d for r in rules if (d := demand_of(r)) is not None)
    known = [m.layer for m in result.measures if m.unmapped_m2 <= (1.0 - ALL) * result.ellipsoidal_m2 and m.zonal is None]
    asked = [layer for layer in known if any(r.selection.layer == layer for r in rules)]

    def obstacle_within(reach_m: float) -> shapely.Geometry:
        window = window_around(case.body, case.crs, reach_m, hearing.atlas)
        extents = extents_of(hearing.atlas, hearing.layers, asked, window)
        return union(np.array([case.obstacle(demands, window), beyond_data(extents, window)], object))

    way = smallest_shift(case.body, obstacle_within, margin_m=options.margin_m, radius_m=options.shift_radius_m)
    if isinstance(way, NoWay):
        return vain(way.reason)
    there: Areal = shapely.transform(case.body, lambda c: c + np.array([way.east_m, way.north_m]))
    geometry = in_millimetres(there)
    if geometry is None:
        return vain("地块小到取整到毫米后不成形")
    changed = case.court.changed(case.parcel, result.id, geometry, case.crs)
    still = [f for f in changed.left if f.verdict is Verdict.PROHIBITED] or _new(result, changed)
    if still:
        return vain(f"向{way.bearing_deg:.1f}°平移 {way.distance_m:.2f} 米后复核仍有：{_names(still)}")
    return Shift(
        east_m=way.east_m,
        north_m=way.north_m,
        distance_m=way.distance_m,
        bearing_deg=way.bearing_deg,
        exact=way.exact,
        changed=changed,
    )


def _new(before: ParcelAssessment, changed: Changed) -> list[Finding]:
    """What forbids or may forbid the changed parcel and did not stand before as it does now."""
    stood = {(f.rule, f.layer, f.verdict) for f in before.findings}
    return [f for f in changed.left if f.worst is Verdict.PROHIBITED and (f.rule, f.layer, f.verdict) not in stood]


def _names(findings: Sequence[Finding]) -> str:
    names = list(dict.fromkeys(f.title for f in findings))
    return "、".join(names[:3]) + (f"等 {len(names)} 项" if len(names) > 3 else "")


def _open_note(result: ParcelAssessment) -> tuple[str, ...]:
    """Findings that decide nothing have no remedy: what is not known cannot be avoided."""
    left = [f for f in result.findings if f.verdict is Verdict.UNDETERMINED and f.worst in SOUGHT]
    return (f"无法判定的 {len(left)} 项没有求调整，先补齐材料：{_names(left)}。",) if left else ()


def _accuracy_notes(case: _Case, cuts: Sequence[Cut]) -> tuple[str, ...]:
    """Layers that are less accurate than the margin allows for."""
    out = []
    for layer in dict.fromkeys(layer for c in cuts for layer in c.layers):
        accuracy_m = next(o.layer.accuracy_m for o in case.court.hearing.layers if o.layer.id == layer)
        if accuracy_m is not None and accuracy_m + SLIVER_M > case.options.margin_m + 1e-9:
            text = f"{case.title(layer)}的位置精度是 {accuracy_m:g} 米，退让 {case.options.margin_m:g} 米抵不过它"
            out.append(f"{text}；按精度退让，加 --margin {accuracy_m + SLIVER_M:g}。")
    return tuple(out)
