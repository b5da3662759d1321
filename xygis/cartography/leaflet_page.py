"""A map page that works with the network unplugged: folium sets the page up, everything it loads is put inside it.

No tiles, no fonts, no requests: the content policy forbids them. Data lie in a JSON block and reach the page as text only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from xygis.atlas.atlas import Atlas
from xygis.atlas.styles import vendored_text
from xygis.atlas.verdict import DEMO_STAMP
from xygis.cartography.frame import at_round_scale, frame_around
from xygis.cartography.legend import HEADINGS, LegendItem, legend_items
from xygis.cartography.neighbourhood import neighbourhood
from xygis.cartography.page_data import PREFIX, Json, page_data
from xygis.cartography.scene import Scene, atlas_scene, city
from xygis.cartography.svg import pattern, text
from xygis.check.assessment import Assessment
from xygis.errors import BadStyle, UsageError, Where
from xygis.overlay.features import layer_features

POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
MOST_BYTES = 2_600_000  # of data; dense background layers are left out beyond it, and the page says so
_HERE = Path(__file__).parent
_VENDORED = {"leaflet": "leaflet/leaflet.js", "leaflet_css": "leaflet/leaflet.css"}


def render_map_page(assessment: Assessment, atlas: Atlas) -> str:
    """One HTML page: the parcels of a check, loudest, on the layers around them. Raises UsageError where no parcel could be read.

    To embed: `<iframe srcdoc="…" sandbox="allow-scripts">`, with the page escaped as an attribute.
    """
    if not assessment.parcels:
        raise UsageError(what="没有能画的地块", fix="请先改正送审文件")
    around = neighbourhood(assessment, atlas)
    scene, left_out = _light_enough(around.scene, assessment)
    notes = []
    if around.partial:
        notes.append(f"只载入地块周围：{'、'.join(t for t in around.partial if t not in left_out)}。")
    name = check_title(assessment)
    sub = f"基准日 {assessment.checked_on.isoformat()}，共 {len(assessment.parcels)} 个地块"
    return map_page(
        scene, page_data(scene, assessment), atlas, title=f"{name}：地块与管控图层", sub=sub, notes=notes + _notes(scene, left_out)
    )


def check_title(assessment: Assessment) -> str:
    """What a check is called: the project, or its parcels."""
    first, more = assessment.parcels[0].name, len(assessment.parcels) - 1
    return assessment.project.name or (f"{first}等 {more + 1} 个地块" if more else first)


def render_atlas_page(atlas: Atlas, layer_ids: Sequence[str]) -> str:
    """One HTML page with layers of the atlas and no parcel."""
    scene = atlas_view(atlas, layer_ids, 1200, 1200)
    scene = replace(scene, drawn=tuple(replace(d, style=replace(d.style, quiet=False)) for d in scene.drawn))
    scene, left_out = _light_enough(scene, None)
    return map_page(scene, page_data(scene), atlas, title=atlas.name, sub=f"{len(layer_ids)} 个图层", notes=_notes(scene, left_out))


def atlas_view(atlas: Atlas, layer_ids: Sequence[str], width: float, height: float, *, round_scale: bool = False) -> Scene:
    """Layers of an atlas in the frame of the whole city, or of the layers themselves where the atlas has no envelope."""
    around = city(atlas)
    shapes = [g for layer_id in layer_ids for g in layer_features(atlas.layer(layer_id)).geometry] if around is None else [around]
    frame = frame_around(shapes, width, height, widen=1.04)
    return atlas_scene(atlas, at_round_scale(frame) if round_scale else frame, layer_ids, zoomable=not round_scale)


def _light_enough(scene: Scene, assessment: Assessment | None) -> tuple[Scene, tuple[str, ...]]:
    """The scene without its heaviest background layers where the page would grow too large, and their titles."""
    data = page_data(scene, assessment)
    sizes: dict[str, int] = {}
    for one, written in zip(scene.drawn, data["styles"], strict=True):
        if one.style.quiet or assessment is None:
            sizes[one.layer.title] = sizes.get(one.layer.title, 0) + len(_dumps(written).encode())
    total, left_out = len(_dumps(data).encode()), []
    for title in sorted(sizes, key=lambda t: -sizes[t]):
        if total <= MOST_BYTES:
            break
        total -= sizes[title]
        left_out.append(title)
    return replace(scene, drawn=tuple(d for d in scene.drawn if d.layer.title not in left_out)), tuple(left_out)


def _notes(scene: Scene, left_out: Sequence[str]) -> list[str]:
    notes = [f"数据量过大，未载入：{'、'.join(left_out)}。可导出 GeoPackage 后在 GIS 中查看。"] if left_out else []
    if scene.unread:
        notes.append(f"无数据，图上不显示：{'、'.join(scene.unread)}。")
    return notes


def map_page(scene: Scene, data: Json, atlas: Atlas, *, title: str, sub: str, notes: Sequence[str]) -> str:
    """The page of a scene whose data block is ready."""
    html = inline_assets(_folium_page(), atlas)
    patterns = "".join(pattern(PREFIX, s) for s in {s.id: s for s in (*(d.style for d in scene.drawn), scene.styles["conflict"])}.values())
    stamp = f'<span class="stamp" style="color:{scene.styles["verdict/prohibited"].line}">{text(DEMO_STAMP)}</span>' if scene.demo else ""
    bar = f'<header class="bar"><h1>{text(title)}</h1><p>{text(sub)}</p>{stamp}</header>'
    defs = f'<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>{patterns}</defs></svg>'
    block = f'<script type="application/json" id="xygis-data">{_dumps(data)}</script>'
    script = f"<script>{(_HERE / 'map_page.js').read_text('utf-8')}</script>"
    css = (_HERE / "map_page.css").read_text("utf-8")
    head = f'<head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>{text(title)}</title>'
    html = html.replace("<html>", '<html lang="zh-CN">', 1).replace("<head>", head, 1).replace("</head>", f"<style>{css}</style></head>", 1)
    html = html.replace("<body>", f'<body>{defs}{bar}<div class="stage">', 1)
    return html.replace("</body>", f"{_panel(scene, notes)}</div></body>", 1).replace("</html>", f"{block}{script}</html>", 1)


def _folium_page() -> str:
    """An empty map by folium, with fixed names, so that the same check gives the same bytes."""
    import folium

    page = folium.Map(location=[0, 0], zoom_start=2, tiles=None, zoom_control=False, attributionControl=False, zoomSnap=0.25)
    page._id = "xygis"
    page.default_js = [("leaflet", "leaflet")]
    page.default_css = [("leaflet_css", "leaflet_css")]
    return str(page.get_root().render())


def inline_assets(html: str, atlas: Atlas) -> str:
    """The page with every script and style sheet inside it. Raises BadStyle on one that is not kept in maps/vendor."""

    def script(match: re.Match[str]) -> str:
        return f"<script>{_vendored(match[1], atlas)}</script>"

    def sheet(match: re.Match[str]) -> str:
        css = re.sub(r"url\((?!#|data:)[^)]*\)", "none", _vendored(match[1], atlas))  # pictures that this page does not use
        return f"<style>{css}</style>"

    html = re.sub(r'<script src="([^"]*)"></script>', script, html)
    html = re.sub(r'<link rel="stylesheet" href="([^"]*)"\s*/?>', sheet, html)
    left = re.search(r"<(?:script|link|img|iframe)[^>]*\s(?:src|href)=[^>]*>", html)
    if left:
        raise BadStyle(what="地图页引用了外部资源", where=Where(excerpt=(left[0],)), fix="请把该文件放入 maps/vendor 并登记")
    return html


def _vendored(key: str, atlas: Atlas) -> str:
    if key not in _VENDORED:
        raise BadStyle(what=f"地图页引用了未收录的资源“{key}”", where=Where(file="maps/vendor"), fix="请把该文件放入 maps/vendor 并登记")
    content = vendored_text(atlas.root, _VENDORED[key])
    return re.sub(r"</(script|style)", r"<\\/\1", content).replace("//# sourceMappingURL=leaflet.js.map", "")


def _dumps(data: Any) -> str:
    """JSON that cannot end the block it lies in."""
    dumped = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return (
        dumped.replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )


def _panel(scene: Scene, notes: Sequence[str]) -> str:
    """Legend and layer switch in one: marks, layers hit, other layers in view, background layers that start switched off."""
    keys = {one.style.id: f"l{i}" for i, one in enumerate(scene.drawn)}
    quiet = {one.style.id for one in scene.drawn if one.style.quiet}
    items = legend_items(scene)
    parts = []
    for group, heading in (*HEADINGS.items(), ("quiet", "背景图层（默认关闭）")):
        chosen = [i for i in items if (i.style.id in quiet) == (group == "quiet") and (group in ("quiet", i.group))]
        if chosen:
            rows = "".join(_row(item, keys.get(item.style.id), hit=group == "quiet" and item.group == "hit") for item in chosen)
            heading = heading if scene.parcels else "图例与图层"
            parts.append(f"<h2>{heading}</h2><ul>{rows}</ul>")
    parts += [f"<p>{text(note)}</p>" for note in notes]
    parts.append("<p>上方为北。坐标系 CGCS2000。点地块或图斑看数字；灰色的图层在当前视野或比例尺下不显示。</p>")
    return f'<details class="panel" open><summary>图例与图层</summary>{"".join(parts)}</details>'


def _row(item: LegendItem, key: str | None, *, hit: bool) -> str:
    label = text(item.label) + ("（涉及）" if hit else "")
    if key is None:
        return f"<li><span>{item.swatch}{label}</span></li>"
    return f'<li data-key="{key}"><label><input type="checkbox" value="{key}">{item.swatch}{label}</label></li>'
