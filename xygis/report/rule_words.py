"""What a rule asks, in Chinese words: projects, places, measured facts; and the whole rule in one sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xygis.atlas.atlas import Atlas
from xygis.atlas.codes import code_name, read_codes
from xygis.atlas.field_titles import FIELD_TITLES
from xygis.atlas.law import Comparison, ProjectFact, Rule, RuleCase, Scalar, Selection
from xygis.atlas.layer import Layer
from xygis.atlas.verdict import Verdict
from xygis.judge.facts import USE

_MEASURED = {
    "overlap_m2": ("重叠面积", "m²"),
    "overlap_share": ("占地块的比例", "%"),
    "outside_m2": ("范围以外的面积", "m²"),
    "distance_m": ("最近距离", "m"),
    "patches": ("重叠图斑", "个"),
    "elevation_min_m": ("最低高程", "m"),
    "elevation_mean_m": ("平均高程", "m"),
    "elevation_max_m": ("最高高程", "m"),
    "slope_mean_deg": ("平均坡度", "°"),
    "slope_max_deg": ("最大坡度", "°"),
    "slope_share_above_25": ("二十五度以上坡地的占比", "%"),
}
_OPERATORS = {">": "大于", ">=": "不小于", "<": "小于", "<=": "不大于", "=": "等于"}
_ANY = "已申报其中任何一种"
_MOST_KINDS = 6  # of a place, in a sentence
_VERDICTS = {
    Verdict.PROHIBITED: "禁止",
    Verdict.UNDETERMINED: "无法判定",
    Verdict.APPROVAL: "须报批",
    Verdict.JUSTIFICATION: "须论证或者征求意见",
    Verdict.NOTICE: "提示注意，不构成限制",
    Verdict.COMPLIANT: "符合",
}
# What a message says only of a parcel that was measured: figures with their unit, and the names of what was hit.
_FIGURES = (
    (r"：[^。：]*\{(?:overlap|outside)_ha\}[^。]*", ""),
    (r"有\{\w+_ha\}公顷(?:（[^（）]*\{[^（）]*）)?", "有一部分"),
    (r"[的有]\{slope_share_above_25\}坡度", "有一部分坡度"),
    (r"[，；]?(?:占项目用地|涉及图斑|距离?)\{\w+\}个?米?", ""),
    (r"（(?:[^（）{}]*\{(?!strip_m|title)\w+\})+[^（）]*）", ""),
    (r"\{\w+_(?:ha|m2|mu)\}(?:公顷|平方米|亩)", ""),
    (r"\{names\}", "相应区域"),
    (r"\{(?!strip_m|title)\w+\}", "…"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The names of an atlas that rules are told in."""

    facts: Mapping[str, ProjectFact]
    layers: Mapping[str, Layer]
    codes: Mapping[str, dict[str, str]]  # code list → code → what it is called

    def layer_title(self, layer_id: str) -> str:
        layer = self.layers.get(layer_id)
        return layer.title if layer is not None else layer_id

    def fact_title(self, name: str) -> str:
        if name == USE:
            return "用途代码"
        fact = self.facts.get(name)
        return fact.title if fact is not None else name

    def value(self, name: str, value: Scalar) -> str:
        """One value of a project fact, as the rule base calls it."""
        text = str(value).lower() if isinstance(value, bool) else str(value)
        fact = self.facts.get(name)
        unlabelled = {"true": "是", "false": "未申请" if fact is not None and fact.kind == "claim" else "否"}
        label = dict(fact.labels).get(text, unlabelled.get(text, text)) if fact is not None else text
        return f"第 {text} 类 {label}" if isinstance(value, int) and not isinstance(value, bool) and label != text else label

    def values(self, name: str, accepted: Sequence[Scalar]) -> str:
        """The accepted values of a project fact; of a claim that may have any value, that it is made."""
        fact = self.facts.get(name)
        if fact is not None and len(fact.values) > 2 and set(fact.values) == set(accepted):
            return _ANY
        return "、".join(self.value(name, v) for v in accepted)

    def attribute(self, layer_id: str, field: str, value: str) -> str:
        """A pattern or value of a feature's attribute: 水田（0101）, 耕地（01 开头）, 不是 20."""
        negative, plain = value.startswith("!"), value.lstrip("!")
        prefix, code = plain.endswith("*"), plain.rstrip("*")
        layer = self.layers.get(layer_id)
        listed = self.codes.get(layer.codes or "", {}) if layer is not None and field in ("class", "zone") else {}
        name = code_name(listed, code) if listed and not _chinese(code) else None
        shown = f"{code} 开头" if prefix else code
        text = f"{name}（{shown}）" if name else shown
        return f"不是 {text}" if negative else text


def vocabulary(atlas: Atlas) -> Vocabulary:
    """The names of this atlas."""
    return Vocabulary(facts={f.name: f for f in atlas.law.facts}, layers={la.id: la for la in atlas.layers}, codes=read_codes(atlas.root))


def field_title(field: str) -> str:
    """分区 for zone; a field without a title stands as it is called."""
    return FIELD_TITLES.get(field, field)


def project_condition(words: Vocabulary, name: str, accepted: Sequence[Scalar]) -> str:
    """是否临时用地：临时用地."""
    return f"{words.fact_title(name)}：{words.values(name, accepted)}"


def attribute_condition(words: Vocabulary, selection: Selection, field: str, patterns: Sequence[str]) -> str:
    """分区：准保护区."""
    return f"{field_title(field)}：{'、'.join(words.attribute(selection.layer, field, p) for p in patterns)}"


