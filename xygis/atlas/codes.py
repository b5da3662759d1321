"""Code lists of `maps/codes.toml`: what a code is called, and which codes there are."""

from __future__ import annotations

from pathlib import Path

from xygis.atlas.bundled import bundled_root
from xygis.atlas.toml_text import TomlText
from xygis.errors import BadStyle, Where


def read_codes(root: Path) -> dict[str, dict[str, str]]:
    """List name → code → what it is called."""
    text = TomlText(map_file(root, "codes.toml"), BadStyle)
    for name, codes in text.data.items():
        if not isinstance(codes, dict) or not all(isinstance(value, str) for value in codes.values()):
            raise text.fail(None, f"代码表 {name} 应为“代码 = 名称”", '例如 "0101" = "水田"')
    return text.data


def code_name(codes: dict[str, str], code: str) -> str | None:
    """What a code is called: its own entry, or that of its longest beginning (0101K → 0101)."""
    return next((codes[code[:n]] for n in range(len(code), 0, -1) if code[:n] in codes), None)


def map_file(root: Path, name: str) -> Path:
    """A file of the atlas's `maps/`, or of the bundled one where the atlas has none of its own."""
    for maps in (root / "maps", bundled_root() / "maps"):
        if (maps / name).is_file():
            return maps / name
    raise BadStyle(what="图集缺少制图文件", where=Where(file=f"maps/{name}"), fix="请从内置图集恢复该文件")
