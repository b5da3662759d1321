"""The attributes of parcels as columns of a table: names that a format takes, none twice, values as they were read."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from xygis.intake.submission import Parcel
from xygis.vector.notes import Note

NAME, USE, AREA = "DKMC", "DKYT", "DKMJ"  # names that every reader of xygis knows: 地块名称, 用途, 申报面积（m²）

_STANDARD = {"地块编号": "DKBH", "图幅号": "TFH", "地类编码": "DLBM", "地类名称": "DLMC", "备注": "BZ"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One value a parcel; text, or a number in m² for the declared area. title: what the source calls it."""

    name: str
    title: str
    values: tuple[str | float | None, ...]


def columns_of(parcels: Sequence[Parcel]) -> tuple[Column, ...]:
    """Name, use, declared area, then every other attribute in the order in which it is first met."""
    first = (
        Column(name=NAME, title="地块名称", values=tuple(p.name for p in parcels)),
        Column(name=USE, title="用途", values=tuple(p.use_text for p in parcels)),
        Column(name=AREA, title="申报面积", values=tuple(p.declared_m2 for p in parcels)),
    )
    own = [dict(p.attributes) for p in parcels]
    names = dict.fromkeys(k for p in parcels for k, _ in p.attributes)
    return (*first, *(Column(name=n, title=n, values=tuple(a.get(n) for a in own)) for n in names))


def under_standard_names(columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns that a standard has a name for under that name, for forms in which Chinese field names do not survive."""
    return tuple(replace(c, name=_STANDARD.get(c.name, c.name)) for c in columns)


def named(columns: Sequence[Column], fitting: Callable[[str], str], reserved: Sequence[str] = ()) -> tuple[tuple[Column, ...], list[Note]]:
    """The columns under names that fit, none equal to another whatever the case of letters; what was renamed is told in one line."""
    taken = {r.upper() for r in reserved}
    out, changed = [], []
    for column in columns:
        name = _free(column.name, fitting, taken)
        taken.add(name.upper())
        out.append(replace(column, name=name))
        if name != column.name:
            changed.append(f"{column.name}→{name}")
    if not changed:
        return tuple(out), []
    text = f"字段名不合格式的规定或重复，已改名：{'、'.join(changed[:12])}{' 等' if len(changed) > 12 else ''}"
    return tuple(out), [Note(code="fields_renamed", level="warning", text=text)]


def _free(wanted: str, fitting: Callable[[str], str], taken: set[str]) -> str:
    name = fitting(wanted)
    for k in range(1, 10_000):
        if name.upper() not in taken:
            break
        ending = f"_{k}"
        name = next(n for cut in range(len(wanted), -1, -1) if fitting(n := (wanted[:cut] or "F") + ending) == n)
    return name


def plain(parcel: Parcel) -> Parcel:
    """The parcel with texts that any file can hold: control characters and line ends become spaces."""
    return replace(
        parcel,
        name=one_line(parcel.name),
        use_text=None if parcel.use_text is None else one_line(parcel.use_text),
        attributes=tuple((one_line(k) or "字段", one_line(v)) for k, v in parcel.attributes),
    )


def one_line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff]+", " ", text).strip()


def plain_notes(before: Sequence[Parcel], after: Sequence[Parcel]) -> list[Note]:
    """Told where a control character went."""
    changed = [
        b.name for a, b in zip(before, after, strict=True) if (a.name, a.use_text, a.attributes) != (b.name, b.use_text, b.attributes)
    ]
    if not changed:
        return []
    text = f"{len(changed)} 个地块的文字里有换行或控制字符，写成了空格：{'、'.join(changed[:3])}"
    return [Note(code="control_characters", level="warning", text=text)]
