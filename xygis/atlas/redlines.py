"""Reads `redlines/`: instruments, project facts, uses, rules, procedures, line-against-line rules and indicators. Nobody else opens it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from xygis.atlas.crosswalk import DERIVED
from xygis.atlas.indicators import Indicators, read_indicators
from xygis.atlas.law import (
    Citation,
    Comparison,
    Instrument,
    PairRule,
    Procedure,
    ProjectFact,
    Rule,
    RuleCase,
    Scalar,
    Selection,
    Total,
)
from xygis.atlas.project_facts import LandUse, read_facts, read_uses
from xygis.atlas.toml_text import TomlText
from xygis.atlas.verdict import Verdict
from xygis.errors import BadRule

PHASES = ("选址前期", "用地报批", "开工前")  # of the way to a permit
RASTER_FACTS = (
    *("elevation_min_m", "elevation_mean_m", "elevation_max_m"),
    *("slope_mean_deg", "slope_max_deg", "slope_share_above_25"),
)
FACTS = ("overlap_m2", "overlap_share", "outside_m2", "distance_m", "patches", *RASTER_FACTS)
_COMPARISON = re.compile(r"\s*(>=|<=|>|<|=)\s*(-?\d+(?:\.\d+)?)\s*")
_RULE_KEYS = (
    *("code", "title", "layer", "when", "applies_to", "unless", "verdict", "authority", "documents", "remedy", "message"),
    *("basis", "effective", "until", "verified", "case", "note", "penalty"),
)
_LINES_KEYS = (
    "code",
    "title",
    "a",
    "b",
    "relation",
    "verdict",
    "suggestion",
    "basis",
    "effective",
    "until",
    "verified",
    "difference",
    "differ",
    "yields",
    "departments",
    "note",
)
_RESERVED = (
    *("instruments.toml", "facts.toml", "uses.toml", "procedures.toml", "totals.toml", "lines.toml", "base.toml", "audit.toml"),
    "indicators.toml",
    "suspects.toml",  # read by suspect_law
)

RELATIONS = ("overlap", "difference", "containment")
YIELDS = ("a", "b", "both", "undecided")  # which side of a pair gives way
WIDEST_STRIP_M = 5_000.0  # no law here asks for a wider one


Conditions = tuple[tuple[str, tuple[Scalar, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RedLines:
    """Everything in `redlines/`."""

    complete_from: date | None = None  # checks of earlier days see only part of the law of their day
    instruments: tuple[Instrument, ...] = ()
    facts: tuple[ProjectFact, ...] = ()
    uses: tuple[LandUse, ...] = ()
    use_words: tuple[tuple[str, str], ...] = ()  # (word of 地块用途, code of 2023)
    vague_words: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (word of 地块用途, codes of 2023 that it may mean)
    rules: tuple[Rule, ...] = ()
    totals: tuple[Total, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    pairs: tuple[PairRule, ...] = ()
    indicators: Indicators = Indicators()
    subjects: tuple[tuple[str, str], ...] = ()  # (file of rules, what they are about), in the order of the files
    files: tuple[Path, ...] = ()


def read_redlines(root: Path) -> RedLines:
    """The rule base of the atlas at `root`; empty where there is no such folder."""
    folder = root / "redlines"
    if not folder.is_dir():
        return RedLines()
    files = tuple(sorted(folder.glob("*.toml")))
    texts = {path.name: TomlText(path, BadRule) for path in files}
    instruments = _instruments(texts.get("instruments.toml"))
    basis = basis_reader(instruments)
    facts = read_facts(texts.get("facts.toml"))
    uses, words, vague = read_uses(texts.get("uses.toml"))
    subjects = [text for name, text in texts.items() if name not in _RESERVED]
    return RedLines(
        complete_from=_complete_from(texts.get("base.toml")),
        instruments=instruments,
        facts=facts,
        uses=uses,
        use_words=words,
        vague_words=vague,
        rules=tuple(_rule(text, line, table, basis) for text in subjects for line, table in text.tables("rule")),
        totals=_totals(texts.get("totals.toml")),
        procedures=_procedures(texts.get("procedures.toml"), basis),
        pairs=_pairs(texts.get("lines.toml"), basis),
        indicators=read_indicators(texts.get("indicators.toml"), basis.read),
        subjects=tuple((text.path.name, _subject(text)) for text in subjects),
        files=files,
    )


def _subject(text: TomlText) -> str:
    """What the rules of a file are about; the file's own name where it does not say."""
    text.check_keys(text.data, ("subject", "rule"), 1)
    return str(text.data.get("subject", text.path.stem))


def _complete_from(text: TomlText | None) -> date | None:
    if text is None:
        return None
    text.check_keys(text.data, ("complete_from",), 1, required=("complete_from",))
    return text.day(text.data, "complete_from", 1)


