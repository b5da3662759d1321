"""The ground cut once into faces that share every border: fields, hill slopes, city blocks, rivers, villages.

All layers that speak of the same ground are unions of these faces, so they agree to the last bit where they should.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.spatial
import shapely

from tests.reference_atlas.plane import GRID_M

Size = Callable[[float, float], float]


def waves(xy: np.ndarray, rng: np.random.Generator, scales: list[tuple[float, float]]) -> np.ndarray:
    """A smooth displacement of points: for each (wavelength, amplitude) in metres a few sine waves in random directions."""
    out = np.zeros_like(xy)
    for length, amplitude in scales:
        for _ in range(3):
            turn, phase = rng.uniform(0, 2 * np.pi, 2)
            side = rng.uniform(0, 2 * np.pi)
            k = 2 * np.pi / (length * rng.uniform(0.7, 1.4))
            wave = amplitude / 2 * np.sin(k * (xy[:, 0] * np.cos(turn) + xy[:, 1] * np.sin(turn)) + phase)
            out += np.column_stack([wave * np.cos(side), wave * np.sin(side)])
    return out


def noise(xy: np.ndarray, rng: np.random.Generator, length: float) -> np.ndarray:
    """A smooth random field of about unit spread. xy: (n, 2) metres."""
    return waves(xy, rng, [(length, 1.0), (length / 2.7, 0.6)]).sum(axis=1)


def rectangles(box: tuple[float, float, float, float], size_m2: Size, keep: Any, rng: np.random.Generator, *, turn: float) -> np.ndarray:
    """Leaves (x0, y0, x1, y1) of a random binary subdivision, in whole metres, in a frame turned by `turn` radians."""
    c, s = np.cos(turn), np.sin(turn)
    shapely.prepare(keep)
    leaves, stack = [], [box]
    while stack:
        x0, y0, x1, y1 = stack.pop()
        w, h = x1 - x0, y1 - y0
        mx, my = (x0 + x1) / 2, (y0 + y1) / 2
        px, py = mx * c - my * s, mx * s + my * c
        if w * h < 4e8 and not keep.intersects(shapely.Point(px, py).buffer(max(w, h), 2)):
            continue
        if w * h <= size_m2(px, py) * rng.uniform(0.7, 1.9):
            leaves.append((x0, y0, x1, y1))
            continue
        at = rng.uniform(0.36, 0.64)
        if w > h * rng.uniform(0.75, 1.35):
            m = int(x0 + w * at)
            stack += [(x0, y0, m, y1), (m, y0, x1, y1)]
        else:
            m = int(y0 + h * at)
            stack += [(x0, y0, x1, m), (x0, m, x1, y1)]
    return np.array(leaves, dtype=float)


def _node_to_node(leaves: np.ndarray) -> np.ndarray:
    """Edges (m, 2, 2) of the leaves, broken at every corner that lies on them. Whole metres, so this is exact."""
    boxes = shapely.box(leaves[:, 0], leaves[:, 1], leaves[:, 2], leaves[:, 3])
    pieces = shapely.get_parts(shapely.union_all(shapely.get_exterior_ring(boxes)))
    xy, index = shapely.get_coordinates(pieces, return_index=True)
    inside = index[:-1] == index[1:]
    return np.stack([xy[:-1][inside], xy[1:][inside]], axis=1)


def bent(edges: np.ndarray, rng: np.random.Generator, *, jitter: float, bend: float, step_m: float) -> Any:
    """Lines along the edges, corners moved by a share of the shortest edge at them, with softly random points between."""
    flat = edges.reshape(-1, 2)
    nodes, which = np.unique(flat, axis=0, return_inverse=True)
    which = which.reshape(-1)
    length = np.linalg.norm(edges[:, 1] - edges[:, 0], axis=1)
    shortest = np.full(len(nodes), np.inf)
    np.minimum.at(shortest, which, np.repeat(length, 2))
    nodes = nodes + rng.uniform(-1, 1, nodes.shape) * (jitter * shortest)[:, None]
    a, b = nodes[which[0::2]], nodes[which[1::2]]
    parts = np.clip(np.round(length / step_m), 1, 5).astype(int)
    lines = np.empty(len(edges), dtype=object)
    for n in np.unique(parts):
        rows = np.flatnonzero(parts == n)
        t = np.linspace(0, 1, n + 1)
        line = a[rows, None] * (1 - t)[None, :, None] + b[rows, None] * t[None, :, None]
        d = b[rows] - a[rows]
        normal = np.stack([-d[:, 1], d[:, 0]], axis=1)
        off = rng.normal(0, bend, (len(rows), n + 1)) * np.sin(np.pi * t)[None, :]
        line = line + normal[:, None, :] * off[:, :, None]
        lines[rows] = shapely.linestrings(line.reshape(-1, 2), indices=np.repeat(np.arange(len(rows)), n + 1))
    return lines


def field_lines(
    region: Any,
    size_m2: Size,
    rng: np.random.Generator,
    *,
    turn: float,
    scales: list[tuple[float, float]],
    step_m: float,
    jitter: float,
    bend: float,
) -> Any:
    """Borders of field-like blocks over a region, before they are clipped to it."""
    west, south, east, north = region.bounds
    c, s = np.cos(-turn), np.sin(-turn)
    corners = np.array([(x * c - y * s, x * s + y * c) for x in (west, east) for y in (south, north)])
    lo, hi = np.floor(corners.min(axis=0)) - 3000, np.ceil(corners.max(axis=0)) + 3000
    leaves = rectangles((lo[0], lo[1], hi[0], hi[1]), size_m2, region, rng, turn=turn)
    lines = bent(_node_to_node(leaves), rng, jitter=jitter, bend=bend, step_m=step_m)
    c, s = np.cos(turn), np.sin(turn)

    def place(xy: np.ndarray) -> np.ndarray:
        xy = np.column_stack([xy[:, 0] * c - xy[:, 1] * s, xy[:, 0] * s + xy[:, 1] * c])
        return xy + waves(xy, np.random.default_rng(5), scales)

    return shapely.transform(lines, place)


def slope_lines(region: Any, count: int, rng: np.random.Generator, *, bend: float = 0.1, step_m: float = 700) -> Any:
    """Borders of a Voronoi net with ragged edges, for slopes and forest."""
    west, south, east, north = region.bounds
    area = (east - west) * (north - south)
    seeds = rng.uniform((west - 5000, south - 5000), (east + 5000, north + 5000), (int(count * area / region.area * 1.1), 2))
    net = scipy.spatial.Voronoi(seeds)
    ridges = np.array([r for r in net.ridge_vertices if -1 not in r])
    edges = net.vertices[ridges]
    length = np.linalg.norm(edges[:, 1] - edges[:, 0], axis=1)
    middle = edges.mean(axis=1)
    near = (
        (length > 1)
        & (length < 2e4)
        & (middle[:, 0] > west - 3000)
        & (middle[:, 0] < east + 3000)
        & (middle[:, 1] > south - 3000)
        & (middle[:, 1] < north + 3000)
    )
    return bent(edges[near], rng, jitter=0.0, bend=bend, step_m=step_m)


def clip_lines(lines: Any, region: Any) -> list[Any]:
    """The lines inside a region; whole lines are passed on as they are."""
    shapely.prepare(region)
    inside = shapely.contains_properly(region, lines)
    rest = lines[~inside]
    rest = rest[shapely.intersects(region, rest)]
    cut = shapely.intersection(rest, region)
    return [*lines[inside], *[p for p in shapely.get_parts(cut) if p.geom_type in ("LineString", "MultiLineString")]]


def faces_of(lines: list[Any]) -> np.ndarray:
    """Every face between the lines, after one snap-rounded noding of them all."""
    net = shapely.union_all(np.array(lines, dtype=object), grid_size=GRID_M)
    return shapely.get_parts(shapely.polygonize(shapely.get_parts(net)))


def neighbours(faces: np.ndarray) -> np.ndarray:
    """(k, 3) rows a, b, metres of border shared, a < b. Borders are bit-identical, so they are found by hashing segments."""
    rings = shapely.get_rings(faces)
    owner = np.repeat(np.arange(len(faces)), shapely.get_num_interior_rings(faces) + 1)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[:-1] == ring[1:]
    a, b, face = xy[:-1][inside], xy[1:][inside], owner[ring[:-1][inside]]
    flip = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    a[flip], b[flip] = b[flip], a[flip].copy()
    order = np.lexsort((face, b[:, 1], b[:, 0], a[:, 1], a[:, 0]))
    a, b, face = a[order], b[order], face[order]
    same = (a[:-1] == a[1:]).all(axis=1) & (b[:-1] == b[1:]).all(axis=1)
    left, right = face[:-1][same], face[1:][same]
    length = np.linalg.norm((b - a)[:-1][same], axis=1)
    pairs = np.column_stack([np.minimum(left, right), np.maximum(left, right)])
    unique, inverse = np.unique(pairs, axis=0, return_inverse=True)
    return np.column_stack([unique, np.bincount(inverse.reshape(-1), weights=length)])


def groups(a: np.ndarray, b: np.ndarray, count: int) -> np.ndarray:
    """Number of the connected group of each of `count` faces, joined by the pairs a, b."""
    graph = scipy.sparse.coo_matrix((np.ones(len(a)), (a, b)), shape=(count, count))
    return scipy.sparse.csgraph.connected_components(graph, directed=False)[1]


def united(faces: np.ndarray, group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Union of each group of faces, and for each the first face in it."""
    order = np.argsort(group, kind="stable")
    cuts = np.flatnonzero(np.diff(group[order])) + 1
    parts = np.split(order, cuts)
    shapes = np.array([faces[p[0]] if len(p) == 1 else shapely.coverage_union_all(faces[p]) for p in parts], dtype=object)
    return shapes, np.array([p[0] for p in parts])


