"""A map of the counties, coloured by one number each: one hue, five quantile classes, number under every name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from xygis.atlas.atlas import COUNTIES, Atlas
from xygis.atlas.style import Style
from xygis.cartography.frame import Frame, frame_around
from xygis.cartography.lettering import Room
from xygis.cartography.scene import base_map
from xygis.cartography.svg import lettering, n, path, text, text_width
from xygis.cartography.svg_map import north_arrow, scale_bar
from xygis.overlay.features import layer_features

_NAME_PX, _NUMBER_PX = 14, 12.5
_ASIDE = (
    (0, 0),
    *(
        (dx * step, dy * step)
        for step in (12, 24, 36, 48)
        for dx, dy in ((0, 1), (0, -1), (-1, 0), (1, 0), (-1, 1), (1, 1), (-1, -1), (1, -1))
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueClass:
    """One class of a choropleth: values up to `most`, its colour, and the colour of text on it."""

    most: float
    fill: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spot:
    """Name and number of a county, lettered around (x, y), px."""

    name: str
    number: str
    x: float
    y: float
    half: float  # of their width
    one: ValueClass | None

    @property
    def box(self) -> tuple[float, float, float, float]:
        return self.x - self.half, self.y - 16, self.x + self.half, self.y + 16


def value_classes(values: Sequence[float], atlas: Atlas) -> tuple[ValueClass, ...]:
    """At most five quantile classes, from pale to dark; the colours are those of maps/styles.toml."""
    styles = {style.id: style for style in atlas.styles}
    distinct = sorted(set(values))
    count = min(5, len(distinct))
    limits = [float(np.quantile(values, (i + 1) / count, method="inverted_cdf")) for i in range(count)] if count else []
    limits = sorted(set(limits))
    ranks = np.linspace(1, 5, len(limits)).round().astype(int) if len(limits) > 1 else [3] * len(limits)
    return tuple(_value_class(styles[f"class/{rank}"], limit) for rank, limit in zip(ranks, limits, strict=True))


def _value_class(style: Style, most: float) -> ValueClass:
    return ValueClass(most=most, fill=style.fill or "#ffffff", text=style.text or "#1a2027")


def class_of(value: float, classes: Sequence[ValueClass]) -> ValueClass:
    """The class that a value falls into."""
    return next((c for c in classes if value <= c.most), classes[-1])


def county_figure(
    values: Mapping[str, float],
    atlas: Atlas,
    *,
    unit: str = "",
    decimals: int = 1,
    title: str = "各县（市、区）",
    pins: Sequence[tuple[str, float, float]] = (),
    width_px: float = 520,
    height_px: float = 374,
) -> str:
    """Inline SVG. values: by county code or name; a county without one is left white. pins: (text, longitude, latitude)."""
    styles = {style.id: style for style in atlas.styles}
    features = layer_features(atlas.layer(COUNTIES))
    codes = [str(v) for v in features.attributes.get("county_code", [""] * len(features))]
    names = [str(v) for v in features.attributes.get("county_name", [""] * len(features))]
    frame = frame_around(list(features.geometry), width_px, height_px, widen=1.06)
    shapes = shapely.simplify(frame.page(frame.metres(features.geometry)), 0.4)
    classes = value_classes(
        [values[c] if c in values else values[m] for c, m in zip(codes, names, strict=True) if c in values or m in values], atlas
    )
    border = styles.get(COUNTIES)
    edge = border.line if border else "#3c444b"
    body = [f'<rect width="{n(width_px)}" height="{n(height_px)}" fill="#ffffff"/>']
    room = Room(width=width_px, height=height_px)
    furniture = scale_bar(frame, styles["text"], room) + north_arrow(frame, styles["text"], room)
    needles = [(words, *_at(frame, lon, lat)) for words, lon, lat in pins]
    spots: dict[str, _Spot] = {}
    for code, name, shape in zip(codes, names, shapes, strict=True):
        value = values.get(code, values.get(name))
        one = class_of(value, classes) if value is not None and classes else None
        body.append(f'<path d="{path([shape])}" fill="{one.fill if one else "#ffffff"}"/>')
        spots[name] = _spot(name, value, unit, decimals, shape, one, needles)
    body.append(_rivers(atlas, frame, styles))
    body.append(f'<path d="{path(list(shapes))}" fill="none" stroke="{edge}" stroke-width="1" stroke-dasharray="7 2.4 1.6 2.4"/>')
    body.append(f'<path d="{path([shapely.union_all(shapely.buffer(shapes, 0.6))])}" fill="none" stroke="#1a2027" stroke-width="1.8"/>')
    for spot in spots.values():
        dark = spot.one is not None and spot.one.text == "#ffffff"
        ink, ground = (spot.one.text, spot.one.fill) if spot.one is not None and dark else ("#14191e", "#ffffff")
        body.append(lettering(spot.x, spot.y - 8, spot.name, size=_NAME_PX, colour=ink, weight=700, halo=ground))
        body.append(lettering(spot.x, spot.y + 9, spot.number, size=_NUMBER_PX, colour=ink, weight=500, halo=ground))
        room.block(spot.box)
    body += [_pin(words, x, y, styles["conflict"]) for words, x, y in needles]
    prefix = "k" + hashlib.sha256(f"{title}{sorted(values.items())}".encode()).hexdigest()[:8]
    return (
        f'<svg class="map" id="{prefix}" viewBox="0 0 {n(width_px)} {n(height_px)}" xmlns="http://www.w3.org/2000/svg" role="img"'
        f' aria-label="{text(title)}">{"".join(body)}{furniture}</svg>'
    )


def _spot(
    name: str,
    value: float | None,
    unit: str,
    decimals: int,
    shape: shapely.Geometry,
    one: ValueClass | None,
    needles: Sequence[tuple[str, float, float]],
) -> _Spot:
    """Where a county is lettered: at its heart, or beside it where a pin would cover the words."""
    short = name.removesuffix("区").removesuffix("县").removesuffix("市") if len(name) > 2 else name
    number = "无数据" if value is None else f"{value:,.{decimals}f}{' ' + unit if unit else ''}"
    half = max(text_width(short, _NAME_PX), text_width(number, _NUMBER_PX)) / 2
    x, y = shapely.get_coordinates(shapely.maximum_inscribed_circle(shape, 1.0))[0]
    places = [_Spot(name=short, number=number, x=float(x) + dx, y=float(y) + dy, half=half, one=one) for dx, dy in _ASIDE]
    covered = [shapely.box(px - 9, py - 24, px + 9, py) for _, px, py in needles]

    def free(spot: _Spot) -> bool:
        box = shapely.box(*spot.box)
        return not any(box.intersects(pin) for pin in covered) and (spot is places[0] or bool(shape.covers(box)))

    return next((spot for spot in places if free(spot)), places[0])


def _at(frame: Frame, lon: float, lat: float) -> tuple[float, float]:
    point = frame.page(frame.metres(np.array([shapely.Point(lon, lat)], dtype=object)))[0]
    return float(point.x), float(point.y)


def _rivers(atlas: Atlas, frame: Frame, styles: Mapping[str, Style]) -> str:
    """The areas of the base map that are filled plainly: rivers and lakes."""
    water = [d for d in base_map(atlas, frame, styles) if d.style.fill and not d.style.pattern and d.layer.id != COUNTIES]
    paths = (f'<path d="{path(frame.page(d.geometry))}" fill="{d.style.fill}" stroke="{d.style.line}" stroke-width="0.9"/>' for d in water)
    return "".join(paths)


def _pin(words: str, x: float, y: float, style: Style) -> str:
    return (
        f'<g transform="translate({n(x)} {n(y)})"><path d="M0 0C-3-6-9-9-9-15a9 9 0 0 1 18 0C9-9 3-6 0 0z" fill="{style.line}" stroke="#ffffff"'
        f' stroke-width="1.2"/>{lettering(0, -14.5, words, size=11, colour="#ffffff", weight=700, halo=None)}</g>'
    )


def class_labels(classes: Sequence[ValueClass], *, decimals: int = 1, unit: str = "") -> tuple[tuple[str, ValueClass], ...]:
    """What the legend says of each class: ≤ 6, 6—8, …, > 20."""
    out = []
    for i, one in enumerate(classes):
        high, low = f"{one.most:,.{decimals}f}", f"{classes[i - 1].most:,.{decimals}f}" if i else ""
        words = f"≤ {high}" if i == 0 else f"> {low}" if i == len(classes) - 1 else f"{low}—{high}"
        out.append((f"{words} {unit}".strip(), one))
    return tuple(out)