def _instruments(text: TomlText | None) -> tuple[Instrument, ...]:
    out = []
    keys = ("code", "name", "title", "number", "version", "in_force", "repealed", "replaced_by", "read", "articles", "note")
    for line, t in text.tables("instrument") if text else ():
        assert text is not None
        text.check_keys(t, keys, line, required=("code", "name", "version", "in_force", "read"))
        version, in_force = text.day(t, "version", line), text.day(t, "in_force", line)
        assert version is not None and in_force is not None
        out.append(
            Instrument(
                code=t["code"],
                name=t["name"],
                number=t.get("number", ""),
                version=version,
                in_force=in_force,
                repealed=text.day(t, "repealed", line),
                replaced_by=t.get("replaced_by"),
                read=t["read"],
                title=t.get("title", t["name"]),
                articles=t.get("articles"),
            )
        )
    return tuple(out)


@dataclass(frozen=True, slots=True)
class _Basis:
    """Reads `basis` lists against the instruments that exist."""

    known: set[tuple[str, Any]]
    full: set[tuple[str, Any]]

    def read(self, text: TomlText, line: int, table: dict[str, Any]) -> tuple[Citation, ...]:
        out = []
        for entry in table.get("basis", []):
            text.check_keys(entry, ("instrument", "version", "article", "says", "verified"), line, required=("instrument", "version"))
            version = text.day(entry, "version", line)
            key = (entry["instrument"], version)
            if key not in self.known:
                raise text.fail(
                    text.line_of("basis", line),
                    f"依据“{entry['instrument']}（{version}）”未在 instruments.toml 登记",
                    "请登记该文件，或核对名称与版本",
                )
            assert version is not None
            out.append(
                Citation(
                    instrument=entry["instrument"],
                    version=version,
                    article=str(entry["article"]) if "article" in entry else None,
                    verified=bool(entry.get("verified", key in self.full)),
                    says=tuple(entry.get("says", ())),
                )
            )
        return tuple(out)


def basis_reader(instruments: Iterable[Instrument]) -> _Basis:
    """What reads lists of citations; those of an instrument read in full count as verified unless they say otherwise."""
    known = tuple(instruments)
    return _Basis({(i.name, i.version) for i in known}, {(i.name, i.version) for i in known if i.read == "full"})


def _rule(text: TomlText, line: int, t: dict[str, Any], basis: _Basis) -> Rule:
    text.check_keys(t, _RULE_KEYS, line, required=("code", "title", "layer", "when", "verdict", "message", "basis", "effective"))
    selection, when = _when(text, line, t["layer"], t["when"])
    effective = text.day(t, "effective", line)
    assert effective is not None
    cases = []
    for case in t.get("case", []):
        text.check_keys(case, ("note", "facts", "verdict"), line, required=("note", "facts", "verdict"))
        cases.append(RuleCase(note=case["note"], facts=tuple(case["facts"].items()), verdict=_verdict(text, line, case["verdict"])))
    return Rule(
        code=t["code"],
        title=t["title"],
        selection=selection,
        when=when,
        applies_to=_conditions(t.get("applies_to", {})),
        unless=_conditions(t.get("unless", {})),
        verdict=_verdict(text, line, t["verdict"]),
        authority=t.get("authority", ""),
        documents=tuple(t.get("documents", ())),
        remedy=t.get("remedy", ""),
        message=t["message"],
        basis=basis.read(text, line, t),
        effective=effective,
        until=text.day(t, "until", line),
        verified=bool(t.get("verified", True)),
        cases=tuple(cases),
        path=text.path,
        line=line,
        penalty=t.get("penalty", ""),
    )


def _verdict(text: TomlText, line: int, value: str) -> Verdict:
    try:
        return Verdict(value)
    except ValueError as cause:
        raise text.fail(text.line_of("verdict", line), f"没有“{value}”这种结论", f"可用：{'、'.join(v.value for v in Verdict)}") from cause


def _when(text: TomlText, line: int, layer: str, when: dict[str, Any]) -> tuple[Selection, tuple[Comparison, ...]]:
    where, comparisons, strip_m = [], [], None
    for key, value in when.items():
        if key == "strip_m":
            if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0.0 < value <= WIDEST_STRIP_M:
                raise text.fail(text.line_of("when", line), f"strip_m 不能是 {value!r}", f"写成 0 以上、{WIDEST_STRIP_M:g} 以下的米数")
            strip_m = float(value)
        elif key in FACTS:
            comparisons.append(comparison(text, line, key, value))
        else:
            where.append((key, tuple(value) if isinstance(value, list) else (str(value),)))
    if not comparisons:
        comparisons.append(Comparison(fact="overlap_m2", operator=">", value=0.0))
    return Selection(layer=layer, where=tuple(where), strip_m=strip_m), tuple(comparisons)


