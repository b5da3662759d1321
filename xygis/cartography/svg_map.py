"""Draws a scene as one inline SVG: ground, layers, grid, conflicts, parcels, lettering, scale bar and north arrow."""

from __future__ import annotations

import numpy as np
import shapely

from xygis.atlas.style import Style
from xygis.cartography.conflict import Conflict
from xygis.cartography.frame import Frame, kilometres, length_text
from xygis.cartography.lettering import Label, Room, place_labels
from xygis.cartography.pills import LEAST_PX, MOST_PILLS, PILL_TEXT, keep_parcels_clear, place_dot, place_pill
from xygis.cartography.scene import Marked, Scene
from xygis.cartography.svg import drawn, halo, lettering, n, path, pattern, text, text_width


def svg_map(
    scene: Scene,
    *,
    prefix: str,
    title: str,
    pills: bool = True,
    caption: str = "",
    locator: bool = False,
    size: float = 12.5,
    grid: bool = True,
    extra: tuple[tuple[Label, ...], ...] = (),
    over: str = "",
) -> str:
    """The scene as SVG. `prefix` makes the ids unique on a page; `pills` number the parcels, otherwise their names stand.

    caption names a panel; a locator shows parcels as numbered dots. extra: labels with their spots, best first; each stands at the first that is free.
    over: SVG of our own making that stands on parcels and conflicts, below all lettering.
    """
    frame = scene.frame
    width, height = frame.width, frame.height
    styles = scene.styles
    marks = [styles[m] for m in ("conflict", "no_data")]
    defs = "".join(pattern(prefix, s) for s in {d.style.id: d.style for d in scene.drawn if d.layer.geometry != "line"}.values())
    defs += "".join(pattern(prefix, s) for s in marks)
    defs += f'<clipPath id="{prefix}-clip"><rect width="{n(width)}" height="{n(height)}"/></clipPath>'
    body = [f'<rect width="{n(width)}" height="{n(height)}" fill="{styles["paper"].fill}"/>']
    for one in scene.drawn:
        line = one.layer.geometry == "line"
        body.append(drawn(one.style, path(frame.page(one.geometry)), prefix, line=line))
    room = Room(width=width, height=height)
    grid_lines, grid_figures = _grid(frame, styles["grid"], room) if grid else ("", "")
    body.append(grid_lines)
    body += [drawn(styles["no_data"], path(frame.page(np.array([g], dtype=object))), prefix, line=False) for _, g in scene.gaps]
    body += [_conflict(c, scene, prefix) for c in scene.conflicts if not c.sliver]
    body += [_outline(p, scene) for p in scene.parcels]
    body += [_conflict(c, scene, prefix) for c in scene.conflicts if c.sliver]
    body.append(over)
    furniture = scale_bar(frame, styles["text"], room)
    furniture += north_arrow(frame, styles["text"], room) if not caption or locator else ""
    furniture += _caption(caption, room) if caption else ""
    labelled = scene.parcels if len(scene.parcels) <= MOST_PILLS else ()
    own = [_dot(p, scene, room) if locator else _pill(p, scene, room) if pills else _name(p, scene, room) for p in labelled]
    placed = [found for spots in extra if (found := next((spot for spot in spots if room.place(spot, pad=1.0)), None))]
    keep_parcels_clear(scene, room)
    placed += place_labels(scene, room, size=size)
    letters = "".join(_letter(label, scene) for label in placed)
    body += [grid_figures, letters, *own, furniture]
    return (
        f'<svg class="map" viewBox="0 0 {n(width)} {n(height)}" xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{text(title)}">'
        f'<defs>{defs}</defs><g clip-path="url(#{prefix}-clip)">{"".join(body)}</g></svg>'
    )


def _caption(words: str, room: Room) -> str:
    """The name of a panel, at its upper left."""
    wide = text_width(words, 12.5) + 16
    room.block((0, 0, wide, 26))
    name = lettering(8, 13, words, size=12.5, colour="#111111", weight=700, halo=None, anchor="start")
    return f'<rect width="{n(wide)}" height="25" fill="#ffffff" fill-opacity=".9"/>{name}'


def _letter(label: Label, scene: Scene) -> str:
    wide = label.size * 0.25 if len(label.text) <= 4 and label.size > 14 else 0.0
    colour = label.style.text or "#1c2126"
    return lettering(
        label.x,
        label.y,
        label.text,
        size=label.size,
        colour=colour,
        weight=700,
        halo=halo(scene.styles),
        spacing=wide,
        turn_deg=label.turn_deg,
    )


