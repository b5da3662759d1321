"""How much of each class of a layer every parcel overlaps: from the same pass over pairs that measures the areas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.kernel import asking
from xygis.overlay.prepared import Ints, PreparedLayer
from xygis.overlay.sheet import Sheet

UNKNOWN = ""  # the class of a feature that does not say what it is


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassSums:
    """Rows in the order of parcels, then of classes. Features that lie on one another count each for itself."""

    parcel: Ints
    classes: tuple[str, ...]  # of each row
    overlap_m2: Floats
    features: Ints


def class_sums(sheet: Sheet, prepared: PreparedLayer, field: str = "class", *, jobs: int | None = None) -> ClassSums:
    """The overlap of every parcel by the values of one of the layer's fields, in m² of the plane; contact below 1e-6 m² is none."""
    parcel, piece, area = asking.pairs(sheet.pieces, prepared.pieces, jobs=jobs)
    feature = prepared.owner[prepared.piece_part[piece]]
    hit, index = np.unique(feature, return_inverse=True)
    values = [prepared.attributes(f).get(field) for f in hit.tolist()]
    names = sorted({UNKNOWN if v is None else str(v) for v in values})
    place = {name: i for i, name in enumerate(names)}
    number = np.array([place[UNKNOWN if v is None else str(v)] for v in values], np.int64)
    key = parcel * max(1, len(names)) + (number[index] if len(hit) else 0)
    rows, which = np.unique(key, return_inverse=True)
    total: Floats = np.bincount(which, area, len(rows)).astype(float)
    pairs = np.unique(np.column_stack([which, feature]), axis=0)[:, 0] if len(rows) else np.zeros(0, np.int64)
    count = np.bincount(pairs, minlength=len(rows))
    real = total > 1e-6
    return ClassSums(
        parcel=rows[real] // max(1, len(names)),
        classes=tuple(names[i] for i in (rows[real] % max(1, len(names))).tolist()),
        overlap_m2=total[real],
        features=count[real].astype(np.int64),
    )
