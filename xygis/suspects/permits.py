"""`PermitBook`: all permits there are, from the atlas's layer or from a file, ready to be laid under patches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from xygis.atlas.attributes import Value, fold, match_fields, our_values
from xygis.atlas.layer import Layer
from xygis.atlas.suspect_law import PermitKind
from xygis.atlas.verdict import DataState
from xygis.check.layers import OpenLayer
from xygis.geodesy.plane import Plane
from xygis.intake.submission import Submission
from xygis.overlay.prepare import prepared_of
from xygis.overlay.prepared import PreparedLayer, attribute_rows
from xygis.overlay.reading import Source
from xygis.suspects.spans import Span, span_of

KEY = "permit"  # the field by which permits are chosen: their running number
_FIELDS = ("number", "kind", "use", "issued", "valid_until")


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """One permit. kind None: not said, or a word nobody knows. open_end: it names no day on which it ends.

    doubtful: its outline had to be mended beyond the limit, so what it covers is not known.
    """

    key: str
    number: str
    kind: PermitKind | None
    kind_text: str
    use_text: str | None
    issued: Span | None
    until: Span | None
    open_end: bool
    doubtful: bool = False

    @property
    def label(self) -> str:
        """What a person calls it."""
        kind = self.kind.name if self.kind else self.kind_text or "种类不明的许可"
        return f"{kind}（{self.number}）" if self.number else kind


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitBook:
    """prepared None: no permits are known, and `reason` says why; then nobody is either lawful or suspected."""

    permits: tuple[Permit, ...]
    prepared: PreparedLayer | None
    opened: OpenLayer | None  # of the atlas's layer
    source: Submission | None  # of a file
    reason: str

    @property
    def as_of(self) -> date | None:
        """The day up to which permits are known; None: nobody says."""
        return self.opened.layer.version if self.opened is not None else None


def book_of_layer(opened: OpenLayer | None, kinds: Sequence[PermitKind]) -> PermitBook:
    """The permits of the atlas. A layer that is missing, broken, empty or no longer valid is none."""
    if opened is None:
        return PermitBook(permits=(), prepared=None, opened=None, source=None, reason="图集没有登记用地审批与规划许可图层")
    record = opened.record
    if opened.prepared is None or record.state is not DataState.READY:
        reason = f"{opened.layer.title}{record.state.label}" + (f"：{record.note}" if record.note else "")
        return PermitBook(permits=(), prepared=None, opened=opened, source=None, reason=reason)
    prepared = opened.prepared
    permits = tuple(_permit(i, prepared.attributes(i), kinds) for i in range(prepared.features))
    return PermitBook(permits=permits, prepared=_keyed(prepared), opened=opened, source=None, reason="")


def book_of_file(source: Submission, layer: Layer, plane: Plane, kinds: Sequence[PermitKind]) -> PermitBook:
    """The permits of a file, its columns matched by the aliases of the atlas's layer. Raises LayerUnreadable."""
    names = tuple(dict.fromkeys(name for p in source.parcels for name, _ in p.attributes))
    match = match_fields(layer, names)
    theirs = dict(match.ours)
    rows = [dict(p.attributes) for p in source.parcels]
    columns = {ours: our_values(layer, ours, [row.get(theirs[ours]) for row in rows]) for ours in _FIELDS if ours in theirs}
    permits = []
    for i, parcel in enumerate(source.parcels):
        said: dict[str, Value] = {ours: values[i] for ours, values in columns.items()}
        if said.get("use") is None:
            said["use"] = parcel.use_text
        permits.append(replace(_permit(i, said, kinds), doubtful=bool(parcel.doubtful)))
    entry = replace(_bare(layer), path=None, sublayer=None, crs=source.crs, accuracy_m=layer.accuracy_m, extent=None)
    made = Source(
        features=len(permits),
        rings=None,
        shift=np.zeros(2),
        geometry=np.array([p.geometry for p in source.parcels], object),
        columns=(KEY,),
        rows=(attribute_rows([(p.key,) for p in permits]),),
    )
    return PermitBook(
        permits=tuple(permits), prepared=prepared_of(entry, made, plane, source.sha256), opened=None, source=source, reason=""
    )


def kind_of(text: str, kinds: Sequence[PermitKind]) -> PermitKind | None:
    """The kind that a word stands for."""
    word = fold(text)
    return next((k for k in kinds if word in (fold(w) for w in (k.name, *k.words))), None)


def _permit(feature: int, said: Mapping[str, Value], kinds: Sequence[PermitKind]) -> Permit:
    kind, until = _text(said.get("kind")), _text(said.get("valid_until"))
    return Permit(
        key=str(feature),
        number=_text(said.get("number")),
        kind=kind_of(kind, kinds),
        kind_text=kind,
        use_text=_text(said.get("use")) or None,
        issued=span_of(_text(said.get("issued"))),
        until=span_of(until),
        open_end=fold(until) in ("", "长期", "永久", "无"),
    )


def _keyed(prepared: PreparedLayer) -> PreparedLayer:
    """The same shapes with nothing but the running number of each permit: what they say was read before."""
    rows = attribute_rows([(str(i),) for i in range(prepared.features)])
    return replace(
        prepared,
        layer=_bare(prepared.layer),
        columns=(KEY,),
        attribute_offsets=np.r_[0, np.cumsum([len(r) for r in rows], dtype=np.int64)].astype(np.int64),
        attribute_bytes=np.frombuffer(b"".join(rows), np.uint8),
        corrections=(),
    )


def _bare(layer: Layer) -> Layer:
    return replace(layer, fields=(), sensitive=())


def _text(value: Value) -> str:
    return "" if value is None else str(value).strip()
