"""The crosswalk of land classes (`layers/crosswalk.toml`): which land each code of each class list may be, and which use."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xygis.atlas.attributes import Value, fold, matches
from xygis.atlas.bundled import bundled_root
from xygis.atlas.layer import Derived
from xygis.atlas.toml_text import TomlText
from xygis.errors import BadCatalogue, did_you_mean

FILE = "crosswalk.toml"
DERIVED = ("land", "use")  # the attributes that follow from a code
UNKNOWN = "unknown"  # any term is possible
Terms = frozenset[str]  # what a code may be: one term is certain, several are one of these, all, or none, are nothing known


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What one code may be: one term is certain, several are one of these, all are nothing known."""

    land: Terms
    use: Terms
    note: str = ""  # what is doubtful about it


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassList:
    """One classification, by its codes."""

    id: str  # dlbm, gb50137, …
    title: str
    standard: str  # what the assignments rest on
    verified: bool  # somebody has read the standard itself
    codes: Mapping[str, Meaning]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crosswalk:
    """All class lists of an atlas, and the terms in which they agree: (term, what people read)."""

    land: tuple[tuple[str, str], ...] = ()
    use: tuple[tuple[str, str], ...] = ()
    lists: tuple[ClassList, ...] = ()

    def terms(self, attribute: str) -> tuple[str, ...]:
        """The terms of land or use, in the order of the file."""
        return tuple(term for term, _ in (self.land if attribute == "land" else self.use))

    def list(self, list_id: str) -> ClassList | None:
        return next((found for found in self.lists if found.id == list_id), None)

    def derived(self, attribute: str, field: str, list_id: str) -> Derived:
        """How a layer whose `field` holds codes of a known list gets its land or use."""
        found = self.list(list_id)
        assert found is not None
        codes = {fold(code): (m.land if attribute == "land" else m.use) for code, m in found.codes.items()}
        return Derived(attribute=attribute, field=field, list=list_id, codes=codes, terms=frozenset(self.terms(attribute)))


def entry_of(codes: Collection[str], value: Value) -> str | None:
    """The code under which a value stands: its own, or its longest beginning (0101K → 0101 → 01); None where the list does not know it."""
    if value is None:
        return None
    text = fold(str(value))
    shortest = 1 if text.isascii() else len(text)  # words have no beginnings
    return next((text[:n] for n in range(len(text), max(shortest, 1) - 1, -1) if text[:n] in codes), None)


def possible(derived: Derived, value: Value) -> Terms:
    """The terms that a code may stand for; all of them where the code is not known."""
    code = entry_of(derived.codes, value)
    return derived.terms if code is None else derived.codes[code]


def meets(terms: Terms, patterns: Sequence[str]) -> bool | None:
    """Whether what may be any of these terms meets a rule's patterns; None where it depends on which it is, or no term is known."""
    answers = {matches(term, patterns) for term in terms}
    return answers.pop() if len(answers) == 1 else None


def parted(a: Terms, b: Terms) -> bool | None:
    """Whether two places are of different terms: True where no term is common, False where both are the same one, else None."""
    if a and b and not a & b:
        return True
    return False if len(a) == 1 and a == b else None


def read_crosswalk(root: Path) -> Crosswalk:
    """The crosswalk that counts in the atlas at `root`. Raises BadCatalogue."""
    text = TomlText(crosswalk_file(root), BadCatalogue)
    text.check_keys(text.data, (*DERIVED, "list"), 1, required=DERIVED)
    terms = {name: _terms(text, name) for name in DERIVED}
    lists: list[ClassList] = []
    for line, table in text.tables("list"):
        text.check_keys(table, ("id", "title", "standard", "verified", "codes"), line, required=("id", "title", "standard", "codes"))
        if any(table["id"] == known.id for known in lists):
            raise text.fail(line, f"分类 {table['id']} 登记了两次", "每套分类只登记一次")
        lists.append(
            ClassList(
                id=table["id"],
                title=table["title"],
                standard=table["standard"],
                verified=bool(table.get("verified", False)),
                codes={code: _meaning(text, line, code, entry, terms) for code, entry in table["codes"].items()},
            )
        )
    return Crosswalk(land=terms["land"], use=terms["use"], lists=tuple(lists))


