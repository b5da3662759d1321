"""Family 4, one geometry at a time: missing, of the wrong kind, invalid, vertices too near, multi-part, slivers, spikes."""

from __future__ import annotations

import numpy as np
import shapely

from xygis.consistency.quality.fault import Fault
from xygis.consistency.quality.shapes import Mask, Shapes
from xygis.consistency.quality.subject import Outcome, Subject, skipping
from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.prepared import Ints
from xygis.overlay.tolerances import SLIVER_M, SLIVER_M2
from xygis.vector.repair import diagnosis

_NO_CRS = "不知道坐标系"
_KINDS = {"polygon": "面", "line": "线"}
_TYPES = {0: "点", 1: "线", 2: "线", 3: "面", 4: "多点", 5: "多线", 6: "多面", 7: "混合图形"}
_NESTED = "holes_nested_repaired"


def present(subject: Subject) -> Outcome:
    """Q401 no geometry, Q402 another kind than the layer, Q304 coordinates that are no numbers: errors, never warnings."""
    shapes, table = subject.shapes, subject.table
    count = len(table)
    if shapes is None:  # not one coordinate in the file
        faults = [subject.fault("Q401", "要素没有图形", row=row) for row in range(count)]
        skipped = [subject.not_run(c, "没有一个图形") for c in ("Q304", "Q402")] if count else []
        return Outcome(faults=faults, done=[("Q401", count)], skipped=skipped)
    kind = _KINDS[subject.layer.geometry]
    faults = [subject.fault("Q401", "要素没有图形", row=int(row)) for row in np.flatnonzero(shapes.missing)]
    for row in np.flatnonzero(shapes.odd).tolist():
        found = _TYPES[int(shapely.get_type_id(table.geometry[row]))]
        faults.append(subject.fault("Q402", f"图形应为{kind}，实为{found}", row=row, value=found, expected=kind))
    for row in np.flatnonzero(shapes.endless).tolist():
        faults.append(subject.fault("Q304", "坐标不是有限的数", row=row))
    return Outcome(faults=faults, done=[(c, count) for c in ("Q304", "Q401", "Q402")])


def valid(subject: Subject) -> Outcome:
    """Q403 self-crossing and whatever else makes a polygon invalid, Q414 holes in holes; with the place of the first trouble."""
    shapes = subject.shapes
    if shapes is None:
        return skipping(subject, ("Q403", "Q414"), _NO_CRS)
    faults: list[Fault] = []
    for row in np.flatnonzero(shapes.broken).tolist():
        shape = subject.table.geometry[row]
        if subject.layer.geometry == "line":
            point = shapely.get_coordinates(shape)[0]
            code, reason = "Q403", "线没有长度"
        else:
            (word, reason), at = diagnosis(shape)
            code = "Q414" if word == _NESTED else "Q403"
            point = np.array(at) if at is not None else shapely.get_coordinates(shape)[0]
        place = shapely.Point(shapes.lonlat(np.array([point]))[0])
        faults.append(subject.fault(code, reason, row=row, geometry=place))
    looked = int((~(shapes.missing | shapes.odd | shapes.endless)).sum())
    left = len(subject.table) - looked
    skipped = [subject.not_run(c, "没有图形或坐标可看", features=left) for c in ("Q403", "Q414")] if left else []
    return Outcome(faults=faults, done=[("Q403", looked), ("Q414", looked)], skipped=skipped)


def vertices(subject: Subject) -> Outcome:
    """Q404 two vertices on one place, Q405 edges that are too short."""
    shapes, tolerances = subject.shapes, subject.standards.tolerances
    if shapes is None:
        return skipping(subject, ("Q404", "Q405"), _NO_CRS)
    chains = shapes.chains
    edges = np.ones(len(chains.xy), bool)
    edges[chains.offsets[1:] - 1] = False
    faults = []
    for code, mask, text in (
        ("Q404", edges & (chains.length_m <= tolerances.vertex_m), f"相邻节点相距不到 {tolerances.vertex_m * 1000:g} 毫米"),
        (
            "Q405",
            edges & (chains.length_m > tolerances.vertex_m) & (chains.length_m < tolerances.edge_m),
            f"边长不到 {tolerances.edge_m * 1000:g} 毫米",
        ),
    ):
        at = np.flatnonzero(mask)
        lengths = [f"{v * 1000:.4g} 毫米" for v in chains.length_m[at].tolist()]
        faults += _at_vertices(subject, shapes, code, at, text, lengths, f"≥{tolerances.edge_m * 1000:g} 毫米")
    return Outcome(faults=faults, **_done(shapes, subject, ("Q404", "Q405")))