def without_crumbs(faces: np.ndarray, label: np.ndarray, *, least_m2: float, least_width_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Faces with the small and thin ones given to the neighbour of the longest border, of the same label if there is one."""
    for _ in range(3):
        crumb = (faces_area := shapely.area(faces)) < least_m2
        crumb |= (2 * faces_area / shapely.length(faces) < least_width_m) & (faces_area < 4 * least_m2)
        if not crumb.any():
            break
        link = neighbours(faces)
        a, b, length = link[:, 0].astype(int), link[:, 1].astype(int), link[:, 2]
        score = length * np.where(label[a] == label[b], 1e6, 1.0)
        best, to = np.full(len(faces), -1.0), np.full(len(faces), -1)
        for x, y in ((a, b), (b, a)):
            rows = np.flatnonzero(crumb[x] & ~crumb[y])
            rows = rows[np.lexsort((score[rows], x[rows]))]
            last = np.r_[np.flatnonzero(np.diff(x[rows])), len(rows) - 1] if len(rows) else rows
            rows = rows[last]
            better = score[rows] > best[x[rows]]
            best[x[rows][better]], to[x[rows][better]] = score[rows][better], y[rows][better]
        give = np.flatnonzero(to >= 0)
        group = np.arange(len(faces))
        group[give] = to[give]
        shapes, first = united(faces, group)
        keeper = group[first]
        faces, label = shapes, label[keeper]
        polygon = shapely.get_type_id(faces) == 3
        if not polygon.all():
            parts, index = shapely.get_parts(faces, return_index=True)
            faces, label = parts, label[index]
    return faces, label


def inside(points: Any, zones: list[Any]) -> np.ndarray:
    """For each point the number of the first zone that holds it, or -1."""
    out = np.full(len(points), -1)
    for n in range(len(zones) - 1, -1, -1):
        shapely.prepare(zones[n])
        out[shapely.contains(zones[n], points)] = n
    return out
