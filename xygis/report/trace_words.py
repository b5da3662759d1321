"""The reasons of a finding in Chinese: what was found, where it comes from, what the rule asks."""

from __future__ import annotations

import math
from collections.abc import Sequence

from xygis import numbers
from xygis.judge.explanation import ATTRIBUTE, CLAIM, FACT, Explanation, Reason
from xygis.judge.facts import USE, Origin
from xygis.judge.truth import Doubt, Interval
from xygis.report.rule_words import Vocabulary, field_title, measured_title, measured_value, operator_words

ORIGINS = {
    "given": "项目申报",
    "by_use": "按用途推定",
    "assumed": "假定",
    "not_claimed": "未申请",
    "open": "待明确",
    "attribute": "图层属性",
    "measured": "量算",
    "data": "数据状况",
}
DOUBTS = {
    Doubt.SLIVER: "疑似边界误差",
    Doubt.ACCURACY: "在界线精度之内",
    Doubt.ATTRIBUTE: "有图斑没有写明属性",
    Doubt.EXTENT: "有一部分在图层范围以外",
}
_DATA = {
    "missing": "图集没有这个图层的数据",
    "broken": "图层数据无法读取",
    "expired": "图层数据在基准日无效",
    "ready": "地块不在图层的声明范围内",
    "unmapped": "地块有一部分在图层的声明范围以外",
    "unruled": "规则库在基准日没有对应的规则",
    "unregistered": "规则所问的图层没有登记",
    "boundary": "界址存疑，核实前不作结论",
    "base": "规则库不覆盖基准日",
}
_MOST_VALUES = 3


def reason_words(words: Vocabulary, layer: str, reason: Reason) -> str:
    """One reason: what stands, from where, and, where it does not hold, what the rule asks."""
    match reason.kind:
        case "fact":
            return _fact(words, reason)
        case "claim":
            return _claim(words, reason)
        case "attribute":
            return _attribute(words, layer, reason)
        case "data":
            return f"{_DATA.get(reason.name, reason.name)}（{ORIGINS[reason.origin]}）"
    return _measured(reason)


def mark(reason: Reason) -> str:
    """√ holds · × fails · ? not known · – an exception that is not made, or a place that is only named."""
    if reason.kind == CLAIM:
        return {True: "×", False: "–", None: "?"}[reason.met]
    if reason.kind == ATTRIBUTE and reason.met is None and not reason.doubts:
        return "–"
    return {True: "√", False: "×", None: "?"}[reason.met]


def project_reasons(explanation: Explanation) -> tuple[Reason, ...]:
    return tuple(r for r in explanation.reasons if r.kind == FACT)


def exceptions(explanation: Explanation) -> tuple[Reason, ...]:
    return tuple(r for r in explanation.reasons if r.kind == CLAIM)


def land_reasons(explanation: Explanation) -> tuple[Reason, ...]:
    return tuple(r for r in explanation.reasons if r.kind not in (FACT, CLAIM))


def _fact(words: Vocabulary, reason: Reason) -> str:
    asked = words.values(reason.name, reason.asked)
    title = words.fact_title(reason.name)
    if reason.met is None:
        return f"{title}：待明确，规则问是否{asked}" if reason.name != USE else f"{title}：待明确，规则要 {asked}"
    if reason.origin == Origin.NOT_CLAIMED.value:
        return f"{title}：未申请" + ("" if reason.met else f"，规则要{asked}")
    stands = _value(words, reason)
    if reason.met:
        return f"{stands if isinstance(reason.value, bool) else f'{title}：{stands}'}（{ORIGINS[reason.origin]}）"
    return f"{title}：{stands}（{ORIGINS[reason.origin]}），规则要{asked}"


def _claim(words: Vocabulary, reason: Reason) -> str:
    title = words.fact_title(reason.name)
    if reason.met:
        return f"已申报“{title}”{'' if isinstance(reason.value, bool) else f'：{_value(words, reason)}'}，本条不适用"
    if reason.value in (None, False):
        return f"例外“{title}”{'待明确' if reason.met is None else '未申请'}"
    return f"“{title}”申报为{_value(words, reason)}，不在例外之列"


def _value(words: Vocabulary, reason: Reason) -> str:
    return "待明确" if reason.value is None else words.value(reason.name, reason.value)


def _attribute(words: Vocabulary, layer: str, reason: Reason) -> str:
    stands, title = _found(words, layer, reason, areas=True), field_title(reason.name)
    asked = _cut([words.attribute(layer, reason.name, str(p)) for p in reason.asked])
    if reason.met and len(reason.found) <= 1:
        return f"{title}：{stands or asked}（{ORIGINS[reason.origin]}）"
    return f"{title}：{stands or '地块上没有图斑'}（{ORIGINS[reason.origin]}），规则问{asked}"


