"""How an adopted file's columns serve the rules: the user's own choices, what is missing, what its values mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xygis.atlas.atlas import Atlas
from xygis.atlas.attributes import FieldMatch, Unlisted, Value, fold, our_values
from xygis.atlas.crosswalk import entry_of
from xygis.atlas.law import Selection
from xygis.atlas.layer import Layer
from xygis.atlas.personal import personal
from xygis.errors import FieldMissing, UsageError, Where, did_you_mean
from xygis.vector.notes import Note

_SHOWN = 5


def chosen_fields(layer: Layer, columns: Mapping[str, list[object]], fields: Mapping[str, str], where: Where) -> dict[str, str]:
    """The user's choices with the columns spelt as in the file. Raises UsageError (our field) and FieldMissing (theirs)."""
    known = [alias.field for alias in layer.fields]
    sensitive = {fold(name) for name in layer.sensitive}
    by_fold = {fold(c): c for c in reversed(list(columns))}
    out = {}
    for ours, theirs in fields.items():
        if ours not in known:
            raise UsageError(
                what=f"图层“{layer.title}”没有字段“{ours}”",
                where=Where(layer=layer.id),
                fix=f"{did_you_mean(ours, known)}可用的字段：{'、'.join(known) or '无'}",
            )
        if fold(theirs) in sensitive or personal((theirs,)):
            raise UsageError(
                what=f"列“{theirs}”是个人信息，不读入",
                where=where,
                fix="请改用别的列；确非个人信息的，从 catalogue.toml 的 sensitive 中删去",
            )
        column = theirs if theirs in columns else by_fold.get(fold(theirs))
        if column is None:
            hint = did_you_mean(theirs, columns)
            raise FieldMissing(what=f"文件里没有列“{theirs}”", where=where, fix=f"{hint}现有的列：{'、'.join(columns) or '无'}")
        out[ours] = column
    return out


def fields_entry(layer: Layer, chosen: Mapping[str, str]) -> dict[str, Any]:
    """The catalogue's `fields` with the chosen columns in front, so that every later reading matches as this one; {} if none."""
    fields = {a.field: list(a.names) for a in layer.fields}
    for ours, theirs in chosen.items():
        fields[ours] = [theirs, *(name for name in fields[ours] if name != theirs)]
    return {"fields": fields} if chosen else {}


def field_notes(atlas: Atlas, layer: Layer, match: FieldMatch, columns: Mapping[str, list[object]]) -> list[Note]:
    """What a person should know of the columns: dropped, contested, needed by rules and missing, values that nobody knows."""
    notes = []
    if match.dropped:
        text = f"个人信息列 {'、'.join(match.dropped)} 未读入，也不写进图集"
        notes.append(Note(code="personal_columns_dropped", level="info", text=text))
    for ours, found in match.contested:
        text = f"字段 {ours} 有多列可用：{'、'.join(found)}；按目录的次序取 {found[0]}，要用别的列：--field {ours}=列名"
        notes.append(Note(code="field_contested", level="info", text=text))
    matched = dict(match.ours)
    for field, codes in _asked(atlas, layer).items():
        alias = layer.alias(field)
        rules = f"{'、'.join(codes[:_SHOWN])}{' 等' if len(codes) > _SHOWN else ''}"
        theirs = matched.get(field)
        if theirs is None:
            known = f"（{'、'.join(alias.names[:_SHOWN])}）" if alias else ""
            text = f"没有字段 {field}{known}：{rules} 要用它，涉及这个图层时只能得出“无法判定”；列名不同的，用 --field {field}=列名 指定"
            notes.append(Note(code="field_missing", level="warning", text=text))
            continue
        values = our_values(layer, field, columns.get(theirs, []))
        empty = sum(v is None for v in values)
        if empty:
            text = f"字段 {field}（{theirs}）有 {empty} 个要素是空的：{rules} 对它们只能得出“无法判定”"
            notes.append(Note(code="field_empty", level="warning", text=text))
        unlisted = {v for v in values if isinstance(v, Unlisted)}
        for code, strange, table in (
            ("value_unknown", unlisted, "catalogue.toml 的 synonyms 登记它们的意思"),
            ("class_unknown", _unclassed(layer, field, values) - unlisted, "layers/crosswalk.toml 登记它们是哪类土地、什么用途"),
        ):
            if strange:
                listed = f"{'、'.join(sorted(strange)[:_SHOWN])}{' 等' if len(strange) > _SHOWN else ''}"
                head = f"字段 {field}（{theirs}）有 {len(strange)} 种取值不在对照表中：{listed}"
                notes.append(Note(code=code, level="warning", text=f"{head}；{rules} 对它们只能得出“无法判定”，请在 {table}"))
    return notes


def _unclassed(layer: Layer, field: str, values: list[Value]) -> set[str]:
    """Values of which the crosswalk does not say what land or use they are."""
    return {str(v) for d in layer.derived if d.field == field for v in values if v is not None and entry_of(d.codes, v) is None}


def _asked(atlas: Atlas, layer: Layer) -> dict[str, list[str]]:
    """Our fields that the law asks of a layer, itself or for what follows from them, each with the codes of the rules that do."""
    law = atlas.law
    selections: list[tuple[Selection, str]] = [(rule.selection, rule.code) for rule in law.rules]
    selections += [(t.selection, t.title) for t in law.totals if t.selection is not None]
    selections += [(side, pair.code) for pair in law.pairs for side in (pair.a, pair.b)]
    out: dict[str, list[str]] = {}
    for selection, code in selections:
        if selection.layer == layer.id:
            for asked, _ in selection.where:
                derived = layer.derive(asked)
                field = derived.field if derived is not None else asked
                codes = out.setdefault(field, [])
                if code not in codes:
                    codes.append(code)
    return out
