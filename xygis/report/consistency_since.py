"""与上次比对: the tables of what has become of the differences since an earlier run, and the line that sums them up."""

from __future__ import annotations

from collections.abc import Sequence

from xygis import numbers
from xygis.consistency.result import Consistency, StateTally, Tracking
from xygis.consistency.states import PatchState
from xygis.report.table import Cell, Column, Kind, Table

_MOST_REASONS = 12


def since_line(tracking: Tracking) -> str:
    """上次（2026-10-24）120 个：已消除 20，持续 90，变化 8，未比对 2；本次新增 5。"""
    counts = {t.state: t for t in tracking.by_state}
    then = sum(t.earlier_patches for t in tracking.by_state)
    old = "，".join(f"{s.label} {numbers.count(counts[s].earlier_patches)}" for s in PatchState if s is not PatchState.NEW)
    new = numbers.count(counts[PatchState.NEW].patches)
    return f"上次（{tracking.checked_on}）{numbers.count(then)} 个图斑：{old}；本次新增 {new}。"


def since_table(tracking: Tracking) -> Table:
    """By state; both halves close to their run."""
    body = tuple(
        (t.state.label, t.earlier_patches or None, t.earlier_m2 or None, t.patches or None, t.area_m2 or None) for t in tracking.by_state
    )
    columns = (
        Column(key="state", title="状态", kind=Kind.NAME),
        Column(key="then", title="上次图斑", kind=Kind.COUNT),
        Column(key="then_ha", title="上次公顷", kind=Kind.HA),
        Column(key="now", title="本次图斑", kind=Kind.COUNT),
        Column(key="now_ha", title="本次公顷", kind=Kind.HA),
    )
    note = "已消除：这次按同一规则比对过，图斑不在了；未比对：缺图层、规则不适用或不在完整范围内，不算消除。"
    return Table(title="与上次比对", columns=columns, rows=body, total=("合计", *_totals(tracking.by_state)), notes=(note,))


def since_groups_table(tallies: Sequence[StateTally], title: str, head: str) -> Table:
    """By county or by type: patches in each state, and the area then and now."""
    groups: dict[str | None, list[StateTally]] = {}
    for t in tallies:
        groups.setdefault(t.key, []).append(t)
    body: list[tuple[Cell, ...]] = []
    for mine in groups.values():
        counts = {t.state: t.earlier_patches if t.state is not PatchState.NEW else t.patches for t in mine}
        areas = (sum(t.earlier_m2 for t in mine) or None, sum(t.area_m2 for t in mine) or None)
        body.append((mine[0].title, *(counts.get(s) or None for s in PatchState), *areas))
    columns = (
        Column(key="group", title=head, kind=Kind.NAME),
        *(Column(key=s.value, title=s.label, kind=Kind.COUNT) for s in PatchState),
        Column(key="then_ha", title="上次公顷", kind=Kind.HA),
        Column(key="now_ha", title="本次公顷", kind=Kind.HA),
    )
    sums = [sum(t.patches if s is PatchState.NEW else t.earlier_patches for t in tallies if t.state is s) for s in PatchState]
    _, then, _, now = _totals(tallies)
    return Table(title=title, columns=columns, rows=tuple(body), total=("合计", *sums, then, now))


def not_compared_table(tracking: Tracking) -> Table:
    """Why patches of the earlier run could not be looked for, most first."""
    groups: dict[str, list[float]] = {}
    for g in tracking.gone:
        if g.state is PatchState.NOT_COMPARED:
            groups.setdefault(g.reason, []).append(g.patch.area_m2)
    order = sorted(groups, key=lambda reason: (-len(groups[reason]), reason))
    body = tuple((reason, len(groups[reason]), sum(groups[reason])) for reason in order[:_MOST_REASONS])
    columns = (
        Column(key="reason", title="原因"),
        Column(key="patches", title="图斑", kind=Kind.COUNT),
        Column(key="ha", title="公顷", kind=Kind.HA),
    )
    more = (f"另有 {len(order) - _MOST_REASONS} 种原因，见 report.json。",) if len(order) > _MOST_REASONS else ()
    return Table(title="上次有、这次未比对的图斑", columns=columns, rows=body, notes=more)


def remarks(consistency: Consistency) -> tuple[str, ...]:
    """What a reader must know of the comparison and of the notes."""
    lost = len(consistency.unplaced)
    apart = (f"有 {lost} 条处理意见找不到图斑，原样留在 report.json 和 consistency.xlsx 的“找不到图斑”里。",) if lost else ()
    return (*(consistency.tracking.remarks if consistency.tracking is not None else ()), *consistency.notes_remarks, *apart)


def _totals(tallies: Sequence[StateTally]) -> tuple[int, float, int, float]:
    return (
        sum(t.earlier_patches for t in tallies),
        sum(t.earlier_m2 for t in tallies),
        sum(t.patches for t in tallies),
        sum(t.area_m2 for t in tallies),
    )
