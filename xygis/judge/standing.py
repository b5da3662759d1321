"""How the law stands on a day: what nobody has read, what is about to change, and what has lapsed though it is still cited."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from xygis.atlas.atlas import Atlas
from xygis.atlas.law import Instrument
from xygis.judge.audit_bases import Dated, dated

SOON_DAYS = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Three lists, each entry once: (place, what), of what counts on the day or will within a year."""

    unverified: tuple[tuple[str, str], ...]
    soon: tuple[tuple[str, str], ...]
    lapsed: tuple[tuple[str, str], ...]


def standing(atlas: Atlas, on: date) -> Standing:
    """Rules, procedures and pairs on that day."""
    last = on + timedelta(days=SOON_DAYS)
    items = [item for item in dated(atlas) if item.until is None or on <= item.until]
    now = [item for item in items if item.effective <= on]
    soon = [_starts(item) for item in items if on < item.effective <= last]
    soon += [_ends(item) for item in now if item.until is not None and item.until < last]
    soon += [(f"instruments.toml {i.code}", f"{i.name}（{i.version}）自 {i.in_force} 起施行") for i in _coming(atlas, on, last)]
    return Standing(
        unverified=tuple(entry for item in now for entry in _unverified(item)),
        soon=tuple(sorted(dict.fromkeys(soon))),
        lapsed=tuple(entry for item in now for entry in _lapsed(atlas, item, on)),
    )


def _starts(item: Dated) -> tuple[str, str]:
    return item.where, f"自 {item.effective} 起有效"


def _ends(item: Dated) -> tuple[str, str]:
    return item.where, f"有效至 {item.until}"


def _unverified(item: Dated) -> Iterator[tuple[str, str]]:
    unread = [f"{c.instrument}{f'第{c.article}条' if c.article else ''}" for c in item.basis if not c.verified]
    if not item.verified or unread:
        yield item.where, f"条文待核：{'、'.join(dict.fromkeys(unread)) or '规则文字'}"


def _lapsed(atlas: Atlas, item: Dated, on: date) -> Iterator[tuple[str, str]]:
    known = {(i.name, i.version): i for i in atlas.law.instruments}
    for citation in item.basis:
        instrument = known.get((citation.instrument, citation.version))
        if instrument is not None and instrument.repealed is not None and instrument.repealed <= on:
            heir = next((i for i in atlas.law.instruments if i.code == instrument.replaced_by), None)
            after = f"，由{heir.name}（{heir.version}）接替" if heir is not None else ""
            yield item.where, f"{citation.instrument}（{citation.version}）自 {instrument.repealed} 起失效{after}，不再引用"


def _coming(atlas: Atlas, on: date, last: date) -> Iterator[Instrument]:
    return (i for i in atlas.law.instruments if on < i.in_force <= last)
