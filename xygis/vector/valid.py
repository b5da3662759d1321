"""Makes one polygon valid, unless its boundary crosses itself so often that this would take minutes and mean nothing."""

from __future__ import annotations

import os

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.errors import BadGeometry, Where

MAX_CROSSINGS = 20_000  # a quarter of a second; a drawn boundary has a handful
_FEW_VERTICES = 200  # too few for that many crossings
_SAMPLE = 256
_MANY, _MANY_VERTICES = 1_000, 1_000_000


def are_valid(geometry: NDArray[np.object_]) -> NDArray[np.bool_]:
    """`shapely.is_valid`, on all processors where there is much to look at."""
    pieces = min(os.cpu_count() or 1, 8)
    if pieces == 1 or len(geometry) < _MANY or int(shapely.get_num_coordinates(geometry).sum()) < _MANY_VERTICES:
        return np.asarray(shapely.is_valid(geometry), dtype=bool)
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(pieces) as pool:
        return np.concatenate(list(pool.map(shapely.is_valid, np.array_split(geometry, 4 * pieces))))


def made_valid(shape: shapely.Geometry, where: Where | None = None) -> shapely.Geometry:
    """The areal structure of an invalid polygon; nothing is buffered by zero. Raises BadGeometry where it is a tangle."""
    if shapely.get_num_coordinates(shape) > _FEW_VERTICES:
        crossings = _crossings(shape)
        if crossings > MAX_CROSSINGS:
            raise BadGeometry(
                what=f"边界自相交约 {crossings:,} 处，不像是地块的边界",
                where=where,
                why=f"自相交超过 {MAX_CROSSINGS:,} 处的图形不予修复；界址点的顺序可能全乱了",
                fix="请核对界址点的顺序，重新导出",
            )
    return shapely.make_valid(shape, method="structure", keep_collapsed=False)


def _crossings(shape: shapely.Geometry) -> int:
    """About how many pairs of edges cross, from a sample of edges."""
    rings = shapely.get_rings(shapely.get_parts(shape)) if shape.geom_type != "GeometryCollection" else np.empty(0, dtype=object)
    edges = []
    for ring in rings:
        xy = shapely.get_coordinates(ring)
        edges.append(np.stack([xy[:-1], xy[1:]], axis=1))
    if not edges:
        return 0
    lines = shapely.linestrings(np.concatenate(edges))
    picked = lines[np.linspace(0, len(lines) - 1, min(_SAMPLE, len(lines))).astype(int)]
    hits = 0
    tree = shapely.STRtree(lines)
    for start in range(0, len(picked), 16):
        hits += len(tree.query(picked[start : start + 16], predicate="crosses")[0])
        if hits * len(lines) > 40 * MAX_CROSSINGS * len(picked):
            break
    return int(hits * len(lines) / len(picked) / 2)
