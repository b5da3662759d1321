"""Family 4 inside a layer: the same patch twice, a patch inside another, patches that overlap."""

from __future__ import annotations

import numpy as np
import shapely

from xygis.consistency.quality.fault import Fault
from xygis.consistency.quality.shapes import Shapes
from xygis.consistency.quality.subject import Outcome, Subject, skipping
from xygis.overlay.tolerances import CONTACT_M

_CODES = ("Q406", "Q407", "Q408")


def overlapping(subject: Subject) -> Outcome:
    """Q407 exact duplicates, Q408 patches wholly inside others, Q406 any other overlap that is wider than contact."""
    shapes, standard = subject.shapes, subject.standard
    if shapes is None:
        return skipping(subject, _CODES, "不知道坐标系")
    left = len(subject.table) - int(shapes.sound.sum())
    sound = len(subject.table) - left
    skipped = [subject.not_run(c, "图形无效或缺失，先改图形", features=left) for c in _CODES] if left else []
    if subject.layer.geometry == "line":
        skipped = [s for s in skipped if s.rule == "Q407"] + [
            subject.not_run(c, "线状图层没有面可重叠", due=False) for c in ("Q406", "Q408")
        ]
        return Outcome(faults=_same_lines(subject, shapes), done=[("Q407", sound)], skipped=skipped)
    found = _found(subject, shapes)
    if standard is not None and standard.overlap == "allowed":
        reason = f"{standard.title}可以依法重叠"
        skipped = [s for s in skipped if s.rule == "Q407"] + [subject.not_run(c, reason, due=False) for c in ("Q406", "Q408")]
        return Outcome(faults=[f for f in found if f.rule == "Q407"], done=[("Q407", sound)], skipped=skipped)
    return Outcome(faults=found, done=[(c, sound) for c in _CODES], skipped=skipped)


def _found(subject: Subject, shapes: Shapes) -> list[Fault]:
    found = subject.overlaps
    feature_m2 = shapes.feature_m2
    perimeter = np.bincount(shapes.owner, shapes.part_length_m, len(feature_m2))
    degrees = shapes.degrees(found.pieces)
    faults = []
    for (a, b), shape, shared in zip(found.features.tolist(), degrees, found.m2.tolist(), strict=True):
        rest = feature_m2[[a, b]] - shared
        inside = rest <= CONTACT_M * perimeter[[a, b]] / 2  # what sticks out is nowhere wider than contact, on the mean
        if inside.all():
            code, row, other, text = "Q407", b, a, "与第 {n} 个要素（{id}）完全重复，{m2} m²"
        elif inside.any():
            row, other = (a, b) if inside[0] else (b, a)
            code, text = "Q408", "完全位于第 {n} 个要素（{id}）之内，{m2} m²"
        else:
            code, row, other, text = "Q406", a, b, "与第 {n} 个要素（{id}）重叠 {m2} m²"
        said = text.format(n=other + 1, id=subject.ids[other], m2=_m2(shared))
        faults.append(subject.fault(code, said, row=row, value=f"{_m2(shared)} m²", expected="0", geometry=shape, area_m2=shared))
    return sorted(faults, key=lambda f: (f.rule, f.row))


def _same_lines(subject: Subject, shapes: Shapes) -> list[Fault]:
    """Lines that are drawn twice, in whatever direction."""
    first: dict[bytes, int] = {}
    faults = []
    for part, key in enumerate(shapely.to_wkb(shapely.normalize(shapes.parts)).tolist()):
        row = int(shapes.owner[part])
        if key in first:
            other = first[key]
            text = f"与第 {other + 1} 个要素（{subject.ids[other]}）完全重复"
            line = shapes.degrees(shapes.parts[part : part + 1])[0]
            faults.append(subject.fault("Q407", text, row=row, expected="不重复", geometry=line))
        else:
            first[key] = row
    return faults


def _m2(area: float) -> str:
    return f"{area:,.2f}" if area >= 0.01 else "<0.01"
