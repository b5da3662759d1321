"""Parcels and layers laid out as the kernel takes them, and the switch between the compiled kernel and its plain twin."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pytest
import shapely

from xygis.overlay.kernel import laying
from xygis.overlay.kernel.library import library
from xygis.overlay.kernel.pieces import Floats, Ints, Pieces, levels
from xygis.overlay.laying_out import Parts, lay_pieces
from xygis.overlay.rings import rings_of

needs_compiled = pytest.mark.skipif(library() is None, reason="the kernel is not compiled here: there is nothing to compare")
NOWHERE = (0.0, 0.0)


def layer_of(features: Sequence[shapely.Geometry], origin: tuple[float, float] = NOWHERE) -> Pieces:
    """A layer, cut and sorted as when it is prepared; the owner of a piece is its part. Coordinates count from the origin."""
    parts, owner = shapely.get_parts(np.array(features, object), return_index=True)
    rings = rings_of(parts, owner.astype(np.int64))
    laying.orient(rings)
    return lay_pieces(Parts(rings=(rings,), origin=np.array(origin))).pieces


def parcels_of(parcels: Sequence[shapely.Geometry], origin: tuple[float, float] = NOWHERE) -> Pieces:
    """Parcels as patch_facts takes them: all rings of a parcel are one piece, whole."""
    parts, owner = shapely.get_parts(np.array(parcels, object), return_index=True)
    rings = rings_of(parts, owner.astype(np.int64))
    laying.orient(rings)
    begin = np.searchsorted(owner, np.arange(len(parcels) + 1))
    first, last = rings.first[begin[:-1]].copy(), rings.last[begin[1:] - 1].copy()
    area, bounds = laying.sizes(rings.xy, rings.ring_offsets, first, last)
    level1, level2 = levels(bounds)
    return Pieces(
        origin=np.array(origin), xy=rings.xy, ring_offsets=rings.ring_offsets, first=first, last=last,
        owner=np.arange(len(parcels)), bounds=bounds, area=area, level1=level1, level2=level2,
    )  # fmt: skip


def by_part(p: Pieces, q: Pieces, found: tuple[Ints, Ints, Floats]) -> Floats:
    """The areas of pairs of pieces, summed by pair of parts."""
    i, j, area = found
    out = np.zeros((int(p.owner.max(initial=-1)) + 1, int(q.owner.max(initial=-1)) + 1))
    np.add.at(out, (p.owner[i], q.owner[j]), area)
    return out


def slack(area: Floats | float) -> Floats | float:
    """What an area may be off: 1e-6 m² and a billionth of it."""
    return 1e-6 + 1e-9 * np.abs(area)


@contextmanager
def plain_kernel() -> Iterator[None]:
    """The plain twins do all the work, as with XYGIS_KERNEL=plain."""
    before = os.environ.get("XYGIS_KERNEL")
    os.environ["XYGIS_KERNEL"] = "plain"
    library.cache_clear()
    try:
        assert library() is None
        yield
    finally:
        if before is None:
            del os.environ["XYGIS_KERNEL"]
        else:
            os.environ["XYGIS_KERNEL"] = before
        library.cache_clear()
