"""A small map of what was understood of a file: the parcels in their place; or, where that is in doubt, every reading of the numbers."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely

from xygis.atlas.atlas import Atlas
from xygis.atlas.verdict import Verdict
from xygis.cartography.frame import Frame, frame_around
from xygis.cartography.scene import Marked, Scene, base_map, city
from xygis.cartography.svg import lettering, n, text
from xygis.cartography.svg_map import svg_map
from xygis.errors import CrsInDoubt, OutputFailed, ReadAs, UsageError, Where, XygisError, os_words
from xygis.geodesy.crs import to_geographic
from xygis.intake.submission import Submission
from xygis.whole_file import write_whole

SUFFIXES = (".svg", ".html")
_SIZE = (760.0, 520.0)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_STYLE = (
    'body{font:14px/1.6 "Noto Sans SC","Microsoft YaHei","PingFang SC",sans-serif;margin:24px auto;max-width:800px;color:#1c2126}'
    "svg{width:100%;height:auto;border:1px solid #9aa3ab;font-family:inherit}h1{font-size:18px;margin:0 0 4px}"
    "table{border-collapse:collapse;width:100%;margin:12px 0}th,td{border-bottom:1px solid #d5dade;padding:4px 8px;text-align:left;"
    "vertical-align:top}th,td:first-child,"
    "td:nth-child(3){white-space:nowrap}caption{text-align:left;font-weight:700;padding:8px 0}.error{border-left:4px solid #b3261e;padding:4px 12px}"
)
_RED = "#b3261e"
_DEMO = "底图：示意数据，非法定成果"


def check_suffix(path: Path) -> None:
    """Raises UsageError for a map in a format that is not drawn."""
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(
            what=f"不能输出“{path.suffix}”格式的地图", where=Where(file=path.name), fix=f"文件名应以 {' 或 '.join(SUFFIXES)} 结尾"
        )


def write_submission_map(submission: Submission, atlas: Atlas, path: Path) -> None:
    """The parcels of a file, with the places of its repairs. Raises UsageError and OutputFailed."""
    check_suffix(path)
    shapes = [_degrees(p.geometry, p.crs) for p in submission.parcels]
    frame = frame_around(shapes, *_SIZE, widen=1.6, least_m=200.0)
    names = [p.name for p in submission.parcels]
    picture = _drawn(shapes, names, frame, atlas, title=f"{submission.path} 的地块", locator=False)
    picture = _with(picture, _repairs(submission, frame))
    if path.suffix.lower() == ".svg":
        _put(path, picture)
        return
    overview = _drawn(shapes, names, _wide_frame(shapes, atlas), atlas, title="在图集中的位置", locator=True)
    weighed = [(f"{w.source} {w.kind}".strip(), w.found, w.says) for w in submission.weighed]
    evidence = weighed + [(f"{o.source} 另试".strip(), str(o), "不取") for o in submission.others]
    notes = [(note.text, str(note.where)) for note in submission.notes if note.level == "warning"]
    parts = [picture, _table("坐标系的依据", ("依据", "读到的", "说明"), evidence), overview]
    parts += [_table("请核对", ("内容", "位置"), notes)] if notes else []
    _put(path, _page(submission.path, f"{len(names)} 个地块", parts))


def write_readings_map(error: CrsInDoubt, atlas: Atlas, path: Path) -> None:
    """Where each reading would put the numbers, numbered, on one map with the city. Raises UsageError where none can be drawn."""
    check_suffix(path)
    readings = [(k, r) for k, r in enumerate(error.readings, start=1) if r.box is not None]
    if not readings:
        raise UsageError(what="没有一种读法能画在图上", fix="请按错误说明改正文件")
    boxes = [shapely.box(*r.box) for _, r in readings if r.box is not None]
    frame = _wide_frame(boxes, atlas)
    picture = _drawn([], [], frame, atlas, title="坐标的几种读法", locator=True)
    picture = _with(picture, "".join(_spot(k, r, frame) for k, r in readings))
    if path.suffix.lower() == ".svg":
        _put(path, picture)
        return
    rows = [(str(k), str(r)) for k, r in enumerate(error.readings, start=1)]
    said = (
        f'<div class="error"><b>{text(error.what)}</b><br>{text(str(error.where))}<br>{text(error.why)}<br>怎么改：{text(error.fix)}</div>'
    )
    _put(path, _page(error.where.file or "", "坐标有疑问，没有读取", [said, picture, _table("几种读法", ("编号", "会落在哪里"), rows)]))


def _drawn(shapes: Sequence[shapely.Geometry], names: Sequence[str], frame: Frame, atlas: Atlas, *, title: str, locator: bool) -> str:
    styles = {style.id: style for style in atlas.styles}
    outlines = frame.metres(np.array(list(shapes), dtype=object)) if shapes else ()
    marked = tuple(
        Marked(number=str(k), name=name, verdict=Verdict.NOTICE, geometry=g)
        for k, (name, g) in enumerate(zip(names, outlines, strict=True), start=1)
    )
    scene = Scene(
        frame=frame, styles=styles, drawn=base_map(atlas, frame, styles), parcels=marked, conflicts=(), gaps=(), unread=(), demo=False
    )
    picture = svg_map(scene, prefix="overview" if locator else "detail", title=title, pills=False, locator=locator)
    if not any(one.layer.status == "demo" for one in scene.drawn):
        return picture
    return _with(picture, lettering(frame.width - 8, frame.height - 12, _DEMO, size=12, colour=_RED, weight=700, anchor="end"))


def _wide_frame(shapes: Sequence[shapely.Geometry], atlas: Atlas) -> Frame:
    whole = city(atlas)
    return frame_around([*shapes, *([whole] if whole is not None else [])], *_SIZE, widen=1.15, least_m=5_000.0)


def _degrees(geometry: shapely.Geometry, code: str) -> shapely.Geometry:
    return shapely.transform(geometry, lambda xy: np.column_stack(to_geographic(code, xy[:, 0], xy[:, 1])))


def _repairs(submission: Submission, frame: Frame) -> str:
    """A ring around each place that was repaired or should be looked at."""
    spots = [note.where.point for note in submission.notes if note.where.point is not None and note.code != "axes_swapped"]
    if not spots or not submission.parcels:
        return ""
    points = np.array([shapely.Point(*_degrees(shapely.Point(*p), submission.crs).coords[0]) for p in spots[:200]], dtype=object)
    page = shapely.get_coordinates(frame.page(frame.metres(points)))
    return "".join(f'<circle cx="{n(x)}" cy="{n(y)}" r="7" fill="none" stroke="{_RED}" stroke-width="2"/>' for x, y in page.tolist())


def _spot(number: int, reading: ReadAs, frame: Frame) -> str:
    """A numbered disc where a reading lies, with a line of words beside it."""
    assert reading.box is not None
    west, south, east, north = reading.box
    middle = np.array([shapely.Point((west + east) / 2, (south + north) / 2)], dtype=object)
    x, y = shapely.get_coordinates(frame.page(frame.metres(middle)))[0].tolist()
    words = f"读法 {number}：{reading.code}" + (
        "" if reading.away_km in (None, 0) else f"，图集外约 {max(1, round(reading.away_km or 0)):,} 公里"
    )
    right = x < frame.width * 0.6
    label = lettering(x + (16 if right else -16), y, words, size=13, colour="#111111", weight=700, anchor="start" if right else "end")
    disc = f'<circle cx="{n(x)}" cy="{n(y)}" r="10" fill="{_RED}" stroke="#ffffff" stroke-width="1.5"/>'
    return disc + lettering(x, y + 0.5, str(number), size=12, colour="#ffffff", weight=700, halo=None) + label


def _with(picture: str, more: str) -> str:
    return picture.removesuffix("</g></svg>") + more + "</g></svg>"


def _table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{text(h)}</th>' for h in heads)
    body = "".join("<tr>" + "".join(f"<td>{text(c)}</td>" for c in row) + "</tr>" for row in rows)
    return f"<table><caption>{text(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _page(file: str, subtitle: str, parts: Sequence[str]) -> str:
    name = html.escape(Path(file).name)
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{name}</title><style>{_STYLE}</style></head><body><h1>{name}</h1><p>{text(subtitle)}</p>{''.join(parts)}</body></html>\n"
    )


def _put(path: Path, content: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, [content.encode("utf-8")])
    except XygisError:
        raise
    except OSError as error:
        raise OutputFailed(what="写不了地图", where=Where(file=str(path)), why=os_words(error), fix="请核对目录和权限") from error
