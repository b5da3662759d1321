"""The sheet 汇总 of summary.xlsx: a row a parcel, the verdict first, then a block of columns a layer.

Of each layer its opinion and the overlap are open to view, the rest folds out. Layers that nobody has to do with stand folded at
the end.
"""

from __future__ import annotations

from typing import Any

from xygis.atlas.verdict import DEMO_STAMP, LayerState, Verdict
from xygis.check.layer_column import STATES, LayerColumn
from xygis.check.portfolio import Portfolio
from xygis.report.summary import Summary, SummaryColumn
from xygis.report.table import Column, Kind
from xygis.report.workbook_overview import reasons_of

_STYLE = {Kind.M2: "area", Kind.METRES: "metres", Kind.COUNT: "count", Kind.NAME: "name"}
_WIDTH = {Kind.M2: 13, Kind.METRES: 10, Kind.COUNT: 6, Kind.STATE: 8, Kind.VERDICT: 11, Kind.CODE: 20, Kind.TEXT: 20}
_OPEN = ("verdict", "overlap_m2")  # of each layer, what is seen without folding out
_ORDER = (*_OPEN, "state", "distance_m", "patches", "outside_m2", "rules")
_HEAD = 3  # rows above the first parcel
_VERDICTS = {v.value: v for v in Verdict}
_STATES = {s.value: s for s in LayerState}
_NO_DATA = STATES.index(LayerState.NO_DATA)


def rows_sheet(sheet: Any, portfolio: Portfolio, summary: Summary, styles: dict[str, Any]) -> None:
    """Every number as it was measured; what a layer could not tell says 无数据, what it does not touch shows as a dash."""
    stamp = f"　{DEMO_STAMP}" if portfolio.demo else ""
    sheet.write_string(0, 0, f"地块审查汇总　基准日 {portfolio.checked_on}{stamp}", styles["stamp" if portfolio.demo else "name"])
    head = _of_parcel(portfolio, summary)
    for j, c in enumerate(head):
        sheet.merge_range(1, j, 2, j, _titled(c), styles["head"])
        sheet.set_column(j, j, _width(c), styles[_STYLE.get(c.column.kind, "cell")])
        _write(sheet, j, c, styles, styles["reason"] if c.column.key == "reason" else None)
    j = len(head)
    for column, folded in _in_order(summary):
        j = _block(sheet, j, column, _of_layer(summary, column), styles, folded=folded)
    sheet.set_row(1, 30)
    sheet.freeze_panes(_HEAD, 2)
    sheet.autofilter(_HEAD - 1, 0, _HEAD - 1 + len(portfolio.parcels), j - 1)
    sheet.repeat_rows(1, 2)
    sheet.repeat_columns(0, 1)
    sheet.set_landscape()
    sheet.set_paper(8)


def _of_parcel(portfolio: Portfolio, summary: Summary) -> list[SummaryColumn]:
    """What is said of the parcel itself, in the order in which it is asked for."""
    own = {c.column.key: c for c in summary.columns if c.group is None}
    reason = SummaryColumn(column=Column(key="reason", title="主要原因"), group=None, data=reasons_of(portfolio))
    same = list(own["parcel"].values()) == list(own["name"].values())
    stated = any(v is not None for v in own["declared_m2"].values())
    files = len(portfolio.sources) > 1
    keys = ["parcel", "verdict", "", "ellipsoidal_m2"]
    keys += [k for k, wanted in (("declared_m2", stated), ("name", not same), ("file", files)) if wanted]
    return [own[k] if k else reason for k in keys]


def _of_layer(summary: Summary, column: LayerColumn) -> list[SummaryColumn]:
    prefix = f"{column.layer}_"  # titles may be the same twice
    found = {c.column.key.removeprefix(prefix): c for c in summary.columns if c.group == column.title and c.column.key.startswith(prefix)}
    rest = [k for k in found if k not in _ORDER]
    return [found[k] for k in (*_ORDER, *rest) if k in found]


def _in_order(summary: Summary) -> list[tuple[LayerColumn, bool]]:
    """(layer, whether nobody has to do with it), those that matter first."""
    clear = STATES.index(LayerState.CLEAR)
    out = [(c, bool((c.state == clear).all() and (c.rank == Verdict.COMPLIANT.rank).all())) for c in summary.layers]
    return sorted(out, key=lambda pair: pair[1])


def _block(sheet: Any, j: int, layer: LayerColumn, columns: list[SummaryColumn], styles: dict[str, Any], *, folded: bool) -> int:
    """The columns of one layer; where the next one begins."""
    title = f"{layer.title}（无地块涉及）" if folded else layer.title
    sheet.merge_range(1, j, 1, j + len(columns) - 1, title, styles["head"])
    unknown = (layer.state == _NO_DATA).nonzero()[0].tolist()
    for k, c in enumerate(columns, start=j):
        sheet.write_string(2, k, _titled(c), styles["head"])
        hidden = folded or k - j >= len(_OPEN)
        outline = {"level": 1, "hidden": True} if hidden else {}
        sheet.set_column(k, k, _width(c), styles[_STYLE.get(c.column.kind, "cell")], outline)
        _write(sheet, k, c, styles)
        if c.column.kind is Kind.M2:
            values = c.values()
            for i in unknown:
                if values[i] is None:
                    sheet.write_string(i + _HEAD, k, LayerState.NO_DATA.label, styles["none"])
    return j + len(columns)


def _titled(c: SummaryColumn) -> str:
    return f"{c.column.title}（{c.column.unit}）" if c.column.unit else c.column.title


def _width(c: SummaryColumn) -> float:
    if c.column.kind is Kind.NAME:
        return float(min(36, max(12, max((2 * len(str(v)) for v in c.values()), default=0))))
    return {"reason": 40, "file": 28, "name": 24}.get(c.column.key, _WIDTH.get(c.column.kind, 12))


def _write(sheet: Any, j: int, c: SummaryColumn, styles: dict[str, Any], special: Any = None) -> None:
    kind = c.column.kind
    style = special or styles[_STYLE.get(kind, "cell")]
    for i, value in enumerate(c.values(), start=_HEAD):
        if value is None:
            continue
        if isinstance(value, str):
            if kind is Kind.VERDICT:
                verdict = _VERDICTS[value]
                sheet.write_string(i, j, f"{verdict.mark} {verdict.label}", styles[value])
            else:
                text = _STATES[value].label if kind is Kind.STATE else value[:32000]
                sheet.write_string(i, j, text, style)
        else:
            sheet.write_number(i, j, value, style)
