"""What an applicant says against a layer: its value and the stated one stand side by side, with the reason (PITFALLS P42).

A correction that no authority has confirmed counts only where it makes things worse: the parcel is judged by the value of the
layer, what the stated value would forbid comes on top, and the report says what confirming it would change. One that is confirmed
(`confirmed_by` and `document`) is judged by the stated value. Either way both values are printed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xygis.atlas.atlas import Atlas
from xygis.atlas.attributes import Unlisted, our_values
from xygis.atlas.catalogue import RASTER
from xygis.atlas.layer import Layer
from xygis.atlas.verdict import Verdict
from xygis.errors import UsageError, Where, did_you_mean

_KEYS = ("layer", "field", "value", "instead_of", "parcel", "reason", "confirmed_by", "document")
LAYER, STATEMENT = "layer", "statement"
_REQUIRED = ("layer", "field", "value", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One correction as stated in a project file."""

    layer: str
    field: str
    value: str
    reason: str
    instead_of: str | None = None  # only features that carry this value; None: whatever they carry
    parcel: str | None = None  # name of the parcel; None: all
    confirmed_by: str | None = None
    document: str | None = None

    @property
    def confirmed(self) -> bool:
        return self.confirmed_by is not None

    def to_dict(self) -> dict[str, str]:
        """As a project file states it."""
        return {key: value for key in _KEYS if (value := getattr(self, key)) is not None}

    def about(self, name: str, number: str) -> bool:
        """Whether it is about the parcel of that name and running number."""
        return self.parcel is None or self.parcel in (name, number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """What a correction did to one parcel: both values, and the verdict by each."""

    parcel: str  # its id
    override: Override
    recorded: tuple[tuple[str, float], ...]  # (value in the layer, overlap m² of the parcel with features that carry it)
    by_layer: Verdict  # of the parcel, by the value of the layer
    by_statement: Verdict  # of the parcel, by the stated value
    decides: str  # LAYER or STATEMENT: whose value the parcel is judged by


def overrides_of(tables: object) -> tuple[Override, ...]:
    """The `[[override]]` tables of a project file. Raises UsageError, naming the number of the table."""
    if not isinstance(tables, Sequence) or isinstance(tables, str) or not all(isinstance(t, Mapping) for t in tables):
        raise UsageError(what="项目文件的 override 应为表", fix="每处更正写一节 [[override]]，含 layer、field、value、reason")
    return tuple(_override(number, table) for number, table in enumerate(tables, 1))


def _override(number: int, table: Mapping[str, object]) -> Override:
    head = f"项目文件的第 {number} 处更正"
    for key in table:
        if key not in _KEYS:
            raise UsageError(what=f"{head}有不认识的键“{key}”", fix=did_you_mean(key, _KEYS) or f"可用：{'、'.join(_KEYS)}")
    said = {key: str(value).strip() for key, value in table.items()}
    missing = [key for key in _REQUIRED if not said.get(key)]
    if missing:
        raise UsageError(what=f"{head}缺少 {'、'.join(missing)}", fix="更正须写明图层、字段、更正后的值和理由")
    if bool(said.get("confirmed_by")) != bool(said.get("document")):
        raise UsageError(
            what=f"{head}的确认不完整", fix="confirmed_by（确认机关）和 document（文号或文件名）要同时写；未经确认的两项都不写"
        )
    return Override(
        layer=said["layer"],
        field=said["field"],
        value=said["value"],
        reason=said["reason"],
        instead_of=said.get("instead_of") or None,
        parcel=said.get("parcel") or None,
        confirmed_by=said.get("confirmed_by") or None,
        document=said.get("document") or None,
    )


def checked_overrides(atlas: Atlas, overrides: Sequence[Override], names: Sequence[str]) -> tuple[Override, ...]:
    """The corrections in our words. Raises UsageError for a layer, field, value or parcel that is not there."""
    return tuple(_checked(atlas, o, names) for o in overrides)


def _checked(atlas: Atlas, override: Override, names: Sequence[str]) -> Override:
    layer = atlas.layer(override.layer)  # raises UnknownLayer with the nearest
    fields = [alias.field for alias in layer.fields]
    if layer.geometry == RASTER:
        raise UsageError(what=f"“{layer.title}”是栅格，没有字段可以更正", where=Where(layer=layer.id), fix="删去这处更正")
    if override.field not in fields:
        hint = did_you_mean(override.field, fields) or f"可用的字段：{'、'.join(fields) or '无'}"
        raise UsageError(what=f"图层“{layer.title}”没有字段“{override.field}”", where=Where(layer=layer.id), fix=hint)
    if override.parcel is not None and override.parcel not in names:
        raise UsageError(
            what=f"更正所指的地块“{override.parcel}”不在送审文件里", fix=did_you_mean(override.parcel, names) or "请核对地块名称"
        )
    return Override(
        layer=layer.id,
        field=override.field,
        value=_ours(layer, override.field, override.value),
        reason=override.reason,
        instead_of=None if override.instead_of is None else _ours(layer, override.field, override.instead_of),
        parcel=override.parcel,
        confirmed_by=override.confirmed_by,
        document=override.document,
    )


def _ours(layer: Layer, field: str, value: str) -> str:
    (ours,) = our_values(layer, field, [value])
    if isinstance(ours, Unlisted):
        alias = layer.alias(field)
        words = alias.words if alias else ()
        shown = "、".join(words[:12]) + ("等" if len(words) > 12 else "")
        raise UsageError(
            what=f"图层“{layer.title}”的字段“{field}”没有取值“{value}”",
            where=Where(layer=layer.id),
            fix=did_you_mean(value, words) or f"可用：{shown}",
        )
    return str(ours)
