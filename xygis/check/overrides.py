"""Corrections: where the project file contradicts a layer, with a reason. Never silent, and never believed alone."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xygis.atlas.law import Scalar
from xygis.errors import UsageError

CLEAR = "clear"  # the only state that can be stated: the parcel has nothing to do with the layer
_KEYS = ("layer", "parcel", "feature", "field", "value", "state", "reason", "by", "confirmed_by")


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One `[[override]]`: either `field` = `value`, or `state` = clear.

    parcel: name or running number (None: every parcel); feature: the id of one feature (None: every feature under the parcel).
    confirmed_by: the document of an authority that confirms it. Without one the parcel is judged both ways, and what differs is open.
    """

    layer: str
    reason: str
    by: str
    parcel: str | None = None
    feature: str | None = None
    field: str | None = None
    value: Scalar | None = None
    state: str | None = None
    confirmed_by: str | None = None

    def meant(self, number: str, name: str) -> bool:
        """Whether it speaks of that parcel."""
        return self.parcel is None or self.parcel in (number, name)


def overrides_of(given: object) -> tuple[Override, ...]:
    """The `[[override]]` tables of a project file. Raises UsageError for one that is incomplete, or says two things."""
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise UsageError(what="override 应写成 [[override]]", fix="每一处更正以 [[override]] 开头")
    return tuple(_override(number, table) for number, table in enumerate(given, 1))


def _override(number: int, table: object) -> Override:
    place = f"第 {number} 处更正（[[override]]）"
    if not isinstance(table, Mapping):
        raise UsageError(what=f"{place}读不懂", fix="每一处更正以 [[override]] 开头")
    for key in table:
        if key not in _KEYS:
            near = difflib.get_close_matches(str(key), _KEYS, n=1)
            raise UsageError(what=f"{place}有不认识的键“{key}”", fix=f"是否应为“{near[0]}”？" if near else f"可用：{'、'.join(_KEYS)}")
    texts = {k: str(v).strip() for k, v in table.items() if k != "value" and v is not None}
    for key, word in (("layer", "图层 id"), ("reason", "更正的理由"), ("by", "由谁提出")):
        if not texts.get(key):
            raise UsageError(what=f"{place}没有写明 {key}（{word}）", fix="更正图层必须写明图层、理由和提出人")
    value = table.get("value")
    if value is not None and not isinstance(value, (str, bool, int, float)):
        raise UsageError(what=f"{place}的 value 读不懂：{value!r}", fix="值应为文字或数字")
    of_field, of_state = "field" in texts or value is not None, "state" in texts
    if of_field == of_state or (of_field and ("field" not in texts or value is None)):
        raise UsageError(what=f"{place}没有写明更正什么", fix="写 field 和 value，或只写 state")
    if of_state and texts["state"] != CLEAR:
        raise UsageError(what=f"{place}的 state 不能是“{texts['state']}”", fix=f"可用：{CLEAR}（地块不涉及该图层）")
    if of_state and "feature" in texts:
        raise UsageError(what=f"{place}同时写了 state 和 feature", fix="更正单个图斑写 field 和 value")
    return Override(
        layer=texts["layer"],
        reason=texts["reason"],
        by=texts["by"],
        parcel=texts.get("parcel") or None,
        feature=texts.get("feature") or None,
        field=texts.get("field"),
        value=value,
        state=texts.get("state"),
        confirmed_by=texts.get("confirmed_by") or None,
    )
