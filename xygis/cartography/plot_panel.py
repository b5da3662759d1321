"""What a panel of a printed sheet carries inside its own frame: name, scale bar, kilometre figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xygis.cartography.frame import kilometres, length_text
from xygis.cartography.lettering import Room
from xygis.cartography.plot import PT_PER_PX
from xygis.cartography.scene import Scene
from xygis.cartography.svg import text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_Z = 9_000.0


def draw_panel(axes: Axes, scene: Scene, caption: str, room: Room, *, figures: bool) -> None:
    """Draws into the axes of a panel, and keeps what it takes free of labels."""
    from matplotlib.patches import Rectangle

    frame, ink = scene.frame, scene.styles["text"].text or "#1c2126"
    if figures:
        caption += f"　1:{round(frame.scale):,}".replace(",", " ")
    wide = text_width(caption, 13) + 16
    axes.add_patch(Rectangle((0, 0), wide, 24, facecolor="#ffffff", edgecolor="none", alpha=0.92, zorder=_Z))
    axes.text(
        8, 12.5, caption, fontsize=13 * PT_PER_PX, fontweight="bold", color="#111111", va="center_baseline", parse_math=False, zorder=_Z + 1
    )
    room.block((0, 0, wide, 24))
    whole = frame.scale_bar_m(frame.width * 0.3)
    bar, x, y = whole * frame.px_per_m, 16.0, frame.height - 14
    right = x + bar + text_width(length_text(whole), 10.5) / 2 + 8
    axes.add_patch(Rectangle((6, y - 18), right - 6, 28, facecolor="#ffffff", edgecolor="none", alpha=0.9, zorder=_Z))
    for i, face in enumerate((ink, "#ffffff")):
        axes.add_patch(Rectangle((x + i * bar / 2, y), bar / 2, 4.5, facecolor=face, edgecolor=ink, lw=0.6, zorder=_Z + 1))
    for at, words in ((x, "0"), (x + bar, length_text(whole))):
        axes.text(at, y - 8, words, fontsize=10.5 * PT_PER_PX, color=ink, ha="center", va="center_baseline", zorder=_Z + 1)
    room.block((6, y - 18, right, y + 10))
    if figures:
        _figures(axes, scene, room, wide)


def _figures(axes: Axes, scene: Scene, room: Room, taken_px: float) -> None:
    """Kilometre figures along the upper and right edge; the caption takes the first px of the upper one."""
    from matplotlib.patheffects import withStroke

    frame, style = scene.frame, scene.styles["grid"]
    step, eastings, northings = frame.grid(least_px=105)
    halo = [withStroke(linewidth=2.0, foreground="#ffffff")]
    spots = [((e - frame.west_m) * frame.px_per_m, 9.0, f"{frame.zone} {kilometres(e, step)}", 0.0) for e in eastings]
    spots += [(frame.width - 9.0, (frame.north_m - v) * frame.px_per_m, kilometres(v, step), 90.0) for v in northings]
    for x, y, words, turn in spots:
        half = text_width(words, 10.5) / 2 + 3
        rect = (x - 7, y - half, x + 7, y + half) if turn else (x - half, y - 7, x + half, y + 7)
        if rect[0] < taken_px + 4 and not turn or rect[1] < 2 or rect[2] > frame.width or rect[3] > frame.height - 4:
            continue
        axes.text(
            x,
            y,
            words,
            fontsize=10.5 * PT_PER_PX,
            color=style.text,
            ha="center",
            va="center",
            rotation=turn,
            path_effects=halo,
            zorder=_Z + 1,
        )
        room.block(rect)
