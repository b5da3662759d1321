"""What our fields are called to a reader, in map labels, rule pages and explanations."""

from __future__ import annotations

FIELD_TITLES = {
    "id": "编号",
    "name": "名称",
    "class": "类型",
    "zone": "分区",
    "level": "级别",
    "owner": "权属",
    "code": "编码",
    "function": "功能",
    "quality": "质量等级",
    "slope": "坡度级",
    "declared_m2": "登记面积（m²）",
    "county_code": "行政区代码",
    "county_name": "行政区",
    "reserve_name": "自然保护地",
    "reserve_type": "自然保护地类型",
    "width_m": "用地宽度（m）",
    "voltage_kv": "电压（kV）",
    "setting": "所在区域",
    "mineral": "矿种",
    "deduction": "扣除系数",
    "rank": "战略性",
}
