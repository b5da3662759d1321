"""图斑个数: every type of difference by county and by size, as one table of counts."""

from __future__ import annotations

from xygis.consistency.result import Consistency
from xygis.report.table import Cell, Column, Kind, Table
from xygis.report.wording import shortened

_HEAD = 12  # characters of a county's name that a column head takes


def counts_table(consistency: Consistency) -> Table:
    """Rows D1 … D10; the counties add up to 合计, and so do the sizes."""
    differences = consistency.differences
    counties = list(dict.fromkeys((t.key, t.title) for d in differences for t in d.by_county))
    sizes = [(t.key, t.title) for t in differences[0].by_size]
    found: list[tuple[int, ...]] = []
    for d in differences:
        by_county = {(t.key, t.title): t.patches for t in d.by_county}
        by_size = {(t.key, t.title): t.patches for t in d.by_size}
        found.append((*(by_county.get(c, 0) for c in counties), d.patches, *(by_size.get(s, 0) for s in sizes)))
    body: tuple[tuple[Cell, ...], ...] = tuple(
        (f"{d.type} {d.title}", *(n or None for n in row)) for d, row in zip(differences, found, strict=True)
    )
    columns = (
        Column(key="type", title="类型", kind=Kind.NAME),
        *(Column(key=f"c{code}", title=shortened(name, _HEAD), kind=Kind.COUNT) for code, name in counties),
        Column(key="sum", title="合计", kind=Kind.COUNT, sum_of=tuple(f"c{code}" for code, _ in counties)),
        *(Column(key=f"s{key}", title=title, kind=Kind.COUNT) for key, title in sizes),
    )
    sums = tuple(sum(row[i] for row in found) for i in range(len(counties) + 1 + len(sizes)))
    return Table(title="各类型图斑个数，按县（市、区）和面积", columns=columns, rows=body, total=("合计", *sums))
