"""Draws a plan onto a matplotlib figure: map or panels, frame, lettering, and the blocks of the margin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from xygis.atlas.atlas import Atlas
from xygis.atlas.styles import font_files
from xygis.cartography.annotation import annotate, symbols
from xygis.cartography.blocks import Block, legend_block, scale_block, stack, stamp_block, table_block, text_block
from xygis.cartography.conclusion import conclusion_block
from xygis.cartography.conflict_plan import ground_style
from xygis.cartography.ink import HEADING, INK, INK_2, box, cut, heading, write
from xygis.cartography.legend import HEADINGS
from xygis.cartography.lettering import Room
from xygis.cartography.paper import LEAST_PX
from xygis.cartography.pills import LEAST_PX as LEAST_SYMBOL_PX
from xygis.cartography.placing import Placed, leader_line
from xygis.cartography.plan import Inset, Plan
from xygis.cartography.plot import PT_PER_PX, draw_grid, draw_ring, draw_scene, draw_style, letter_scene, write_labels
from xygis.cartography.plot_panel import draw_panel
from xygis.cartography.sheet_frame import GRID_LEAST_M, draw_band, draw_ticks
from xygis.cartography.svg import text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_FOOT = "本图界线不作为行政区划或权属依据"
_KINDS = {"point": "点号", "edge": "边长", "area": "面积注记", "name": "地块注记"}


def draw_plan(figure: Figure, plan: Plan, atlas: Atlas) -> tuple[Placed, ...]:
    """The sheet; returns what was lettered on the ground of a conflict."""
    placed: tuple[Placed, ...] = ()
    notes = plan.notes
    layout = plan.layout
    for panel in plan.panels:
        frame = panel.scene.frame
        axes = _axes(figure, plan, layout.map[0] + panel.x, layout.map[1] + panel.y, frame.width, frame.height)
        room = Room(width=frame.width, height=frame.height)
        if len(plan.panels) > 1:
            draw_scene(axes, panel.scene)
            draw_panel(axes, panel.scene, panel.caption, room, figures=not panel.locator)
            letter_scene(axes, panel.scene, room, locator=panel.locator)
        elif plan.ground is not None:
            placed, left = _draw_ground(axes, plan, room)
            lost = "、".join(f"{n} 个{_KINDS[kind]}" for kind, n in left.items() if n)
            notes = (*notes, *((f"图面放不下，未注 {lost}，见坐标表及 conflicts.gpkg。",) if lost else ()))
        else:
            _draw_map(axes, plan, room)
    _margin(figure, plan, atlas, notes)
    _known_glyphs(figure, atlas)
    return placed


def _known_glyphs(figure: Figure, atlas: Atlas) -> None:
    """〓 for what the font cannot draw, such as an emoji in somebody's name; a space for a control character."""
    from matplotlib.ft2font import FT2Font
    from matplotlib.text import Text

    known = {"\u2009", *(chr(code) for code in FT2Font(str(font_files(atlas.root)[0])).get_charmap())}
    for text in figure.findobj(Text):
        words = text.get_text()
        if not known.issuperset(words):
            text.set_text("".join(c if c in known else " " if ord(c) < 32 else "〓" for c in words))


def _axes(figure: Figure, plan: Plan, left: float, top: float, width: float, height: float) -> Axes:
    layout = plan.layout
    rect = (left / layout.width, 1 - (top + height) / layout.height, width / layout.width, height / layout.height)
    axes: Axes = figure.add_axes(rect)
    axes.set_xticks([])
    axes.set_yticks([])
    return axes