def _found(words: Vocabulary, layer: str, reason: Reason, *, areas: bool) -> str:
    """The values under the parcel; areas: with how much each covers, where there are several."""
    shown = areas and len(reason.found) > 1
    return _cut(
        [
            (words.attribute(layer, reason.name, v) if v else "没有写明") + (f" {numbers.square_metres(m2)} m²" if shown else "")
            for v, m2 in reason.found
        ]
    )


def _cut(values: Sequence[str]) -> str:
    """The first of some values, and how many there are."""
    return "、".join(values[:_MOST_VALUES]) + (f"等 {len(values)} 种" if len(values) > _MOST_VALUES else "")


def _measured(reason: Reason) -> str:
    comparison = reason.comparison
    assert comparison is not None
    limit = f"{operator_words(comparison.operator)} {measured_value(comparison.fact, comparison.value)}"
    stands = _stands(reason)
    doubts = "，".join(DOUBTS[d] for d in reason.doubts)
    if reason.met is None:
        return f"{stands}（{ORIGINS[reason.origin]}{f'，{doubts}' if doubts else ''}），不能确定是否{limit}"
    return f"{stands}（{ORIGINS[reason.origin]}），{'' if reason.met else '规则要'}{limit}"


def _stands(reason: Reason) -> str:
    """重叠面积 12.30 m²; of a strip, 外侧 30 米内重叠面积 0 m²."""
    assert reason.comparison is not None and reason.measured is not None
    strip = f"外侧 {reason.strip_m:g} 米内" if reason.strip_m is not None else ""
    return f"{strip}{measured_title(reason.comparison.fact)} {_interval(reason.comparison.fact, reason.measured)}"


def _interval(fact: str, interval: Interval) -> str:
    low, high = _number(fact, interval.low), _number(fact, interval.high)
    return low if low == high else f"{low} 至 {high}"


def _number(fact: str, value: float) -> str:
    """A measured value as the reports print it; nothing is 0, not 0.00."""
    if value == 0.0:
        return measured_value(fact, value)
    if math.isinf(value):
        return "搜索半径以外" if fact == "distance_m" else "无数据"
    if fact.endswith("_m2"):
        return f"{numbers.square_metres(value)} m²"
    if "share" in fact:
        return numbers.percent(value)
    if fact == "distance_m":
        return f"{numbers.metres(value)} m"
    return numbers.count(int(value)) if fact == "patches" else f"{numbers.tenths(value)}{'°' if fact.endswith('_deg') else ' m'}"


def failures(words: Vocabulary, layer: str, silent: Sequence[Explanation]) -> list[str]:
    """Why the rules say nothing: what stands against them, then the codes, with what they ask instead."""
    out: dict[str, dict[str, list[str]]] = {}
    for e in silent:
        stands, asked = _against(words, layer, e.failed) if e.failed is not None else ("条件不满足", "")
        out.setdefault(stands, {}).setdefault(asked, []).append(e.code)
    return [
        f"{stands} → {'；'.join('、'.join(codes) + (f'（问{asked}）' if asked else '') for asked, codes in groups.items())}"
        for stands, groups in out.items()
    ]


def _against(words: Vocabulary, layer: str, reason: Reason) -> tuple[str, str]:
    """(what stands, what the rule asks instead; empty where the one says the other) of the condition that failed."""
    origin = ORIGINS[reason.origin]
    if reason.kind == FACT and reason.origin == Origin.NOT_CLAIMED.value:
        return f"未申请“{words.fact_title(reason.name)}”", ""
    if reason.kind == FACT and isinstance(reason.value, bool):
        return f"{_value(words, reason)}（{origin}）", ""
    if reason.kind == FACT:
        asked = _cut([words.value(reason.name, v) for v in reason.asked])
        return f"{words.fact_title(reason.name)}：{_value(words, reason)}（{origin}）", asked
    if reason.kind == ATTRIBUTE:
        asked = _cut([words.attribute(layer, reason.name, str(p)) for p in reason.asked])
        return f"{field_title(reason.name)}：{_found(words, layer, reason, areas=False) or '地块上没有图斑'}（{origin}）", asked
    if reason.comparison is not None and reason.measured is not None:
        comparison = reason.comparison
        limit = f"{operator_words(comparison.operator)} {measured_value(comparison.fact, comparison.value)}"
        return f"{_stands(reason)}（{origin}）", limit
    return reason_words(words, layer, reason), ""
