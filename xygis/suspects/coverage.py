"""Whether the permits that a sort of building needs cover a patch, and if not, what is amiss with them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from xygis.atlas.suspect_law import Situation, SuspectLaw
from xygis.suspects.facts import PatchFacts, PermitHit, Standing


class _Cover(IntEnum):
    """How permits of one kind cover the patch, best first."""

    WHOLE = 0
    EDGE = 1  # not as drawn, but within the accuracy of the image
    UNSURE = 2  # with permits whose dates or kind are not known
    BEYOND = 3  # surely reaches beyond them
    NONE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """fact: of `suspects.toml`. hits: the permits that it speaks of; missing: kinds that are not there."""

    fact: str
    hits: tuple[PermitHit, ...]
    beyond_m2: float
    missing: tuple[str, ...]


def coverage_of(situation: Situation, facts: PatchFacts, law: SuspectLaw) -> Coverage:
    """The best of the sets of permits that make such a building lawful."""
    allowed = min(law.beyond_m2, law.beyond_share * facts.area_m2)
    sets = [[(kind, *_cover(kind, facts, allowed)) for kind in kinds] for kinds in situation.legal]
    best = min(sets, key=lambda one: (max(c for _, c, _ in one), sum(c for _, c, _ in one)))
    worst = max(c for _, c, _ in best)
    names = {kind for kind, _, _ in best}
    live = tuple(h for h in facts.hits if _name(h) in names and h.standing is Standing.VALID)
    beyond = max((m2 for _, c, m2 in best if c is not _Cover.NONE), default=0.0)
    if worst is _Cover.WHOLE:
        return Coverage(fact="covered", hits=live, beyond_m2=beyond, missing=())
    if worst is _Cover.EDGE:
        return Coverage(fact="borderline", hits=live, beyond_m2=beyond, missing=())
    unsure = tuple(h for h in facts.hits if h.standing is Standing.UNSURE and (_name(h) in names or h.permit.kind is None))
    if worst is _Cover.UNSURE:
        return Coverage(fact="unsure", hits=unsure, beyond_m2=beyond, missing=())
    if worst is _Cover.BEYOND:
        return Coverage(fact="beyond", hits=live or unsure, beyond_m2=beyond, missing=())
    return _not_there(situation, facts, unsure, allowed)


def _cover(kind: str, facts: PatchFacts, allowed_m2: float) -> tuple[_Cover, float]:
    """(how permits of a kind cover the patch, m² beyond them as drawn)."""
    found = facts.beyond.get(kind)
    valid = found is not None and any(_name(h) == kind and h.standing is Standing.VALID for h in facts.hits)
    unsure = [h for h in facts.hits if h.standing is Standing.UNSURE and (_name(h) == kind or h.permit.kind is None)]
    if found is None or not (valid or unsure):
        return (_Cover.UNSURE, facts.area_m2) if unsure else (_Cover.NONE, facts.area_m2)
    if valid and found.valid.point <= allowed_m2 and found.valid.low == 0.0:
        return _Cover.WHOLE, found.valid.point
    if valid and found.valid.low <= allowed_m2:
        return _Cover.EDGE, found.valid.point
    if unsure and found.unsure.low <= allowed_m2:
        return _Cover.UNSURE, found.unsure.point
    return _Cover.BEYOND, (found.valid if valid else found.unsure).point


def _not_there(situation: Situation, facts: PatchFacts, unsure: tuple[PermitHit, ...], allowed_m2: float) -> Coverage:
    """What is amiss where a kind that is needed does not hold: too late, over, not all, of another kind, or nothing at all."""
    whole = facts.area_m2
    needed = min(situation.legal, key=lambda kinds: sum(not any(_name(h) == k for h in facts.hits) for k in kinds))
    missing = tuple(k for k in needed if not any(_name(h) == k and h.standing is Standing.VALID for h in facts.hits))
    if all(any(_name(h) == k for h in facts.hits) for k in needed):  # there, but not on the day
        for fact, standing in (("later", Standing.LATER), ("expired", Standing.EXPIRED), ("lapsed", Standing.LAPSED)):
            late = tuple(h for h in facts.hits if _name(h) in missing and h.standing is standing)
            if late:
                return Coverage(fact=fact, hits=late, beyond_m2=whole, missing=missing)
    if unsure:
        return Coverage(fact="unsure", hits=unsure, beyond_m2=whole, missing=missing)
    live = tuple(h for h in facts.hits if h.standing in (Standing.VALID, Standing.LAPSED))
    some = tuple(h for h in live if _name(h) in (*situation.partial, *needed))
    if some:
        names = {_name(h) for h in some if h.standing is Standing.VALID}
        reach = [found.valid for name, found in facts.beyond.items() if name in names]
        if reach and all(r.low > allowed_m2 for r in reach):  # not even what there is holds all of it
            return Coverage(fact="beyond", hits=some, beyond_m2=min(r.point for r in reach), missing=missing)
        return Coverage(fact="part", hits=some, beyond_m2=whole, missing=missing)
    if live:
        return Coverage(fact="other_kind", hits=live, beyond_m2=whole, missing=missing)
    for fact, standing in (("later", Standing.LATER), ("expired", Standing.EXPIRED)):
        late = tuple(h for h in facts.hits if h.standing is standing)
        if late:
            return Coverage(fact=fact, hits=late, beyond_m2=whole, missing=missing)
    return Coverage(fact="none", hits=(), beyond_m2=whole, missing=missing)


def _name(hit: PermitHit) -> str | None:
    return hit.permit.kind.name if hit.permit.kind is not None else None
