"""What the keys of the contracts are called, and their values, for somebody who never saw the JSON."""

from __future__ import annotations

import json

from xygis.atlas.suspect_law import SuspectVerdict
from xygis.atlas.verdict import DataState, DataStatus, LayerState, Verdict

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
_WORDED = ("verdict", "state", "status", "range", "data")


def key_word(key: str) -> str:
    """The Chinese for a key; the key itself where it has none."""
    return _KEYS.get(key, key)


def shown(value: object, key: str = "") -> str:
    """A value as it stands in the JSON; verdicts and states by their words. Short."""
    if key in _WORDED and isinstance(value, str) and value in _VALUES:
        return f"“{_VALUES[value]}”"
    if value is None:
        return "无（null）"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
