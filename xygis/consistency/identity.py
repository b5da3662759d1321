"""The name of a difference patch: the same place under the same rule is called the same in every run on the same data.

A name is county, type and a code of eight signs: 420602-D4-7K3M9QXA. The code is made of what the patch itself is (its rule, its two
layers, its centroid to about a decimetre, its size to about a tenth), so that neither the order of features nor the number of
workers nor what happens elsewhere can change it. A centroid stays where it is when a straight edge gets another vertex, which no
corner and no point inside does. What a patch is called after it has shrunk or grown is the matter of `tracking`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import shapely

from xygis.consistency.result import DifferencePatch
from xygis.geodesy.ellipsoid import Floats

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: they are misread (Crockford)
_LENGTH = 8  # 40 bits: among 200,000 patches of one county and type two share a code in one run of fifty
_CELL_DEG = 1e-6
_SIZE_STEP = np.log(1.1)
# Where cells begin. Drawn coordinates are round numbers: the borders of the cells must not be, or noise would cross them.
_OFFSET = 0.381_966_011_250_105

Taken = Callable[[str], bool]


def identified(patches: Sequence[DifferencePatch]) -> tuple[DifferencePatch, ...]:
    """The patches with their names, worst verdict and largest first."""
    return in_order(named(patches, lambda _: False))


def named(patches: Sequence[DifferencePatch], taken: Taken) -> list[DifferencePatch]:
    """The patches with names of which none is taken and no two are alike, in the order given."""
    cells = _cells(patches)
    given: dict[str, int] = {}
    names = [""] * len(patches)
    # Where two patches ask for the same name, their geometry decides which asks first, never their order.
    first = [_name(p, cell, 0) for p, cell in zip(patches, cells, strict=True)]
    wanted: dict[str, list[int]] = {}
    for i, name in enumerate(first):
        wanted.setdefault(name, []).append(i)
    for name, asking in wanted.items():
        if len(asking) == 1 and not taken(name):
            given[name], names[asking[0]] = asking[0], name
    for name in sorted(n for n in wanted if n not in given):
        for i in sorted(wanted[name], key=lambda i: _exactly(patches[i])):
            turn = 0
            while (other := _name(patches[i], cells[i], turn)) in given or taken(other):
                turn += 1
            given[other], names[i] = i, other
    return [replace(p, id=name) for p, name in zip(patches, names, strict=True)]


def in_order(patches: Sequence[DifferencePatch]) -> tuple[DifferencePatch, ...]:
    """Worst verdict first, then the largest."""
    return tuple(sorted(patches, key=lambda p: (p.verdict.rank, -p.area_m2, p.id)))


def _name(patch: DifferencePatch, cell: tuple[int, int, int], turn: int) -> str:
    layers = "|".join(sorted((patch.a, patch.b)))  # which of them is 甲 depends on the rules of the day
    words = f"{patch.rule}|{layers}|{cell[0]}|{cell[1]}|{cell[2]}" + (f"|{turn}" if turn else "")
    number = int.from_bytes(hashlib.blake2b(words.encode(), digest_size=5).digest())
    code = "".join(_SIGNS[number >> 5 * k & 31] for k in reversed(range(_LENGTH)))
    return f"{patch.county_code or '000000'}-{patch.difference or patch.rule}-{code}"


def _exactly(patch: DifferencePatch) -> tuple[float, bytes]:
    return -patch.area_m2, shapely.to_wkb(shapely.normalize(patch.geometry))


def _cells(patches: Sequence[DifferencePatch]) -> list[tuple[int, int, int]]:
    """(x, y, size) of each patch as whole numbers of cells."""
    if not patches:
        return []
    centroids = _centroids_deg(patches)
    place = np.floor(centroids / _CELL_DEG + _OFFSET).astype(np.int64)
    area = np.array([p.area_m2 for p in patches], float)
    size = np.floor(np.log(np.maximum(area, 1e-9)) / _SIZE_STEP + _OFFSET).astype(np.int64)
    return list(zip(place[:, 0].tolist(), place[:, 1].tolist(), size.tolist(), strict=True))


def _centroids_deg(patches: Sequence[DifferencePatch]) -> Floats:
    """(n, 2) lon/lat. Taken relative to a point near by: products of whole degrees would cost the last millimetres."""
    shapes = np.array([p.geometry for p in patches], object)
    bounds = shapely.bounds(shapes)
    origin = np.round((bounds[:, :2] + bounds[:, 2:]) / 2, 4)
    coords, index = shapely.get_coordinates(shapes, return_index=True)
    near = shapely.set_coordinates(shapes.copy(), (coords - origin[index]) * 1e5)
    centroid = shapely.centroid(near)
    return np.asarray(np.column_stack([shapely.get_x(centroid), shapely.get_y(centroid)]) / 1e5 + origin, float)
