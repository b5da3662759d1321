"""Draws a scene with matplotlib: the same areas, motifs, casings and dashes as on screen, in points on paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.atlas.style import Style
from xygis.cartography.lettering import Label, Room, place_labels
from xygis.cartography.motif import MOTIFS
from xygis.cartography.pills import LEAST_PX, MOST_PILLS, PILL_TEXT, Pill, keep_parcels_clear, place_dot, place_pill
from xygis.cartography.scene import Marked, Scene

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.path import Path

PT_PER_PX = 0.75


def compound_path(shapes: Sequence[shapely.Geometry]) -> Path | None:
    """One path of polygons and lines in page units (y down), or None where nothing is left."""
    from matplotlib.path import Path

    chains: list[tuple[NDArray[np.float64], bool]] = []
    pending = list(shapes)
    while pending:
        shape = pending.pop()
        if shape.geom_type == "Polygon":
            chains += [(shapely.get_coordinates(ring), True) for ring in (shape.exterior, *shape.interiors)]
        elif shape.geom_type in ("LineString", "LinearRing"):
            chains.append((shapely.get_coordinates(shape), False))
        else:
            pending += list(getattr(shape, "geoms", ()))
    chains = [(points, closed) for points, closed in chains if len(points) > 1]
    if not chains:
        return None
    codes = []
    for points, closed in chains:
        code = np.full(len(points), Path.LINETO, dtype=np.uint8)
        code[0] = Path.MOVETO
        if closed:
            code[-1] = Path.CLOSEPOLY
        codes.append(code)
    return Path(np.vstack([points for points, _ in chains]), np.concatenate(codes))


def _joined(strokes: Sequence[NDArray[np.float64]]) -> Path:
    """Many strokes as one path, which is drawn many times faster than a collection of them."""
    from matplotlib.path import Path

    codes = np.full(sum(len(stroke) for stroke in strokes), Path.LINETO, dtype=np.uint8)
    codes[np.cumsum([0, *(len(stroke) for stroke in strokes[:-1])])] = Path.MOVETO
    return Path(np.vstack(strokes), codes)


def draw_style(axes: Axes, style: Style, shapes: Sequence[shapely.Geometry], *, line: bool, zorder: float) -> None:
    """One style on axes whose data units are page units (1 unit = 0.75 pt), y down."""
    from matplotlib.patches import PathPatch

    path = compound_path(shapes)
    if path is None:
        return
    if not line and (style.fill or style.pattern):
        ground = PathPatch(
            path, facecolor=style.fill or "none", alpha=style.opacity if style.fill else None, edgecolor="none", lw=0, zorder=zorder
        )
        axes.add_artist(ground)
        if style.pattern:
            motif = MOTIFS[style.pattern]
            extent = path.get_extents()
            (left, right), (bottom, top) = sorted(axes.get_xlim()), sorted(axes.get_ylim())
            strokes = motif.over(max(extent.x0, left), max(extent.y0, bottom), min(extent.x1, right), min(extent.y1, top))
            caps = "round" if motif.round_caps else "butt"
            lines = PathPatch(
                _joined(strokes),
                facecolor="none",
                edgecolor=style.pattern_colour,
                lw=motif.stroke_px * PT_PER_PX,
                alpha=motif.opacity,
                zorder=zorder + 0.1,
                capstyle=caps,
            )
            axes.add_artist(lines)
            lines.set_clip_path(ground)
    if style.casing and style.line:
        width = style.width_pt + (style.casing_width_pt or 2.0)
        axes.add_artist(PathPatch(path, facecolor="none", edgecolor=style.casing, lw=width, joinstyle="round", zorder=zorder + 0.2))
    if style.line and style.width_pt:
        edge = PathPatch(path, facecolor="none", edgecolor=style.line, lw=style.width_pt, joinstyle="round", zorder=zorder + 0.3)
        if style.dash:
            edge.set_linestyle((0, style.dash))
        edge.set_capstyle("butt")
        axes.add_artist(edge)


def draw_scene(axes: Axes, scene: Scene) -> None:
    """Ground, layers, conflicts and parcels of a scene; the axes span the frame's page units."""
    frame, styles = scene.frame, scene.styles
    axes.set_xlim(0, frame.width)
    axes.set_ylim(frame.height, 0)
    axes.set_facecolor(styles["paper"].fill or "#ffffff")
    for i, one in enumerate(scene.drawn):
        draw_style(axes, one.style, list(frame.page(one.geometry)), line=one.layer.geometry == "line", zorder=i + 1)
    top = len(scene.drawn) + 2
    for conflict in scene.conflicts:
        shape = frame.page(np.array([conflict.geometry], dtype=object))[0]
        if conflict.severe and not conflict.sliver:
            if max(np.ptp(shapely.get_coordinates(shape), axis=0)) < LEAST_PX:
                draw_ring(axes, shape, styles["conflict"], top + 4)
            else:
                draw_style(axes, styles["conflict"], [shape], line=False, zorder=top)
    for parcel in scene.parcels:
        draw_style(axes, styles["parcel"], list(frame.page(np.array([parcel.geometry], dtype=object))), line=True, zorder=top + 2)
    for conflict in scene.conflicts:
        shape = frame.page(np.array([conflict.geometry], dtype=object))[0]
        if conflict.sliver:
            if shape.length < LEAST_PX:
                draw_ring(axes, shape, styles["sliver"], top + 4)
            else:
                draw_style(axes, styles["sliver"], [shape], line=True, zorder=top + 3)


