"""From the columns of a real file to our field names and values: aliases, synonyms, and what is dropped on reading."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from xygis.atlas.layer import Layer
from xygis.atlas.personal import personal

Value = str | float | int | None


class Unlisted(str):
    """A word that the layer's own list of words or codes does not hold: it can be shown, but what it means is not known."""

    __slots__ = ()


def fold(text: str) -> str:
    """The form in which names and code words are compared: full width to half, no blanks around, upper case."""
    return unicodedata.normalize("NFKC", text).strip().upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMatch:
    """How the columns of one file were understood."""

    ours: tuple[tuple[str, str], ...]  # our field → their column
    others: tuple[str, ...]  # columns kept as they are
    dropped: tuple[str, ...]  # personal columns
    contested: tuple[tuple[str, tuple[str, ...]], ...]  # our field → all columns that match; the first was taken


def match_fields(layer: Layer, columns: Collection[str], chosen: Mapping[str, str] | None = None) -> FieldMatch:
    """Matches a file's columns to the layer's aliases. `chosen` (ours → theirs) goes before the catalogue."""
    sensitive, private = {fold(name) for name in layer.sensitive}, set(personal(columns))
    dropped = tuple(c for c in columns if c in private or fold(c) in sensitive)
    by_fold = {fold(c): c for c in reversed([c for c in columns if c not in dropped])}
    ours, contested = [], []
    for alias in layer.fields:
        if chosen and alias.field in chosen:
            ours.append((alias.field, chosen[alias.field]))
            continue
        found = [by_fold[fold(name)] for name in alias.names if fold(name) in by_fold]
        found = list(dict.fromkeys(found))
        if found:
            ours.append((alias.field, found[0]))
        if len(found) > 1:
            contested.append((alias.field, tuple(found)))
    taken = {theirs for _, theirs in ours}
    others = tuple(c for c in columns if c not in dropped and c not in taken)
    return FieldMatch(ours=tuple(ours), others=others, dropped=dropped, contested=tuple(contested))


def our_values(layer: Layer, field: str, values: Sequence[object]) -> list[Value]:
    """One column in our words."""
    read = reader(layer, field)
    return [read(value) for value in values]


def reader(layer: Layer, field: str) -> Callable[[object], Value]:
    """How a value of a field is read: synonyms resolved, text stripped, empty text as None, what no list of the layer holds as Unlisted."""
    alias = layer.alias(field)
    words = {fold(word): ours for ours, spellings in (alias.synonyms if alias else ()) for word in (ours, *spellings)}
    codes = alias.codes if alias else frozenset()
    listed = bool(words or codes)
    known: dict[str, Value] = {}  # of texts read before: columns repeat themselves

    def read(value: object) -> Value:
        if value is None or isinstance(value, bytes):
            return None
        if not listed and isinstance(value, (int, float)) and not isinstance(value, bool):
            return value if value == value else None  # NaN is no value
        text = str(value).strip()
        if not text or not listed:
            return text or None
        if text not in known:
            known[text] = _listed(text, words, codes)
        return known[text]

    return read


def _listed(text: str, words: Mapping[str, str], codes: Collection[str]) -> str:
    """The word of ours that a text means. A code that the list does not hold is known by its beginning: 0101K is a 0101."""
    folded = fold(text)
    if folded in words:
        return words[folded]
    if any(folded[:n] in codes for n in range(len(folded), 0, -1)):
        return text
    return Unlisted(text)


def matches(value: Value, patterns: Sequence[str]) -> bool | None:
    """Whether an attribute meets a rule's patterns ("value", "prefix*", "!value").

    None where the attribute is unknown, or a code that is coarser than what is asked: 04 may be a 0401.
    """
    if value is None or isinstance(value, Unlisted):
        return None
    text = fold(str(value))
    wanted = [p for p in patterns if not p.startswith("!")]
    banned = [p[1:] for p in patterns if p.startswith("!")]
    if any(_one(text, p) for p in banned):
        return False
    if wanted and not any(_one(text, p) for p in wanted):
        return None if _coarser(text, wanted) else False
    return None if _coarser(text, banned) else True


def _coarser(code: str, patterns: Sequence[str]) -> bool:
    """Whether a code is the beginning of one that is asked for."""
    return code.isascii() and code.isalnum() and any(len(p) > len(code) and fold(p).rstrip("*").startswith(code) for p in patterns)


def _one(text: str, pattern: str) -> bool:
    folded = fold(pattern)
    return text.startswith(folded[:-1]) if folded.endswith("*") else text == folded
