"""The three-line tables of a batch: counties × verdicts, places × verdicts, the first of the list, all of it, what is gone."""

from __future__ import annotations

from collections.abc import Sequence

from xygis.report.suspects_list import basis_text, ordered, place_title
from xygis.report.table import Column, Kind, Table
from xygis.report.wording import shortened
from xygis.suspects.result import PatchResult, Suspects

TOP = 10
_LONG, _NOTE = 40, 200  # characters of a number, of a note
PINS = 5  # of them shown on the small map of counties


def places_table(result: Suspects) -> Table:
    """By red line, in short: what is not lawful there. Adds up to the batch."""
    columns = (
        Column(key="name", title="最严格的所在区域", kind=Kind.NAME),
        Column(key="n0", title="疑似违法", kind=Kind.COUNT),
        Column(key="n1", title="待核", kind=Kind.COUNT),
        Column(key="a", title="两类公顷", kind=Kind.HA),
    )
    rows = tuple(
        (t.title, t.patches[0] or None, t.patches[1] or None, sum(t.area_m2[:2]) or None) for t in result.by_place if sum(t.patches[:2])
    )
    total = result.total
    last = ("合计", total.patches[0] or None, total.patches[1] or None, sum(total.area_m2[:2]) or None)
    return Table(title="按红线和保护区", columns=columns, rows=rows, total=last)


def top_table(result: Suspects) -> Table:
    """What to go to first."""
    columns = (
        Column(key="n", title="", kind=Kind.FIGURE),
        Column(key="number", title="图斑", kind=Kind.CODE),
        Column(key="county", title="县（市、区）", kind=Kind.NAME),
        Column(key="verdict", title="结论"),
        Column(key="place", title="所在区域"),
        Column(key="why", title="情形"),
        Column(key="m2", title="m²", kind=Kind.M2),
    )
    rows = tuple(
        (
            str(p.priority),
            shortened(p.label, _LONG),
            p.county_name,
            p.verdict.label,
            place_title(p) or None,
            p.judgement.reasons[0].title,
            p.area_m2,
        )
        for p in result.worked[:TOP]
    )
    return Table(title=f"先处置的{len(rows)}个图斑" if rows else "先处置的图斑", columns=columns, rows=rows)


def list_table(result: Suspects, patches: Sequence[PatchResult] | None = None) -> Table:
    """Every patch with reasons and articles."""
    columns = (
        Column(key="n", title="次序", kind=Kind.FIGURE),
        Column(key="number", title="图斑", kind=Kind.CODE),
        Column(key="county", title="县（市、区）", kind=Kind.NAME),
        Column(key="verdict", title="结论"),
        Column(key="text", title="理由"),
        Column(key="m2", title="m²", kind=Kind.M2),
        Column(key="under", title="", under="text"),
    )
    rows = tuple(
        (
            str(p.priority) if p.priority else None,
            shortened(p.label, _LONG),
            p.county_name,
            p.verdict.label,
            "".join(r.text for r in p.judgement.reasons),
            p.area_m2,
            _under(p) or None,
        )
        for p in (ordered(result) if patches is None else patches)
    )
    return Table(title="图斑清单", columns=columns, rows=rows)


def _under(p: PatchResult) -> str:
    parts = [
        ("依据", basis_text(p)),
        ("尚需", "；".join(p.judgement.needs)),
        ("提醒", "；".join(p.remarks)),
        ("备注", shortened(p.patch.note or "", _NOTE)),
    ]
    return "　".join(f"{head}：{text}" for head, text in parts if text)


def gone_table(result: Suspects) -> Table:
    """What was there last time and is not in this batch."""
    columns = (
        Column(key="label", title="上期图斑", kind=Kind.CODE),
        Column(key="county", title="县（市、区）", kind=Kind.NAME),
        Column(key="verdict", title="上期结论"),
        Column(key="m2", title="m²", kind=Kind.M2),
    )
    words = {"suspected": "疑似违法", "verify": "待核", "legal": "合法"}
    gone = result.since.gone if result.since is not None else ()
    rows = tuple((shortened(g.label, _LONG), g.county_name, words.get(g.verdict, g.verdict), g.area_m2) for g in gone)
    return Table(title="本期没有的上期图斑", columns=columns, rows=rows)
