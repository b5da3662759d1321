"""How the fields of a data file are defined: kind, width and decimals as the file itself declares them, not as its values look."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xygis.vector.dbf import dbf_fields
from xygis.vector.gpkg import column_types

_SQL = re.compile(r"\s*([A-Z]+)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?", re.IGNORECASE)
_DBF = {"C": "char", "N": "float", "F": "float", "D": "date", "L": "int", "I": "int", "B": "float", "O": "float"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDefinition:
    """kind: char | int | float | date, None where the format has no types. width, decimals: None where the format sets no limit."""

    name: str
    kind: str | None
    width: int | None
    decimals: int | None


def field_definitions(
    path: Path, kind: str, sublayer: str, columns: Mapping[str, Sequence[object]]
) -> tuple[tuple[FieldDefinition, ...], str]:
    """(definitions, why widths are not known) of the layer `sublayer` in a file of the format `kind`.

    The reason is empty where the format declares widths. columns: the values, of which the kinds are told where nothing else tells them.
    """
    if kind == "geopackage":
        return tuple(_of_sql(name, declared) for name, declared in column_types(path, sublayer) if name in columns), ""
    if kind == "shapefile":
        table = next((p for p in path.parent.iterdir() if p.stem == path.stem and p.suffix.lower() == ".dbf"), None)
        if table is None:
            return (), "没有 .dbf 属性表"
        made = (_of_dbf(name, *rest) for name, rest in zip(columns, dbf_fields(table), strict=False))
        return tuple(made), ""
    return tuple(FieldDefinition(name=n, kind=_of_values(v), width=None, decimals=None) for n, v in columns.items()), (
        "这种格式读不出字段长度和小数位数"
    )


def _of_sql(name: str, declared: str) -> FieldDefinition:
    found = _SQL.match(declared)
    word = found.group(1).upper() if found else ""
    width = int(found.group(2)) if found and found.group(2) else None
    decimals = int(found.group(3)) if found and found.group(3) else None
    if word in ("REAL", "DOUBLE", "FLOAT", "NUMERIC", "DECIMAL"):
        return FieldDefinition(name=name, kind="float", width=width, decimals=decimals)
    if word.endswith("INT") or word in ("INTEGER", "BOOLEAN"):
        return FieldDefinition(name=name, kind="int", width=None, decimals=None)
    if word in ("DATE", "DATETIME"):
        return FieldDefinition(name=name, kind="date", width=None, decimals=None)
    return FieldDefinition(name=name, kind="char" if word in ("TEXT", "VARCHAR", "CHAR") else None, width=width, decimals=None)


def _of_dbf(name: str, letter: str, width: int, decimals: int) -> FieldDefinition:
    kind = _DBF.get(letter)
    if letter == "N" and not decimals:
        kind = "int"
    text = kind == "char"
    return FieldDefinition(name=name, kind=kind, width=width if text or kind == "float" else None, decimals=None if text else decimals)


def _of_values(values: Sequence[object]) -> str | None:
    kinds = {bool if isinstance(v, bool) else type(v) for v in values if v is not None}
    if not kinds:
        return None
    if kinds <= {int, bool}:
        return "int"
    return "float" if kinds <= {int, float, bool} else "char"