def measured_condition(comparison: Comparison) -> str:
    """重叠面积大于 0 m²."""
    title, _ = _MEASURED.get(comparison.fact, (comparison.fact, ""))
    return f"{title}{_OPERATORS[comparison.operator]} {measured_value(comparison.fact, comparison.value)}"


def operator_words(operator: str) -> str:
    """大于 for >."""
    return _OPERATORS[operator]


def measured_title(fact: str) -> str:
    return _MEASURED.get(fact, (fact, ""))[0]


def measured_value(fact: str, value: float) -> str:
    """A threshold, or a fact of a case, with its unit."""
    _, unit = _MEASURED.get(fact, (fact, ""))
    if unit == "%":
        return f"{value * 100:g} %"
    return f"{value:g}{'' if unit == '°' else ' '}{unit}".rstrip()


def place(words: Vocabulary, selection: Selection) -> str:
    """公路（类型：高速公路）外侧 30 米以内."""
    conditions = "，".join(attribute_condition(words, selection, field, patterns) for field, patterns in selection.where)
    strip = f"外侧 {selection.strip_m:g} 米以内" if selection.strip_m is not None else ""
    return f"{words.layer_title(selection.layer)}{f'（{conditions}）' if conditions else ''}{strip}"


def sentence(words: Vocabulary, rule: Rule) -> str:
    """The rule in one sentence: which projects, where, what follows, and who is excepted."""
    projects = "且".join(_project(words, name, accepted) for name, accepted in rule.applies_to)
    who = (projects if projects.endswith("项目") else f"{projects}的项目") if projects else "任何项目"
    exceptions = "；".join(_claimed(words, name, accepted) for name, accepted in rule.unless)
    follows = f"须报{rule.authority}批准" if rule.authority and rule.verdict is Verdict.APPROVAL else _VERDICTS[rule.verdict]
    return f"{who}，{_where(words, rule)}的，{follows}{f'；{exceptions}' if exceptions else ''}。"


def gist(rule: Rule) -> str:
    """The rule's own message without what is measured of a parcel."""
    text = rule.message
    for pattern, instead in _FIGURES:
        text = re.sub(pattern, instead, text)
    return text.replace("{strip_m}", f"{rule.selection.strip_m or 0:g}").replace("{title}", rule.title)


def case_facts(words: Vocabulary, rule: Rule, case: RuleCase) -> str:
    """The facts of a case as a reader would say them."""
    fields = {field for field, _ in rule.selection.where}
    out = []
    for name, value in case.facts:
        if name in fields:
            out.append(f"{field_title(name)}：{words.attribute(rule.selection.layer, name, str(value))}")
        elif name in _MEASURED and isinstance(value, (int, float)):
            out.append(f"{measured_title(name)} {measured_value(name, float(value))}")
        elif isinstance(value, bool) and name in words.facts:
            out.append(words.value(name, value))
        else:
            out.append(f"{words.fact_title(name) if name in words.facts or name == USE else field_title(name)}：{words.value(name, value)}")
    return "，".join(out)


def _project(words: Vocabulary, name: str, accepted: Sequence[Scalar]) -> str:
    if all(isinstance(v, bool) for v in accepted):
        return words.values(name, accepted)
    listed = words.values(name, accepted)
    if listed == _ANY:
        return f"已申报“{words.fact_title(name)}”"
    return f"{words.fact_title(name)}为{'或'.join(words.value(name, v) for v in accepted)}"


def _claimed(words: Vocabulary, name: str, accepted: Sequence[Scalar]) -> str:
    fact = words.facts.get(name)
    if fact is not None and not all(isinstance(v, bool) for v in fact.values) and set(accepted) != set(fact.values):
        return f"申报为“{words.fact_title(name)}”中{words.values(name, accepted)}的除外"
    return f"申报为“{words.fact_title(name)}”的除外"


def _kind_of_place(words: Vocabulary, selection: Selection) -> str:
    """公路（高速公路）外侧 30 米以内: the place without field names and codes, long lists cut."""
    kinds = []
    for field, patterns in selection.where:
        names = [words.attribute(selection.layer, field, p).removesuffix("）").split("（")[0] for p in patterns]
        kinds.append("、".join(names[:_MOST_KINDS]) + (f"等 {len(names)} 类" if len(names) > _MOST_KINDS else ""))
    listed = f"（{'，'.join(kinds)}）" if kinds else ""
    strip = f"外侧 {selection.strip_m:g} 米以内" if selection.strip_m is not None else ""
    return f"{words.layer_title(selection.layer)}{listed}{strip}"


def _where(words: Vocabulary, rule: Rule) -> str:
    asked = {c.fact: c for c in rule.when}
    at = _kind_of_place(words, rule.selection)
    plain = all(c.operator == ">" and c.value == 0.0 for c in rule.when)
    if plain and asked.keys() == {"overlap_m2"}:
        return f"用地进入{at}" if rule.selection.strip_m is not None else f"用地与{at}重叠"
    if plain and asked.keys() == {"outside_m2"}:
        return f"用地有一部分在{at}以外"
    if plain and asked.keys() == {"overlap_m2", "outside_m2"}:
        return f"用地一部分在{at}以内、一部分在其外"
    return f"用地（{at}）" + "、".join(measured_condition(c) for c in rule.when)


def _chinese(text: str) -> bool:
    return any("\u4e00" <= c <= "\u9fff" for c in text)