def _draw_map(axes: Axes, plan: Plan, room: Room) -> None:
    scene, k = plan.panels[0].scene, plan.layout.k
    draw_scene(axes, scene)
    if plan.shade is not None:
        rgba = np.zeros((*plan.shade.light.shape, 4))
        light = np.nan_to_num(plan.shade.light, nan=0.7071)
        rgba[..., :3] = (0.36, 0.31, 0.25)
        rgba[..., 3] = np.clip((0.7071 - light) * 0.75, 0, 0.34)
        bright = light > 0.7071
        rgba[bright, :3] = 1.0
        rgba[..., 3] = np.where(bright, np.clip((light - 0.7071) * 0.8, 0, 0.4), rgba[..., 3])
        axes.imshow(rgba, extent=(0, scene.frame.width, scene.frame.height, 0), zorder=0.5, interpolation="bilinear", aspect="auto")
        axes.set_xlim(0, scene.frame.width)
        axes.set_ylim(scene.frame.height, 0)
    draw_ticks(axes, scene.frame, room, k)
    draw_grid(axes, scene, least_m=GRID_LEAST_M)
    write_labels(axes, scene, room, locator=plan.locator, pills=True, size=12.0 * k)


def _draw_ground(axes: Axes, plan: Plan, room: Room) -> tuple[tuple[Placed, ...], dict[str, int]]:
    """The map of a conflict: its ground over the parcel, symbols of its corners, and everything lettered."""
    ground, scene, k = plan.ground, plan.panels[0].scene, plan.layout.k
    assert ground is not None
    frame = scene.frame
    draw_scene(axes, replace(scene, conflicts=()))
    style = ground_style(ground, dict(scene.styles))
    top = len(scene.drawn) + 3.0  # under the parcel's outline, which draw_scene puts at + 4
    for conflict in ground.conflicts:
        shape = frame.page(np.array([conflict.geometry], dtype=object))[0]
        reach = max(np.ptp(shapely.get_coordinates(shape), axis=0))
        if reach < LEAST_SYMBOL_PX:
            draw_ring(axes, shape, style, top + 6)
        else:
            draw_style(axes, style, [shape], line=conflict.sliver, zorder=top + (3 if conflict.sliver else 0))
    draw_ticks(axes, frame, room, k)
    draw_grid(axes, scene, least_m=GRID_LEAST_M)
    colour = style.text or style.line or INK
    placed, left = annotate(ground, plan.corners, plan.boundary, frame, room, k, colour)
    own = {(round(c.x, 2), round(c.y, 2)) for c in plan.corners}
    for corner in symbols(plan.corners, plan.boundary):
        x, y = (corner.x - frame.west_m) * frame.px_per_m, (frame.north_m - corner.y) * frame.px_per_m
        if 0 <= x <= frame.width and 0 <= y <= frame.height:
            edge = colour if (round(corner.x, 2), round(corner.y, 2)) in own else "#111111"
            axes.plot([x], [y], marker="o", ms=4.2 * k, mfc="#ffffff", mec=edge, mew=1.1 * k, ls="none", zorder=9_000)
    write_labels(axes, scene, room, locator=False, pills=False, size=12.0 * k)
    for one in placed:
        _letter(axes, one)
    return placed, left


def _letter(axes: Axes, one: Placed) -> None:
    from matplotlib.patches import Rectangle
    from matplotlib.patheffects import withStroke

    want, spot = one.wanted, one.spot
    line = leader_line(want, spot)
    if line is not None:
        xs, ys = zip(*line.coords, strict=True)
        axes.plot(xs, ys, color="#ffffff", lw=2.2, zorder=9_100)
        axes.plot(xs, ys, color=want.colour, lw=0.7, zorder=9_101)
    if want.boxed:
        x, y = spot.x - want.width / 2, spot.y - want.height / 2
        axes.add_patch(Rectangle((x, y), want.width, want.height, facecolor="#ffffff", edgecolor=want.colour, lw=0.7, zorder=9_200))
    pitch = want.size * 1.32
    for i, words in enumerate(want.lines):
        axes.text(
            spot.x,
            spot.y + (i - (len(want.lines) - 1) / 2) * pitch,
            words,
            fontsize=want.size * PT_PER_PX,
            fontweight="bold" if want.kind != "edge" else "normal",
            color=want.colour,
            ha="center",
            va="center_baseline" if not spot.turn_deg else "center",
            rotation=-spot.turn_deg,
            rotation_mode="default",
            path_effects=[] if want.boxed else [withStroke(linewidth=2.4, foreground="#ffffff")],
            parse_math=False,
            zorder=9_300,
        )


