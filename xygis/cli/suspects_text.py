"""The text of a batch of patches on a terminal: how many of which kind, by county, what to go to first, what was not known."""

from __future__ import annotations

from xygis.atlas.suspect_law import SuspectVerdict
from xygis.atlas.verdict import DEMO_STAMP
from xygis.cli.terminal import fitted, printable
from xygis.numbers import count, hectares, square_metres
from xygis.suspects.result import Suspects, Tally

MOST = 10
_MARKS = {SuspectVerdict.SUSPECTED: "✕", SuspectVerdict.VERIFY: "?", SuspectVerdict.LEGAL: "✓"}


def suspects_text(result: Suspects) -> str:
    """All of it, within 80 columns; readable without colour."""
    blocks = [DEMO_STAMP] if result.demo else []
    total = result.total
    parts = [
        f"{_MARKS[v]} {v.label} {count(n)} 个 {hectares(m2)} 公顷"
        for v, n, m2 in zip(SuspectVerdict, total.patches, total.area_m2, strict=True)
    ]
    blocks.append(f"控违拆违：图斑 {count(total.count)} 个\n" + "\n".join(parts) + f"\n{printable(result.permits_note)}")
    if result.since is not None:
        s = result.since
        blocks.append(
            f"与上期（{printable(s.checked_on)}，{count(s.patches)} 个）相比：新增 {s.new}，重复图斑 {s.persisting}，已消失 {len(s.gone)}"
        )
    blocks.append(_table("县（市、区）", result.by_county, total))
    blocks.append(_table("所在区域（最严格的一处）", [t for t in result.by_place if t.count], total))
    if result.worked:
        lines = ["先处置"]
        for p in result.worked[:MOST]:
            where = next((r.title for r in p.judgement.reasons if r.place and r.code == p.judgement.place), "")
            what = f"{where}；{p.judgement.reasons[0].title}" if where else p.judgement.reasons[0].title
            cells = (f"{p.priority}", printable(p.label), printable(p.county_name), f"{square_metres(p.area_m2)} m²")
            row = "  ".join(
                fitted(c, w, right=r) for c, (w, r) in zip(cells, ((3, True), (19, False), (8, False), (13, True)), strict=True)
            )
            lines.append(f"{row}  {_MARKS[p.verdict]} {printable(what)}")
        if len(result.worked) > MOST:
            lines.append(f"  其余 {count(len(result.worked) - MOST)} 个见清单")
        blocks.append("\n".join(lines))
    notes = [
        *(f"没有读取：{printable(a.name)}，{printable(a.error.what)}" for a in result.set_apart[:MOST]),
        *map(printable, result.remarks),
    ]
    notes += [f"{r.layer.title}：{printable(r.note or r.state.label)}" for r in result.layers if r.state.value != "ready"]
    if notes:
        blocks.append("\n".join(["说明", *(f"  {n}" for n in notes)]))
    return "\n\n".join(blocks)


def _table(head: str, rows: list[Tally] | tuple[Tally, ...], total: Tally) -> str:
    lines = [fitted(head, 26) + "".join(fitted(v.label, 10, right=True) for v in SuspectVerdict) + fitted("三类合计公顷", 14, right=True)]
    for t in (*rows, total):
        numbers = "".join(fitted(count(n) if n else "–", 10, right=True) for n in t.patches)
        lines.append(fitted(printable(t.title), 26) + numbers + fitted(hectares(sum(t.area_m2)), 14, right=True))
    return "\n".join(lines)
