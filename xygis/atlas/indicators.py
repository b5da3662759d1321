"""Reads `redlines/indicators.toml`: the figures that plans are held to, as formulas over areas, with dated targets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from xygis.atlas.law import Citation, Selection
from xygis.atlas.toml_text import TomlText
from xygis.errors import did_you_mean

FILE = "indicators.toml"
COUNTIES_WORD = "counties"  # share_of = "counties": of the administrative unit
AT_LEAST, AT_MOST, EXACTLY = "≥", "≤", "="
DIRECTIONS = (AT_LEAST, AT_MOST, EXACTLY)
AREA_UNITS = {"m²": 1.0, "公顷": 1e4, "km²": 1e6, "亩": 2000.0 / 3.0, "万亩": 2e7 / 3.0}  # m² in one unit
SHARE_UNITS = {"%": 0.01, "‰": 0.001, "倍": 1.0}  # share in one unit
COUNT_UNITS = ("个", "处", "宗", "起")
_MOST_DECIMALS = 6
_INDICATOR_KEYS = ("code", "title", "group", "unit", "decimals", "direction", "formula", "target", "note")
_TARGET_KEYS = ("value", "effective", "until", "due", "basis", "plan", "verified", "by_county", "note")
_FIGURE_KEYS = ("code", "title", "unit", "value", "by_county", "basis", "plan", "verified", "note")
_FORMULA_KEYS = ("area", "count", "figure", "perhaps", "share_of", "minus")

Cite = Callable[[TomlText, int, dict[str, Any]], tuple[Citation, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One term of a formula. kind: area (of the places that lie in all selections), count (of features), figure (by its code), counties."""

    kind: str
    selections: tuple[Selection, ...] = ()
    figure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """of, of ÷ other (operator "share"), or of − other ("minus").

    perhaps: selections that hold all that may count at most, where the definition leaves open how much does; none: `of` is the whole.
    """

    of: Quantity
    perhaps: tuple[Selection, ...] = ()
    operator: str = ""
    other: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What the value has to reach from `effective` to `until`. Known only with its source: citations, or the name of a plan.

    due: the year by which it is to be reached. by_county: county code → its own target.
    """

    value: float
    effective: date
    until: date | None
    due: int | None
    basis: tuple[Citation, ...]
    plan: str
    verified: bool
    by_county: tuple[tuple[str, float], ...]
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedFigure:
    """A number that no layer gives: a task, the land of a base year, a count from elsewhere. value None: not known."""

    code: str
    title: str
    unit: str
    value: float | None
    by_county: tuple[tuple[str, float], ...]
    basis: tuple[Citation, ...]
    plan: str
    verified: bool
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorRule:
    """One figure that plans are held to: how it is worked out, in which unit, and its targets in time (none: not known)."""

    code: str
    title: str
    group: str
    unit: str
    decimals: int
    direction: str  # ≥ | ≤ | =; empty where no target can be
    formula: Formula
    targets: tuple[Target, ...]
    note: str
    path: Path
    line: int

    @property
    def selections(self) -> tuple[Selection, ...]:
        """Every selection that the formula names."""
        other = self.formula.other.selections if self.formula.other else ()
        return (*self.formula.of.selections, *self.formula.perhaps, *other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicators:
    """Everything in `indicators.toml`."""

    rules: tuple[IndicatorRule, ...] = ()
    figures: tuple[StatedFigure, ...] = ()


def read_indicators(text: TomlText | None, cite: Cite) -> Indicators:
    """The indicators and the stated figures. Raises BadRule with the line of whatever cannot be understood."""
    if text is None:
        return Indicators()
    text.check_keys(text.data, ("indicator", "figure"), 1)
    figures = tuple(_figure(text, line, t, cite) for line, t in text.tables("figure"))
    units = {f.code: f.unit for f in figures}
    return Indicators(rules=tuple(_indicator(text, line, t, cite, units) for line, t in text.tables("indicator")), figures=figures)


def _figure(text: TomlText, line: int, t: dict[str, Any], cite: Cite) -> StatedFigure:
    text.check_keys(t, _FIGURE_KEYS, line, required=("code", "title", "unit"))
    _one_of(text, line, "unit", t["unit"], (*AREA_UNITS, *SHARE_UNITS, *COUNT_UNITS))
    basis = cite(text, line, t)
    return StatedFigure(
        code=str(t["code"]),
        title=str(t["title"]),
        unit=t["unit"],
        value=_number(text, line, "value", t["value"]) if "value" in t else None,
        by_county=_by_county(text, line, t),
        basis=basis,
        plan=str(t.get("plan", "")),
        verified=bool(t.get("verified", bool(basis) and all(c.verified for c in basis))),
        line=line,
    )


def _indicator(text: TomlText, line: int, t: dict[str, Any], cite: Cite, figures: dict[str, str]) -> IndicatorRule:
    text.check_keys(t, _INDICATOR_KEYS, line, required=("code", "title", "unit", "formula"))
    if "direction" in t or "target" in t:
        _one_of(text, line, "direction", t.get("direction", ""), DIRECTIONS)
    formula = _formula(text, text.line_of("formula", line), t["formula"], figures)
    _fits(text, text.line_of("unit", line), t["unit"], formula, figures)
    decimals = t.get("decimals", 2)
    if not isinstance(decimals, int) or isinstance(decimals, bool) or not 0 <= decimals <= _MOST_DECIMALS:
        raise text.fail(text.line_of("decimals", line), f"decimals 不能是 {decimals!r}", f"写成 0 至 {_MOST_DECIMALS} 的小数位数")
    targets = t.get("target", [])
    if not isinstance(targets, list):
        raise text.fail(text.line_of("target", line), "target 应写成 [[indicator.target]]", "每个目标值一节")
    lines = _target_lines(text, line, len(targets))
    return IndicatorRule(
        code=str(t["code"]),
        title=str(t["title"]),
        group=str(t.get("group", "")),
        unit=t["unit"],
        decimals=decimals,
        direction=t.get("direction", ""),
        formula=formula,
        targets=tuple(_target(text, n, one, cite) for n, one in zip(lines, targets, strict=True)),
        note=str(t.get("note", "")),
        path=text.path,
        line=line,
    )


def _target_lines(text: TomlText, start: int, count: int) -> list[int]:
    """The lines of the [[indicator.target]] heads below an indicator; its own line where they are written inline."""
    heads = [n for n, row in enumerate(text.text.splitlines(), 1) if n > start and row.replace(" ", "").startswith("[[indicator.target]]")]
    return heads[:count] if len(heads) >= count else [start] * count


def _target(text: TomlText, line: int, t: dict[str, Any], cite: Cite) -> Target:
    text.check_keys(t, _TARGET_KEYS, line, required=("value", "effective"))
    effective = _day(text, t, "effective", line, last=False)
    assert effective is not None
    due = t.get("due")
    if due is not None and (not isinstance(due, int) or isinstance(due, bool)):
        raise text.fail(text.line_of("due", line), f"due 不能是 {due!r}", "写成年份，例如 due = 2035")
    basis = cite(text, line, t)
    return Target(
        value=_number(text, line, "value", t["value"]),
        effective=effective,
        until=_day(text, t, "until", line, last=True),
        due=due,
        basis=basis,
        plan=str(t.get("plan", "")),
        verified=bool(t.get("verified", bool(basis) and all(c.verified for c in basis))),
        by_county=_by_county(text, line, t),
        line=line,
    )


def _formula(text: TomlText, line: int, t: Any, figures: dict[str, str]) -> Formula:
    if not isinstance(t, dict):
        raise text.fail(line, f"formula 读不懂：{t!r}", '例如 formula = { area = [{ layer = "ecological_red_line" }] }')
    text.check_keys(t, _FORMULA_KEYS, line)
    mains = [k for k in ("area", "count", "figure") if k in t]
    if len(mains) != 1:
        raise text.fail(line, "formula 要有且只有 area、count、figure 之一", "area 求面积，count 数图斑，figure 取登记的数")
    operators = [k for k in ("share_of", "minus") if k in t]
    if len(operators) > 1:
        raise text.fail(line, "share_of 与 minus 只能写一个", "分成两个指标")
    if "perhaps" in t and mains != ["area"]:
        raise text.fail(line, "perhaps 只与 area 同用", "删去 perhaps")
    key = mains[0]
    of = (
        Quantity(kind="figure", figure=_known_figure(text, line, t[key], figures))
        if key == "figure"
        else _of_layers(text, line, key, t[key])
    )
    if not operators:
        return Formula(of=of, perhaps=_selections(text, line, t.get("perhaps", [])))
    other = _operand(text, line, operators[0], t[operators[0]], figures)
    return Formula(of=of, perhaps=_selections(text, line, t.get("perhaps", [])), operator=operators[0].removesuffix("_of"), other=other)


def _of_layers(text: TomlText, line: int, kind: str, value: Any) -> Quantity:
    selections = _selections(text, line, value)
    if not selections or (kind == "count" and len(selections) > 1):
        raise text.fail(line, f"{kind} 的图层选择有误", "area 至少一个图层，count 只一个图层")
    return Quantity(kind=kind, selections=selections)


def _operand(text: TomlText, line: int, key: str, value: Any, figures: dict[str, str]) -> Quantity:
    if value == COUNTIES_WORD and key == "share_of":
        return Quantity(kind=COUNTIES_WORD)
    if isinstance(value, dict) and "figure" in value:
        text.check_keys(value, ("figure",), line)
        return Quantity(kind="figure", figure=_known_figure(text, line, value["figure"], figures))
    if isinstance(value, str):
        raise text.fail(line, f"{key} 读不懂“{value}”", '写图层列表或 { figure = "…" }；求占行政区的比例，写 share_of = "counties"')
    return _of_layers(text, line, "area", value)


def _known_figure(text: TomlText, line: int, code: Any, figures: dict[str, str]) -> str:
    if not isinstance(code, str) or code not in figures:
        raise text.fail(line, f"没有登记数“{code}”", did_you_mean(str(code), figures) or "先以 [[figure]] 登记")
    return code


def _selections(text: TomlText, line: int, value: Any) -> tuple[Selection, ...]:
    """`[{ layer = "…", class = ["01*"] }, …]`: every key besides layer selects by an attribute, as in a rule."""
    entries = [value] if isinstance(value, dict) else value
    if not isinstance(entries, list):
        raise text.fail(line, f"图层选择读不懂：{value!r}", '写成 [{ layer = "…" }]')
    out = []
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("layer"), str):
            raise text.fail(line, f"图层选择缺少 layer：{entry!r}", '写成 { layer = "…" }')
        where = tuple((k, tuple(str(p) for p in v) if isinstance(v, list) else (str(v),)) for k, v in entry.items() if k != "layer")
        out.append(Selection(layer=entry["layer"], where=where))
    return tuple(out)


def _fits(text: TomlText, line: int, unit: str, formula: Formula, figures: dict[str, str]) -> None:
    """Refuses a unit that the formula cannot give."""
    terms = [formula.of, *([formula.other] if formula.other else [])]
    areal = [t.kind in ("area", COUNTIES_WORD) or (t.figure is not None and figures[t.figure] in AREA_UNITS) for t in terms]
    if len(set(areal)) > 1:
        raise text.fail(line, "formula 两边的单位不是一类", "面积只能与面积相除、相减")
    if formula.operator == "share":
        fitting: tuple[str, ...] = tuple(SHARE_UNITS)
    elif areal[0]:
        fitting = tuple(AREA_UNITS)
    else:
        fitting = COUNT_UNITS if formula.of.figure is None else (figures[formula.of.figure],)
    _one_of(text, line, "unit", unit, fitting)


def _one_of(text: TomlText, line: int, key: str, value: Any, known: tuple[str, ...]) -> None:
    if value not in known:
        raise text.fail(text.line_of(key, line), f"{key} 不能是“{value}”", f"可用：{'、'.join(known)}")


def _number(text: TomlText, line: int, key: str, value: Any) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not abs(value) < 1e15:  # nan and inf fail too
        raise text.fail(text.line_of(key, line), f"{key} 不是数：{value!r}", "写成不带单位和引号的数；不知道的，整项删去")
    return float(value)


def _by_county(text: TomlText, line: int, t: dict[str, Any]) -> tuple[tuple[str, float], ...]:
    table = t.get("by_county", {})
    if not isinstance(table, dict):
        raise text.fail(text.line_of("by_county", line), "by_county 读不懂", '写成 { "420602" = 12.3 }')
    return tuple((str(code), _number(text, line, "by_county", value)) for code, value in table.items())


def _day(text: TomlText, t: dict[str, Any], key: str, line: int, *, last: bool) -> date | None:
    """A date, or a year: its first day, or its last."""
    value = t.get(key)
    if isinstance(value, int) and not isinstance(value, bool) and 1900 <= value <= 2200:
        return date(value, 12, 31) if last else date(value, 1, 1)
    return text.day(t, key, line)