def draw_ring(axes: Axes, shape: shapely.Geometry, style: Style, zorder: float) -> None:
    """Something real but too small to see."""
    middle = shapely.centroid(shape)
    axes.plot([middle.x], [middle.y], marker="o", ms=10, mfc="none", mec="#ffffff", mew=3.4, ls="none", zorder=zorder)
    axes.plot([middle.x], [middle.y], marker="o", ms=10, mfc="none", mec=style.line, mew=1.7, ls="none", zorder=zorder + 0.1)


def letter_scene(axes: Axes, scene: Scene, room: Room, *, locator: bool = False, pills: bool = True, size: float = 12.0) -> None:
    """Grid, pills (on a locator, dots) and labels, each off the others and off what is taken already."""
    draw_grid(axes, scene, least_m=100)
    write_labels(axes, scene, room, locator=locator, pills=pills, size=size, full=False)


def draw_grid(axes: Axes, scene: Scene, *, least_m: int) -> None:
    """Lines at whole kilometres or parts of one, at least `least_m` apart."""
    frame = scene.frame
    style = scene.styles["grid"]
    _, eastings, northings = frame.grid(least_px=105, least_m=least_m)
    segments = [[((e - frame.west_m) * frame.px_per_m, 0.0), ((e - frame.west_m) * frame.px_per_m, frame.height)] for e in eastings]
    segments += [[(0.0, (frame.north_m - v) * frame.px_per_m), (frame.width, (frame.north_m - v) * frame.px_per_m)] for v in northings]
    from matplotlib.collections import LineCollection

    top = len(scene.drawn) + 1.5
    axes.add_collection(LineCollection(segments, colors=style.line, linewidths=style.width_pt, alpha=0.45, zorder=top), autolim=False)


def write_labels(axes: Axes, scene: Scene, room: Room, *, locator: bool, pills: bool, size: float, full: bool = True) -> None:
    """Numbers and verdicts of parcels, then names of layers. full: a map large enough for names beside narrow rivers."""
    labelled = scene.parcels if pills and len(scene.parcels) <= MOST_PILLS else ()  # more would only cover each other
    plates = [(parcel, (place_dot if locator else place_pill)(parcel, scene, room)) for parcel in labelled]
    keep_parcels_clear(scene, room)
    for label in place_labels(scene, room, size=size, most_per_style=12 if full else 6, thin=full):
        _write(axes, label, scene)
    for parcel, pill in plates:
        (_draw_dot if locator else _draw_pill)(axes, parcel, pill)


def _write(axes: Axes, label: Label, scene: Scene) -> None:
    from matplotlib.patheffects import withStroke

    words = "\u2009".join(label.text) if len(label.text) <= 4 and label.size > 14 else label.text
    axes.text(
        label.x,
        label.y,
        words,
        fontsize=label.size * PT_PER_PX,
        fontweight="bold",
        color=label.style.text or "#1c2126",
        ha="center",
        va="center",
        rotation=-label.turn_deg,
        path_effects=[withStroke(linewidth=2.2, foreground=scene.styles["text"].casing or "#ffffff")],
        parse_math=False,
        zorder=len(scene.drawn) + 20,
    )


def _draw_dot(axes: Axes, parcel: Marked, dot: Pill) -> None:
    from matplotlib.patches import Circle

    z = 10_000.0
    if dot.tie is not None:
        axes.plot([dot.tie[0], dot.x], [dot.tie[1], dot.y], color="#111111", lw=0.9, zorder=z)
    axes.add_patch(Circle((dot.x, dot.y), 9.5, facecolor=dot.colour, edgecolor="#ffffff", lw=1.0, zorder=z + 1))
    size = 12 * PT_PER_PX
    axes.text(
        dot.x, dot.y, parcel.number, ha="center", va="center_baseline", fontweight="bold", fontsize=size, color="#ffffff", zorder=z + 2
    )


def _draw_pill(axes: Axes, parcel: Marked, pill: Pill) -> None:
    from matplotlib.patches import Circle, FancyBboxPatch

    z = 10_000.0
    if pill.tie is not None:
        axes.plot([pill.tie[0], pill.x], [pill.tie[1], pill.y], color="#111111", lw=1.2, zorder=z)
    shape = FancyBboxPatch(
        (pill.x - pill.half + 14, pill.y - 0.2),
        2 * pill.half - 28,
        0.4,
        boxstyle="round,pad=14,rounding_size=14",
        facecolor="#ffffff",
        edgecolor="#111111",
        lw=1.2,
        zorder=z + 1,
    )
    axes.add_patch(shape)
    axes.add_patch(Circle((pill.x - pill.half + 14.3, pill.y), 10.8, color="#111111", zorder=z + 2))
    number = (14.2 if len(parcel.number) < 3 else 11.0) * PT_PER_PX
    at = pill.x - pill.half + 14.3
    axes.text(
        at, pill.y, parcel.number, ha="center", va="center_baseline", fontweight="bold", fontsize=number, color="#ffffff", zorder=z + 3
    )
    size = PILL_TEXT * PT_PER_PX
    words = parcel.verdict.label
    axes.text(
        pill.x + 9.3, pill.y, words, ha="center", va="center_baseline", fontweight="bold", fontsize=size, color=pill.colour, zorder=z + 3
    )
