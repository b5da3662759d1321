"""The list of a batch, a row a patch, once for the Excel sheet and the GeoPackage: what a person fills in and works off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from xygis.numbers import square_metres
from xygis.report.wording import basis_line
from xygis.suspects.result import PatchResult, Suspects

_LISTED_ROLES = ("control", "layout")
_CHANGES = {"new": "新增", "persisting": "重复图斑", None: ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListColumn:
    """One column. number: cells are numbers, None where not known. width: in characters, of the sheet."""

    key: str
    title: str
    value: Callable[[PatchResult], str | float | None]
    number: bool = False
    width: int = 12


def list_columns(result: Suspects) -> tuple[ListColumn, ...]:
    """The columns, in their order."""
    situations = {s.code: s.title for s in result.law.situations}
    levels = result.law.levels
    titles = {r.layer.id: r.layer.title for r in result.layers if r.layer.role in _LISTED_ROLES}

    def layers(p: PatchResult) -> str:
        hits = sorted((m2, titles[name]) for name, m2 in p.facts.overlaps if name in titles and m2)
        return "；".join(f"{title} {square_metres(m2)} m²" for m2, title in reversed(hits))

    def kind(p: PatchResult) -> str:
        return situations[p.judgement.situation] + ("（未说明，按此判断）" if p.judgement.assumed else "")

    return (
        ListColumn(key="priority", title="次序", value=lambda p: p.priority, number=True, width=6),
        ListColumn(key="level", title="优先级", value=lambda p: levels[p.judgement.level - 1] if p.priority else "", width=10),
        ListColumn(key="number", title="图斑编号", value=lambda p: p.patch.number or "", width=20),
        ListColumn(key="county", title="县（市、区）", value=lambda p: p.county_name, width=11),
        ListColumn(key="verdict", title="结论", value=lambda p: p.verdict.label, width=10),
        ListColumn(key="place", title="所在区域", value=place_title, width=20),
        ListColumn(key="reasons", title="理由", value=lambda p: " ".join(r.text for r in p.judgement.reasons), width=64),
        ListColumn(key="basis", title="依据", value=basis_text, width=48),
        ListColumn(key="needs", title="尚需材料", value=lambda p: "；".join(p.judgement.needs), width=28),
        ListColumn(key="area_m2", title="面积（m²）", value=lambda p: p.area_m2, number=True, width=13),
        ListColumn(key="place_m2", title="所在区域内（m²）", value=lambda p: _place_m2(p), number=True, width=15),
        ListColumn(key="beyond_m2", title="超出许可（m²）", value=_beyond_m2, number=True, width=14),
        ListColumn(
            key="image", title="影像日期", value=lambda p: str(p.facts.image) if p.facts.image else p.patch.after_text or "", width=12
        ),
        ListColumn(key="situation", title="建设类型", value=kind, width=16),
        ListColumn(key="permits", title="许可", value=lambda p: "、".join(h.permit.label for h in p.facts.hits), width=40),
        ListColumn(key="layers", title="压占的管控和格局图层", value=layers, width=40),
        ListColumn(key="change", title="与上期", value=lambda p: _CHANGES[p.change], width=10),
        ListColumn(key="note", title="备注", value=lambda p: p.patch.note or "", width=20),
        ListColumn(key="remarks", title="提醒", value=lambda p: "；".join(p.remarks), width=30),
        ListColumn(key="id", title="序号", value=lambda p: int(p.id), number=True, width=6),
    )


def place_title(p: PatchResult) -> str:
    """The strictest place that the patch lies in, marked where it only may."""
    lies = next((r for r in p.judgement.reasons if r.place and r.code == p.judgement.place), None)
    return "" if lies is None else lies.title if lies.sure else f"{lies.title}（临界）"


def basis_text(p: PatchResult) -> str:
    """Every article, each once, in the order of the reasons."""
    said = (replace(c, verified=c.verified and r.verified) for r in p.judgement.reasons for c in r.basis)
    return basis_line(tuple(dict.fromkeys(said)))


def ordered(result: Suspects) -> tuple[PatchResult, ...]:
    """To be worked off first, then what is lawful."""
    return (*result.worked, *(p for p in result.patches if p.priority is None))


def _place_m2(p: PatchResult) -> float | None:
    return next((r.area_m2 for r in p.judgement.reasons if r.place and r.code == p.judgement.place), None)


def _beyond_m2(p: PatchResult) -> float | None:
    return next((r.area_m2 for r in p.judgement.reasons if r.code in ("KW-24", "KW-34")), None)
