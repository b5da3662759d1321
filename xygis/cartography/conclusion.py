"""What a conflict sheet says in words: the verdict with its mark, the areas in three units, and each finding with its rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xygis.atlas.verdict import Verdict
from xygis.cartography.blocks import Block
from xygis.cartography.grounds import Ground
from xygis.cartography.ink import HEADING, INK_2, cut, heading, write
from xygis.cartography.paper import LEAST_PX
from xygis.cartography.svg import text_width
from xygis.numbers import hectares, mu, percent, square_metres

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from xygis.atlas.style import Style

_PITCH = 16.0


def area_lines(ground: Ground) -> tuple[str, str]:
    """(m² and share of the parcel, 公顷 and 亩) of the ground; said so where no area was measured."""
    area = ground.area_m2
    if area is None:
        return "面积未单独量算", ""
    share = area / ground.parcel.ellipsoidal_m2 if ground.parcel.ellipsoidal_m2 else None
    return f"{square_metres(area)} m²，占地块 {percent(share)}", f"{hectares(area)} 公顷　{mu(area)} 亩"


def ground_word(ground: Ground) -> str:
    """What the ground is called on map and legend."""
    if ground.sliver:
        return "疑似边界误差"
    if ground.verdict is Verdict.PROHIBITED:
        return "界外部分" if ground.conflicts[0].outside else "冲突部分"
    return f"{ground.verdict.label}部分"


def finding_line(ground: Ground, i: int, size: float, width: float) -> str:
    """■ 禁止　非农业建设占用永久基本农田（PBF-01）; with its own area where that differs from the ground's. A long title is cut."""
    finding, area = ground.findings[i], ground.areas_m2[i]
    own = "" if area is None or square_metres(area) == square_metres(ground.area_m2) else f"，{square_metres(area)} m²"
    before, after = f"{finding.verdict.mark} {finding.verdict.label}　", f"（{finding.rule}{own}）"
    return before + cut(finding.title, size, width - text_width(before + after, size)) + after


def conclusion_block(ground: Ground, styles: Mapping[str, Style], k: float, width: float) -> Block:
    """Verdict, areas, findings."""
    size = LEAST_PX * k
    count = len(ground.findings)
    first, second = area_lines(ground)
    wide = width > 280 * k
    head = (36 if wide else 64) * k

    def draw(axes: Axes, x: float, right: float, y: float, bottom: float) -> None:
        y = heading(axes, x, right, y, "结论与面积", k)
        colour = styles[f"verdict/{ground.verdict.value}"].line or "#111111"
        write(axes, x, y + 2 * k, f"{ground.verdict.mark} {ground.verdict.label}", 17 * k, bold=True, colour=colour)
        if wide:
            write(axes, x + 112 * k, y - 6 * k, first, 11.5 * k, bold=True)
            write(axes, x + 112 * k, y + 11 * k, second, 11.5 * k, bold=True)
        else:
            write(axes, x, y + 22 * k, first, 11.5 * k, bold=True)
            write(axes, x, y + 39 * k, second, 11.5 * k, bold=True)
        y += head - 4 * k
        pitch = _PITCH * k
        room = int((bottom - y + 8 * k) / pitch)
        shown = count if count <= room else max(room - 1, 0)
        for i in range(shown):
            colour = styles[f"verdict/{ground.findings[i].verdict.value}"].line or "#111111"
            write(axes, x, y, finding_line(ground, i, size, right - x), size, colour=colour)
            y += pitch
        if shown < count:
            write(axes, x, y, f"另有 {count - shown} 条意见，见报告", size, colour=INK_2)

    least, natural = ((HEADING + _PITCH * rows) * k + head for rows in (min(count, 3), count))
    return Block(least=least, good=natural, natural=natural, draw=draw)