def parts(subject: Subject) -> Outcome:
    """Q410 several parts where the standard wants one; Q411 slivers; Q412 less than the mapping minimum of the class."""
    shapes, standard = subject.shapes, subject.standard
    if subject.layer.geometry != "polygon":
        return skipping(subject, ("Q410", "Q411", "Q412"), "线状图层没有面积", due=False)
    if shapes is None:
        return skipping(subject, ("Q410", "Q411", "Q412"), _NO_CRS)
    faults: list[Fault] = []
    thin = slivers(shapes)
    for part in np.flatnonzero(thin).tolist():
        area, width = float(shapes.part_m2[part]), float(_widths(shapes)[part])
        text = f"面积 {area:.4g} m²，平均宽 {width:.3g} m：小于 {SLIVER_M2:g} m² 或窄于 {SLIVER_M:g} m"
        shape = shapes.degrees(shapes.parts[part : part + 1])[0]
        faults.append(subject.fault("Q411", text, row=int(shapes.owner[part]), value=f"{area:.4g} m²", geometry=shape, area_m2=area))
    outcome = _done(shapes, subject, ("Q411",))
    done, skipped = list(outcome["done"]), list(outcome["skipped"])
    if standard is None or standard.parts == "any":
        skipped.append(subject.not_run("Q410", "标准不要求单部件" if standard else "图层没有登记标准属性表", due=False))
    else:
        counts = np.bincount(shapes.owner, minlength=len(subject.table))
        for row in np.flatnonzero(counts > 1).tolist():
            text = f"图形由 {counts[row]} 个不相连的面组成"
            faults.append(subject.fault("Q410", text, row=row, value=f"{counts[row]} 个面", expected="1 个面"))
        done.append(("Q410", int(shapes.sound.sum())))
    if standard is None or not standard.minimums:
        skipped.append(subject.not_run("Q412", "标准没有规定最小上图面积", due=False))
    else:
        faults += _minimum(subject, shapes, thin)
        done.append(("Q412", int(shapes.sound.sum())))
    return Outcome(faults=faults, done=done, skipped=skipped)


def spikes(subject: Subject) -> Outcome:
    """Q413: angles sharper than the tolerance, inward or outward; not of slivers, which are all spike."""
    shapes, limit = subject.shapes, subject.standards.tolerances.spike_deg
    if subject.layer.geometry != "polygon":
        return skipping(subject, ("Q413",), "线状图层没有内角", due=False)
    if shapes is None:
        return skipping(subject, ("Q413",), _NO_CRS)
    at, angles = _angles(shapes, subject.standards.tolerances.vertex_m)
    chains = shapes.chains
    chain = np.searchsorted(chains.offsets, at, side="right") - 1
    keep = (angles < limit) & ~slivers(shapes)[chains.part[chain]]
    at, angles = at[keep], angles[keep]
    faults = _at_vertices(subject, shapes, "Q413", at, f"夹角小于 {limit:g}°", [f"{a:.2f}°" for a in angles.tolist()], f"≥{limit:g}°")
    return Outcome(faults=faults, **_done(shapes, subject, ("Q413",)))


def slivers(shapes: Shapes) -> Mask:
    """Parts that are small or narrow (DESIGN §6)."""
    thin: Mask = (shapes.part_m2 < SLIVER_M2) | (_widths(shapes) < SLIVER_M)
    return thin


def _widths(shapes: Shapes) -> Floats:
    length = shapes.part_length_m
    widths: Floats = np.where(length > 0, 2 * shapes.part_m2 / np.where(length > 0, length, 1.0), 0.0)
    return widths


def _minimum(subject: Subject, shapes: Shapes, thin: Mask) -> list[Fault]:
    assert subject.standard is not None
    area = shapes.feature_m2
    sliver = np.bincount(shapes.owner, thin, len(subject.table)) > 0
    faults = []
    for minimum in subject.standard.minimums:
        column = subject.column(minimum.field)
        if column is None:
            continue
        classes = subject.texts(column)
        with np.errstate(invalid="ignore"):
            small = np.flatnonzero((area < minimum.m2) & ~sliver)
        for row in small.tolist():
            value = classes[row]
            if value is not None and value.startswith(minimum.prefixes):
                text = f"{value} 图斑 {area[row]:.2f} m²，{minimum.why}最小上图面积 {minimum.m2:g} m²"
                faults.append(
                    subject.fault(
                        "Q412",
                        text,
                        row=row,
                        value=f"{area[row]:.2f} m²",
                        expected=f"≥{minimum.m2:g} m²",
                        area_m2=float(area[row]),
                        read=minimum.read,
                    )
                )
    return faults


def _angles(shapes: Shapes, near_m: float) -> tuple[Ints, Floats]:
    """(vertex, angle in degrees between its two edges), doubled vertices taken once."""
    chains = shapes.chains
    keep = chains.length_m > near_m  # the last of each ring, which repeats the first, has no edge
    at = np.flatnonzero(keep)
    if len(at) < 3:
        return np.zeros(0, np.int64), np.zeros(0)
    chain = chains.chain[at]
    first = np.flatnonzero(np.r_[True, chain[1:] != chain[:-1]])
    last = np.r_[first[1:], len(at)] - 1
    before = np.arange(len(at)) - 1
    before[first] = last
    out, into = chains.step_m[at], chains.step_m[at[before]]
    cos = -(out * into).sum(axis=1) / (chains.length_m[at] * chains.length_m[at[before]])
    return at, np.degrees(np.arccos(np.clip(cos, -1.0, 1.0)))


def _at_vertices(subject: Subject, shapes: Shapes, code: str, at: Ints, text: str, values: list[str], expected: str) -> list[Fault]:
    chains = shapes.chains
    owner = shapes.owner[chains.part[np.searchsorted(chains.offsets, at, side="right") - 1]]
    points = shapely.points(shapes.lonlat(chains.xy[at])) if len(at) else []
    return [
        subject.fault(code, text, row=int(row), value=value, expected=expected, geometry=point)
        for row, value, point in zip(owner, values, points, strict=True)
    ]


def _done(shapes: Shapes, subject: Subject, codes: tuple[str, ...]) -> dict[str, list]:  # type: ignore[type-arg]  # of two kinds
    """done and skipped of checks that look at sound features only."""
    sound = int(shapes.sound.sum())
    left = len(subject.table) - sound
    skipped = [subject.not_run(c, "图形无效或缺失，先改图形", features=left) for c in codes] if left else []
    return {"done": [(c, sound) for c in codes], "skipped": skipped}
