"""What the keys of the contracts are called, and their values, for somebody who never saw the JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TypeGuard

from xygis.atlas.field_titles import FIELD_TITLES
from xygis.atlas.suspect_law import SuspectVerdict
from xygis.atlas.verdict import DataState, DataStatus, LayerState, Verdict
from xygis.report.rule_words import measured_title, measured_value, operator_words
from xygis.verify.more_words import KINDS, MORE_KEYS

_LONGEST = 60
_KEYS = {
    "verdict": "结论",
    "range": "可能的结论",
    "area": "面积",
    "ellipsoidal_m2": "椭球面积（m²）",
    "planar_m2": "平面面积（m²）",
    "declared_m2": "申报面积（m²）",
    "overlap_m2": "压占面积（m²）",
    "overlap_range_m2": "压占面积范围（m²）",
    "overlap_share": "压占占比",
    "outside_m2": "超出面积（m²）",
    "unmapped_m2": "无数据面积（m²）",
    "distance_m": "距离（m）",
    "patches": "图斑",
    "slivers": "疑似边界误差",
    "count": "个数",
    "area_m2": "面积（m²）",
    "contact_m2": "相接面积（m²）",
    "features": "要素",
    "attributes": "属性",
    "measures": "量算",
    "findings": "审查意见",
    "text": "文字",
    "authority": "审批机关",
    "documents": "材料",
    "remedy": "整改建议",
    "penalty": "罚则",
    "basis": "依据",
    "article": "条款",
    "needs": "尚需材料",
    "questions": "待定事项",
    "outcomes": "各种答复的结论",
    "totals": "合计",
    "by_layer": "按图层",
    "by_county": "按县（市、区）",
    "by_size": "按大小",
    "by_place": "按管控区",
    "procedures": "审批程序",
    "level": "审批层级",
    "reason": "理由",
    "counted_m2": "计入面积（m²）",
    "margin_ha": "余量（公顷）",
    "share": "占比",
    "state": "状态",
    "parcels": "地块",
    "name": "名称",
    "title": "名称",
    "boundary": "界址坐标",
    "crs": "坐标系",
    "use": "用途",
    "code": "代码",
    "atlas": "图集",
    "layers": "图层",
    "layer": "图层",
    "version": "版本",
    "accuracy_m": "位置精度（m）",
    "fingerprint": "指纹",
    "sha256": "指纹",
    "note": "说明",
    "notes": "说明",
    "rules": "规则",
    "each": "各规则",
    "files": "文件",
    "sources": "送审文件",
    "file": "文件",
    "format": "格式",
    "encoding": "编码",
    "evidence": "坐标系的证据",
    "options": "读取方式",
    "project": "项目情况",
    "facts": "项目事实",
    "value": "值",
    "checked_on": "基准日",
    "upcoming": "将要生效的法规",
    "trace": "过程",
    "step": "步骤",
    "detail": "详情",
    "assumptions": "假定",
    "remarks": "备注",
    "corrections": "更正",
    "tolerances": "容差",
    "pairs": "比对",
    "a_m2": "甲方面积（m²）",
    "b_m2": "乙方面积（m²）",
    "difference_m2": "差异面积（m²）",
    "differences": "差异",
    "no_data": "缺数据的比对",
    "indicators": "指标",
    "target": "目标",
    "met": "是否达到",
    "quality": "质检",
    "quality_check": "质检",
    "territory": "辖区面积",
    "counties": "县（市、区）",
    "use_matrix": "用途冲突",
    "width_m": "宽度（m）",
    "point_deg": "位置（度）",
    "bounds_deg": "范围（度）",
    "patches_file": "图斑文件",
    "shapes_sha256": "图斑形状的指纹",
    "priority": "处置次序",
    "county": "县（市、区）",
    "geometry": "图形",
    "permits": "许可",
    "reasons": "理由",
    "total": "合计",
    "elevation_mean_m": "平均高程（m）",
    "slope_mean_deg": "平均坡度（度）",
    "generator": "程序",
    "status": "状况",
    "rule": "规则",
    "relation": "关系",
    "id": "编号",
}
_VALUES = {str(member.value): member.label for kind in (Verdict, LayerState, DataState, DataStatus, SuspectVerdict) for member in kind}
_WORDED = ("verdict", "state", "status", "range", "data", "before", "after", "verdict_after", "verdict_recorded", "verdict_stated")
_DECIMALS = 4
_MOST_DECIMALS = 12
_CONDITION = re.compile(r"(\w+) (>=|<=|>|<|=) (-?[\d.]+(?:e[+-]?\d+)?)")
_SELECTION = re.compile(r"(\w+)((?:\[\w+: [^\]]*\])*)(?: strip_m=([\d.]+))?")
_WHERE = re.compile(r"\[(\w+): ([^\]]*)\]")


def key_word(key: str) -> str:
    """The Chinese for a key; the key itself where it has none."""
    return _KEYS.get(key) or MORE_KEYS.get(key, key)


def shown(value: object, key: str = "") -> str:
    """A value of the JSON in words: verdicts and states by theirs, 是 and 否, numbers with at most four decimals. Short."""
    text = _shown(value, key)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def both(old: object, new: object, key: str = "") -> tuple[str, str]:
    """Two values that differ; numbers with as many decimals, from four on, as it takes to see that they do."""
    if _is_number(old) and _is_number(new):
        for decimals in range(_DECIMALS, _MOST_DECIMALS + 1):
            texts = _number(old, decimals), _number(new, decimals)
            if texts[0] != texts[1]:
                return texts
        return repr(old), repr(new)
    return shown(old, key), shown(new, key)


def rule_value(text: str, name: str, titles: Mapping[str, str]) -> str:
    """A field of a rule's line in the words of the rule pages. titles: layer id → what it is called."""
    if name == "verdict":
        return shown(text, name)
    if name == "when":
        return f"“{_CONDITION.sub(_condition, text)}”"
    if name in ("a", "b", "yields"):
        return f"“{titles.get(text, text)}”"
    if name == "selection" and (found := _SELECTION.fullmatch(text)):
        layer, where, strip = found.groups()
        kinds = "".join(f"（{FIELD_TITLES.get(f, f)}：{v.replace('|', '、')}）" for f, v in _WHERE.findall(where))
        return f"“{titles.get(layer, layer)}{kinds}{f'外侧 {float(strip):g} 米以内' if strip else ''}”"
    plain = {"True": "是", "False": "否"}.get(text, text[:80])
    return f"“{plain}”"


def _condition(found: re.Match[str]) -> str:
    fact, operator, number = found.groups()
    value = float(number)
    plain = f"{value:g}"
    amount = measured_value(fact, value) if "e" not in plain and float(plain) == value else number
    return f"{measured_title(fact)}{operator_words(operator)} {amount}"


def _shown(value: object, key: str) -> str:
    if value is None:
        return "无"
    if isinstance(value, bool):
        return "是" if value else "否"
    if _is_number(value):
        return _number(value, _DECIMALS)
    if isinstance(value, str):
        worded = _VALUES.get(value) if key in _WORDED else KINDS.get(value) if key == "kind" else None
        return f"“{worded or (key_word(value) if key == 'fields' else value)}”"
    if isinstance(value, dict):
        return "，".join(f"{key_word(k)} {_shown(v, k)}" for k, v in value.items()) or "空"
    if isinstance(value, list):
        return "、".join(_shown(one, key) for one in value) or "空"
    return json.dumps(value, ensure_ascii=False)


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(value: float, decimals: int) -> str:
    if isinstance(value, int):
        return str(value)
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return f"{value:.3g}" if text in ("0", "-0") and value else text
