"""A map page that works with the network unplugged: vendored Leaflet, our own scripts, and the data of a scene inside one file.

No tiles, no fonts, no requests: the content policy forbids them. Data lie in a JSON block and reach the page as text only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from xygis.atlas.atlas import Atlas
from xygis.atlas.layer import Layer
from xygis.atlas.style import Style
from xygis.atlas.styles import vendored_text
from xygis.atlas.verdict import DEMO_STAMP, Verdict
from xygis.cartography.frame import at_round_scale, frame_around
from xygis.cartography.layer_tree import States, layer_tree, mark_legend, states_of
from xygis.cartography.neighbourhood import neighbourhood
from xygis.cartography.offline_page import offline_page
from xygis.cartography.page_data import Json, page_data
from xygis.cartography.page_load import TOO_MUCH, lightened, refuse_too_much
from xygis.cartography.scene import Scene, atlas_scene, city
from xygis.cartography.svg import text
from xygis.check.assessment import Assessment
from xygis.errors import UsageError
from xygis.overlay.features import layer_features

_HERE = Path(__file__).parent
_MARKS = _HERE.parent / "report" / "templates" / "symbols.svg"  # one drawing of the verdicts for every face
_SCRIPTS = ("geodesy", "dom", "sheet", "popup", "names", "tree", "search", "measure", "results", "start")
_TOLERANCES_M = (3.0, 10.0, 30.0)  # of outlines on a page of the atlas, the finest that fits
_NORTH = (
    '<div class="north" title="上方为北"><span>北</span><svg width="16" height="24" viewBox="-8 -15 16 24" aria-hidden="true">'
    '<path d="M0-14 5.4 8 0 4.6z" fill="#1c2126"/><path d="M0-14-5.4 8 0 4.6z" fill="#fff" stroke="#1c2126"/></svg></div>'
)


def render_map_page(assessment: Assessment, atlas: Atlas) -> str:
    """One HTML page: the parcels of a check, loudest, on the layers around them. Raises UsageError where no parcel could be read.

    To embed: `<iframe srcdoc="…" sandbox="allow-scripts">`, with the page escaped as an attribute.
    """
    if not assessment.parcels:
        raise UsageError(what="没有能画的地块", fix="请先改正送审文件")
    around = neighbourhood(assessment, atlas)
    data, left_out = lightened(page_data(around.scene, assessment))
    titles = {layer.id: layer.title for layer in atlas.layers}
    partial = [t for t in around.partial if t not in {titles[layer] for layer in left_out}]
    notes = [f"只载入地块周围：{'、'.join(partial)}。"] if partial else []
    name = check_title(assessment)
    sub = f"基准日 {assessment.checked_on.isoformat()}，共 {len(assessment.parcels)} 个地块"
    return map_page(
        around.scene, data, atlas, title=f"{name}：地块与管控图层", sub=sub, notes=notes, states=states_of(assessment), left_out=left_out
    )


def check_title(assessment: Assessment) -> str:
    """What a check is called: the project, or its parcels."""
    first, more = assessment.parcels[0].name, len(assessment.parcels) - 1
    return assessment.project.name or (f"{first}等 {more + 1} 个地块" if more else first)


def render_atlas_page(atlas: Atlas, layer_ids: Sequence[str]) -> str:
    """One HTML page with layers of the atlas and no parcel. Raises UsageError where they are more than a page can carry."""
    layers = [layer for layer in atlas.layers if layer.id in layer_ids]
    for tolerance_m in _TOLERANCES_M:
        scene = atlas_view(atlas, layer_ids, 1200, 1200, tolerance_m=tolerance_m)
        scene = replace(scene, drawn=tuple(replace(d, style=replace(d.style, quiet=False)) for d in scene.drawn))
        data = page_data(scene)
        if not refuse_too_much(data, layers, last=tolerance_m == _TOLERANCES_M[-1]):
            break
    notes = [f"边线按 {tolerance_m:g} m 概括，量算和审查用原图形。"]
    return map_page(scene, data, atlas, title=atlas.name, sub=f"{len(layer_ids)} 个图层", notes=notes, layers=layers)


def atlas_view(
    atlas: Atlas, layer_ids: Sequence[str], width: float, height: float, *, round_scale: bool = False, tolerance_m: float | None = None
) -> Scene:
    """Layers of an atlas in the frame of the whole city, or of the layers themselves where the atlas has no envelope.

    tolerance_m: how far a simplified line may stray; by default what cannot be seen at the scale of the frame.
    """
    around = city(atlas)
    shapes = [g for layer_id in layer_ids for g in layer_features(atlas.layer(layer_id)).geometry] if around is None else [around]
    frame = frame_around(shapes, width, height, widen=1.04)
    frame = at_round_scale(frame) if round_scale else frame
    return atlas_scene(atlas, frame, layer_ids, zoomable=not round_scale, tolerance_m=tolerance_m)


def map_page(
    scene: Scene,
    data: Json,
    atlas: Atlas,
    *,
    title: str,
    sub: str,
    notes: Sequence[str],
    layers: Sequence[Layer] | None = None,
    states: States | None = None,
    left_out: Mapping[str, int] | None = None,
) -> str:
    """The page of a scene whose data block is ready. layers: those of the tree, by default the atlas's; left_out: layer id → features."""
    left_out = left_out or {}
    keys = {one.style.id: f"l{i}" for i, one in enumerate(scene.drawn) if one.layer.id not in left_out}
    tree = layer_tree(scene, keys, atlas.layers if layers is None else layers, states or {}, left_out)
    titles = [layer.title for layer in atlas.layers if layer.id in left_out]
    warning = f'<p class="warning" role="note"><b>未全部载入：</b>{text("、".join(titles))}。{text(TOO_MUCH)}</p>' if titles else ""
    if scene.unread:
        notes = [*notes, f"无数据，图上不显示：{'、'.join(scene.unread)}。"]
    stamp = f'<span class="stamp">{text(DEMO_STAMP)}</span>' if scene.demo else ""
    body = (
        f"{_MARKS.read_text('utf-8')}"
        f'<header class="bar"><h1>{text(title)}</h1><p>{text(sub)}</p>{stamp}<button type="button" id="print">打印</button></header>{warning}'
        '<div class="stage"><main class="frame"><div id="map" tabindex="0" role="application"'
        f' aria-label="地图：方向键移动，加减号缩放，回车查看中心处"></div>{_tools(stamp)}</main>'
        '<aside class="panel" id="layers" aria-label="图例与图层"><div class="column"><button type="button" class="close">收起</button>'
        f'<h2>图例与图层</h2>{mark_legend(data, scene)}<div class="tree">{tree}</div>{"".join(f"<p>{text(note)}</p>" for note in notes)}'
        "<p>坐标系 CGCS2000。灰色的图层在当前视野或比例尺下不显示。</p></div></aside>"
        '<aside class="panel" id="results" aria-label="结果"><div class="column"><button type="button" class="close">收起</button></div></aside></div>'
        '<footer class="status"><span class="sys">CGCS2000</span><output id="at-degrees"></output><output id="at-dms"></output>'
        '<output id="at-metres"></output><output id="at-scale"></output></footer>'
    )
    scripts = [vendored_text(atlas.root, "leaflet/leaflet.js").replace("//# sourceMappingURL=leaflet.js.map", "")]
    scripts += [_part(f"{name}.js") for name in _SCRIPTS]
    leaflet_css = re.sub(r"url\((?!#|data:)[^)]*\)", "none", vendored_text(atlas.root, "leaflet/leaflet.css"))  # pictures that are not used
    styles = [leaflet_css, _part("page.css"), _verdict_css(scene.styles)]
    return offline_page(title=title, styles=styles, body=body, data=data, scripts=scripts)


