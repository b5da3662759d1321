"""Several layers or files of one submission put together: each one's evidence for its coordinate system stays its own, under its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xygis.errors import AmbiguousCrs, Where
from xygis.geodesy.crs import title
from xygis.intake.submission import Submission

_TOLD = 6  # parts named in a refusal


def joined(parts: Sequence[tuple[str, Submission]], where: Where) -> Submission:
    """One submission of all, after the first one's format and encoding. The parts are (name that a person knows it by, what was read).

    Raises AmbiguousCrs where their systems differ: each was decided for itself, and one report can be in only one of them.
    """
    _refuse_different(parts, where)
    if len(parts) == 1:
        return parts[0][1]
    read = [s for _, s in parts]
    return replace(
        read[0],
        notes=tuple(n for s in read for n in s.notes),
        parcels=tuple(p for s in read for p in s.parcels),
        set_apart=tuple(a for s in read for a in s.set_apart),
        evidence=_evidence(parts),
        weighed=tuple(replace(w, source=f"{name} {w.source}".strip()) for name, s in parts for w in s.weighed),
        others=tuple(replace(o, source=f"{name} {o.source}".strip()) for name, s in parts for o in s.others),
    )


def _evidence(parts: Sequence[tuple[str, Submission]]) -> tuple[str, ...]:
    """Every sentence; what is not said of all parts alike is said with the name of its part."""
    common = set.intersection(*(set(s.evidence) for _, s in parts))
    return tuple(dict.fromkeys(e if e in common else f"{name}：{e}" for name, s in parts for e in s.evidence))


def _refuse_different(parts: Sequence[tuple[str, Submission]], where: Where) -> None:
    found: dict[str, list[str]] = {}
    for name, s in parts:
        found.setdefault(s.crs, []).append(name)
    if len(found) < 2:
        return
    why = "；".join(
        f"“{'、'.join(names[:_TOLD])}”{' 等' if len(names) > _TOLD else ''}是 {title(code)}" for code, names in sorted(found.items())
    )
    raise AmbiguousCrs(what="各图层（文件）的坐标系不同", where=where, why=why, fix="请把它们分开送审")
