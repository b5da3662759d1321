"""Reads `layers/standards.toml`, which nobody else opens; whatever does not fit together is an error with its line."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from xygis.atlas.bundled import bundled_root
from xygis.atlas.codes import read_codes
from xygis.atlas.standard import (
    FAMILIES,
    LEVELS,
    Between,
    Check,
    Condition,
    Deduction,
    Domain,
    Field,
    Minimum,
    Standards,
    TableStandard,
    Tolerances,
)
from xygis.atlas.toml_text import TomlText
from xygis.errors import BadCatalogue, did_you_mean

_FILE = "standards.toml"
_TOP = ("tolerances", "crs", "check", "domain", "field", "table", "between")
_READ = ("full", "part", "quoted", "unread")
_TYPES = ("char", "int", "float", "date", "year")
_CHOICES = {"unit": ("cover", "inside", "free"), "overlap": ("forbidden", "allowed"), "parts": ("single", "any")}
_TABLE_KEYS = (
    *("name", "title", "standard", "own", "must", "may", "ysdm", "county", "county_name", "area", "deduction", "pairs", "order"),
    *("unit", "overlap", "parts", "severe", "unique", "prefix", "when", "minimum", "source", "read"),
)
_DEDUCTION = ("gross", "share", "deducted", "net")


def read_standards(root: Path) -> Standards:
    """The standards of the atlas at `root`, or the bundled ones where it has none of its own. Raises BadCatalogue."""
    own = root / "layers" / _FILE
    reader = _Reader(TomlText(own if own.is_file() else bundled_root() / "layers" / _FILE, BadCatalogue), root)
    return reader.standards()


class _Reader:
    """One reading of the file: every name it meets is held against what was read before."""

    def __init__(self, text: TomlText, root: Path) -> None:
        self._text = text
        text.check_keys(text.data, _TOP, 1, required=_TOP)
        self._lists = read_codes(root)
        self._checks = self._read_checks()
        self._domains = {name: self._domain(name, table) for name, table in text.data["domain"].items()}
        self._fields = {code: self._field(code, table) for code, table in text.data["field"].items()}

    def standards(self) -> Standards:
        crs = self._text.data["crs"]
        self._keys(crs, ("codes", "gauss_width_deg", "source", "read"), 1, required=("codes", "gauss_width_deg", "read"))
        self._was_read(crs, self._line("[crs]"))
        tables: dict[str, TableStandard] = {}
        for line, table in self._text.tables("table"):
            made = self._table(table, line)
            if made.name in tables:
                raise self._text.fail(line, f"属性表 {made.name} 写了两次", "每张表只写一次")
            tables[made.name] = made
        return Standards(
            checks=self._checks,
            tolerances=self._tolerances(),
            crs_codes=tuple(crs["codes"]),
            gauss_width_deg=tuple(crs["gauss_width_deg"]),
            fields=self._fields,
            tables=tables,
            between=tuple(self._between(table, line) for line, table in self._text.tables("between")),
            fingerprint=f"sha256:{hashlib.sha256(self._text.text.encode()).hexdigest()}",
        )

    def _tolerances(self) -> Tolerances:
        table = self._text.data["tolerances"]
        names = tuple(Tolerances.__dataclass_fields__)
        self._keys(table, (*names, "read", "source"), 1, required=(*names, "read"))
        self._was_read(table, self._line("[tolerances]"))
        for name in names:
            if isinstance(table[name], bool) or not isinstance(table[name], (int, float)) or not table[name] > 0:
                raise self._text.fail(self._text.line_of(name, 1), f"容差 {name} 应为正数", "例如 0.1")
        return Tolerances(**{name: float(table[name]) for name in names})

    def _read_checks(self) -> dict[str, Check]:
        out: dict[str, Check] = {}
        for line, table in self._text.tables("check"):
            keys = ("code", "family", "level", "check", "title")
            self._keys(table, keys, line, required=keys)
            self._one_of(table["level"], tuple(LEVELS), "level", line)
            self._one_of(table["family"], tuple(FAMILIES), "family", line)
            if table["code"] in out:
                raise self._text.fail(line, f"检查项 {table['code']} 写了两次", "编号不重复")
            out[table["code"]] = Check(
                code=table["code"], family=table["family"], level=table["level"], kind=table["check"], title=table["title"]
            )
        return out

    def _domain(self, name: str, table: Mapping[str, Any]) -> Domain:
        line = self._line(f"[domain.{name}]")
        self._keys(table, ("title", "list", "suffixes", "codes", "source", "read"), line, required=("title", "read"))
        if ("list" in table) == ("codes" in table):
            raise self._text.fail(line, f"值域 {name} 要么写 list，要么写 codes", "list 指 maps/codes.toml 的代码表")
        if "list" in table:
            self._one_of(table["list"], tuple(self._lists), "代码表", line)
        codes = self._lists[table["list"]] if "list" in table else table["codes"]
        return Domain(
            name=name, title=table["title"], codes=codes, suffixes=tuple(table.get("suffixes", ())), read=self._was_read(table, line)
        )

    def _field(self, code: str, table: Mapping[str, Any]) -> Field:
        line = self._text.line_of(code, self._line("[field]"))
        known = ("name", "type", "length", "decimals", "domain", "also", "source", "read")
        self._keys(table, known, line, required=("name", "type", "read"))
        self._one_of(table["type"], _TYPES, "type", line)
        if "domain" in table:
            self._one_of(table["domain"], tuple(self._domains), "值域", line)
        return Field(
            code=code,
            name=table["name"],
            type=table["type"],
            length=table.get("length"),
            decimals=table.get("decimals"),
            domain=self._domains[table["domain"]] if "domain" in table else None,
            also=tuple(table.get("also", ())),
            read=self._was_read(table, line),
        )

    def _table(self, table: Mapping[str, Any], line: int) -> TableStandard:
        self._keys(table, _TABLE_KEYS, line, required=("name", "title", "must", "unit", "overlap", "parts", "unique", "read"))
        for key, words in _CHOICES.items():
            self._one_of(table[key], words, key, line)
        if ("standard" in table) == bool(table.get("own")):
            raise self._text.fail(line, f"属性表 {table['name']} 要么写 standard，要么写 own = true", "没有国家标准的表写 own = true")
        must, may = self._named(table["must"], line), self._named(table.get("may", ()), line)
        have = {f.code for f in (*must, *may)}
        used = [table.get("county"), table.get("county_name"), table.get("area"), *table["unique"], *table.get("prefix", ())]
        used += [c for key in ("pairs", "order") for pair in table.get(key, ()) for c in pair]
        used += [table["deduction"][key] for key in _DEDUCTION] if "deduction" in table else []
        own_atlas = [c for c in used if c is not None and c not in have and not table.get("own")]
        if own_atlas or (unknown := [c for c in used if c is not None and c not in self._fields]):
            missing = own_atlas or unknown
            raise self._text.fail(line, f"属性表 {table['name']} 没有字段 {missing[0]}", "请在 must 或 may 中写明")
        for code in table.get("severe", ()):
            self._one_of(code, tuple(self._checks), "检查项", line)
        for code, _ in table.get("pairs", ()):
            if self._fields[code].domain is None:
                raise self._text.fail(line, f"{code} 没有值域，不能与名称核对", "请在 field 中给它 domain")
        return TableStandard(
            name=table["name"],
            title=table["title"],
            standard=table.get("standard", ""),
            must=must,
            may=may,
            ysdm=table.get("ysdm"),
            county=table.get("county"),
            county_name=table.get("county_name"),
            area=table.get("area"),
            deduction=self._deduction(table, line),
            pairs=tuple((a, b) for a, b in table.get("pairs", ())),
            order=tuple((a, b) for a, b in table.get("order", ())),
            unit=table["unit"],
            overlap=table["overlap"],
            parts=table["parts"],
            severe=tuple(table.get("severe", ())),
            unique=tuple(table["unique"]),
            prefix=tuple(table.get("prefix", ())),
            conditions=tuple(self._condition(c, have, line) for c in table.get("when", ())),
            minimums=tuple(self._minimum(m, have, line) for m in table.get("minimum", ())),
            read=self._was_read(table, line),
        )

    def _deduction(self, table: Mapping[str, Any], line: int) -> Deduction | None:
        if "deduction" not in table:
            return None
        self._keys(table["deduction"], (*_DEDUCTION, "read"), line, required=(*_DEDUCTION, "read"))
        return Deduction(**{k: table["deduction"][k] for k in _DEDUCTION}, read=self._was_read(table["deduction"], line))

    def _condition(self, table: Mapping[str, Any], have: Collection[str], line: int) -> Condition:
        self._keys(table, ("field", "values", "prefixes", "must", "allowed", "why", "read"), line, required=("field", "why", "read"))
        allowed = table.get("allowed")
        if allowed is not None:
            self._keys(allowed, ("field", "values"), line, required=("field", "values"))
        for code in (table["field"], *table.get("must", ()), *((allowed["field"],) if allowed else ())):
            self._one_of(code, tuple(have), "字段", line)
        return Condition(
            field=table["field"],
            values=tuple(table.get("values", ())),
            prefixes=tuple(table.get("prefixes", ())),
            must=tuple(table.get("must", ())),
            allowed=(allowed["field"], tuple(allowed["values"])) if allowed else None,
            why=table["why"],
            read=self._was_read(table, line),
        )

    def _minimum(self, table: Mapping[str, Any], have: Collection[str], line: int) -> Minimum:
        keys = ("field", "prefixes", "m2", "why", "read")
        self._keys(table, keys, line, required=keys)
        self._one_of(table["field"], tuple(have), "字段", line)
        return Minimum(
            field=table["field"],
            prefixes=tuple(table["prefixes"]),
            m2=float(table["m2"]),
            why=table["why"],
            read=self._was_read(table, line),
        )

    def _between(self, table: Mapping[str, Any], line: int) -> Between:
        self._keys(table, ("code", "a", "b", "relation", "only", "source", "read"), line, required=("code", "a", "b", "relation", "read"))
        self._one_of(table["code"], tuple(self._checks), "检查项", line)
        self._one_of(table["relation"], ("apart", "inside"), "relation", line)
        return Between(
            code=table["code"],
            a=table["a"],
            b=table["b"],
            relation=table["relation"],
            only=tuple((name, tuple(patterns)) for name, patterns in table.get("only", {}).items()),
            read=self._was_read(table, line),
        )

    def _named(self, codes: Collection[str], line: int) -> tuple[Field, ...]:
        for code in codes:
            self._one_of(code, tuple(self._fields), "字段", line)
        return tuple(self._fields[code] for code in codes)

    def _was_read(self, table: Mapping[str, Any], line: int) -> bool:
        self._one_of(table["read"], _READ, "read", line)
        return bool(table["read"] != "unread")

    def _one_of(self, word: object, known: Collection[object], what: str, line: int) -> None:
        if word not in known:
            hint = did_you_mean(str(word), [str(k) for k in known]) or f"可用：{'、'.join(str(k) for k in list(known)[:30])}"
            raise self._text.fail(line, f"不认识的{what}“{word}”", hint)

    def _keys(self, table: Mapping[str, Any], known: Collection[str], line: int, required: Collection[str] = ()) -> None:
        self._text.check_keys(table, known, line, required=required)

    def _line(self, head: str) -> int:
        return next((i for i, text in enumerate(self._text.text.splitlines(), 1) if text.strip() == head), 1)