def _grid(frame: Frame, style: Style, room: Room) -> tuple[str, str]:
    """(lines, figures): figures at the left and lower edge, the zone in small in front of the first easting."""
    step, eastings, northings = frame.grid(least_px=90 if frame.width > 420 else 70)
    k, lines, figures = frame.px_per_m, [], []
    colour = style.text or "#46515b"
    for i, easting in enumerate(eastings):
        x = (easting - frame.west_m) * k
        lines.append(f"M{n(x)} 0V{n(frame.height)}")
        words = kilometres(easting, step)
        if 26 < x < frame.width - 26:
            prefix = f'<tspan font-size="8">{frame.zone} </tspan>' if i == 0 or len(eastings) < 8 else ""
            figures.append(
                f'<text x="{n(x)}" y="{n(frame.height - 9)}" font-size="10.5" font-weight="500" fill="{colour}" text-anchor="middle"'
                f' dominant-baseline="central" paint-order="stroke" stroke="#ffffff" stroke-width="2.6" stroke-linejoin="round">{prefix}{words}</text>'
            )
            half = text_width(words, 10.5) / 2 + 10
            room.block((x - half, frame.height - 16, x + half, frame.height))
    for northing in northings:
        y = (frame.north_m - northing) * k
        lines.append(f"M0 {n(y)}H{n(frame.width)}")
        if 14 < y < frame.height - 26:
            words = kilometres(northing, step)
            figures.append(lettering(6, y, words, size=10.5, colour=colour, weight=500, anchor="start").replace("3.2", "2.6"))
            room.block((0, y - 8, 10 + text_width(words, 10.5), y + 8))
    stroke = f'stroke="{style.line}" stroke-width="{n(style.width_pt * 4 / 3)}" stroke-opacity=".45"'
    return f'<path d="{"".join(lines)}" fill="none" {stroke}/>', "".join(figures)


def _conflict(conflict: Conflict, scene: Scene, prefix: str) -> str:
    shape = scene.frame.page(np.array([conflict.geometry], dtype=object))
    if conflict.sliver:
        d = path(shape)
        if not d or shape[0].length < LEAST_PX:
            return _ring(shape[0], scene.styles["sliver"])
        return drawn(scene.styles["sliver"], d, prefix, line=True).replace(
            'stroke-linejoin="round"', 'stroke-linejoin="round" stroke-linecap="butt"'
        )
    if not conflict.severe:
        colour = scene.styles[f"verdict/{conflict.finding.verdict.value}"].line
        return f'<path d="{path(shape)}" fill="none" stroke="{colour}" stroke-width="1.2" stroke-dasharray="4 2"/>'
    west, north, east, south = shapely.bounds(shape[0])
    if max(east - west, south - north) < LEAST_PX:
        return _ring(shape[0], scene.styles["conflict"])
    return drawn(scene.styles["conflict"], path(shape), prefix, line=False)


def _ring(shape: shapely.Geometry, style: Style) -> str:
    """Something real but too small to see."""
    middle = shapely.centroid(shape)
    return (
        f'<circle cx="{n(middle.x)}" cy="{n(middle.y)}" r="{n(LEAST_PX / 2 + 2)}" fill="none" stroke="#ffffff" stroke-width="4.5"/>'
        f'<circle cx="{n(middle.x)}" cy="{n(middle.y)}" r="{n(LEAST_PX / 2 + 2)}" fill="none" stroke="{style.line}" stroke-width="2.2"/>'
    )


def _outline(parcel: Marked, scene: Scene) -> str:
    shape = scene.frame.page(np.array([parcel.geometry], dtype=object))
    west, north, east, south = shapely.bounds(shape[0])
    faint = (
        f'<path d="{path(shape)}" fill="#ffffff" fill-opacity=".3" fill-rule="evenodd"/>' if max(east - west, south - north) > 24 else ""
    )
    return faint + drawn(scene.styles["parcel"], path(shape), "", line=True)


def _dot(parcel: Marked, scene: Scene, room: Room) -> str:
    """The number alone, in the colour of the verdict."""
    dot = place_dot(parcel, scene, room)
    tie = f'<path d="M{n(dot.tie[0])} {n(dot.tie[1])}L{n(dot.x)} {n(dot.y)}" stroke="#111111" stroke-width="1.2"/>' if dot.tie else ""
    disc = f'<circle cx="{n(dot.x)}" cy="{n(dot.y)}" r="9.5" fill="{dot.colour}" stroke="#ffffff" stroke-width="1.4"/>'
    return tie + disc + lettering(dot.x, dot.y + 0.5, parcel.number, size=12, colour="#ffffff", weight=700, halo=None)


