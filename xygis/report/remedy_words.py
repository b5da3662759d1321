"""What is said of a parcel's remedies, in the words that every face uses: 最小退让 … 损失 …, 最小平移 … 米、坐标方位角 …°."""

from __future__ import annotations

from dataclasses import dataclass

from xygis import numbers
from xygis.atlas.verdict import Verdict
from xygis.check.assessment import Assessment, ParcelAssessment
from xygis.check.remedies import Cut, Remedies, RemedyOptions, Shift, Unsolved
from xygis.overlay.tolerances import SLIVER_M
from xygis.report.wording import layer_titles

ALL_PROHIBITIONS = "全部禁止项"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyLine:
    """One sentence, and the verdict after where there is a remedy."""

    text: str
    after: Verdict | None = None


def remedy_lines(assessment: Assessment, parcel: ParcelAssessment) -> tuple[RemedyLine, ...]:
    """The cut that clears all prohibitions and the shift; what there is instead where one of them does not exist."""
    found = parcel.remedies
    if found is None:
        return ()
    titles = layer_titles(assessment)
    cuts = (found.combined,) if found.combined is not None else found.cuts
    lines = [RemedyLine(text=cut_sentence(c, c is found.combined, titles), after=c.changed.after) for c in cuts]
    if found.shift is not None:
        lines.append(RemedyLine(text=shift_sentence(found.shift), after=found.shift.changed.after))
    lines += [RemedyLine(text=vain_sentence(u, titles)) for u in worth_telling(found)]
    return tuple(lines)


def worth_telling(remedies: Remedies) -> tuple[Unsolved, ...]:
    """Of what was looked for in vain: that prohibitions stay. That a parcel lies as a whole on land that needs approval is no news."""
    all_told = any(u.kind == "all" for u in remedies.unsolved)
    return tuple(u for u in remedies.unsolved if u.level is Verdict.PROHIBITED and not (u.kind == "cut" and all_told))


def cut_sentence(cut: Cut, clears_all: bool, titles: dict[str, str]) -> str:
    """最小退让（永久基本农田）损失 …"""
    what = "、".join(titles.get(layer, layer) for layer in cut.layers)
    head = f"{ALL_PROHIBITIONS}：{what}" if clears_all and len(cut.layers) > 1 else what
    parts = f"，剩 {cut.parts} 块" if cut.parts > 1 else ""
    crumbs = f"，含舍去的 {cut.crumbs} 处碎块 {numbers.square_metres(cut.crumbs_m2)} m²" if cut.crumbs else ""
    return f"最小退让（{head}）损失 {numbers.hectares(cut.lost_m2)} 公顷（{numbers.mu(cut.lost_m2)} 亩）{crumbs}{parts}"


def shift_sentence(shift: Shift) -> str:
    """最小平移 … 米、坐标方位角 …°"""
    word = "最小平移" if shift.exact else "可平移（界线经简化，未必最短）"
    return f"{word} {numbers.metres(shift.distance_m)} 米、坐标方位角 {bearing_text(shift)}（{direction(shift.bearing_deg)}）"


def bearing_text(shift: Shift) -> str:
    return f"{numbers.tenths(shift.bearing_deg)}°"


def direction(bearing_deg: float) -> str:
    """One of eight points of the compass."""
    return ("北", "东北", "东", "东南", "南", "西南", "西", "西北")[round(bearing_deg / 45.0) % 8]


def vain_sentence(unsolved: Unsolved, titles: dict[str, str]) -> str:
    """What was looked for in vain, and why."""
    head = {"shift": "平移", "all": f"退让（{ALL_PROHIBITIONS}）"}.get(unsolved.kind, f"退让（{titles.get(unsolved.layer or '', '')}）")
    return f"{head}：{unsolved.reason}"


def options_note(options: RemedyOptions) -> str:
    """How the search was done, under every table of remedies."""
    return (
        f"退让后的界址距所避开的范围不小于 {options.margin_m:g} 米{_why(options.margin_m)}；"
        f"处处宽不足 {options.crumb_m:g} 米的碎块舍去，计入损失；平移在 {options.shift_radius_m:g} 米以内求，坐标方位角自坐标北顺时针计。"
        "调整后的界址都已按同一图集、规则和项目情况重新审查，结论见“之后结论”；能否这样调整，由申请人和设计单位另行论证。"
    )


def _why(margin_m: float) -> str:
    """Why the margin is as wide: no wider needs no word, narrower needs a warning."""
    if margin_m > SLIVER_M:
        return f"，大于疑似边界误差的宽度（{SLIVER_M:g} 米），复测不致再成为疑似边界误差"
    return f"，不大于疑似边界误差的宽度（{SLIVER_M:g} 米），复测时可能成为疑似边界误差"
