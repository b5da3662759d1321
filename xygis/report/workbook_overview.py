"""The first sheet of summary.xlsx: how many parcels and hectares by verdict, which parcels are the worst, what each layer says."""

from __future__ import annotations

from typing import Any

import numpy as np

from xygis.atlas.verdict import DEMO_STAMP, LayerState, Verdict
from xygis.check.layer_column import STATES, LayerColumn
from xygis.check.portfolio import Portfolio

_TOLD = tuple(v for v in Verdict if v is not Verdict.COMPLIANT)
_WORST = 40  # parcels that are listed beside the counts
_LIST = len(_TOLD) + 5  # column where that list begins


def overview_sheet(sheet: Any, portfolio: Portfolio, styles: dict[str, Any], apart: int) -> None:
    """apart: how many files, parcels and pairs could not be checked."""
    sheet.write_string(0, 0, "地块审查汇总", styles["title"])
    if portfolio.demo:
        sheet.write_string(0, 4, DEMO_STAMP, styles["stamp"])
    project = f"{portfolio.project_name}　" if portfolio.project_name else ""
    sheet.write_string(1, 0, f"{project}基准日 {portfolio.checked_on}　{portfolio.atlas.name}", styles["quiet"])
    row = _verdicts(sheet, portfolio, styles, 3)
    left_out = f"另有 {apart:,} 项未能审查，计入“无法判定”，见“未审查”页" if apart else "全部文件、地块和图层都已审查"
    sheet.write_string(row, 0, left_out, styles["stamp"] if apart else styles["quiet"])
    _layers(sheet, portfolio, styles, row + 2)
    _worst(sheet, portfolio, styles)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, _LIST - 2, 9.5)
    sheet.set_column(3, 3, 13)
    sheet.set_column(_LIST - 1, _LIST - 1, 3)
    sheet.set_column(_LIST, _LIST, 20)
    sheet.set_column(_LIST + 1, _LIST + 1, 11)
    sheet.set_column(_LIST + 2, _LIST + 2, 10)
    sheet.set_column(_LIST + 3, _LIST + 3, 48)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(8)
    sheet.fit_to_pages(1, 0)


def _verdicts(sheet: Any, portfolio: Portfolio, styles: dict[str, Any], row: int) -> int:
    """The table of verdicts; the row below it."""
    for j, text in enumerate(("结论", "地块", "占地块", "公顷")):
        sheet.write_string(row, j, text, styles["head"])
    rank = np.array([v.rank for v in portfolio.verdicts], np.int64)
    for verdict in Verdict:
        row += 1
        mine = rank == verdict.rank
        sheet.write_string(row, 0, f"{verdict.mark} {verdict.label}", styles[verdict.value])
        sheet.write_number(row, 1, int(mine.sum()), styles["count"])
        sheet.write_number(row, 2, float(mine.mean()) if len(mine) else 0.0, styles["share"])
        sheet.write_number(row, 3, float(portfolio.ellipsoidal_m2[mine].sum()) / 1e4, styles["hectares"])
    sheet.write_string(row + 1, 0, "合计", styles["head"])
    sheet.write_number(row + 1, 1, len(rank), styles["count"])
    sheet.write_number(row + 1, 3, float(portfolio.ellipsoidal_m2.sum()) / 1e4, styles["hectares"])
    return row + 2


def _layers(sheet: Any, portfolio: Portfolio, styles: dict[str, Any], row: int) -> None:
    """A row a layer: how many parcels it concerns, how much of them, and how its findings spread."""
    heads = ("图层", "涉及地块", "无数据地块", "重叠公顷", *(v.label for v in _TOLD))
    for j, text in enumerate(heads):
        sheet.write_string(row, j, text, styles["head"])
    for i, c in enumerate(portfolio.columns, start=row + 1):
        numbers = _numbers(c)
        quiet = styles["quiet"] if not any(numbers) else styles["cell"]
        sheet.write_string(i, 0, c.title, quiet)
        for j, number in enumerate(numbers[:2], start=1):
            sheet.write_number(i, j, number, styles["count"])
        sheet.write_number(i, 3, float(np.nansum(c.overlap_m2)) / 1e4, styles["hectares"])
        for j, (verdict, number) in enumerate(zip(_TOLD, numbers[2:], strict=True), start=4):
            sheet.write_number(i, j, number, styles["count"] if not number else styles[verdict.value])


def _numbers(c: LayerColumn) -> list[int]:
    """Parcels concerned, parcels without data, parcels by verdict of the layer's findings."""
    by_state = [int((c.state == STATES.index(s)).sum()) for s in (LayerState.CONCERNED, LayerState.NO_DATA)]
    return by_state + [int((c.rank == v.rank).sum()) for v in _TOLD]


def _worst(sheet: Any, portfolio: Portfolio, styles: dict[str, Any]) -> None:
    """The parcels with the worst verdicts, the largest first."""
    rank = np.array([v.rank for v in portfolio.verdicts], np.int64)
    order = np.lexsort((-portfolio.ellipsoidal_m2, rank))
    order = order[rank[order] <= Verdict.UNDETERMINED.rank]
    shown = order[:_WORST].tolist()
    title = f"禁止和无法判定的地块，按结论和面积排列，前 {len(shown)} 个，共 {len(order):,} 个；全部见“汇总”页"
    sheet.write_string(2, _LIST, title if shown else "没有禁止或无法判定的地块", styles["quiet"])
    for j, text in enumerate(("地块", "结论", "公顷", "主要原因")):
        sheet.write_string(3, _LIST + j, text, styles["head"])
    reasons = reasons_of(portfolio)
    for i, k in enumerate(shown, start=4):
        verdict = portfolio.verdicts[k]
        sheet.write_string(i, _LIST, portfolio.parcels[k].name[:200], styles["name"])
        sheet.write_string(i, _LIST + 1, f"{verdict.mark} {verdict.label}", styles[verdict.value])
        sheet.write_number(i, _LIST + 2, float(portfolio.ellipsoidal_m2[k]) / 1e4, styles["hectares"])
        sheet.write_string(i, _LIST + 3, reasons[k], styles["reason"])


def reasons_of(portfolio: Portfolio, most: int = 4) -> list[str]:
    """What decides each parcel's verdict: the layers whose findings are as bad as it, or doubts about its own boundary."""
    ranks = np.array([v.rank for v in portfolio.verdicts], np.int64)
    found: list[list[str]] = [[] for _ in portfolio.parcels]
    for c in portfolio.columns:
        for i in np.flatnonzero((c.rank == ranks) & (ranks < Verdict.COMPLIANT.rank)).tolist():
            found[i].append(c.title)
    for i, (titles, parcel) in enumerate(zip(found, portfolio.parcels, strict=True)):
        if portfolio.verdicts[i] is Verdict.UNDETERMINED and parcel.doubtful:
            titles.insert(0, "界址存疑")
        elif portfolio.verdicts[i] is Verdict.UNDETERMINED and not titles:
            titles.append("规则库不覆盖基准日，或规则所问的图层未登记")
    return ["、".join(t[:most]) + (f" 等 {len(t)} 项" if len(t) > most else "") for t in found]
