"""What a data standard asks of a plan database, as values: checks, tolerances, fields, tables, relations of layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xygis.atlas.codes import code_name

SEVERE, ORDINARY, WARNING = "severe", "ordinary", "warning"
LEVELS = {SEVERE: "严重", ORDINARY: "一般", WARNING: "警告"}
FAMILIES = {1: "完整性", 2: "规范性", 3: "空间基准", 4: "几何拓扑", 5: "数值一致性", 6: "逻辑一致性"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One rule of quality control. `kind` is the coarser word of the consistency contract."""

    code: str
    family: int
    level: str
    kind: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """The codes that a field may hold, and what they are called. suffixes: letters that may follow a code."""

    name: str
    title: str
    codes: Mapping[str, str]
    suffixes: tuple[str, ...]
    read: bool

    def holds(self, value: str) -> bool:
        return value in self.codes or any(value.endswith(s) and value[: -len(s)] in self.codes for s in self.suffixes)

    def name_of(self, value: str) -> str | None:
        """What exactly this code is called; None of one with a suffix, whose name nobody lists."""
        return self.codes.get(value)

    def near(self, value: str) -> str | None:
        return code_name(dict(self.codes), value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the standard. length: the least width, decimals the least number of them; None where nobody says."""

    code: str
    name: str
    type: str  # char | int | float | date | year
    length: int | None
    decimals: int | None
    domain: Domain | None
    also: tuple[str, ...]  # other names of it in real deliveries
    read: bool  # that somebody read type and length somewhere

    @property
    def numeric(self) -> bool:
        return self.type in ("int", "float", "year")

    @property
    def title(self) -> str:
        return f"{self.code}（{self.name}）"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Where `field` is one of `values`, or begins with one of `prefixes`, the fields `must` be filled, or `allowed` holds."""

    field: str
    values: tuple[str, ...]
    prefixes: tuple[str, ...]
    must: tuple[str, ...]
    allowed: tuple[str, tuple[str, ...]] | None  # (field, values)
    why: str
    read: bool

    def meets(self, value: str) -> bool:
        return value in self.values or (bool(self.prefixes) and value.startswith(self.prefixes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimum:
    """The least area of a patch whose `field` begins with one of `prefixes`."""

    field: str
    prefixes: tuple[str, ...]
    m2: float
    why: str
    read: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduction:
    """deducted = gross × share to two decimals, net = gross − deducted."""

    gross: str
    share: str
    deducted: str
    net: str
    read: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TableStandard:
    """One attribute table of the standard, and the checks that belong to it."""

    name: str
    title: str
    standard: str  # empty where the table is the atlas's own
    must: tuple[Field, ...]
    may: tuple[Field, ...]
    ysdm: str | None
    county: str | None
    county_name: str | None
    area: str | None
    deduction: Deduction | None
    pairs: tuple[tuple[str, str], ...]  # (code, name)
    order: tuple[tuple[str, str], ...]  # (earlier, later)
    unit: str  # cover | inside | free
    overlap: str  # forbidden | allowed
    parts: str  # single | any
    severe: tuple[str, ...]
    unique: tuple[str, ...]
    prefix: tuple[str, ...]  # fields that begin with a county code
    conditions: tuple[Condition, ...]
    minimums: tuple[Minimum, ...]
    read: bool

    @property
    def fields(self) -> tuple[Field, ...]:
        return (*self.must, *self.may)

    def field(self, code: str) -> Field | None:
        return next((f for f in self.fields if f.code == code), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """Two layers: apart, or a inside those features of b that `only` chooses (our fields, patterns as in rules)."""

    code: str
    a: str
    b: str
    relation: str  # apart | inside
    only: tuple[tuple[str, tuple[str, ...]], ...]
    read: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerances:
    """The one set of tolerances that every check of quality uses, beside those of `overlay.tolerances`."""

    area_m2: float
    area_share: float
    identity_m2: float
    sum_m2: float
    sum_share: float
    vertex_m: float
    edge_m: float
    spike_deg: float

    def items(self) -> tuple[tuple[str, float], ...]:
        return tuple((name, getattr(self, name)) for name in self.__dataclass_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standards:
    """All of `layers/standards.toml`."""

    checks: Mapping[str, Check]
    tolerances: Tolerances
    crs_codes: tuple[str, ...]
    gauss_width_deg: tuple[int, ...]
    fields: Mapping[str, Field]
    tables: Mapping[str, TableStandard]
    between: tuple[Between, ...]
    fingerprint: str  # sha256 of the file

    def table(self, name: str | None) -> TableStandard | None:
        return None if name is None else self.tables.get(name.upper())
