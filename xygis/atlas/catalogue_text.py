"""Edits `catalogue.toml` as text, so that what a person wrote around an entry stays as it was.

The text is cut into statements (a header, a key with its whole value, a blank or comment line); an edit replaces or drops
some of them. What comes out is parsed and compared with what was meant: a wrong edit ends in an error, never in a file.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from xygis.errors import BadCatalogue, Where

# In this order keys stand in an entry; a key that is new goes behind the last one present before it.
_ORDER = (
    *("name", "plane", "envelope", "id", "title", "group", "role", "table", "source", "crs", "geometry", "measure", "status", "version"),
    *("valid_from", "valid_until", "authority", "provenance", "accuracy_m", "extent"),
)
Table = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statement:
    """Some whole lines. table: path of the header; key: first name of the key; both None for blanks and comments."""

    lines: tuple[str, ...]
    table: Table | None = None
    key: str | None = None


class CatalogueText:
    """One catalogue being edited. `text()` gives the result, checked."""

    def __init__(self, text: str) -> None:
        self._meant: dict[str, Any] = tomllib.loads(text)
        self._statements = _statements(text)

    def edit_atlas(self, changes: Mapping[str, Any]) -> None:
        """Sets keys of [atlas]; None removes one."""
        start = self._find(lambda s: s.table == ("atlas",), "[atlas]")
        self._edit(start, ("atlas",), self._meant["atlas"], changes)

    def edit_layer(self, layer_id: str, changes: Mapping[str, Any]) -> None:
        """Sets keys of the [[layer]] with that id; None removes one, with its sub-tables."""
        number = next((i for i, t in enumerate(self._meant.get("layer", [])) if t.get("id") == layer_id), None)
        headers = [i for i, s in enumerate(self._statements) if s.table == ("layer",)]
        if number is None or len(headers) != len(self._meant["layer"]):
            raise _fail(f"找不到图层 {layer_id} 的登记", "每个图层应以 [[layer]] 开头登记")
        self._edit(headers[number], ("layer",), self._meant["layer"][number], changes)

    def drop_preface(self, line: str) -> None:
        """Replaces the comments above the first header by one line."""
        first = self._find(lambda s: s.table is not None or s.key is not None, "[atlas]")
        self._statements[:first] = [_Statement(lines=(line + "\n", "\n"))]

    @property
    def layer_ids(self) -> tuple[str, ...]:
        return tuple(t["id"] for t in self._meant.get("layer", []))

    def text(self) -> str:
        """The edited catalogue. Raises BadCatalogue where it does not say what was meant."""
        text = "".join(line for s in self._statements for line in s.lines)
        try:
            said = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise _fail(f"改写后不是合法的 TOML：{error}", "请把图层登记写成 README 所列的格式后重试") from error
        if said != self._meant:
            raise _fail("改写后的内容与预期不符", "请把图层登记写成 README 所列的格式后重试")
        return text

    def _find(self, test: Callable[[_Statement], bool], what: str) -> int:
        found = next((i for i, s in enumerate(self._statements) if test(s)), None)
        if found is None:
            raise _fail(f"没有 {what} 一节", "请按 README 补齐")
        return found

    def _edit(self, start: int, table: Table, meant: dict[str, Any], changes: Mapping[str, Any]) -> None:
        for key, value in changes.items():
            if value is None:
                meant.pop(key, None)
                self._remove(start, table, key)
            else:
                self._set(start, table, key, value, meant)

    def _block_end(self, start: int, table: Table) -> int:
        """One past the last statement of the table that starts there, sub-tables included."""
        for i in range(start + 1, len(self._statements)):
            header = self._statements[i].table
            if header is not None and (header == table or header[: len(table)] != table):
                return i
        return len(self._statements)

    def _head_end(self, start: int) -> int:
        """One past the last statement before any other header."""
        end = next((i for i in range(start + 1, len(self._statements)) if self._statements[i].table is not None), len(self._statements))
        while end > start + 1 and self._statements[end - 1].key is None:  # blanks and comments belong to what follows
            end -= 1
        return end

    def _remove(self, start: int, table: Table, key: str) -> None:
        end, head = self._block_end(start, table), self._head_end(start)
        kept, inside = [], False
        for i in range(start + 1, end):
            s = self._statements[i]
            if s.table is not None:
                inside = s.table[: len(table) + 1] == (*table, key)
            if not inside and not (i < head and s.key == key):
                kept.append(s)
        self._statements[start + 1 : end] = kept

    def _set(self, start: int, table: Table, key: str, value: Any, meant: dict[str, Any]) -> None:
        deeper = (*table, key)
        section = next((i for i in range(start + 1, self._block_end(start, table)) if self._statements[i].table == deeper), None)
        if section is not None and isinstance(value, Mapping):  # written as [layer.fields]: only what changes is touched
            old = meant[key]
            changed = {k: v for k, v in value.items() if k not in old or old[k] != _plain(v)}
            self._edit(section, deeper, old, {**changed, **{k: None for k in old if k not in value}})
            return
        meant[key] = _plain(value)
        head = range(start + 1, self._head_end(start))
        at = next((i for i in head if self._statements[i].key == key), None)
        if at is None:
            rank = _ORDER.index(key) if key in _ORDER else len(_ORDER)
            before = [i for i in head if self._statements[i].key in _ORDER and _ORDER.index(str(self._statements[i].key)) < rank]
            at = before[-1] + 1 if before else start + 1
        self._remove(start, table, key)
        self._statements.insert(at, _Statement(lines=(f"{_key(key)} = {toml_value(value)}\n",), key=key))


def _plain(value: Any) -> Any:
    """A value as it comes back out of TOML."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value


def toml_value(value: Any) -> str:
    """A value as TOML on one line (long lists of rings on several)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, date):
        return f'"{value.isoformat()}"'
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {toml_value(v)}" for k, v in value.items()) + " }" if value else "{}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(toml_value(v) for v in value) + "]"
    raise TypeError(f"no TOML for {type(value).__name__}")


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name, ensure_ascii=False)


def _statements(text: str) -> list[_Statement]:
    lines = [line + "\n" for line in text.removesuffix("\n").split("\n")]
    out, i = [], 0
    while i < len(lines):
        stripped = lines[i].strip()
        if not stripped or stripped.startswith("#"):
            out.append(_Statement(lines=(lines[i],)))
            i += 1
            continue
        if stripped.startswith("["):
            out.append(_Statement(lines=(lines[i],), table=_names(tomllib.loads(lines[i]))))
            i += 1
            continue
        end = i + 1
        while (parsed := _parsed("".join(lines[i:end]))) is None:
            end += 1  # the whole text is valid, so the value ends somewhere
        out.append(_Statement(lines=tuple(lines[i:end]), key=next(iter(parsed))))
        i = end
    return out


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _names(parsed: Any) -> Table:
    """layer, fields of [layer.fields]; layer of [[layer]]."""
    names = []
    while isinstance(parsed, dict) and parsed:
        name, parsed = next(iter(parsed.items()))
        names.append(name)
    return tuple(names)


def _fail(what: str, fix: str) -> BadCatalogue:
    return BadCatalogue(what=f"无法改写图层目录：{what}", where=Where(file="layers/catalogue.toml"), fix=fix)
