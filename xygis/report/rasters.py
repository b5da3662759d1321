"""Drawings as PNG, for programs that show no SVG: the same drawing that the page and the PDF show, set by typst with the atlas's font."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from xygis.errors import OutputFailed

_PPI = 220
_CM_PT = 72 / 2.54
_BOX = re.compile(r'viewBox="[-\d.]+[ ,]+[-\d.]+[ ,]+([\d.]+)[ ,]+([\d.]+)"')
_FONT = "Noto Sans SC"


@dataclass(frozen=True, slots=True)
class Drawing:
    """An SVG of our own making and how wide it stands on paper."""

    svg: str
    width_cm: float

    @property
    def height_cm(self) -> float:
        """By the viewBox that each of our drawings has."""
        found = _BOX.search(self.svg)
        if found is None:
            raise OutputFailed(what="图没有 viewBox，不知道大小", fix="请把这条消息交给维护者；其他格式不受影响")
        return self.width_cm * float(found[2]) / float(found[1])


def rasters(drawings: Sequence[Drawing], fonts: Sequence[Path]) -> dict[Drawing, bytes]:
    """Drawing → PNG with a clear ground, 220 points an inch. Raises OutputFailed where one cannot be drawn."""
    listed = list(dict.fromkeys(drawings))
    if not listed:
        return {}
    import typst

    sources: dict[str, bytes] = {}
    pages = []
    for i, drawing in enumerate(listed):
        width, height = drawing.width_cm * _CM_PT, drawing.height_cm * _CM_PT
        pages.append(f'#page(width: {width:.3f}pt, height: {height:.3f}pt)[#image("d{i}.svg", width: {width:.3f}pt)]')
        sources[f"d{i}.svg"] = _whole(drawing.svg).encode("utf-8", "replace")
    sources["main.typ"] = ("#set page(margin: 0pt, fill: none)\n" + "\n".join(pages)).encode()
    folders = list(dict.fromkeys(str(f.parent) for f in fonts))
    compile_: Callable[..., bytes | list[bytes]] = typst.compile  # its stub does not know that files may be handed over in a dict
    try:
        made = compile_(sources, format="png", ppi=_PPI, font_paths=folders, ignore_system_fonts=True)
    except typst.TypstError as error:
        raise OutputFailed(what=f"图转换失败：{error}", fix="请把这份送审文件和这条消息交给维护者；其他格式不受影响") from error
    return dict(zip(listed, [made] if isinstance(made, bytes) else made, strict=True))


def _whole(svg: str) -> str:
    """The drawing as a file of its own: with its namespace, and lettered with the atlas's font."""
    start, rest = svg.split(">", 1)
    if "xmlns=" not in start:
        start = start.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    return start.replace("<svg", f'<svg font-family="{_FONT}"', 1) + ">" + rest
