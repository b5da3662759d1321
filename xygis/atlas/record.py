"""`AtlasRecord`: fingerprints of the files that decide, and every rule in a line, so that a later reader can name what has changed."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields

from xygis.atlas.atlas import Atlas
from xygis.atlas.crosswalk import crosswalk_file
from xygis.atlas.law import Citation, Comparison, PairRule, Rule, Selection
from xygis.atlas.verdict import Verdict

BETWEEN = "; "  # two fields of a rule's line
_NOT_LAW = ("code", "path", "line", "cases")  # where a rule stands, and its examples, decide nothing
_FIELDS = {kind: tuple(f.name for f in fields(kind) if f.name not in _NOT_LAW) for kind in (Rule, PairRule)}
_EMPTY = (None, "", ())
_LONGEST = 48  # characters that are written out; what is longer stands as a fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class AtlasRecord:
    """files: (path in the atlas, sha256). rules: (code, its line) of the rules of the day that had to do with the result."""

    files: tuple[tuple[str, str], ...]
    rules: tuple[tuple[str, str], ...]


def atlas_record(atlas: Atlas, rules: Sequence[Rule | PairRule]) -> AtlasRecord:
    """What the catalogue, the crosswalk and `redlines/` are now, and those rules. Files that are not there are left out."""
    paths = (atlas.root / "layers" / "catalogue.toml", crosswalk_file(atlas.root), *atlas.law.files)
    present = [p for p in paths if p.is_file()]
    return AtlasRecord(
        files=tuple((f"{p.parent.name}/{p.name}", hashlib.sha256(p.read_bytes()).hexdigest()) for p in present),
        rules=tuple((rule.code, rule_line(rule)) for rule in rules),
    )


def rule_line(rule: Rule | PairRule) -> str:
    """`verdict=prohibited; when=overlap_m2 > 0; …`: short values written out, long ones as #checksum, empty ones left out.

    A checksum only tells which field to look at: what vouches for the rules is the sha256 of their files.
    """
    said = ((name, getattr(rule, name)) for name in _FIELDS[type(rule)])
    return BETWEEN.join([f"{name}={_said(value)}" for name, value in said if value not in _EMPTY])


def _said(value: object) -> str:
    text = _text(value)
    if len(text) <= _LONGEST and BETWEEN not in text and "\n" not in text and text[:1] != "#":
        return text
    return f"#{zlib.crc32(text.encode('utf-8', 'surrogatepass')):08x}"


def _text(value: object) -> str:
    kind = type(value)
    if kind is str:
        return str(value)
    if isinstance(value, tuple):
        return ", ".join([_text(one) for one in value])
    if isinstance(value, Citation):
        return f"{value.instrument} {value.version} {value.article or ''}{'' if value.verified else ' ?'}"
    if isinstance(value, Comparison):
        return f"{value.fact} {value.operator} {value.value!r}"
    if isinstance(value, Selection):
        where = "".join([f"[{field}: {'|'.join(patterns)}]" for field, patterns in value.where])
        return f"{value.layer}{where}{f' strip_m={value.strip_m!r}' if value.strip_m is not None else ''}"
    return value.value if isinstance(value, Verdict) else str(value)
