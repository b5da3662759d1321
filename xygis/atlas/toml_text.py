"""Reads a TOML file of the atlas so that every complaint can name the file, the line and the nearest known key."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from xygis.atlas.toml_cache import parse
from xygis.atlas.toml_complaints import complaint, unreadable
from xygis.errors import AtlasError, Where, did_you_mean


class TomlText:
    """One parsed TOML file. `tables("rule")` gives each [[rule]] with the line it starts on."""

    def __init__(self, path: Path, error: type[AtlasError]) -> None:
        self.path = path
        self._error = error
        try:
            self.text = path.read_text("utf-8-sig")  # Windows editors put a byte order mark first
            self.data: dict[str, Any] = parse(self.text)
        except FileNotFoundError as cause:
            raise error(what="图集缺少文件", where=Where(file=path.name), fix=f"请恢复 {path.parent.name}/{path.name}") from cause
        except OSError as cause:
            raise error(what=f"文件无法读取：{unreadable(cause)}", where=Where(file=path.name), fix="请核对文件及其权限") from cause
        except UnicodeDecodeError as cause:
            raise error(what="文件不是 UTF-8 编码", where=Where(file=path.name), fix="请另存为 UTF-8") from cause
        except (ValueError, RecursionError) as cause:  # tomllib.TOMLDecodeError, which is not loaded where the text was parsed before
            said = complaint(cause, self.text)
            where = Where(file=path.name, line=said.line, excerpt=said.excerpt)
            raise error(what=f"TOML 语法有误：{said.what}", where=where, fix=said.fix) from cause

    def tables(self, name: str) -> list[tuple[int, dict[str, Any]]]:
        """(line, table) of every [[name]]."""
        tables = self.data.get(name, [])
        if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
            raise self.fail(None, f"{name} 应写成 [[{name}]]", "每一项以 [[…]] 开头")
        head = re.compile(rf"\s*\[\[\s*{name}\s*\]\]")
        lines = [i for i, text in enumerate(self.text.splitlines(), 1) if "[[" in text and head.match(text)]
        if len(lines) != len(tables):  # written inline: the place is the file
            lines = [1] * len(tables)
        return list(zip(lines, tables, strict=True))

    def fail(self, line: int | None, what: str, fix: str) -> AtlasError:
        """The error of this file, ready to raise."""
        return self._error(what=what, where=Where(file=self.path.name, line=line), fix=fix)

    def line_of(self, key: str, start: int) -> int:
        """The first line at or after `start` that sets `key`."""
        for i, text in enumerate(self.text.splitlines(), 1):
            if i >= start and re.match(rf'\s*"?{re.escape(key)}"?\s*=', text):
                return i
        return start

    def check_keys(self, table: Mapping[str, Any], known: Collection[str], line: int, *, required: Collection[str] = ()) -> None:
        """Refuses an unknown key, naming the nearest known one, and a missing required key."""
        for key in table:
            if key not in known:
                hint = did_you_mean(key, known) or f"可用的键：{'、'.join(sorted(known))}"
                raise self.fail(self.line_of(key, line), f"不认识的键“{key}”", hint)
        for key in required:
            if key not in table:
                raise self.fail(line, f"缺少“{key}”", "请按 README 补齐")

    def day(self, table: Mapping[str, Any], key: str, line: int) -> date | None:
        """A date given as ISO text, or None where the key is absent."""
        value = table.get(key)
        if value is None:
            return None
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError) as cause:
            raise self.fail(self.line_of(key, line), f"{key} 不是日期：{value!r}", "请写成 2026-11-24 的形式") from cause
