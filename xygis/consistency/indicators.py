"""The figures that plans are held to, by county and in sum, and whether each reaches the target of the day."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely

from xygis.atlas.atlas import Atlas
from xygis.atlas.indicators import AREA_UNITS, AT_LEAST, COUNTIES_WORD, SHARE_UNITS, Formula, IndicatorRule, Quantity, StatedFigure, Target
from xygis.atlas.law import Selection, counts_on
from xygis.atlas.verdict import DataState
from xygis.check.layers import OpenLayer
from xygis.consistency.amounts import Amount, Known, Span, difference, exactly, share, summed, unknown
from xygis.consistency.formula_words import formula_words
from xygis.consistency.ground_plan import GroundPlan
from xygis.consistency.result import CountyFigure, Indicator
from xygis.consistency.selected_areas import SelectedAreas, areas_on
from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.counties import OUTSIDE, Counties
from xygis.overlay.ground import Mask
from xygis.overlay.tolerances import CONTACT_M, SLIVER_M2

LINES = ("permanent_basic_farmland", "ecological_red_line", "urban_growth_boundary")
SURVEY = "survey"  # role of a layer that says what every place is
UNSURE = "有图斑没有说明类别、能否计入未定，或调查图层没有盖满"
EQUAL_M2 = 0.01  # sums close to this; an area that is off its target by no more has reached it


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A figure that comes with the run, e.g. the illegal patches of a batch; it goes before the one that stands in the atlas."""

    value: float
    by_county: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Basis:
    """What every formula is worked out on."""

    atlas: Atlas
    counties: Counties
    opened: Mapping[str, OpenLayer]
    areas: SelectedAreas
    given: Mapping[str, Given]


def indicator_layers(atlas: Atlas, layers: Sequence[str] | None) -> set[str]:
    """The layers of the atlas that its indicators ask about; of a run on two named layers, none besides."""
    asked = {s.layer for rule in _rules(atlas) for s in rule.selections}
    return asked if layers is None else asked & set(layers)


def indicators_of(
    atlas: Atlas,
    on: date,
    opened: Mapping[str, OpenLayer],
    plan: GroundPlan,
    *,
    layers: Sequence[str] | None = None,
    given: Mapping[str, Given] | None = None,
) -> tuple[Indicator, ...]:
    """Every indicator of the atlas on a day; where it declares none, the areas of the three lines.

    layers: the two that a run is limited to; indicators that ask for
    another one are left out, they were not looked at.
    """
    basis = _Basis(atlas=atlas, counties=plan.counties, opened=opened, areas=areas_on(plan), given=given or {})
    rules = [r for r in _rules(atlas) if layers is None or (r.selections and {s.layer for s in r.selections} <= set(layers))]
    return tuple(_indicator(rule, on, basis) for rule in rules)


def _rules(atlas: Atlas) -> tuple[IndicatorRule, ...]:
    declared = atlas.law.indicators.rules
    return declared or tuple(
        IndicatorRule(
            code=layer.table or layer.id,
            title=f"{layer.title}面积",
            group="",
            unit="m²",
            decimals=2,
            direction="",
            formula=Formula(of=Quantity(kind="area", selections=(Selection(layer=layer.id),))),
            targets=(),
            note="",
            path=atlas.root / "layers" / "catalogue.toml",
            line=0,
        )
        for layer in atlas.layers
        if layer.id in LINES
    )


def target_on(rule: IndicatorRule, on: date) -> Target | None:
    """The target that counts on a day; of several, the latest."""
    return max((t for t in rule.targets if counts_on(t, on)), key=lambda t: t.effective, default=None)


def reached(direction: str, span: Span, target: float, slack: float) -> bool | None:
    """Whether a value meets its target, which equality does; None where one end of the span says yes and the other no."""
    if direction == "=":
        apart = span.greatest < target - slack or span.least > target + slack
        within = span.least >= target - slack and span.greatest <= target + slack
        return False if apart else True if within else None
    ends = (span.least, span.greatest) if direction == AT_LEAST else (-span.greatest, -span.least)
    wanted = target if direction == AT_LEAST else -target
    return True if ends[0] >= wanted - slack else False if ends[1] < wanted - slack else None


