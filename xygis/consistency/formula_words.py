"""A formula of an indicator in words, for readers and to tell whether two runs worked it out in the same way."""

from __future__ import annotations

from collections.abc import Sequence

from xygis.atlas.atlas import Atlas
from xygis.atlas.field_titles import FIELD_TITLES
from xygis.atlas.indicators import COUNTIES_WORD, Formula, Quantity
from xygis.atlas.law import Selection

_SIGNS = {"share": " ÷ ", "minus": " − "}


def formula_words(formula: Formula, atlas: Atlas) -> str:
    """`永久基本农田 ∩ 现状地类（类型 01*）的面积 ÷ 永久基本农田的面积`."""
    words = _term(formula.of, atlas)
    if formula.perhaps:
        words += f"（最多计至{_places(formula.perhaps, atlas)}）"
    return words if formula.other is None else words + _SIGNS[formula.operator] + _term(formula.other, atlas)


def _term(quantity: Quantity, atlas: Atlas) -> str:
    if quantity.kind == COUNTIES_WORD:
        return "行政区面积"
    if quantity.kind == "figure":
        return next((f.title for f in atlas.law.indicators.figures if f.code == quantity.figure), str(quantity.figure))
    return f"{_places(quantity.selections, atlas)}的{'面积' if quantity.kind == 'area' else '图斑数'}"


def _places(selections: Sequence[Selection], atlas: Atlas) -> str:
    titles = {layer.id: layer.title for layer in atlas.layers}
    return " ∩ ".join(titles.get(s.layer, s.layer) + _where(s) for s in selections)


def _where(selection: Selection) -> str:
    parts = [f"{FIELD_TITLES.get(field, field)} {'、'.join(_pattern(p) for p in patterns)}" for field, patterns in selection.where]
    return f"（{'；'.join(parts)}）" if parts else ""


def _pattern(pattern: str) -> str:
    return f"非{pattern[1:]}" if pattern.startswith("!") else pattern