def crosswalk_file(root: Path) -> Path:
    """The atlas's own file, or the bundled one where it has none."""
    own = root / "layers" / FILE
    return own if own.is_file() else bundled_root() / "layers" / FILE


def derived_of(text: TomlText, line: int, table: Mapping[str, Any], crosswalk: Crosswalk) -> tuple[Derived, ...]:
    """What a layer's `crosswalk = { land = [field, list], use = [field, list] }` says. Raises the error of its catalogue."""
    said = table.get("crosswalk", {})
    text.check_keys(said, DERIVED, text.line_of("crosswalk", line) if said else line)
    fields = tuple(table.get("fields", {}))
    lists = tuple(found.id for found in crosswalk.lists)
    out = []
    for attribute, pair in said.items():
        at = text.line_of("crosswalk", line)
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(word, str) for word in pair):
            raise text.fail(at, f"crosswalk.{attribute} 应为 [字段, 分类]", '例如 land = ["class", "dlbm"]')
        field, list_id = pair
        if field not in fields:
            raise text.fail(at, f"crosswalk.{attribute} 的字段“{field}”没有登记", _nearest(field, fields))
        if list_id not in lists:
            raise text.fail(at, f"layers/{FILE} 没有分类“{list_id}”", _nearest(list_id, lists))
        out.append(crosswalk.derived(attribute, field, list_id))
    return tuple(out)


def _terms(text: TomlText, name: str) -> tuple[tuple[str, str], ...]:
    table = text.data[name]
    if not isinstance(table, dict) or not table or not all(isinstance(title, str) for title in table.values()):
        raise text.fail(None, f"[{name}] 应逐行写“词 = 读法”", '例如 construction = "建设用地"')
    if UNKNOWN in table:
        raise text.fail(text.line_of(UNKNOWN, 1), f"[{name}] 不能把 {UNKNOWN} 定义为一类", f"{UNKNOWN} 专指没有依据")
    return tuple(table.items())


def _meaning(text: TomlText, line: int, code: str, entry: object, terms: Mapping[str, tuple[tuple[str, str], ...]]) -> Meaning:
    if not isinstance(entry, dict):
        raise text.fail(text.line_of(code, line), f"代码“{code}”应写明 land 和 use", '例如 "0101" = { land = "farm", use = "耕地" }')
    if not {*DERIVED} <= entry.keys() <= {*DERIVED, "note"}:
        text.check_keys(entry, (*DERIVED, "note"), text.line_of(code, line), required=DERIVED)
    sets = {}
    for name in DERIVED:
        known = tuple(term for term, _ in terms[name])
        words = entry[name] if isinstance(entry[name], list) else [entry[name]]
        wrong = [word for word in words if word not in known and (word != UNKNOWN or len(words) > 1)]
        if wrong:
            hint = f"{UNKNOWN} 只能单独写" if wrong[0] == UNKNOWN else _nearest(str(wrong[0]), (*known, UNKNOWN))
            raise text.fail(text.line_of(code, line), f"代码“{code}”的 {name} 不能是“{wrong[0]}”", hint)
        if not words:
            raise text.fail(text.line_of(code, line), f"代码“{code}”的 {name} 是空的", f"没有依据的写 {UNKNOWN}")
        sets[name] = frozenset(known if words == [UNKNOWN] else words)
    return Meaning(land=sets["land"], use=sets["use"], note=entry.get("note", ""))


def _nearest(word: str, known: Iterable[str]) -> str:
    known = tuple(known)
    return did_you_mean(word, known) or f"可用：{'、'.join(known)}"
