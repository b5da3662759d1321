"""Reads `maps/`: styles, code lists, fonts and vendored web files. Nobody else opens that folder.

An atlas that brings only its own `styles.toml` takes fonts, web files and code lists from the bundled atlas.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from xygis.atlas.codes import map_file
from xygis.atlas.style import PATTERNS, Style
from xygis.atlas.toml_text import TomlText
from xygis.atlas.verdict import Verdict
from xygis.errors import BadStyle

_KEYS = (
    *("id", "label", "fill", "line", "width_pt", "dash", "pattern", "pattern_colour", "casing", "casing_width_pt", "order", "opacity"),
    *("min_scale", "where", "text", "name", "quiet", "merged", "base"),
)
_COLOURS = ("fill", "line", "pattern_colour", "casing", "text")
MARKS = (
    "paper",
    "grid",
    "text",
    "parcel",
    "conflict",
    "sliver",
    "no_data",
    *(f"verdict/{v.value}" for v in Verdict),
    *(f"class/{i}" for i in range(1, 6)),
)
_MARK_GROUPS = ("verdict/", "class/")


def read_styles(root: Path) -> tuple[Style, ...]:
    """The entries of `maps/styles.toml` of the atlas at `root`, in file order. Raises BadStyle with file and line."""
    path = root / "maps" / "styles.toml"
    stamp = path.stat().st_mtime_ns if path.is_file() else 0
    return _read(path, stamp)


@lru_cache(maxsize=4)
def _read(path: Path, stamp: int) -> tuple[Style, ...]:
    text = TomlText(path, BadStyle)
    text.check_keys(text.data, ("style",), 1)
    styles: dict[str, Style] = {}
    for line, table in text.tables("style"):
        style = _style(text, line, table)
        if style.id in styles:
            raise text.fail(line, f"样式 {style.id} 写了两次", "每个样式只写一次")
        if style.where is not None and style.id.split("/")[0] not in styles:
            raise text.fail(line, f"分类样式 {style.id} 之前没有图层样式", f'请先写 id = "{style.id.split("/")[0]}" 的样式')
        styles[style.id] = style
    for mark in MARKS:
        if mark not in styles:
            raise text.fail(None, f"缺少样式“{mark}”", "请按 maps/README.md 补齐；可从内置图集复制")
    return tuple(styles.values())


def _style(text: TomlText, line: int, table: dict[str, Any]) -> Style:
    text.check_keys(table, _KEYS, line, required=("id", "label", "order"))
    for key in _COLOURS:
        if key in table and not re.fullmatch(r"#[0-9a-f]{6}", str(table[key])):
            raise text.fail(text.line_of(key, line), f"颜色“{table[key]}”写法不对", "颜色应写成 #rrggbb，小写")
    if table.get("pattern") not in (None, *PATTERNS):
        raise text.fail(text.line_of("pattern", line), f"没有图案“{table['pattern']}”", f"可用：{'、'.join(PATTERNS)}")
    if "pattern" in table and "pattern_colour" not in table:
        raise text.fail(line, "有图案而没有 pattern_colour", "请写上图案线的颜色")
    numbers = [table[key] for key in ("width_pt", "casing_width_pt", "order", "opacity", "min_scale") if key in table]
    dash = table.get("dash", [])
    if not isinstance(dash, list) or not all(_is_size(n) for n in (*numbers, *dash)) or len(dash) % 2:
        raise text.fail(line, "线宽、间隔、次序、透明度应为不小于 0 的数，dash 应成对", "例如 width_pt = 1.5，dash = [6, 3]")
    where = table.get("where", {})
    if ("where" in table) != ("/" in table["id"] and not table["id"].startswith(_MARK_GROUPS)) or len(where) > 1:
        raise text.fail(line, f"样式 {table['id']} 的 where 不对", "图层样式没有 where；分类样式（图层/类）有且只有一个字段")
    return Style(
        id=table["id"],
        label=table["label"],
        fill=table.get("fill"),
        line=table.get("line"),
        width_pt=float(table.get("width_pt", 1.0)),
        dash=tuple(float(n) for n in dash),
        pattern=table.get("pattern"),
        pattern_colour=table.get("pattern_colour"),
        casing=table.get("casing"),
        order=int(table["order"]),
        opacity=float(table.get("opacity", 1.0)),
        min_scale=table.get("min_scale"),
        where=next(((field, tuple(values)) for field, values in where.items()), None),
        casing_width_pt=float(table.get("casing_width_pt", 0.0)),
        text=table.get("text"),
        name=table.get("name"),
        quiet=bool(table.get("quiet", False)),
        merged=bool(table.get("merged", False)),
        base=bool(table.get("base", False)),
    )


def _is_size(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0


def font_files(root: Path) -> tuple[Path, Path]:
    """(regular, bold) of the Chinese font that maps are lettered with."""
    return map_file(root, "fonts/NotoSansSC-Regular.ttf"), map_file(root, "fonts/NotoSansSC-Bold.ttf")


def vendored_text(root: Path, name: str) -> str:
    """Text of a web file kept in `maps/vendor/`, such as "leaflet/leaflet.js". Raises BadStyle where it is not there."""
    return map_file(root, f"vendor/{name}").read_text("utf-8")
