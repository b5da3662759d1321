"""consistency.xlsx: the patches as a list to be worked off, a row a patch; people fill in the last five columns and give it back.

Numbers stay numbers and text stays text: nothing is computed, nothing becomes a link, no cell can carry a formula. Nothing is locked.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from xygis.atlas.verdict import DEMO_STAMP
from xygis.consistency.notes import HEADS, ID_HEAD, LISTS, PatchNotes
from xygis.consistency.result import Consistency, DifferencePatch
from xygis.consistency.states import PatchState
from xygis.errors import OutputFailed, Where
from xygis.report.consistency_patches import origin_words
from xygis.report.consistency_tables import titles
from xygis.report.writing import write_whole

_MOST_ROWS = 1_048_575  # what a sheet holds below its head
_FONT = {"font_name": "Microsoft YaHei", "font_size": 9, "valign": "vcenter"}
_FORMULA = ("=", "+", "-", "@")
_FAR = date(2199, 12, 31)

_Cell = str | float | date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    title: str
    width: float
    style: str = "cell"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    name: str
    columns: tuple[_Column, ...]  # before those of the notes
    rows: list[tuple[tuple[_Cell, ...], PatchNotes]]


_NOTES = (
    _Column(title=HEADS["opinion"], width=10, style="input"),
    _Column(title=HEADS["department"], width=18, style="input"),
    _Column(title=HEADS["due"], width=12, style="day"),
    _Column(title=HEADS["progress"], width=10, style="input"),
    _Column(title=HEADS["remark"], width=44, style="input"),
)
_PATCH = (
    _Column(title=ID_HEAD, width=24),
    _Column(title="县（市、区）", width=12),
    _Column(title="类型", width=16),
    _Column(title="规则", width=9),
    _Column(title="甲", width=20),
    _Column(title="乙", width=20),
    _Column(title="结论", width=9),
    _Column(title="面积（m²）", width=14, style="m2"),
    _Column(title="面积（亩）", width=11, style="m2"),
    _Column(title="边界误差", width=9),
    _Column(title="经度", width=12, style="degrees"),
    _Column(title="纬度", width=12, style="degrees"),
)
_SINCE = (
    _Column(title="与上次比对", width=14),
    _Column(title="上次面积（m²）", width=14, style="m2"),
    _Column(title="来历", width=30),
)
_WHY = (_Column(title="与上次比对", width=12), _Column(title="原因", width=40))


def write_notes_workbook(consistency: Consistency, path: Path) -> None:
    """Sheets 差异图斑, 已消除和未比对, 找不到图斑; the last two only where there are any. Raises OutputFailed."""
    import xlsxwriter

    if len(consistency.patches) > _MOST_ROWS:
        raise OutputFailed(
            what=f"差异图斑超过 {_MOST_ROWS:,} 个，一张工作表放不下",
            where=Where(file=str(path)),
            fix="处理意见请在 consistency.gpkg 里填写",
        )
    memory = io.BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(memory, {"in_memory": True, **plain})
    day = consistency.checked_on
    from datetime import datetime

    book.set_properties(
        {"title": "多规合一差异图斑", "comments": DEMO_STAMP if consistency.demo else "", "created": datetime(day.year, day.month, day.day)}
    )
    styles = _styles(book)
    for sheet in _sheets(consistency):
        _write(book.add_worksheet(sheet.name), sheet, styles)
    book.close()
    write_whole(path, memory.getvalue())


def _sheets(consistency: Consistency) -> Iterable[_Sheet]:
    describe = _describing(consistency)
    tracking = consistency.tracking
    since = _SINCE if tracking is not None else ()
    rows: list[tuple[tuple[_Cell, ...], PatchNotes]] = []
    for p in consistency.patches:
        track = (p.track.text, p.track.before_m2, origin_words(p)) if p.track is not None else ()
        rows.append(((*describe(p), *track), p.notes))
    yield _Sheet(name="差异图斑", columns=(*_PATCH, *since), rows=rows)
    if tracking is not None and tracking.gone:
        gone = [((*describe(g.patch), g.state.label, _why(g.state, g.reason, g.elsewhere)), g.patch.notes) for g in tracking.gone]
        yield _Sheet(name="已消除和未比对", columns=(*_PATCH, *_WHY), rows=gone)
    if consistency.unplaced:
        columns = (_Column(title=ID_HEAD, width=24), _Column(title="出处", width=30))
        yield _Sheet(name="找不到图斑", columns=columns, rows=[((u.id or None, u.where), u.notes) for u in consistency.unplaced])


def _why(state: PatchState, reason: str, elsewhere: Sequence[str]) -> str:
    others = f"余下部分现属图斑 {'、'.join(elsewhere)}" if elsewhere else ""
    return "；".join(t for t in (reason, others) if t) if state else ""


def _describing(consistency: Consistency) -> Callable[[DifferencePatch], tuple[_Cell, ...]]:
    import shapely

    from xygis.numbers import M2_PER_MU

    names = titles(consistency)
    kinds = {d.type: d.title for d in consistency.differences}

    def describe(p: DifferencePatch) -> tuple[_Cell, ...]:
        at = shapely.point_on_surface(p.geometry)
        kind = f"{p.difference} {kinds.get(p.difference, '')}".strip() if p.difference else ""
        sides = (names.get(p.a, p.a), names.get(p.b, p.b))
        areas = (p.area_m2, p.area_m2 / M2_PER_MU)
        return (p.id, p.county_name, kind, p.rule, *sides, p.verdict.label, *areas, "是" if p.sliver else None, at.x, at.y)

    return describe


def _styles(book: Any) -> dict[str, Any]:
    made: dict[str, dict[str, object]] = {
        "head": {"bold": True, "align": "center", "bg_color": "#EEF1F4", "text_wrap": True, "border": 1, "border_color": "#C9D1D9"},
        "head_input": {"bold": True, "align": "center", "bg_color": "#DCEAF7", "border": 1, "border_color": "#C9D1D9"},
        "cell": {},
        "input": {"text_wrap": True, "valign": "top", "border": 1, "border_color": "#C9D1D9"},
        "day": {"num_format": "yyyy-mm-dd", "align": "center", "border": 1, "border_color": "#C9D1D9"},
        "m2": {"num_format": "#,##0.00"},
        "degrees": {"num_format": "0.000000"},
        "none": {"italic": True, "font_color": "#5F6B76"},
    }
    styles = {name: book.add_format(_FONT | extra) for name, extra in made.items()}
    # Text that looks like a formula stays text also when somebody steps into the cell and out again.
    return styles | {f"{name}_quoted": book.add_format(_FONT | made[name] | {"quote_prefix": True}) for name in ("cell", "input")}


def _write(sheet: Any, content: _Sheet, styles: dict[str, Any]) -> None:
    columns = (*content.columns, *_NOTES)
    first = len(content.columns)
    for j, column in enumerate(columns):
        sheet.set_column(j, j, column.width, styles[column.style])
        sheet.write_string(0, j, column.title, styles["head" if j < first else "head_input"])
    for i, (cells, notes) in enumerate(content.rows, start=1):
        said = (notes.opinion, notes.department or None, notes.due, notes.progress, notes.remark or None)
        for j, value in enumerate((*cells, *said)):
            _put(sheet, i, j, value, columns[j].style, styles)
    last = max(1, len(content.rows))
    for field, j in (("opinion", first), ("progress", first + 3)):
        words = list(LISTS[field])
        refusal = {"error_title": HEADS[field], "error_message": f"可填：{'、'.join(words)}"}
        sheet.data_validation(1, j, last, j, {"validate": "list", "source": words, **refusal})
    span = {"validate": "date", "criteria": "between", "minimum": date(2000, 1, 1), "maximum": _FAR}
    sheet.data_validation(1, first + 2, last, first + 2, span | {"error_title": HEADS["due"], "error_message": "请写成 2026-12-31"})
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, last, len(columns) - 1)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(8)
    sheet.fit_to_pages(1, 0)


def _put(sheet: Any, i: int, j: int, value: _Cell, style: str, styles: dict[str, Any]) -> None:
    if value is None:
        return
    if isinstance(value, str):
        quoted = f"{style}_quoted" if value.startswith(_FORMULA) else style
        sheet.write_string(i, j, value, styles.get(quoted, styles["cell"]))
    elif isinstance(value, date):
        sheet.write_datetime(i, j, value, styles[style])
    else:
        sheet.write_number(i, j, value, styles[style])
