"""The table that a bureau head reads: counties × types of difference, a number in every cell, the ground darker with the number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from xygis import numbers
from xygis.atlas.verdict import LayerState
from xygis.consistency.result import Consistency, Difference
from xygis.report.cells import PrintedCell, PrintedTable
from xygis.report.table import Column, Kind, Table

COUNTED = "一处地方属几类的，各类都计入，合计为各类相加；“占辖区”“差异面积”和图1 每处只计一次。"
_CLASSES = 5
_DECIMALS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatCell:
    """What stands in a cell. shade: 0 for nothing, 1 … 5 from pale to dark; unknown: nobody compared everything."""

    text: str
    shade: int
    unknown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatRow:
    """One county: a cell per type, then the sum, the patches and the share of the county in ‰."""

    name: str
    cells: tuple[HeatCell, ...]
    total: str
    patches: str
    per_mille: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatTable:
    """Areas in 公顷 with one decimal; cells add up to row and column totals, these to the grand total."""

    heads: tuple[tuple[str, str, str], ...]  # D1, and its name on two lines
    rows: tuple[HeatRow, ...]
    totals: tuple[str, ...]  # one per type
    total: str
    per_mille: str
    patches: tuple[str, ...]  # one per type
    all_patches: str
    limits: tuple[tuple[int, str], ...]  # shade and what it stands for
    incomplete: bool


def heat_table(consistency: Consistency) -> HeatTable:
    """The table of the run. A type that lacks data shows 无数据 where it found nothing."""
    differences = consistency.differences
    names = [(t.key, t.title) for t in differences[0].by_county]
    for difference in differences[1:]:
        names += [(t.key, t.title) for t in difference.by_county if (t.key, t.title) not in names]
    columns = [[_area(d, key) for key, _ in names] for d in differences]
    units = numbers.close_grid(columns, scale=numbers.M2_PER_HA, decimals=_DECIMALS)
    limits = _limits([area for column in columns for area in column if area > 0])
    city = {c.code: (c.area_m2, m2) for c, m2 in zip(consistency.counties, consistency.differing_m2, strict=True)}
    rows = []
    for i, (key, title) in enumerate(names):
        cells = tuple(_cell(d, columns[j][i], units[j][i], limits) for j, d in enumerate(differences))
        area = math.fsum(column[i] for column in columns)
        rows.append(
            HeatRow(
                name=title,
                cells=cells,
                total=_text(sum(column[i] for column in units), real=area > 0),
                patches=numbers.count(sum(_patches(d, key) for d in differences)),
                per_mille=per_mille(city[key][1], city[key][0]) if key in city else numbers.DASH,
            )
        )
    return HeatTable(
        heads=tuple((d.type, *_two_lines(d.title)) for d in differences),
        rows=tuple(rows),
        totals=tuple(_unknown(d) or _text(sum(u), real=d.area_m2 > 0) for d, u in zip(differences, units, strict=True)),
        total=_text(sum(map(sum, units)), real=any(area > 0 for column in columns for area in column)),
        per_mille=per_mille(math.fsum(consistency.differing_m2), math.fsum(m2 for m2, _ in city.values())),
        patches=tuple(_unknown(d) or numbers.count(d.patches) for d in differences),
        all_patches=numbers.count(sum(d.patches for d in differences)),
        limits=_legend(limits),
        incomplete=any(d.incomplete for d in differences),
    )


def printed_heat(consistency: Consistency) -> PrintedTable:
    """The same table for faces that set tables: the ground of a cell is its shade."""
    heat = heat_table(consistency)
    columns = (
        Column(key="county", title="县（市、区）", kind=Kind.NAME),
        *(Column(key=code, title=f"{code} {first}{second}", kind=Kind.FIGURE) for code, first, second in heat.heads),
        Column(key="total", title="合计", kind=Kind.FIGURE),
        Column(key="patches", title="图斑", kind=Kind.FIGURE),
        Column(key="share", title="占辖区", kind=Kind.FIGURE),
    )
    rows = tuple(
        (_name(r.name), *(_printed(c.text, c.shade, c.unknown) for c in r.cells), *map(_printed, (r.total, r.patches, r.per_mille)))
        for r in heat.rows
    )
    unknown = LayerState.NO_DATA.label
    total = (
        _name("全市（公顷）"),
        *(_printed(t, unknown=t == unknown) for t in heat.totals),
        *map(_printed, (heat.total, "", heat.per_mille)),
    )
    below = (_name("图斑（个）"), *(_printed(t, unknown=t == unknown) for t in heat.patches), *map(_printed, ("", heat.all_patches, "")))
    table = Table(title="各县（市、区）差异面积", columns=columns, rows=(), unit_note="单位：公顷（椭球面积）")
    return PrintedTable(table=table, rows=rows, total=total, below=below)


def shades(consistency: Consistency) -> tuple[tuple[int, str], ...]:
    """What each shade of the table stands for."""
    return heat_table(consistency).limits


def heat_words(consistency: Consistency) -> str:
    """What a reader must know of the grounds of the table."""
    heat = heat_table(consistency)
    dark = f"格内数字为公顷，底色随数值加深。{COUNTED}" if heat.limits else ""
    return dark + ("“无数据”表示该类有图层对缺数据，不等于没有差异。" if heat.incomplete else "")


def _name(text: str) -> PrintedCell:
    return PrintedCell(text=text, kind=Kind.NAME)


def _printed(text: str, shade: int = 0, unknown: bool = False) -> PrintedCell:
    state = LayerState.NO_DATA if unknown else None
    return PrintedCell(text=text, kind=Kind.FIGURE, blank=text == numbers.DASH, state=state, shade=shade)


def per_mille(area_m2: float, of_m2: float) -> str:
    """A share in ‰ with one decimal; a dash where there is nothing to compare with."""
    if of_m2 <= 0.0:
        return numbers.DASH
    return f"{numbers.printed(area_m2 / of_m2, scale=0.001, decimals=1)} ‰"


def _two_lines(title: str) -> tuple[str, str]:
    first, mark, second = title.partition("、")
    half = len(title) // 2
    return (first + mark, second) if mark else (title[:half], title[half:])


def _cell(difference: Difference, area_m2: float, units: int, limits: Sequence[float]) -> HeatCell:
    if area_m2 > 0:
        return HeatCell(text=_text(units, real=True), shade=_shade(area_m2, limits))
    if difference.incomplete:
        return HeatCell(text=LayerState.NO_DATA.label, shade=0, unknown=True)
    return HeatCell(text=numbers.DASH, shade=0)


def _unknown(difference: Difference) -> str | None:
    return LayerState.NO_DATA.label if difference.incomplete and not difference.patches else None


def _limits(areas: Sequence[float]) -> list[float]:
    """Upper limits of the quantile classes, without the last; fewer where there are few values."""
    ordered = sorted(areas)
    picked = [ordered[math.ceil(len(ordered) * k / _CLASSES) - 1] for k in range(1, _CLASSES)] if len(ordered) >= _CLASSES else []
    return sorted(set(picked))


def _shade(area_m2: float, limits: Sequence[float]) -> int:
    return 1 + sum(area_m2 > limit for limit in limits)


def _legend(limits: Sequence[float]) -> tuple[tuple[int, str], ...]:
    if not limits:
        return ()
    words = [numbers.printed(limit, scale=numbers.M2_PER_HA, decimals=_DECIMALS) for limit in limits]
    return (*((i, f"≤ {word}") for i, word in enumerate(words, start=1)), (len(words) + 1, f"> {words[-1]}"))


def _area(difference: Difference, county: str | None) -> float:
    return math.fsum(t.area_m2 for t in difference.by_county if t.key == county)


def _patches(difference: Difference, county: str | None) -> int:
    return sum(t.patches for t in difference.by_county if t.key == county)


def _text(units: int, *, real: bool) -> str:
    return numbers.units_text(units, decimals=_DECIMALS, real=real) if real or units else numbers.DASH
