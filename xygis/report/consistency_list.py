"""附表: the largest patches of a consistency run, one row each; the whole list stands in the files to work with."""

from __future__ import annotations

from xygis import numbers
from xygis.consistency.notes import HEADS, ID_HEAD
from xygis.consistency.result import Consistency, DifferencePatch
from xygis.report.consistency_tables import ranked_patches, sides_words, titles
from xygis.report.table import Cell, Column, Kind, Table

MOST_ROWS = 60


def largest_table(consistency: Consistency) -> Table:
    """Worst verdict first, then by area; how many are left out, and where they are."""
    ranked = ranked_patches(consistency)
    shown = ranked[:MOST_ROWS]
    names, kinds = titles(consistency), {d.type: d.title for d in consistency.differences}
    tracked = consistency.tracking is not None
    worked = [f for f in ("opinion", "department", "progress") if any(getattr(p.notes, f) for p in shown)]

    def row(p: DifferencePatch) -> tuple[Cell, ...]:
        kind = f"{p.difference} {kinds.get(p.difference, '')}".strip() if p.difference else ""
        state = (p.track.text if p.track is not None else "",) if tracked else ()
        said = tuple(getattr(p.notes, f) or "" for f in worked)
        return (p.id, p.county_name, kind, p.rule, p.verdict, p.area_m2, sides_words(p, names), *state, *said)

    columns = (
        Column(key="id", title=ID_HEAD, kind=Kind.CODE),
        Column(key="county", title="县（市、区）", kind=Kind.NAME),
        Column(key="type", title="类型"),
        Column(key="rule", title="规则", kind=Kind.CODE),
        Column(key="verdict", title="结论", kind=Kind.VERDICT),
        Column(key="ha", title="公顷", kind=Kind.HA),
        Column(key="sides", title="甲 × 乙"),
        *((Column(key="state", title="状态"),) if tracked else ()),
        *(Column(key=f, title=HEADS[f]) for f in worked),
    )
    title = f"最大的 {len(shown)} 个图斑" if len(ranked) > len(shown) else "图斑清单"
    return Table(title=title, columns=columns, rows=tuple(map(row, shown)), notes=(_rest(consistency, len(ranked), len(shown)),))


def _rest(consistency: Consistency, real: int, shown: int) -> str:
    """由重到轻，再由大到小. Every patch of the run is either shown, or counted here."""
    left, other = real - shown, len(consistency.patches) - real
    parts = [f"较小的 {numbers.count(left)} 个"] if left else []
    parts += [f"疑似边界误差等 {numbers.count(other)} 个"] if other else []
    absent = f"另有{'、'.join(parts)}未列入；" if parts else ""
    return f"先按结论由重到轻，再按面积由大到小。{absent}全部 {numbers.count(len(consistency.patches))} 个见 consistency.xlsx 和 consistency.gpkg。"