def comparison(text: TomlText, line: int, fact: str, value: Any) -> Comparison:
    """`">350000"` as a Comparison."""
    match = _COMPARISON.fullmatch(str(value))
    if match is None:
        raise text.fail(text.line_of(fact, line), f"{fact} 的条件“{value}”读不懂", '写成 ">0"、"<=1000" 的形式')
    return Comparison(fact=fact, operator=match.group(1), value=float(match.group(2)))


def _conditions(table: dict[str, Any]) -> Conditions:
    return tuple((key, tuple(value) if isinstance(value, list) else (value,)) for key, value in table.items())


def _totals(text: TomlText | None) -> tuple[Total, ...]:
    out: list[Total] = []
    for line, t in text.tables("total") if text else ():
        assert text is not None
        text.check_keys(t, ("name", "title", "layer", "where", "minus", "unknown_counts"), line, required=("name", "title"))
        for name in t.get("minus", ()):
            if name not in {total.name for total in out}:
                raise text.fail(text.line_of("minus", line), f"minus 所列“{name}”不在前面", "先列被减的合计")
        selection, _ = _when(text, line, t["layer"], t.get("where", {})) if "layer" in t else (None, ())
        out.append(
            Total(
                name=t["name"],
                title=t["title"],
                selection=selection,
                minus=tuple(t.get("minus", ())),
                unknown_counts=bool(t.get("unknown_counts", False)),
            )
        )
    return tuple(out)


def _procedures(text: TomlText | None, basis: _Basis) -> tuple[Procedure, ...]:
    out = []
    keys = (
        "act",
        "phase",
        "order",
        "level",
        "authority",
        "when",
        "applies_to",
        "reason",
        "documents",
        "basis",
        "effective",
        "until",
        "note",
    )
    for line, t in text.tables("procedure") if text else ():
        assert text is not None
        text.check_keys(t, keys, line, required=("act", "level", "reason", "basis", "effective"))
        effective = text.day(t, "effective", line)
        assert effective is not None
        out.append(
            Procedure(
                act=t["act"],
                level=t["level"],
                when=tuple(comparison(text, line, k, v) for k, v in t.get("when", {}).items()),
                applies_to=_conditions(t.get("applies_to", {})),
                reason=t["reason"],
                documents=tuple(t.get("documents", ())),
                basis=basis.read(text, line, t),
                effective=effective,
                until=text.day(t, "until", line),
                phase=_phase(text, line, t),
                order=int(t.get("order", 0)),
                authority=t.get("authority", ""),
                line=line,
            )
        )
    return tuple(out)


def _phase(text: TomlText, line: int, t: dict[str, Any]) -> str:
    phase = str(t.get("phase", ""))
    if phase and phase not in PHASES:
        raise text.fail(text.line_of("phase", line), f"没有“{phase}”这个阶段", f"可用：{'、'.join(PHASES)}")
    return phase


def _pairs(text: TomlText | None, basis: _Basis) -> tuple[PairRule, ...]:
    out = []
    for line, t in text.tables("pair") if text else ():
        assert text is not None
        text.check_keys(t, _LINES_KEYS, line, required=("code", "title", "a", "b", "relation", "verdict", "suggestion", "effective"))
        sides = []
        for side in ("a", "b"):
            where = tuple((k, tuple(v) if isinstance(v, list) else (str(v),)) for k, v in t[side].items() if k != "layer")
            sides.append(Selection(layer=t[side]["layer"], where=where))
        effective = text.day(t, "effective", line)
        assert effective is not None
        if t["relation"] not in RELATIONS:
            raise text.fail(text.line_of("relation", line), f"relation 不能是“{t['relation']}”", f"可用：{'、'.join(RELATIONS)}")
        for key, words in (("differ", DERIVED), ("yields", YIELDS)):
            if key in t and t[key] not in words:
                raise text.fail(text.line_of(key, line), f"{key} 不能是“{t[key]}”", f"可用：{'、'.join(words)}")
        if "differ" in t and t["relation"] != RELATIONS[0]:
            raise text.fail(text.line_of("differ", line), f"differ 只用于 relation = {RELATIONS[0]}", "两侧在同一处才谈得上不同")
        departments = t.get("departments", [])
        if not isinstance(departments, list) or not all(isinstance(name, str) and name.strip() for name in departments):
            raise text.fail(text.line_of("departments", line), "departments 应为部门名称的列表", '例如 departments = ["自然资源和规划局"]')
        out.append(
            PairRule(
                code=t["code"],
                title=t["title"],
                a=sides[0],
                b=sides[1],
                relation=t["relation"],
                verdict=_verdict(text, line, t["verdict"]),
                suggestion=t["suggestion"],
                basis=basis.read(text, line, t),
                effective=effective,
                until=text.day(t, "until", line),
                verified=bool(t.get("verified", True)),
                difference=t.get("difference"),
                path=text.path,
                line=line,
                differ=t.get("differ"),
                yields=t.get("yields", YIELDS[-1]),
                departments=tuple(departments),
            )
        )
    return tuple(out)
