"""In which order patches are worked off, as the law file declares it, and the tables that add up to the whole batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence

from xygis.atlas.suspect_law import SuspectLaw, SuspectVerdict
from xygis.suspects.result import PatchResult, Tally

NOWHERE = "不在上列范围"


def ranked(patches: Sequence[PatchResult], law: SuspectLaw) -> dict[str, int]:
    """id → place in the list, from 1; patches that are lawful are in none."""
    codes = law.place_codes

    def key(p: PatchResult) -> tuple[object, ...]:
        parts: dict[str, object] = {
            "level": p.judgement.level,
            "verdict": p.verdict.rank,
            "place": codes.index(p.judgement.place) if p.judgement.place is not None else len(codes),
            "area": -p.area_m2,
            "date": -p.facts.image.last.toordinal() if p.facts.image is not None else 0,
            "outside": 0 if p.facts.growth is not None and not p.facts.growth.possibly else 1,
        }
        return (*(parts[word] for word in law.order), int(p.id))

    open_ = [p for p in patches if p.verdict is not SuspectVerdict.LEGAL]
    return {p.id: n for n, p in enumerate(sorted(open_, key=key), start=1)}


def tally(code: str | None, title: str, patches: Sequence[PatchResult]) -> Tally:
    """Some patches as one row."""
    groups = [[p for p in patches if p.verdict is v] for v in SuspectVerdict]
    a, b, c = (math.fsum(p.area_m2 for p in g) for g in groups)
    return Tally(code=code, title=title, patches=(len(groups[0]), len(groups[1]), len(groups[2])), area_m2=(a, b, c))


def by_county(patches: Sequence[PatchResult]) -> tuple[Tally, ...]:
    """A row a county that has patches, in the order of codes; what lies in none stands last."""
    rows = _grouped(patches, lambda p: (p.county_code is None, p.county_code or "", p.county_name))
    return tuple(tally(mine[0].county_code, mine[0].county_name, mine) for mine in rows)


def by_place(patches: Sequence[PatchResult], law: SuspectLaw) -> tuple[Tally, ...]:
    """A row a place of the law, strictest first, each patch once; what lies in none stands last."""
    titles = {p.code: p.title for p in law.places}
    rows = [tally(code, titles[code], [p for p in patches if p.judgement.place == code]) for code in law.place_codes]
    return (*rows, tally(None, NOWHERE, [p for p in patches if p.judgement.place is None]))


def _grouped(patches: Sequence[PatchResult], key: Callable[[PatchResult], Hashable]) -> list[list[PatchResult]]:
    groups: dict[Hashable, list[PatchResult]] = {}
    for p in patches:
        groups.setdefault(key(p), []).append(p)
    return [groups[k] for k in sorted(groups)]  # type: ignore[type-var]  # keys of one call are tuples of one shape
