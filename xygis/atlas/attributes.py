"""From the columns of a real file to our field names and values: aliases, synonyms, and what is dropped on reading."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from xygis.atlas.layer import Layer
from xygis.atlas.personal import personal

Value = str | float | int | None


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
    """One column in our words: synonyms resolved, text stripped, empty text as None."""
    alias = layer.alias(field)
    words = {fold(word): ours for ours, spellings in (alias.synonyms if alias else ()) for word in (ours, *spellings)}
    out: list[Value] = []
    for value in values:
        if value is None or isinstance(value, bytes):
            out.append(None)
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and not words:
            out.append(value if value == value else None)  # NaN is no value
        else:
            text = str(value).strip()
            out.append(words.get(fold(text), text) if text else None)
    return out


def matches(value: Value, patterns: Sequence[str]) -> bool | None:
    """Whether an attribute meets a rule's patterns ("value", "prefix*", "!value"); None where the attribute is unknown."""
    if value is None:
        return None
    text = fold(str(value))
    wanted = [p for p in patterns if not p.startswith("!")]
    banned = [p[1:] for p in patterns if p.startswith("!")]
    if any(_one(text, p) for p in banned):
        return False
    return not wanted or any(_one(text, p) for p in wanted)


def _one(text: str, pattern: str) -> bool:
    folded = fold(pattern)
    return text.startswith(folded[:-1]) if folded.endswith("*") else text == folded
