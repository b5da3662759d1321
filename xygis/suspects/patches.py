"""`SuspectPatch`: one patch of the batch as its file describes it, in our words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xygis.atlas.attributes import fold
from xygis.atlas.suspect_law import Situation, SuspectLaw
from xygis.intake.submission import Parcel
from xygis.suspects.spans import Span, span_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspectPatch:
    """number: as the images' office gave it; None where it gave none. situation: code, None where it is not said or not known."""

    parcel: Parcel
    number: str | None
    after_text: str | None
    after: Span | None
    before: Span | None
    situation: str | None
    situation_text: str | None
    use_text: str | None
    note: str | None


def suspect_patches(parcels: Sequence[Parcel], law: SuspectLaw) -> tuple[SuspectPatch, ...]:
    """Reads the columns of the batch by the aliases of `suspects.toml`."""
    aliases = {ours: tuple(fold(name) for name in theirs) for ours, theirs in law.fields}
    return tuple(_patch(parcel, aliases, law.situations) for parcel in parcels)


def _patch(parcel: Parcel, aliases: Mapping[str, Sequence[str]], situations: Sequence[Situation]) -> SuspectPatch:
    said = {fold(name): value for name, value in reversed(parcel.attributes)}

    def value(field: str) -> str | None:
        return next((said[name] for name in aliases.get(field, ()) if said.get(name)), None)

    kind = value("situation")
    after = value("after")
    return SuspectPatch(
        parcel=parcel,
        number=value("number"),
        after_text=after,
        after=span_of(after),
        before=span_of(value("before")),
        situation=situation_of(kind, situations),
        situation_text=kind,
        use_text=parcel.use_text or value("use"),
        note=value("note"),
    )


def situation_of(text: str | None, situations: Sequence[Situation]) -> str | None:
    """The sort of building that a word stands for, None where it is none we know."""
    if text is None:
        return None
    word = fold(text)
    return next((s.code for s in situations if word in (fold(w) for w in (s.title, *s.words))), None)
