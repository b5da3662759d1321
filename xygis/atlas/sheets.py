"""`SheetEntry` ← `maps/sheets.toml`: which printed sheets there are, of the whole atlas and around the parcels of a check."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from xygis.atlas.codes import map_file
from xygis.atlas.toml_text import TomlText
from xygis.errors import BadStyle

if TYPE_CHECKING:
    from xygis.atlas.atlas import Atlas

_FILE = "sheets.toml"
_KEYS = ("id", "title", "check_title", "layers", "context", "extent", "relief", "place")


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetEntry:
    """One kind of sheet. Layers, context, extent and relief are ids of layers that the atlas has."""

    id: str
    title: str | None  # of the sheet of the whole atlas; None: there is none
    check_title: str | None  # of the sheet around the parcels of a check; None: there is none
    layers: tuple[str, ...]  # what the sheet is about
    context: tuple[str, ...]  # drawn besides, so that one knows where one is
    extent: str | None  # the layer that fills the sheet of the whole atlas; None: the city
    relief: str | None  # elevation raster that is shaded under the sheet of the whole atlas
    missing: tuple[str, ...] = ()  # ids in the atlas's own file that it has no layer for: said on the sheet
    place: bool = False  # shows where the parcels lie, at a small scale, instead of what lies around them


def read_sheets(atlas: Atlas) -> tuple[SheetEntry, ...]:
    """The entries in file order, those left out for which the atlas has no layer. Without a file of its own it takes the bundled one.

    Raises BadStyle with file and line.
    """
    own = (atlas.root / "maps" / _FILE).is_file()
    text = TomlText(map_file(atlas.root, _FILE), BadStyle)
    text.check_keys(text.data, ("sheet",), 1)
    known = {layer.id: layer.geometry for layer in atlas.layers}
    found: dict[str, SheetEntry] = {}
    for line, table in text.tables("sheet"):
        entry = _entry(text, line, table)
        if entry.id in found:
            raise text.fail(line, f"图幅 {entry.id} 写了两次", "每个图幅只写一次")
        _refuse_misused(text, line, entry, known)
        entry = _as_far_as(entry, known, told=own)
        if entry.layers:
            found[entry.id] = entry
    return tuple(found.values())


def _entry(text: TomlText, line: int, table: dict[str, Any]) -> SheetEntry:
    text.check_keys(table, _KEYS, line, required=("id", "layers"))
    for key in ("id", "title", "check_title", "extent", "relief"):
        if key in table and not (isinstance(table[key], str) and table[key].strip()):
            raise text.fail(text.line_of(key, line), f"{key} 应为文字", f'例如 {key} = "…"')
    if any(c in '/\\:*?"<>|' or not c.isprintable() for c in table["id"]) or table["id"].startswith("."):
        raise text.fail(text.line_of("id", line), f"图幅 {table['id']!r} 不能作文件名", "请改用汉字、字母或数字")
    for key in ("layers", "context"):
        if not isinstance(table.get(key, []), list) or not all(isinstance(name, str) for name in table.get(key, [])):
            raise text.fail(text.line_of(key, line), f"{key} 应为图层标识的列表", f'例如 {key} = ["counties"]')
    if not table["layers"] or not ("title" in table or "check_title" in table):
        raise text.fail(line, f"图幅 {table['id']} 没有图层或没有图名", "请写 layers，以及 title（全市图）或 check_title（审查附图）")
    return SheetEntry(
        id=table["id"],
        title=table.get("title"),
        check_title=table.get("check_title"),
        layers=tuple(table["layers"]),
        context=tuple(table.get("context", ())),
        extent=table.get("extent"),
        relief=table.get("relief"),
        place=bool(table.get("place", False)),
    )


def _refuse_misused(text: TomlText, line: int, entry: SheetEntry, known: dict[str, str]) -> None:
    """A raster among the layers, or a vector layer as relief."""
    for key, names in (("layers", entry.layers), ("context", entry.context), ("extent", (entry.extent,)), ("relief", (entry.relief,))):
        for name in names:
            if name in known and (known[name] == "raster") != (key == "relief"):
                raise text.fail(text.line_of(key, line), f"图层 {name} 不能作 {key}", "relief 用高程栅格，其余用矢量图层")


def _as_far_as(entry: SheetEntry, known: dict[str, str], *, told: bool) -> SheetEntry:
    """The entry without layers that the atlas does not have; `told`: which they were."""
    named = (*entry.layers, *entry.context, entry.extent, entry.relief)
    return replace(
        entry,
        missing=tuple(dict.fromkeys(name for name in named if name is not None and name not in known)) if told else (),
        layers=tuple(name for name in entry.layers if name in known),
        context=tuple(name for name in entry.context if name in known),
        extent=entry.extent if entry.extent in known else None,
        relief=entry.relief if entry.relief in known else None,
    )