def _pill(parcel: Marked, scene: Scene, room: Room) -> str:
    """Number in a black disc and the verdict's word."""
    pill = place_pill(parcel, scene, room)
    half, words = pill.half, parcel.verdict.label
    tie = ""
    if pill.tie is not None:
        tie = f'<path d="M{n(pill.tie[0])} {n(pill.tie[1])}L{n(pill.x)} {n(pill.y)}" stroke="#111111" stroke-width="1.6"/>'
    return (
        f'{tie}<g transform="translate({n(pill.x)} {n(pill.y)})"><rect x="{n(-half)}" y="-14.2" width="{n(2 * half)}" height="28.5" rx="14.2"'
        f' fill="#ffffff" stroke="#111111" stroke-width="1.6"/><circle cx="{n(-half + 14.3)}" r="10.8" fill="#111111"/>'
        f"{lettering(-half + 14.3, 0.5, parcel.number, size=14.2 if len(parcel.number) < 3 else 11, colour='#ffffff', weight=700, halo=None)}"
        f"{lettering(9.3, 0.5, words, size=PILL_TEXT, colour=pill.colour, weight=700, halo=None)}</g>"
    )


def _name(parcel: Marked, scene: Scene, room: Room) -> str:
    """The parcel's name inside it."""
    shape = scene.frame.page(np.array([parcel.geometry], dtype=object))[0]
    shape = shapely.intersection(shape, shapely.box(0, 0, room.width, room.height))
    if shape.is_empty:
        return ""
    blocked = [c.geometry for c in scene.conflicts if not c.sliver and c.severe]
    free = shapely.difference(shape, shapely.union_all(scene.frame.page(np.array(blocked, dtype=object)))) if blocked else shape
    best = max(shapely.get_parts(free if free.area > 400 else shape), key=lambda p: p.area)
    at = shapely.get_coordinates(shapely.maximum_inscribed_circle(best, 1.0))[0]
    name = parcel.name if text_width(parcel.name, 13) < room.width * 0.6 else f"地块{parcel.number}"
    label = Label(text=name, x=float(at[0]), y=float(at[1]), size=13, turn_deg=0, style=scene.styles["parcel"])
    room.place(label)
    return _letter(label, scene)


def scale_bar(frame: Frame, style: Style, room: Room) -> str:
    """A bar of two halves at the lower left, above the grid figures."""
    narrow = frame.width < 420
    whole = frame.scale_bar_m(frame.width * (0.3 if narrow else 0.17))
    bar, k = whole * frame.px_per_m, frame.px_per_m
    x, y = 24.0, frame.height - (30 if not narrow else 26)
    right = x + bar + text_width(length_text(whole), 11) / 2 + 8
    room.block((8, y - 22, right, y + 12))
    half = whole / 2
    words = [(x, "0"), (x + bar, length_text(whole))]
    if bar > 84:
        words.insert(1, (x + half * k, f"{half / 1000:g}" if whole >= 1000 else f"{half:g}"))
    ink = style.text
    return (
        f'<rect x="8" y="{n(y - 20)}" width="{n(right - 8)}" height="30" fill="#ffffff" fill-opacity=".88" rx="2"/>'
        f'<rect x="{n(x)}" y="{n(y)}" width="{n(bar / 2)}" height="5" fill="{ink}" stroke="{ink}"/>'
        f'<rect x="{n(x + bar / 2)}" y="{n(y)}" width="{n(bar / 2)}" height="5" fill="#ffffff" stroke="{ink}"/>'
        + "".join(lettering(at, y - 9, word, size=11, colour=ink or "#1c2126", weight=500, halo=None) for at, word in words)
    )


def north_arrow(frame: Frame, style: Style, room: Room) -> str:
    """North of the grid, at the upper right."""
    x, y, ink = frame.width - 30, 46.0, style.text
    room.block((x - 20, y - 34, x + 20, y + 22))
    return (
        f'<g transform="translate({n(x)} {n(y)})"><circle r="17" fill="#ffffff" fill-opacity=".86"/><path d="M0-14 5.4 8 0 4.6z" fill="{ink}"/>'
        f'<path d="M0-14-5.4 8 0 4.6z" fill="#ffffff" stroke="{ink}" stroke-width="1"/>'
        f"{lettering(0, -23, '北', size=11, colour=ink or '#1c2126', weight=700)}</g>"
    )