def _margin(figure: Figure, plan: Plan, atlas: Atlas, notes: Sequence[str]) -> None:
    """Title, neat line, band, foot, and the blocks in their columns."""
    layout, k = plan.layout, plan.layout.k
    scenes = [panel.scene for panel in plan.panels]
    margin = figure.add_axes((0, 0, 1, 1), zorder=-1)
    margin.set_xlim(0, layout.width)
    margin.set_ylim(layout.height, 0)
    margin.axis("off")
    left, top, right, bottom = layout.neat
    box(margin, left, top, right, bottom, edge=INK, width=1.6)
    if len(scenes) == 1:
        draw_band(margin, scenes[0].frame, layout.map, layout.band, k)
    scale = f"1:{round(scenes[0].frame.scale):,}".replace(",", " ") if len(scenes) == 1 else f"1 幅位置图，{len(scenes) - 1} 幅地块图"
    beside = f"{scale}　{plan.date}"
    write(margin, right, top - 17 * k, beside, 13 * k, colour=INK_2, align="right")
    space = right - left - text_width(beside, 13 * k) - 24 * k
    size = max(16 * k, min(26 * k, space / max(text_width(plan.title, 1.0), 1.0)))
    write(margin, left, top - 19 * k, cut(plan.title, size, space), size, bold=True)
    words = plan.atlas_name + (f" · 图集指纹 {plan.fingerprint.removeprefix('sha256:')[:8]}" if plan.fingerprint else "") + " · xygis 绘制"
    end = layout.width - left
    y = layout.height - 21
    write(margin, left, y, words, LEAST_PX * k, colour=INK_2)
    write(margin, end, y, _FOOT + (f"　{plan.number}" if plan.number else ""), LEAST_PX * k, colour=INK_2, align="right")
    for name, blocks in _columns(figure, plan, atlas, notes).items():
        stack(margin, layout.slots[name], blocks, 13 * k)


def _columns(figure: Figure, plan: Plan, atlas: Atlas, notes: Sequence[str]) -> dict[str, list[Block]]:
    layout, k = plan.layout, plan.layout.k
    widths = {name: slot.right - slot.x for name, slot in layout.slots.items()}
    scenes = [panel.scene for panel in plan.panels]
    styles = scenes[0].styles
    stamp = [stamp_block(styles["verdict/prohibited"].line or "#9f1717", k)] if plan.demo else []
    frames = [scene.frame for scene in (scenes if len(scenes) == 1 else scenes[1:] + scenes[:1])]
    inset = [_inset_block(figure, plan.inset, plan)] if plan.inset is not None else []
    more = "等 {n} 个图层，见报告“数据版本”" if scenes[-1].parcels else "等 {n} 个图层，见 xygis layers"
    remarks = [*plan.data, *(["控制线为演示合成，不具法律效力"] if plan.demo else [])]

    # On maps of a whole city lines are drawn finer; a symbol in the legend keeps its full width, or it could not be seen.
    symbols = [i if i.group == "mark" else replace(i, style=replace(styles.get(i.style.id, i.style), label=i.label)) for i in plan.legend]

    def legend(name: str) -> Block:
        return legend_block(symbols, k, widths[name], plan.headings or (HEADINGS if scenes[-1].parcels else dict.fromkeys(HEADINGS, "")))

    def data(name: str) -> Block:
        return text_block("资料与精度", remarks, k, widths[name], more=more, least_lines=4)

    def said(name: str) -> Block:
        return text_block("说明", notes, k, widths[name], more="另有 {n} 条", least_lines=8)

    register = (
        [
            table_block(
                plan.register.title, plan.register.head, plan.register.rows, plan.register.shares, k, "共 {n} 项，列前 {shown} 项", words=2
            )
        ]
        if plan.register is not None
        else []
    )
    if plan.ground is None:
        if layout.portrait:
            return {"c1": [*stamp, scale_block(frames, k, widths["c1"]), *inset], "c2": [legend("c2")], "c3": [said("c3"), data("c3")]}
        column = [*stamp, legend("side"), *register, *inset, scale_block(frames, k, widths["side"]), said("side"), data("side")]
        return {"side": column}
    rows = [(c.label, f"{c.y:.3f}", f"{frames[0].zone}{c.x:010.3f}", f"{c.to_next_m:.2f}") for c in plan.corners]
    title = f"冲突部分拐点坐标（{frames[0].zone} 带，m）"
    table = table_block(
        title, ("点号", "X（北）", "Y（东）", "边长"), rows, (0.7, 1.35, 1.5, 0.95), k, "共 {n} 点，列前 {shown} 点；全部见 conflicts.gpkg"
    )
    words = conclusion_block(plan.ground, styles, k, widths["c1" if layout.portrait else "side"])
    if layout.portrait:
        return {
            "c1": [*stamp, words, data("c1"), said("c1")],
            "c2": [table, *inset, scale_block(frames, k, widths["c2"])],
            "c3": [legend("c3")],
        }
    return {
        "side": [*stamp, words, table, *inset, legend("side"), said("side")],
        "c1": [scale_block(frames, k, widths["c1"])],
        "c2": [data("c2")],
    }


