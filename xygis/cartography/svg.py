"""SVG pieces: paths, pattern definitions, swatches, lettering. Every string from outside is escaped here."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping

import numpy as np
import shapely

from xygis.atlas.style import Style
from xygis.cartography.motif import MOTIFS, Motif
from xygis.visible import tame

PX_PER_PT = 4 / 3


def text(value: str) -> str:
    """Text or attribute value, escaped; signs that steer are shown as their number."""
    return html.escape(tame(value), quote=True)


def n(value: float) -> str:
    """A coordinate with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


def path(geometry: Iterable[shapely.Geometry]) -> str:
    """The `d` of polygons and lines in page units, one decimal."""
    parts = shapely.get_parts(np.array(list(geometry), dtype=object))
    while any(shapely.get_type_id(parts) > 3):
        parts = shapely.get_parts(parts)
    out = []
    for part in parts:
        if part.geom_type == "Polygon":
            out += [_chain(ring, closed=True) for ring in (part.exterior, *part.interiors)]
        elif part.geom_type in ("LineString", "LinearRing"):
            out.append(_chain(part, closed=False))
    return "".join(out)


def _chain(line: shapely.Geometry, *, closed: bool) -> str:
    points = np.round(shapely.get_coordinates(line), 1)
    if closed:
        points = points[:-1]
    keep = np.r_[True, np.any(np.diff(points, axis=0) != 0, axis=1)]
    points = points[keep]
    if len(points) < 2:
        return ""
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points.tolist()) + ("Z" if closed else "")


def pattern_id(prefix: str, style: Style) -> str:
    """The id of a style's pattern on a page: letters, digits and hyphens only."""
    return f"{prefix}-" + re.sub(r"[^a-z0-9]+", "-", style.id.lower())


def pattern(prefix: str, style: Style) -> str:
    """The <pattern> of a style, or nothing where it has none."""
    if style.pattern is None:
        return ""
    motif = MOTIFS[style.pattern]
    turn = f' patternTransform="rotate({n(motif.angle_deg)})"' if motif.angle_deg else ""
    ground = (
        f'<rect width="{n(motif.width)}" height="{n(motif.height)}" fill="{style.fill}" fill-opacity="{n(style.opacity)}"/>'
        if style.fill
        else ""
    )
    d = "".join("M" + "L".join(f"{x:g} {y:g}" for x, y in stroke) for stroke in motif.strokes)
    return (
        f'<pattern id="{pattern_id(prefix, style)}" width="{n(motif.width)}" height="{n(motif.height)}" patternUnits="userSpaceOnUse"{turn}>'
        f'{ground}<path d="{d}" {_stroke(motif, style)}/></pattern>'
    )


def _stroke(motif: Motif, style: Style) -> str:
    caps = ' stroke-linecap="round"' if motif.round_caps else ""
    faint = f' stroke-opacity="{n(motif.opacity)}"' if motif.opacity < 1 else ""
    return f'fill="none" stroke="{style.pattern_colour}" stroke-width="{n(motif.stroke_px)}"{caps}{faint}'


def drawn(style: Style, d: str, prefix: str, *, line: bool) -> str:
    """The path of one style: area, casing, edge."""
    out = []
    if not line and style.pattern:
        out.append(f'<path d="{d}" fill="url(#{pattern_id(prefix, style)})" fill-rule="evenodd"/>')
    elif not line and style.fill:
        out.append(f'<path d="{d}" fill="{style.fill}" fill-opacity="{n(style.opacity)}" fill-rule="evenodd"/>')
    out += [f'<path d="{d}" fill="none" {stroke}/>' for stroke in edge_strokes(style)]
    return "".join(out)


def edge_strokes(style: Style) -> list[str]:
    """Stroke attributes of casing and edge, bottom first."""
    out = []
    width = style.width_pt * PX_PER_PT
    if style.casing and style.line:
        out.append(
            f'stroke="{style.casing}" stroke-width="{n(width + (style.casing_width_pt or 2.0) * PX_PER_PT)}" stroke-linejoin="round"'
        )
    if style.line:
        dash = f' stroke-dasharray="{" ".join(n(v * PX_PER_PT) for v in style.dash)}"' if style.dash else ""
        out.append(f'stroke="{style.line}" stroke-width="{n(width)}" stroke-linejoin="round"{dash}')
    return out


def swatch(style: Style, *, line: bool, width: int = 44, height: int = 20) -> str:
    """A legend swatch without any id, so that it can stand on a page as often as one likes."""
    inset = 1 + style.width_pt * PX_PER_PT / 2
    if style.casing and style.line and not line:
        inset += (style.casing_width_pt or 2.0) * PX_PER_PT / 2
    body = []
    if line or (style.fill is None and style.pattern is None and not style.line):
        body = [f'<path d="M0 {height / 2:g}H{width}" fill="none" {stroke}/>' for stroke in edge_strokes(style)]
    else:
        box = f'x="{n(inset)}" y="{n(inset)}" width="{n(width - 2 * inset)}" height="{n(height - 2 * inset)}"'
        if style.fill:
            body.append(f'<rect {box} fill="{style.fill}" fill-opacity="{n(style.opacity)}"/>')
        if style.pattern:
            motif = MOTIFS[style.pattern]
            d = "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in stroke.tolist()) for stroke in motif.over(0, 0, width, height))
            body.append(
                f'<svg {box} viewBox="0 0 {n(width - 2 * inset)} {n(height - 2 * inset)}"><path d="{d}" {_stroke(motif, style)}/></svg>'
            )
        body += [f'<rect {box} fill="none" {stroke}/>' for stroke in edge_strokes(style)]
    return f'<svg class="sw" viewBox="0 0 {width} {height}" width="{width}" height="{height}" aria-hidden="true">{"".join(body)}</svg>'


def lettering(
    x: float,
    y: float,
    value: str,
    *,
    size: float,
    colour: str,
    weight: int = 600,
    halo: str | None = "#ffffff",
    anchor: str = "middle",
    spacing: float = 0.0,
    turn_deg: float = 0.0,
) -> str:
    """One line of text with a halo, its middle at (x, y) unless `anchor` says otherwise."""
    extra = f' paint-order="stroke" stroke="{halo}" stroke-width="3.2" stroke-linejoin="round"' if halo else ""
    extra += f' letter-spacing="{n(spacing)}"' if spacing else ""
    extra += f' transform="rotate({n(turn_deg)} {n(x)} {n(y)})"' if turn_deg else ""
    return (
        f'<text x="{n(x)}" y="{n(y)}" font-size="{n(size)}" font-weight="{weight}" fill="{colour}" text-anchor="{anchor}"'
        f' dominant-baseline="central"{extra}>{text(value)}</text>'
    )


def text_width(value: str, size: float) -> float:
    """About how wide a line of text is: Chinese a full square, the rest 0.56 of one."""
    return size * sum(1.0 if ord(c) > 0x2E7F else 0.56 for c in value)


def halo(styles: Mapping[str, Style]) -> str:
    """Colour of the halo around lettering."""
    return styles["text"].casing or "#ffffff"
