"""What stands in a 界址点成果表, whatever it is printed with: heading, facts of the parcel, columns, remarks."""

from __future__ import annotations

from datetime import date

from xygis.convert.outline import SHEET, Outline, attribute
from xygis.geodesy.crs import gauss_zone, title
from xygis.numbers import M2_PER_HA, M2_PER_MU, hectares, mu, nearest, square_metres

TITLE = "界址点成果表"
HEADS = ("序号", "点号", "圈号", "X 坐标（m）", "Y 坐标（m）", "边长（m）")
SUMMARY_TITLE = "地块汇总表"
SUMMARY_HEADS = ("序号", "地块名称", "地块编号", "用途", "点数", "面积（m²）", "公顷", "亩", "申报（m²）")
SIGNATURES = ("制表", "校核", "审核")


def facts(outline: Outline, producer: str, on: date) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Lines above the points; one (label, text) takes a whole line, two share it."""
    p = outline.parcel
    return (
        (("地块名称", p.name),),
        (("地块编号", outline.number), ("图幅号", attribute(p, SHEET))),
        (("用途", p.use_text or ""), ("界址点数", f"{outline.corners} 点，{outline.rings} 圈")),
        (("面积（m²）", square_metres(outline.ellipsoidal_m2)), ("面积（公顷）", hectares(outline.ellipsoidal_m2))),
        (("面积（亩）", mu(outline.ellipsoidal_m2)), ("平面面积（m²）", square_metres(outline.planar_m2))),
        (("申报面积（m²）", "" if p.declared_m2 is None else square_metres(p.declared_m2)),),
        (("坐标系", title(p.crs)),),
        (("制表单位、日期", f"{producer} {on.isoformat()}".strip()),),
    )


def remarks(outline: Outline) -> tuple[str, ...]:
    """How the columns are to be read."""
    zone = gauss_zone(outline.parcel.crs)
    assert zone is not None
    prefix = f"前两位 {zone.zone} 是带号" if zone.prefixed else f"没有带号，中央经线 {zone.meridian_deg:g}°"
    lines = [
        f"X 为纵坐标（北），Y 为横坐标（东），{prefix}；边长是本点到下一点的平面距离。",
        "面积为图斑椭球面积，按表中坐标计算，已扣除内圈；1 亩 = 2000/3 m²。",
    ]
    if outline.rings > 1:
        lines.append("圈号 1 为外圈；其余各圈在另一圈之内的为内圈（扣除），不在任何一圈之内的为地块的另一部分。")
    return tuple(lines)


def rounded_areas(m2: float) -> tuple[float, float, float]:
    """(m², 公顷, 亩) with 2, 4 and 2 decimals, as numbers."""
    return (
        nearest(m2, scale=1.0, decimals=2) / 1e2,
        nearest(m2, scale=M2_PER_HA, decimals=4) / 1e4,
        nearest(m2, scale=M2_PER_MU, decimals=2) / 1e2,
    )


def total_areas(outlines: tuple[Outline, ...]) -> tuple[tuple[float, float, float], bool]:
    """((m², 公顷, 亩) of all parcels from unrounded values, whether the rounded rows add up to it)."""
    total = rounded_areas(sum(o.ellipsoidal_m2 for o in outlines))
    rows = [rounded_areas(o.ellipsoidal_m2) for o in outlines]
    return total, all(abs(sum(r[k] for r in rows) - total[k]) < 1e-6 for k in range(3))


TAIL_REMARK = "合计由未取舍的面积得出，与各行之和的尾差由四舍五入产生。"