@cache
def _part(name: str) -> str:
    return (_HERE / "page" / name).read_text("utf-8")


def _tools(stamp: str) -> str:
    """What lies over the map: search, panels to open on a small screen, zoom, measuring."""
    return (
        '<div class="find" role="search"><label class="aside" for="search">搜索地块、图斑、地名或坐标</label>'
        '<input id="search" type="text" placeholder="地块、图斑、地名或坐标" autocomplete="off" spellcheck="false" role="combobox"'
        ' aria-expanded="false" aria-controls="found" aria-autocomplete="list"><ul id="found" role="listbox" aria-label="搜索结果" hidden></ul></div>'
        '<div class="openers"><button type="button" data-opens="layers" aria-controls="layers">图层</button>'
        '<button type="button" data-opens="results" aria-controls="results">结果</button></div>'
        '<div class="tools" role="toolbar" aria-label="地图工具"><button type="button" id="zoom-in" aria-label="放大" title="放大">+</button>'
        '<button type="button" id="zoom-out" aria-label="缩小" title="缩小">−</button><button type="button" id="zoom-all" title="看全部">全</button>'
        '<button type="button" id="measure-length" aria-pressed="false" title="测距离">测距</button>'
        f'<button type="button" id="measure-area" aria-pressed="false" title="测面积">测面</button>{_NORTH}</div>'
        f'<div id="measured" class="measured" aria-live="polite" hidden></div><div class="cross" aria-hidden="true"></div><div class="corner">{stamp}</div>'
    )


def _verdict_css(styles: Mapping[str, Style]) -> str:
    """Colours of verdicts, as maps/styles.toml has them."""
    out = [f".stamp{{color:{styles['verdict/prohibited'].line}}}"]
    for verdict in Verdict:
        style = styles[f"verdict/{verdict.value}"]
        out.append(
            f".v-{verdict.value}{{color:{style.line}}}.b-{verdict.value}{{border-color:{style.line};background:{style.fill}}}"
            f".t-{verdict.value}{{--verdict:{style.line}}}"
        )
    return "".join(out)
