"""与上次比对: what has become of every patch of an earlier run, and where every patch of this one comes from.

A patch keeps its name while any of it is left. The pair of an earlier and a present patch with the largest common area takes the name
first; a present patch that is left without goes by `split_from`, an earlier one that is left without stands in `merged`. Nothing counts
as resolved that this run did not look for.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

from xygis.consistency.absence import Searched, searched, why_not_compared, why_not_found_before
from xygis.consistency.differences import TYPES
from xygis.consistency.earlier import Earlier
from xygis.consistency.identity import in_order, named
from xygis.consistency.matching import SAME_M2, Overlap, overlaps, unchanged
from xygis.consistency.notes import Unplaced
from xygis.consistency.result import Consistency, DifferencePatch, Gone, StateTally, Tracking
from xygis.consistency.states import Cause, Merged, PatchState, Track
from xygis.errors import UsageError, Where
from xygis.geodesy.plane import OFFICIAL, Plane

_MOST_OF_IT = 0.5  # of an earlier patch that another rule must claim to be its successor
_EARLIER_STATES = (PatchState.RESOLVED, PatchState.PERSISTING, PatchState.CHANGED, PatchState.NOT_COMPARED)


def tracked(consistency: Consistency, earlier: Earlier) -> Consistency:
    """The same result with the names, notes and states that follow from an earlier run.

    Raises UsageError where the two cannot be compared: another plane of areas, or another city.
    """
    if earlier.plane != consistency.plane:
        raise UsageError(
            what="两次的面积口径不同，面积不能相比",
            where=Where(file=earlier.file),
            why=f"上次是{earlier.plane}，这次是{consistency.plane}",
            fix="请用同一面积口径（catalogue.toml 的 plane）重做其中一次",
        )
    plane = consistency.atlas.plane if consistency.atlas is not None else OFFICIAL
    before, now = earlier.patches, consistency.patches
    found = overlaps(before, now, plane)
    if before and not found and earlier.atlas_name != consistency.atlas_name:
        raise UsageError(
            what=f"上次的报告是另一套图集“{earlier.atlas_name}”的，与这次没有一个图斑在同一处",
            where=Where(file=earlier.file),
            fix="请核对 --since 和 --atlas 是否是同一个城市",
        )
    links, elsewhere = _links(found, before, now)
    patches = _succeeding(before, now, links, plane, partial(why_not_found_before, compared=earlier.compared))
    successors = {link.earlier for link in links}
    run = searched(consistency)
    gone = tuple(_gone(p, run, elsewhere.get(i, ())) for i, p in enumerate(before) if i not in successors)
    names = {now[n].id: p.id for n, p in enumerate(patches)}
    gone = tuple(replace(g, elsewhere=tuple(sorted(names[name] for name in g.elsewhere))) for g in gone)
    patches, unplaced = _placed(patches, _without_patch(patches, earlier))
    tracking = Tracking(
        file=earlier.file,
        sha256=earlier.sha256,
        checked_on=earlier.checked_on,
        gone=tuple(sorted(gone, key=lambda g: (_EARLIER_STATES.index(g.state), -g.patch.area_m2, g.patch.id))),
        remarks=_remarks(consistency, earlier),
        **_tallies(before, patches, gone, {c.code: c.name for c in consistency.counties}),
    )
    return replace(consistency, patches=in_order(patches), tracking=tracking, unplaced=unplaced)


def _links(
    found: Sequence[Overlap], before: Sequence[DifferencePatch], now: Sequence[DifferencePatch]
) -> tuple[list[Overlap], dict[int, tuple[str, ...]]]:
    """(who goes on in whom, largest common area first; patches of other rules on what is left of the others)."""
    links = [o for o in found if o.same_rule]
    others: dict[int, list[Overlap]] = defaultdict(list)
    for o in found:
        if not o.same_rule:
            others[o.earlier].append(o)
    elsewhere = {}
    for i, claims in others.items():
        if math.fsum(o.area_m2 for o in claims) >= _MOST_OF_IT * before[i].area_m2:
            links += claims
        else:
            elsewhere[i] = tuple(now[o.now].id for o in claims)
    return sorted(links, key=lambda o: (-o.area_m2, -before[o.earlier].area_m2, before[o.earlier].id, now[o.now].id)), elsewhere


def _succeeding(
    before: Sequence[DifferencePatch],
    now: Sequence[DifferencePatch],
    links: Sequence[Overlap],
    plane: Plane,
    why_new: Callable[[DifferencePatch], str],
) -> list[DifferencePatch]:
    """The patches of this run, in their order, with name, notes and `track`."""
    of_now: dict[int, list[int]] = defaultdict(list)  # largest common area first
    of_earlier: dict[int, list[int]] = defaultdict(list)
    heir: dict[int, int] = {}  # earlier → now
    origin: dict[int, int] = {}
    for o in links:
        of_now[o.now].append(o.earlier)
        of_earlier[o.earlier].append(o.now)
        if o.earlier not in heir and o.now not in origin:
            heir[o.earlier], origin[o.now] = o.now, o.earlier
    absorbed: dict[int, list[int]] = defaultdict(list)
    for e, heirs in of_earlier.items():
        if e not in heir:
            absorbed[heirs[0]].append(e)
    names = {p.id for p in before}
    fresh = [n for n in range(len(now)) if n not in origin]
    renamed = dict(zip(fresh, named([now[n] for n in fresh], names.__contains__), strict=True))
    heirs_of = sorted(origin)
    as_it_was = unchanged([before[origin[n]] for n in heirs_of], [now[n] for n in heirs_of], plane)
    same = {n for n, so in zip(heirs_of, as_it_was.tolist(), strict=True) if so}
    out = []
    for n, patch in enumerate(now):
        merged = tuple(
            Merged(id=before[e].id, area_m2=before[e].area_m2, notes=before[e].notes)
            for e in sorted(absorbed[n], key=lambda e: before[e].id)
        )
        if n not in origin:
            split = before[of_now[n][0]].id if n in of_now else None
            causes = ((Cause.SPLIT,) if split else ()) + ((Cause.MERGED,) if merged else ())
            state = PatchState.CHANGED if split else PatchState.NEW
            track = Track(state=state, causes=causes, split_from=split, merged=merged, reason="" if split else why_new(patch))
            out.append(replace(renamed[n], track=track))
            continue
        old = before[origin[n]]
        causes = _causes(old, patch, same=n in same, split=len(of_earlier[origin[n]]) > 1, merged=len(of_now[n]) > 1)
        track = Track(
            state=PatchState.CHANGED if causes else PatchState.PERSISTING,
            causes=causes,
            before_m2=old.area_m2,
            before_rule=old.rule if old.rule != patch.rule else "",
            merged=merged,
        )
        out.append(replace(patch, id=old.id, notes=old.notes, track=track))
    return out


def _causes(old: DifferencePatch, new: DifferencePatch, *, same: bool, split: bool, merged: bool) -> tuple[Cause, ...]:
    """Why a patch is not what it was; nothing where it is."""
    causes = [c for c, so in ((Cause.SPLIT, split), (Cause.MERGED, merged), (Cause.RECLASSIFIED, old.rule != new.rule)) if so]
    change = new.area_m2 - old.area_m2
    if abs(change) > SAME_M2:
        causes.append(Cause.GROWN if change > 0 else Cause.SHRUNK)
    elif not causes and not same:
        causes.append(Cause.MOVED)
    return tuple(causes)


def _gone(patch: DifferencePatch, run: Searched, elsewhere: tuple[str, ...]) -> Gone:
    reason = why_not_compared(patch, run)
    state = PatchState.NOT_COMPARED if reason else PatchState.RESOLVED
    return Gone(patch=patch, state=state, reason=reason, elsewhere=elsewhere)


def _without_patch(patches: Sequence[DifferencePatch], earlier: Earlier) -> tuple[Unplaced, ...]:
    """Notes that have lost their patch: those of before, and those of patches that have gone into others."""
    lost = [
        Unplaced(id=m.id, where=f"已并入 {p.id}", notes=m.notes) for p in patches if p.track is not None for m in p.track.merged if m.notes
    ]
    return tuple(dict.fromkeys((*earlier.unplaced, *lost)))


def _placed(patches: list[DifferencePatch], unplaced: Sequence[Unplaced]) -> tuple[list[DifferencePatch], tuple[Unplaced, ...]]:
    """Notes whose patch is there again, under the same name and with nothing written on it, go back to it."""
    open_ = {p.id: i for i, p in enumerate(patches) if p.track is not None and p.track.state is PatchState.NEW and not p.notes}
    out, left = list(patches), []
    for u in unplaced:
        i = open_.pop(u.id, None)
        if i is None:
            left.append(u)
        else:
            out[i] = replace(out[i], notes=u.notes)
    return out, tuple(left)


def _remarks(consistency: Consistency, earlier: Earlier) -> tuple[str, ...]:
    out = []
    if earlier.atlas_name != consistency.atlas_name:
        out.append(f"上次的图集名为“{earlier.atlas_name}”，这次为“{consistency.atlas_name}”。")
    if earlier.checked_on > consistency.checked_on:
        out.append(f"上次的基准日 {earlier.checked_on} 晚于这次的 {consistency.checked_on}。")
    if earlier.edited:
        out.append("上次的 consistency.gpkg 里有处理意见与 report.json 不同，没有读入；要读入，再加 --notes 指明这个文件。")
    return tuple(out)


def _tallies(
    before: Sequence[DifferencePatch],
    now: Sequence[DifferencePatch],
    gone: Sequence[Gone],
    counties: dict[str | None, str],
) -> dict[str, tuple[StateTally, ...]]:
    """Counts and areas by state, by county and state, by type and state; what is empty on both sides is left out but for the first."""
    state_of = {g.patch.id: g.state for g in gone}
    same = {p.id for p in now if p.track is not None and p.track.state is PatchState.PERSISTING}
    then = [(p, state_of.get(p.id) or (PatchState.PERSISTING if p.id in same else PatchState.CHANGED)) for p in before]
    these = [(p, p.track.state) for p in now if p.track is not None]
    counties = {p.county_code: p.county_name for p in (*before, *now)} | counties
    types: dict[str | None, str] = {code: f"{code} {title}" for code, title, _ in TYPES}
    types |= {_type(p): _type(p) for p, _ in (*then, *these) if _type(p) not in types}
    return {
        "by_state": tuple(_tally(None, "合计", s, then, these) for s in PatchState),
        "by_county": tuple(_by(counties, then, these, lambda p: p.county_code)),
        "by_type": tuple(_by(types, then, these, _type)),
    }


_Stated = tuple[DifferencePatch, PatchState]


def _type(patch: DifferencePatch) -> str:
    return patch.difference or patch.rule


def _by(
    titles: dict[str | None, str], then: Sequence[_Stated], now: Sequence[_Stated], key: Callable[[DifferencePatch], str | None]
) -> Iterable[StateTally]:
    groups: dict[tuple[str | None, PatchState], tuple[list[_Stated], list[_Stated]]] = defaultdict(lambda: ([], []))
    for side, patches in enumerate((then, now)):
        for entry in patches:
            groups[key(entry[0]), entry[1]][side].append(entry)
    for one, title in titles.items():
        for state in PatchState:
            if (one, state) in groups:
                yield _tally(one, title, state, *groups[one, state])


def _tally(key: str | None, title: str, state: PatchState, then: Sequence[_Stated], now: Sequence[_Stated]) -> StateTally:
    old, new = [p.area_m2 for p, s in then if s is state], [p.area_m2 for p, s in now if s is state]
    return StateTally(
        key=key,
        title=title,
        state=state,
        earlier_patches=len(old),
        earlier_m2=math.fsum(old),
        patches=len(new),
        area_m2=math.fsum(new),
    )