def _indicator(rule: IndicatorRule, on: date, basis: _Basis) -> Indicator:
    amount, slacks = _worked_out(rule, basis)
    target = target_on(rule, on)
    of_county = dict(target.by_county) if target else {}
    rows = []
    for i, (code, name) in enumerate(zip(basis.counties.codes, basis.counties.names, strict=True)):
        known = amount.by_county[i]
        if code is None and name == OUTSIDE and not (isinstance(known, Span) and known.greatest != 0.0):
            continue
        wanted = of_county.get(code or "")
        met = None if wanted is None or isinstance(known, str) else reached(rule.direction, known, wanted, slacks[i])
        value, least, greatest, reason = _told(known, slacks[i])
        rows.append(CountyFigure(code=code, name=name, value=value, least=least, greatest=greatest, target=wanted, met=met, reason=reason))
    wanted = target.value if target else None
    met = None if wanted is None or isinstance(amount.total, str) else reached(rule.direction, amount.total, wanted, slacks[-1])
    value, least, greatest, reason = _told(amount.total, slacks[-1])
    strange = [c for c in of_county if c not in basis.counties.codes] if len(basis.counties.shapes) else []
    if strange:
        reason = "；".join([*([reason] if reason else []), f"分县目标的行政区代码 {'、'.join(strange)} 不在行政区图层，没有比"])
    return Indicator(
        code=rule.code,
        title=rule.title,
        unit=rule.unit,
        value=value,
        target=wanted,
        met=met,
        by_county=tuple(rows),
        least=least,
        greatest=greatest,
        reason=reason,
        group=rule.group,
        decimals=rule.decimals,
        direction=rule.direction,
        formula=formula_words(rule.formula, basis.atlas),
        note=rule.note,
        basis=target.basis if target else (),
        plan=target.plan if target else "",
        verified=target.verified if target else None,
        due=target.due if target else None,
    )


def _told(known: Known, slack: float) -> tuple[float | None, float | None, float | None, str]:
    """(value, least, greatest, reason) as the result holds them."""
    if isinstance(known, str):
        return None, None, None, known
    if known.greatest - known.least <= slack:
        return known.least, known.least, known.least, ""
    return None, known.least, known.greatest, UNSURE


def _worked_out(rule: IndicatorRule, basis: _Basis) -> tuple[Amount, tuple[float, ...]]:
    """The formula in the unit of the indicator, and by how much two values may differ and still be equal: by county, then in sum."""
    formula = rule.formula
    amount, areal = _quantity(formula.of, basis, formula.perhaps)
    unit = SHARE_UNITS[rule.unit] if formula.operator == "share" else AREA_UNITS.get(rule.unit, 1.0)
    equal = EQUAL_M2 if areal else 0.0
    slacks = [equal / unit] * (len(basis.counties) + 1)
    if formula.other is not None:
        other, _ = _quantity(formula.other, basis, ())
        if formula.operator == "share":
            if formula.other.kind == COUNTIES_WORD:
                amount = Amount(by_county=amount.by_county, total=summed(amount.by_county[: len(basis.counties.shapes)]).total)
            slacks = [equal / k.least / unit if isinstance(k, Span) and k.least > 0.0 else 0.0 for k in (*other.by_county, other.total)]
        amount = share(amount, other) if formula.operator == "share" else difference(amount, other)
    return Amount(by_county=tuple(_scaled(k, unit) for k in amount.by_county), total=_scaled(amount.total, unit)), tuple(slacks)


def _scaled(known: Known, unit: float) -> Known:
    return known if isinstance(known, str) else Span(least=known.least / unit, greatest=known.greatest / unit)


