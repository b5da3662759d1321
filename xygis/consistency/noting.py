"""Puts the notes that were read from a file onto the patches of a run; what finds no patch is kept apart, never dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xygis.consistency.notes import NO_NOTES, NoteRow, Unplaced, over
from xygis.consistency.result import Consistency


def noted(consistency: Consistency, rows: Sequence[NoteRow], file: str) -> Consistency:
    """The same result with what the rows say. A patch without a row, and a field without a column, keep what they had."""
    by_id = {r.id: r for r in rows if r.id}
    patches = tuple(replace(p, notes=over(p.notes, by_id[p.id])) if p.id in by_id else p for p in consistency.patches)
    tracking = consistency.tracking
    placed = {p.id for p in patches}
    if tracking is not None:
        gone = tuple(
            replace(g, patch=replace(g.patch, notes=over(g.patch.notes, by_id[g.patch.id]))) if g.patch.id in by_id else g
            for g in tracking.gone
        )
        placed |= {g.patch.id for g in gone}
        tracking = replace(tracking, gone=gone)
    return replace(
        consistency,
        patches=patches,
        tracking=tracking,
        unplaced=_unplaced(consistency.unplaced, [r for r in rows if r.id not in placed], file),
        notes_remarks=_remarks(by_id, [p.id for p in patches], file),
    )


def _unplaced(known: Sequence[Unplaced], rows: Sequence[NoteRow], file: str) -> tuple[Unplaced, ...]:
    """Notes without a patch, one entry for each name; those without a name by what they say."""
    out = {(u.id or f"\n{u.notes}"): u for u in known}
    for row in rows:
        key = row.id or f"\n{row.notes}"
        old = out.get(key)
        notes = over(old.notes if old is not None else NO_NOTES, row)
        if notes:
            out[key] = Unplaced(id=row.id, where=old.where if old is not None else f"{file} {row.where}", notes=notes)
        else:
            out.pop(key, None)  # somebody has cleared it
    return tuple(out.values())


def _remarks(by_id: dict[str, NoteRow], patches: Sequence[str], file: str) -> tuple[str, ...]:
    found = [by_id[name] for name in patches if name in by_id]
    out = [f"从 {file} 读到 {len(found):,} 个图斑，其中 {sum(bool(r.notes) for r in found):,} 个填有意见。"]
    if len(found) < len(patches):
        out.append(f"另有 {len(patches) - len(found):,} 个图斑在文件里没有行，保留原有意见。")
    return tuple(out)
