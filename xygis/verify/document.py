"""Reads a report's JSON as something that a stranger may have written: size, depth, numbers and types are looked at before use."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import NoReturn

from xygis.errors import DamagedFile, FileMissing, InputError, UnsafeFile, Where
from xygis.report.contract import ASSESSMENT_SCHEMA, CONSISTENCY_SCHEMA, QUALITY_SCHEMA, SUSPECTS_SCHEMA
from xygis.vector.safe import read_bytes

Json = dict[str, object]
SCHEMAS = (ASSESSMENT_SCHEMA, CONSISTENCY_SCHEMA, SUSPECTS_SCHEMA, QUALITY_SCHEMA)
_MOST_BYTES = 500 << 20
_DEEPEST = 60
_FIX = "请给出 xygis 用 --out 写出的 report.json"


def read_report(path: Path) -> tuple[Json, bytes]:
    """(the document, its bytes). Raises FileMissing, TooLarge, DamagedFile, UnsafeFile."""
    where = Where(file=str(path))
    if path.is_symlink():
        raise UnsafeFile(what="报告是指向别处的链接", where=where, fix="请给出报告文件本身")
    if not path.is_file():
        raise FileMissing(what="报告不存在", where=where, fix=_FIX)
    data = read_bytes(path, limit=_MOST_BYTES)
    try:
        document = json.loads(data.decode("utf-8-sig"), parse_constant=_no_number)
        _look_through(document)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        why = str(error)[:120] if isinstance(error, _Unfit) else "不是完整的 JSON，可能没有写完，或被截断、被改过"
        raise DamagedFile(what="这不是 xygis 的报告数据", where=where, why=why, fix=_FIX) from error
    if not isinstance(document, dict) or document.get("schema") not in SCHEMAS:
        raise DamagedFile(what="这不是 xygis 的报告数据", where=where, why="schema 不是 xygis 的任何一种", fix=_FIX)
    if "error" in document:
        raise DamagedFile(what="报告里只有一条错误，没有可以复核的结果", where=where, fix="当时送审文件没有读成，请改好后重新审查")
    return document, data


class _Unfit(ValueError):
    pass


def _no_number(word: str) -> NoReturn:
    raise _Unfit(f"含有不是数的值 {word}")


def _look_through(document: object) -> None:
    """Raises _Unfit for what JSON must not hold, or what no report of ours holds."""
    level = [document]
    for _ in range(_DEEPEST):
        below: list[object] = []
        for one in level:
            if isinstance(one, dict):
                below.extend(one.values())
            elif isinstance(one, list):
                below.extend(one)
            elif isinstance(one, float) and not math.isfinite(one):
                raise _Unfit("含有大得不是数的值")
        if not below:
            return
        level = below
    raise _Unfit(f"嵌套超过 {_DEEPEST} 层")


class Stated:
    """A part of a document, asked for values of a type; what is of another type is refused with its path."""

    def __init__(self, value: object, path: str, file: str) -> None:
        self._value, self._path, self._file = value, path, file

    def of(self, key: str) -> Stated:
        """The part below; absent is null."""
        here = self._value
        if not isinstance(here, dict):
            raise self._wrong("应为一组键值")
        return Stated(here.get(key), f"{self._path}.{key}" if self._path else key, self._file)

    def each(self) -> list[Stated]:
        if not isinstance(self._value, list):
            raise self._wrong("应为列表")
        return [Stated(v, f"{self._path}[{i}]", self._file) for i, v in enumerate(self._value)]

    def each_or_none(self) -> list[Stated]:
        return [] if self._value is None else self.each()

    def has(self, key: str) -> bool:
        return isinstance(self._value, dict) and key in self._value

    def text(self) -> str:
        if not isinstance(self._value, str):
            raise self._wrong("应为文字")
        return self._value

    def text_or_none(self) -> str | None:
        return None if self._value is None else self.text()

    def flag(self) -> bool:
        if self._value is None:
            return False
        if not isinstance(self._value, bool):
            raise self._wrong("应为 true 或 false")
        return self._value

    def mapping(self) -> Json:
        if not isinstance(self._value, dict):
            raise self._wrong("应为一组键值")
        return self._value

    def mapping_or_none(self) -> Json:
        """Empty for whatever is no mapping."""
        return self._value if isinstance(self._value, dict) else {}

    @property
    def none(self) -> bool:
        return self._value is None

    def _wrong(self, expected: str) -> InputError:
        return DamagedFile(
            what=f"报告的内容不完整或被改过：{self._path or '最外层'} {expected}", where=Where(file=self._file), fix=f"{_FIX}的原件"
        )