def _quantity(quantity: Quantity, basis: _Basis, perhaps: tuple[Selection, ...]) -> tuple[Amount, bool]:
    """One term, and whether it is an area, in m²."""
    if quantity.kind == COUNTIES_WORD:
        return _city(basis.counties), True
    if quantity.kind == "figure":
        assert quantity.figure is not None
        return _figure(next(f for f in basis.atlas.law.indicators.figures if f.code == quantity.figure), basis)
    areal = quantity.kind == "area"
    reasons = _reasons({s.layer for s in (*quantity.selections, *perhaps)}, basis)
    if all(reasons):
        return summed([str(r) for r in reasons]), areal
    areas = basis.areas
    if areal:
        least, greatest = areas.surely(quantity.selections), areas.possibly(quantity.selections)
        if perhaps:
            greatest = np.maximum(greatest, areas.possibly(perhaps))
        greatest = greatest + sum(_uncovered_m2(name, basis) for name in {s.layer for s in (*quantity.selections, *perhaps)})
    else:
        least, greatest = areas.surely_count(quantity.selections[0]), areas.possibly_count(quantity.selections[0])
    ends = zip(reasons, least.tolist(), greatest.tolist(), strict=True)
    return summed([why or Span(least=low, greatest=max(low, high)) for why, low, high in ends]), areal


def _city(counties: Counties) -> Amount:
    if len(counties.shapes) == 0:
        return unknown("没有行政区图层", len(counties))
    areas = counties.areas_m2.tolist()
    return Amount(by_county=(*(exactly(a) for a in areas), "不在行政区内"), total=exactly(math.fsum(areas)))


def _figure(figure: StatedFigure, basis: _Basis) -> tuple[Amount, bool]:
    given = basis.given.get(figure.code)
    value = given.value if given else figure.value
    of_county = dict(given.by_county if given else figure.by_county)
    unit = AREA_UNITS.get(figure.unit)
    if value is None:
        return unknown(f"{figure.title}未知", len(basis.counties)), unit is not None
    rows: list[Known] = [
        exactly(of_county[code] * (unit or 1.0)) if code in of_county else f"{figure.title}没有分县的数"
        for code in (c or "" for c in basis.counties.codes)
    ]
    return Amount(by_county=tuple(rows), total=exactly(value * (unit or 1.0))), unit is not None


def _reasons(layers: set[str], basis: _Basis) -> list[str]:
    """By county, why some layers give nothing there; empty where they do."""
    found: list[list[str]] = [[] for _ in basis.counties.codes]
    for name in sorted(layers):
        opened = basis.opened.get(name)
        whole = _no_data(name, opened)
        partly = _incomplete(opened, basis.counties) if opened is not None and not whole else np.zeros(len(found), bool)
        for i, reasons in enumerate(found):
            if whole:
                reasons.append(whole)
            elif partly[i]:
                assert opened is not None
                reasons.append(f"{opened.layer.title}在{basis.counties.names[i]}不完整")
    return ["；".join(reasons) for reasons in found]


def _no_data(name: str, opened: OpenLayer | None) -> str:
    if opened is None:
        return f"图集没有图层“{name}”"
    layer, record = opened.layer, opened.record
    if record.state is not DataState.READY:
        return f"{layer.title}{record.state.label}：{record.note}" if record.note else f"{layer.title}{record.state.label}"
    return "" if layer.geometry == "polygon" else f"{layer.title}不是面状图层，没有面积"


def _uncovered_m2(name: str, basis: _Basis) -> Floats:
    """By county, where a survey, which is to cover everything, says nothing: it may be what is asked for. Contact does not count."""
    out: Floats = np.zeros(len(basis.counties))
    opened = basis.opened[name]
    if opened.layer.role != SURVEY or len(basis.counties.shapes) == 0:
        return out
    missing = basis.counties.areas_m2 - basis.areas.surely((Selection(layer=name),))[:-1]
    out[:-1] = np.where(missing > _contact_m2(basis.counties), missing, 0.0)
    return out


def _contact_m2(counties: Counties) -> Floats:
    """By county, what is too little along its border to be anything."""
    return np.maximum(SLIVER_M2, CONTACT_M * np.asarray(shapely.length(counties.shapes), float))


def _incomplete(opened: OpenLayer, counties: Counties) -> Mask:
    """By county, whether the layer claims to be complete in less than all of it; contact does not count."""
    out = np.zeros(len(counties), bool)
    if opened.extent is None:
        return out
    if len(counties.shapes) == 0:
        return ~out
    out[:-1] = shapely.area(shapely.difference(counties.shapes, opened.extent)) > _contact_m2(counties)
    return out
