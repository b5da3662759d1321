"""`compare`: two files in, the matrix of their classes out, and where it is asked for the patches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xygis.compare.groups import Groups
from xygis.compare.pairing import Matrix, PartPairs, Progress, matrix, part_pairs
from xygis.compare.patches import Patches, patches
from xygis.compare.side import Side, read_side
from xygis.geodesy.plane import Plane


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """patches: None where they were not asked for."""

    plane: Plane
    a: Side
    b: Side
    matrix: Matrix
    patches: Patches | None

    @property
    def overlap_m2(self) -> float:
        return float(self.matrix.overlap_m2.sum())


def compare(
    a: Path,
    b: Path,
    *,
    by: tuple[str, str] | None = None,
    plane: Plane | None = None,
    geometry: bool = False,
    groups: Groups | None = None,
    crs: Mapping[str, str] | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Every overlap of two files of polygons, by class; areas in m² of the plane, by default official ones.

    by: the class field of either file. geometry: patches too; groups: only those whose groups differ.
    """
    plane = plane or Plane()
    fields = by or (None, None)

    def read(path: Path, field: str | None) -> Side:
        return read_side(path, field, plane, crs=(crs or {}).get(str(path)), attributes=geometry, jobs=jobs)

    left, right = read(a, fields[0]), read(b, fields[1])  # one after the other: two readers only wait for each other
    found = part_pairs(left, right, jobs=jobs, progress=progress)
    made = patches(left, right, found, _wanted(left, right, found, groups), jobs) if geometry else None
    return Comparison(plane=plane, a=left, b=right, matrix=matrix(left, right, found), patches=made)


def _wanted(a: Side, b: Side, found: PartPairs, groups: Groups | None) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    if groups is None:
        return np.ones(len(found.a), bool)
    names_a, names_b = groups.of("a", a.classes), groups.of("b", b.classes)
    number = {name: i for i, name in enumerate(sorted({*names_a, *names_b}))}
    of_a, of_b = np.array([number[n] for n in names_a]), np.array([number[n] for n in names_b])
    differ: np.ndarray[tuple[int], np.dtype[np.bool_]] = of_a[a.class_of[a.owner[found.a]]] != of_b[b.class_of[b.owner[found.b]]]
    return differ