def _inset_block(figure: Figure, inset: Inset, plan: Plan) -> Block:
    """A small map under a heading; not drawn where there is no room for it."""
    k = plan.layout.k
    height = inset.scene.frame.height

    def draw(axes: Axes, x: float, right: float, y: float, bottom: float) -> None:
        y = heading(axes, x, right, y, inset.title, k) - 10 * k
        frame = inset.scene.frame
        inner = _axes(figure, plan, x, y, frame.width, frame.height)
        draw_scene(inner, inset.scene)
        inner.set_facecolor("none")
        for side in inner.spines.values():
            side.set_visible(False)
        shape = frame.page(np.array([inset.box], dtype=object))[0]
        west, north, east, south = shape.bounds
        red = inset.scene.styles["verdict/prohibited"].line or "#9f1717"
        if max(east - west, south - north) < 7:
            inner.plot([(west + east) / 2], [(north + south) / 2], marker="s", ms=5 * k, mfc="none", mec=red, mew=1.6, zorder=9_000)
        else:
            inner.plot(*shape.exterior.xy, color=red, lw=1.4, zorder=9_000)
        room = Room(width=frame.width, height=frame.height)
        room.taken.append(shape.buffer(6))
        write_labels(inner, inset.scene, room, locator=True, pills=False, size=LEAST_PX * k / 1.1, full=False)

    natural = HEADING * k - 10 * k + height
    return Block(least=0, good=natural, natural=natural, draw=draw)


@contextmanager
def plain_figure(atlas: Atlas, width_px: float, height_px: float, dpi: int) -> Iterator[Figure]:
    """A figure without a window, lettered with the atlas's own font; matplotlib's settings stay as they were."""
    import matplotlib as mpl
    from matplotlib import font_manager
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    files = font_files(atlas.root)
    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    for file in files:
        if str(file) not in known:
            font_manager.fontManager.addfont(str(file))
    family = font_manager.FontProperties(fname=str(files[0])).get_name()
    settings: Any = {
        "font.family": [family],
        "lines.scale_dashes": False,
        "pdf.fonttype": 42,
        "axes.unicode_minus": False,
        "svg.hashsalt": "xygis",
    }
    with mpl.rc_context(settings):
        figure = Figure(figsize=(width_px / 96, height_px / 96), dpi=dpi, facecolor="#ffffff")
        FigureCanvasAgg(figure)
        yield figure
