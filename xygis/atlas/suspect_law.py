"""Reads `redlines/suspects.toml`: what makes a patch traced from images lawful, suspected or to be verified. Nobody else opens it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from xygis.atlas.atlas import Atlas
from xygis.atlas.law import Citation, Selection
from xygis.atlas.redlines import basis_reader
from xygis.atlas.toml_text import TomlText
from xygis.errors import BadRule, Where

FILE = "suspects.toml"
FACTS = (
    *("covered", "none", "later", "expired", "lapsed", "beyond", "other_kind", "part", "other_use", "ended"),
    *("history", "perhaps_history", "unsure", "borderline", "kind_open"),
)
ORDERS = ("level", "verdict", "place", "area", "date", "outside")
_TERMS = ("start", "use", "dated")


class SuspectVerdict(StrEnum):
    """What is said of a patch, worst first."""

    SUSPECTED = "suspected"
    VERIFY = "verify"
    LEGAL = "legal"

    @property
    def label(self) -> str:
        return {"suspected": "疑似违法", "verify": "待核", "legal": "合法"}[self.value]

    @property
    def rank(self) -> int:
        return tuple(SuspectVerdict).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitKind:
    """term: what the day of expiry ends: "start" the right to begin, "use" the use itself; "dated" the same, and it must be named."""

    name: str
    words: tuple[str, ...]
    term: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A sort of building. legal: sets of kinds of permits, each set enough together; partial: kinds that make it doubtful."""

    code: str
    title: str
    words: tuple[str, ...]
    legal: tuple[tuple[str, ...], ...]
    partial: tuple[str, ...]
    assumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstance:
    """What the permits, or the land before, mean for a patch, in one version. situations: empty for all."""

    code: str
    fact: str
    title: str
    verdict: SuspectVerdict
    text: str
    needs: str
    situations: tuple[str, ...]
    basis: tuple[Citation, ...]
    effective: date
    until: date | None
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Ground on which building is forbidden or restricted, in one version. forbids: no permit alone makes it lawful there."""

    code: str
    title: str
    selection: Selection
    level: int
    forbids: bool
    text: str
    basis: tuple[Citation, ...]
    effective: date
    until: date | None
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LawCase:
    """An example that runs as a test."""

    note: str
    facts: tuple[tuple[str, Any], ...]
    verdict: SuspectVerdict
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspectLaw:
    """All of the file. places: strictest first, the versions of one code after another."""

    image_accuracy_m: float
    beyond_m2: float
    beyond_share: float
    touch_share: float
    survey: Selection
    growth: Selection
    order: tuple[str, ...]
    levels: tuple[str, ...]
    fields: tuple[tuple[str, tuple[str, ...]], ...]
    kinds: tuple[PermitKind, ...]
    situations: tuple[Situation, ...]
    circumstances: tuple[Circumstance, ...]
    places: tuple[Place, ...]
    cases: tuple[LawCase, ...]

    @property
    def place_codes(self) -> tuple[str, ...]:
        """Strictest first."""
        return tuple(dict.fromkeys(p.code for p in self.places))


def read_suspect_law(atlas: Atlas) -> SuspectLaw:
    """The law of patches of the atlas. Raises BadRule where it is missing or wrong, with file and line."""
    path = atlas.root / "redlines" / FILE
    if not path.is_file():
        where = Where(file=f"redlines/{FILE}")
        raise BadRule(what="图集没有控违拆违的规则", where=where, fix=f"请从自带图集复制 redlines/{FILE}，按本地规定修改")
    text = TomlText(path, BadRule)
    known = ("image", "tolerance", "survey", "growth", "priority", "fields", "kind", "situation", "circumstance", "place", "case")
    text.check_keys(text.data, known, 1, required=known[:-1])
    image, tolerance = text.data["image"], text.data["tolerance"]
    kinds = tuple(_kind(text, line, t) for line, t in text.tables("kind"))
    names = tuple(k.name for k in kinds)
    situations = tuple(_situation(text, line, t, names) for line, t in text.tables("situation"))
    if sum(s.assumed for s in situations) != 1:
        raise text.fail(None, "assumed 应恰好写在一种建设类型上", "没有说明类型的图斑按它判断")
    codes = tuple(s.code for s in situations)
    basis = basis_reader(atlas.law.instruments)
    levels = tuple(text.data["priority"]["levels"])
    return SuspectLaw(
        image_accuracy_m=_number(text, image, "accuracy_m"),
        beyond_m2=_number(text, tolerance, "beyond_m2"),
        beyond_share=_number(text, tolerance, "beyond_share"),
        touch_share=_number(text, tolerance, "touch_share"),
        survey=_selection(text.data["survey"]["layer"], {k: v for k, v in text.data["survey"].items() if k != "layer"}),
        growth=_selection(text.data["growth"]["layer"], {}),
        order=_order(text),
        levels=levels,
        fields=tuple((ours, tuple(theirs)) for ours, theirs in text.data["fields"].items()),
        kinds=kinds,
        situations=situations,
        circumstances=tuple(_circumstance(text, line, t, codes, basis) for line, t in text.tables("circumstance")),
        places=tuple(_place(text, line, t, len(levels), basis) for line, t in text.tables("place")),
        cases=tuple(
            LawCase(note=t["note"], facts=tuple(t.items()), verdict=_verdict(text, line, t), line=line) for line, t in text.tables("case")
        ),
    )


def _number(text: TomlText, table: dict[str, Any], key: str) -> float:
    value = table.get(key)
    if not isinstance(value, (int, float)) or isinstance(value, bool) or value < 0.0:
        raise text.fail(text.line_of(key, 1), f"{key} 应为不小于 0 的数", "请按 README 改正")
    return float(value)


def _order(text: TomlText) -> tuple[str, ...]:
    order = tuple(text.data["priority"].get("order", ()))
    for word in order:
        if word not in ORDERS:
            raise text.fail(text.line_of("order", 1), f"order 不认识“{word}”", f"可用：{'、'.join(ORDERS)}")
    return order


def _kind(text: TomlText, line: int, t: dict[str, Any]) -> PermitKind:
    text.check_keys(t, ("name", "words", "term"), line, required=("name", "term"))
    if t["term"] not in _TERMS:
        raise text.fail(text.line_of("term", line), f"term 不能是“{t['term']}”", f"可用：{'、'.join(_TERMS)}")
    return PermitKind(name=t["name"], words=tuple(t.get("words", ())), term=t["term"])


def _situation(text: TomlText, line: int, t: dict[str, Any], kinds: Sequence[str]) -> Situation:
    text.check_keys(t, ("code", "title", "words", "legal", "partial", "assumed"), line, required=("code", "title", "legal"))
    legal = tuple(tuple(kinds_of) for kinds_of in t["legal"])
    partial = tuple(t.get("partial", ()))
    for name in (*partial, *(name for kinds_of in legal for name in kinds_of)):
        if name not in kinds:
            raise text.fail(text.line_of("legal", line), f"没有“{name}”这种许可", f"[[kind]] 有：{'、'.join(kinds)}")
    if not legal or not all(legal):
        raise text.fail(text.line_of("legal", line), "legal 里有空的一组：没有许可不能成为合法", "每组至少写一种许可")
    return Situation(
        code=t["code"], title=t["title"], words=tuple(t.get("words", ())), legal=legal, partial=partial, assumed=bool(t.get("assumed"))
    )


def _circumstance(text: TomlText, line: int, t: dict[str, Any], situations: Sequence[str], basis: Any) -> Circumstance:
    known = ("code", "fact", "title", "verdict", "text", "needs", "situation", "basis", "effective", "until", "verified")
    text.check_keys(t, known, line, required=("code", "fact", "title", "verdict", "text", "basis", "effective"))
    if t["fact"] not in FACTS:
        raise text.fail(text.line_of("fact", line), f"没有“{t['fact']}”这种情形", f"可用：{'、'.join(FACTS)}")
    for code in t.get("situation", ()):
        if code not in situations:
            raise text.fail(text.line_of("situation", line), f"没有建设类型“{code}”", f"[[situation]] 有：{'、'.join(situations)}")
    verdict = _verdict(text, line, t)
    if verdict is SuspectVerdict.LEGAL and t["fact"] != "covered":
        raise text.fail(text.line_of("verdict", line), f"“{t['fact']}”不能得出合法", "合法只能由许可覆盖（covered）得出")
    effective = text.day(t, "effective", line)
    assert effective is not None
    return Circumstance(
        code=t["code"],
        fact=t["fact"],
        title=t["title"],
        verdict=verdict,
        text=t["text"],
        needs=t.get("needs", ""),
        situations=tuple(t.get("situation", ())),
        basis=basis.read(text, line, t),
        effective=effective,
        until=text.day(t, "until", line),
        verified=bool(t.get("verified", True)),
    )


def _place(text: TomlText, line: int, t: dict[str, Any], levels: int, basis: Any) -> Place:
    known = ("code", "title", "layer", "where", "level", "forbids", "text", "basis", "effective", "until", "verified")
    text.check_keys(t, known, line, required=("code", "title", "layer", "level", "forbids", "text", "basis", "effective"))
    if t["level"] not in range(1, levels + 1):
        raise text.fail(text.line_of("level", line), f"level 不能是 {t['level']!r}", f"可用：1 至 {levels}")
    effective = text.day(t, "effective", line)
    assert effective is not None
    return Place(
        code=t["code"],
        title=t["title"],
        selection=_selection(t["layer"], t.get("where", {})),
        level=t["level"],
        forbids=bool(t["forbids"]),
        text=t["text"],
        basis=basis.read(text, line, t),
        effective=effective,
        until=text.day(t, "until", line),
        verified=bool(t.get("verified", True)),
    )


def _selection(layer: str, where: dict[str, Any]) -> Selection:
    return Selection(layer=layer, where=tuple((k, tuple(v) if isinstance(v, list) else (str(v),)) for k, v in where.items()))


def _verdict(text: TomlText, line: int, t: dict[str, Any]) -> SuspectVerdict:
    try:
        return SuspectVerdict(t["verdict"])
    except (KeyError, ValueError) as cause:
        known = "、".join(v.value for v in SuspectVerdict)
        raise text.fail(text.line_of("verdict", line), f"没有“{t.get('verdict')}”这种结论", f"可用：{known}") from cause
