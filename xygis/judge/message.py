"""The sentence of a finding: the rule's template filled with the facts, units and decimals as the report prints them."""

from __future__ import annotations

import math
import string

from xygis.atlas.law import Rule
from xygis.atlas.redlines import RASTER_FACTS
from xygis.errors import BadRule, Where
from xygis.numbers import hectares, metres, mu, percent, square_metres, tenths
from xygis.overlay.measure import Part

FIELDS = (
    *("overlap_m2", "overlap_ha", "overlap_mu", "share", "outside_m2", "outside_ha", "distance_m"),
    *("patches", "names", "strip_m", "title", *RASTER_FACTS),
)


def message(rule: Rule, part: Part, area_m2: float, *, sliver: bool) -> str:
    """The rule's message for what was measured; a sliver says that it is one."""
    area = part.overlap_m2 if part.overlap_m2 > 0.0 else part.possible_m2
    values = {
        "overlap_m2": square_metres(area),
        "overlap_ha": hectares(area),
        "overlap_mu": mu(area),
        "share": percent(min(1.0, area / area_m2)),
        "outside_m2": square_metres(part.outside_m2),
        "outside_ha": hectares(part.outside_m2),
        "distance_m": "搜索半径以外" if part.distance_m is None else metres(part.distance_m),
        "patches": str(part.patches),
        "names": "、".join(part.names[:5]) + (" 等" if len(part.names) > 5 else ""),
        "strip_m": f"{rule.selection.strip_m or 0:g}",
        "title": rule.title,
        **_terrain(part),
    }
    try:
        text = string.Formatter().vformat(rule.message, (), values)
    except (KeyError, IndexError, ValueError) as error:
        raise BadRule(
            what=f"规则 {rule.code} 的 message 模板有误：{error}",
            where=Where(file=rule.path.name, line=rule.line),
            fix=f"可用的变量：{'、'.join(FIELDS)}",
        ) from error
    if sliver and part.sliver_m2 > 0.0:
        text += f"重叠部分均为疑似边界误差（{part.sliver_count} 处，共 {square_metres(part.sliver_m2)} m²），不作为“不涉及”。"
    elif sliver:
        text += f"范围以外的部分均为疑似边界误差（共 {square_metres(part.outside_sliver_m2)} m²），须核实界址。"
    return text


def _terrain(part: Part) -> dict[str, str]:
    """The facts of a raster; of a range what is at least, or at most where nothing holds it from below."""
    known = {name: low if math.isfinite(low) else high for name, low, high in part.facts}
    values = {name: known[name] if math.isfinite(known.get(name, math.inf)) else None for name in RASTER_FACTS}
    return {name: "无数据" if value is None else percent(value) if "_share_" in name else tenths(value) for name, value in values.items()}
