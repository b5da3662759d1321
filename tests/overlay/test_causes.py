"""Why two borders differ: each cause planted by hand, its near miss, and what must not matter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from xygis.geodesy.crs import from_geographic, to_geographic
from xygis.geodesy.plane import OFFICIAL
from xygis.overlay.causes import Cause, CauseKind, causes_of
from xygis.overlay.following import FOLLOW_M
from xygis.overlay.overlap import Geometries
from xygis.overlay.shift import Shift
from xygis.overlay.tolerances import CONTACT_M

Points = Sequence[tuple[float, float]]
K = CauseKind


def band(border: Points, depth: float = -50.0) -> shapely.Polygon:
    """The land on one side of a border that runs east: below it by default, above it with a positive depth."""
    (west, _), (east, _) = border[0], border[-1]
    return shapely.Polygon([*border, (east, depth), (west, depth)])


def array(*shapes: shapely.Geometry) -> Geometries:
    return np.array(shapes, object)


def overlaps(a: Geometries, b: Geometries) -> Geometries:
    return patches_in(shapely.intersection(shapely.union_all(a), shapely.union_all(b)))


def differences(a: Geometries, b: Geometries) -> Geometries:
    return patches_in(shapely.difference(shapely.union_all(a), shapely.union_all(b)))


def patches_in(shape: shapely.Geometry) -> Geometries:
    """Its polygons, but for those that are contact: of a mean width below 1 mm."""
    parts = shapely.get_parts(shape)
    parts = parts[shapely.get_type_id(parts) == 3]
    kept: Geometries = parts[2 * shapely.area(parts) >= CONTACT_M * shapely.length(parts)]
    return kept


def causes(a: Geometries, b: Geometries, shift: Shift | None = None) -> tuple[Cause, ...]:
    found = causes_of(overlaps(a, b), a, b, shift=shift)
    assert found, "the layers were meant to overlap"
    return found


def kinds(a: Geometries, b: Geometries, shift: Shift | None = None) -> set[CauseKind]:
    return {c.kind for c in causes(a, b, shift)}


def wiggle(seed: int, *, count: int = 40, step: float = 10.0, high: float = 6.0) -> np.ndarray:
    """A border of random bends that runs east from 0."""
    rng = np.random.default_rng(seed)
    x = np.arange(count) * step
    return np.column_stack([x, rng.uniform(-high, high, count)]) + rng.uniform(-0.3, 0.3, (count, 2)) * step * (x > 0)[:, None]


def facing(border: np.ndarray, other: np.ndarray) -> tuple[Geometries, Geometries]:
    """The land below one drawing of a border, and the land above another drawing of it."""
    return array(band([tuple(p) for p in border], -100.0)), array(band([tuple(p) for p in other], 100.0))


# T-junction


def test_a_corner_of_a_neighbour_on_a_long_edge_is_a_junction() -> None:
    """The neighbour's corner was meant to lie on the edge and reaches 3 mm over it; the edge has no node there."""
    a = array(band([(0, 0), (100, 0)]))
    b = array(shapely.Polygon([(40, -0.003), (100, 0), (100, 50), (40, 50)]))
    (cause,) = causes(a, b)
    assert cause.kind is K.JUNCTION and cause.proven
    assert cause.max_distance_m == pytest.approx(0.003)
    assert cause.evidence == "乙方的 1 个结点落在甲方的边上，甲方缺结点，最大偏距 0.0030 m"


def test_a_node_between_two_neighbours_is_a_junction() -> None:
    """Two neighbours meet on the edge, 4 cm over it; only they have the node."""
    a = array(band([(0, 0), (100, 0)]))
    b = array(
        shapely.Polygon([(0, 0), (40, -0.04), (40, 50), (0, 50)]), shapely.Polygon([(40, -0.04), (100, 0), (100, 50), (40, 50)])
    )  # fmt: skip
    (cause,) = causes(a, b)
    assert (cause.kind, cause.max_distance_m) == (K.JUNCTION, pytest.approx(0.04))


@pytest.mark.parametrize("off", [0.06, 0.15, 2.0])
def test_a_node_too_far_over_the_edge_is_real(off: float) -> None:
    """More than 5 cm over the edge nobody can say that the node was meant to lie on it."""
    a = array(band([(0, 0), (100, 0)]))
    b = array(
        shapely.Polygon([(0, 0), (40, -off), (40, 50), (0, 50)]), shapely.Polygon([(40, -off), (100, 0), (100, 50), (40, 50)])
    )  # fmt: skip
    (cause,) = causes(a, b)
    assert cause.kind is K.REAL and not cause.proven
    assert "按真实差异对待" in cause.evidence


# Densified


def test_more_vertices_along_the_same_edges_are_densification() -> None:
    """Every 10 m a vertex more, 4 mm off to either side; the corners are the same."""
    corners = [(0.0, 0.0), (100.0, 0.0), (130.0, 60.0)]
    more = [(float(x), 0.004 * (-1) ** (x // 10)) for x in range(10, 100, 10)]
    a, b = array(band(corners, -200)), array(band([corners[0], *more, *corners[1:]], 200))
    found = causes(a, b)
    assert len(found) == 5, "every second vertex lies in the land below"
    assert {c.kind for c in found} == {K.DENSIFIED}
    assert all("乙方含甲方的全部顶点" in c.evidence for c in found)


def test_an_edge_moved_by_a_few_centimetres_is_no_densification() -> None:
    """Two vertices more, both 4 cm to the same side: a strip of 3 m² was taken."""
    a = array(band([(0, 0), (100, 0)]))
    b = array(band([(0, 0), (10, -0.04), (90, -0.04), (100, 0)], 50))
    assert kinds(a, b) == {K.REAL}


# A real encroachment


@pytest.mark.parametrize("vertices", [2, 5, 20, 80])
def test_a_strip_taken_on_purpose_is_real(vertices: int) -> None:
    """0.15 m wide, 200 m long, with vertices of its own: 30 m² that nothing may set aside."""
    edge = [(-300.0, 3.0), (0.0, 0.0), (200.0, 0.0), (500.0, -4.0)]
    strip = [(float(x), -0.15) for x in np.linspace(0, 200, vertices)]
    a, b = array(band(edge)), array(band([*edge[:2], *strip, *edge[2:]], 50))
    (cause,) = causes(a, b)
    assert cause.kind is K.REAL
    assert cause.max_distance_m == pytest.approx(0.15)
    assert overlaps(a, b)[0].area == pytest.approx(30.0)


@pytest.mark.parametrize("offset", [0.0, 0.15])
def test_a_strip_between_other_vertices_is_real(offset: float) -> None:
    """A wall put 0.15 m over a border, drawn with corners of its own; also where corners are whole metres."""
    a = array(shapely.box(0, 0, 100, 100), shapely.box(0, 100, 100, 200))
    b = array(shapely.box(-200, -offset, 0.15, 100 + offset))
    assert kinds(a, b) == {K.REAL}


def test_a_strip_in_a_border_drawn_twice_is_real() -> None:
    """The borders wander by 3 cm, but along 200 m one was put 0.15 m over the other."""
    line = wiggle(5, count=90)
    rng = np.random.default_rng(6)
    other = line + rng.normal(0, 0.02, line.shape) + [5.0, 0.0]
    other[:, 1] = np.interp(other[:, 0], line[:, 0], line[:, 1]) + rng.normal(0, 0.02, len(line))
    strip = (other[:, 0] > 350) & (other[:, 0] < 550)
    other[strip, 1] -= 0.15
    a, b = facing(line, other[:-1])
    patches = overlaps(a, b)
    largest = int(np.argmax(shapely.area(patches)))
    assert patches[largest].area > 20
    assert causes_of(patches, a, b, shift=None)[largest].kind is K.REAL


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    width=st.floats(0.1, 0.19),
    length=st.floats(60, 300),
    every=st.floats(2, 60),
    rest=st.sampled_from(["same", "rounded", "simplified", "again"]),
)
def test_any_strip_taken_on_purpose_is_real(seed: int, width: float, length: float, every: float, rest: str) -> None:
    """Along some stretch a border was put 10 to 19 cm over the other, with vertices of its own; whatever the rest of it is."""
    line = curvy(seed)
    drawings = {"same": line, "rounded": np.round(line, 2), "simplified": simplified(line, 0.02), "again": drawn_again(line, seed, 0.01)}
    west = 200 + seed % 150
    beside = shapely.LineString(line[(line[:, 0] >= west) & (line[:, 0] <= west + length)]).offset_curve(-width)
    own = shapely.get_coordinates(shapely.line_interpolate_point(beside, np.append(np.arange(0, beside.length, every), beside.length)))
    other = drawings[rest]
    other = np.vstack([other[other[:, 0] < own[0, 0] - 0.5], own, other[other[:, 0] > own[-1, 0] + 0.5]])
    a, b = facing(line, other)
    patches = overlaps(a, b)
    middle = shapely.LineString(line[(line[:, 0] >= west) & (line[:, 0] <= west + length)]).offset_curve(-width / 2)
    inside = shapely.STRtree(patches).query(shapely.line_interpolate_point(middle, np.linspace(0.1, 0.9, 9), normalized=True), "within")[1]
    found = causes_of(patches, a, b, shift=None)
    assert every > 10 or len(inside) > 4, "the strip is there"
    assert {found[i].kind for i in inside} <= {K.REAL}


# Rounding


@pytest.mark.parametrize("grid", [0.01, 0.1, 1.0])
def test_rounded_vertices_name_their_grid(grid: float) -> None:
    """All vertices of one border are those of the other, rounded; the grid is told."""
    line = wiggle(1)
    a, b = facing(line, np.round(line / grid) * grid)
    found = causes(a, b)
    assert {c.kind for c in found} == {K.ROUNDING}
    assert all(f"取整格网 {grid:g} m" in c.evidence for c in found)
    assert all("乙方的对应顶点都等于甲方顶点" in c.evidence for c in found)


def test_one_vertex_off_refutes_rounding() -> None:
    """The vertex in the middle was put 6 cm off where rounding to 0.1 m moves at most 5: its patches are not proven."""
    line = wiggle(1)
    rounded = np.round(line, 1)
    exact = rounded[20].copy()
    rounded[20] = line[20] + [0.0, -0.13]
    a, b = facing(line, rounded)
    near = [c for c, p in zip(causes(a, b), overlaps(a, b), strict=True) if p.distance(shapely.Point(exact)) < 1]
    assert near and {c.kind for c in near} == {K.REAL}


def test_one_way_moves_are_no_rounding() -> None:
    """All vertices lie on whole metres and were moved 0.15 m the same way: that is a strip, not rounding to 1 m."""
    rng = np.random.default_rng(3)
    line = np.column_stack([np.arange(40) * 10.0, rng.integers(-6, 6, 40)])
    a, b = facing(line + [0, 0.15], line)
    found = causes_of(overlaps(a, b), a, b, shift=None)
    assert {c.kind for c in found} == {K.REAL}


def test_rounding_in_the_coordinates_of_the_file_is_found_in_the_plane() -> None:
    """Drawn in zone 37 and rounded there to 0.01 m; the official plane turns and stretches the grid."""
    line = wiggle(2) * 3 + (37_512_345.678, 3_546_789.123)

    def plane(xy: np.ndarray) -> np.ndarray:
        return np.column_stack(OFFICIAL.forward(*to_geographic("EPSG:4525", xy[:, 0], xy[:, 1])))

    def back(xy: np.ndarray) -> np.ndarray:
        return np.column_stack(from_geographic("EPSG:4525", *OFFICIAL.inverse(xy[:, 0], xy[:, 1])))

    def land(border: np.ndarray, side: float) -> shapely.Polygon:
        ring = np.vstack([border, border[-1] + (0, side), border[0] + (0, side)])
        return shapely.Polygon(plane(ring))

    a, b = array(land(line, -300)), array(land(np.round(line, 2), 300))
    patches = overlaps(a, b)
    with_files = causes_of(patches, a, b, shift=None, to_source_a=back, to_source_b=back)
    assert {c.kind for c in with_files} == {K.ROUNDING}
    assert all("0.01 m" in c.evidence for c in with_files)
    assert K.ROUNDING not in {c.kind for c in causes_of(patches, a, b, shift=None)}, "no grid in the plane"


def test_degrees_rounded_to_seven_decimals() -> None:
    """A file in degrees with seven decimals: about one centimetre."""
    line = wiggle(4) * 2e-5 + (112.1, 32.0)

    def plane(xy: np.ndarray) -> np.ndarray:
        return np.column_stack(OFFICIAL.forward(xy[:, 0], xy[:, 1]))

    def back(xy: np.ndarray) -> np.ndarray:
        return np.column_stack(OFFICIAL.inverse(xy[:, 0], xy[:, 1]))

    def land(border: np.ndarray, side: float) -> shapely.Polygon:
        return shapely.Polygon(plane(np.vstack([border, border[-1] + (0, side), border[0] + (0, side)])))

    a, b = array(land(line, -0.01)), array(land(np.round(line, 7), 0.01))
    found = causes_of(overlaps(a, b), a, b, shift=None, to_source_a=back, to_source_b=back)
    assert {c.kind for c in found} == {K.ROUNDING}
    assert all("0.0000001°" in c.evidence for c in found)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), grid=st.sampled_from([0.01, 0.1]))
def test_any_rounded_border_is_rounding_from_either_side(seed: int, grid: float) -> None:
    """Whatever the border and the layer named first; the evidence names the rounded side."""
    line = wiggle(seed)
    a, b = facing(line, np.round(line / grid) * grid)
    patches = overlaps(a, b)
    here, there = causes_of(patches, a, b, shift=None), causes_of(patches, b, a, shift=None)
    assert {c.kind for c in here} <= {K.ROUNDING} and {c.kind for c in there} <= {K.ROUNDING}
    assert [c.max_distance_m for c in here] == [c.max_distance_m for c in there]
    assert all(c.evidence.startswith("乙方") for c in here) and all(c.evidence.startswith("甲方") for c in there)


# Generalised


def simplified(line: np.ndarray, tolerance: float) -> np.ndarray:
    return shapely.get_coordinates(shapely.simplify(shapely.LineString(line), tolerance))


def curvy(seed: int, count: int = 160) -> np.ndarray:
    """A smooth border with a vertex every 5 m."""
    rng = np.random.default_rng(seed)
    x = np.arange(count) * 5.0
    waves = sum(rng.uniform(1, 3) * np.sin(x / rng.uniform(15, 40) + rng.uniform(0, 6)) for _ in range(3))
    return np.column_stack([x, waves])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_simplified_border_is_generalisation(seed: int) -> None:
    """Douglas–Peucker with 0.15 m: the patches between the borders are proven, and never anything else but real."""
    line = curvy(seed)
    a, b = facing(line, simplified(line, 0.15))
    found = causes(a, b)
    assert {c.kind for c in found} <= {K.GENERALISED, K.DENSIFIED, K.JUNCTION, K.REAL}
    assert sum(c.proven for c in found) >= 0.75 * len(found)
    assert K.GENERALISED in {c.kind for c in found}, "what is off by less than 5 cm counts as densified"
    assert all("乙方的顶点都是甲方的顶点" in c.evidence for c in found if c.kind is K.GENERALISED)


@pytest.mark.parametrize("edges", [1, 2])
def test_a_bulge_or_two_left_out_are_no_generalisation(edges: int) -> None:
    """Along one or two edges vertices were left out, everywhere else the borders are the same: somebody cut a corner."""
    line = wiggle(8)
    other = [line[:1]]
    for k in range(1, len(line)):
        if k in (20, 23)[:edges]:
            other.append(np.array([line[k - 1] * (1 - t) + line[k] * t + [0, -0.12 * np.sin(np.pi * t)] for t in (0.25, 0.5, 0.75)]))
        other.append(line[k : k + 1])
    a, b = facing(line, np.vstack(other))
    assert kinds(a, b) == {K.REAL}


# Digitised twice


def drawn_again(line: np.ndarray, seed: int, noise: float = 0.02) -> np.ndarray:
    """The same course, vertices of its own every few metres, a few centimetres off."""
    rng = np.random.default_rng(seed)
    course = shapely.LineString(line)
    along = np.unique(np.r_[shapely.line_locate_point(course, shapely.points(line)) + 0.0, np.arange(3, course.length, 7.0)])
    along = along[1:-1][np.diff(along[:-1]) > 1.0]
    points = shapely.get_coordinates(shapely.line_interpolate_point(course, along))
    points = points + rng.normal(0, noise, points.shape)
    points = points[(points[:, 0] > 0.1) & (points[:, 0] < line[-1][0] - 0.1)]
    return np.vstack([line[0], points[np.argsort(points[:, 0])], line[-1]])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_border_drawn_twice_is_told(seed: int) -> None:
    """Centimetres off to either side, other vertices: most patches are proven, and what is not is real."""
    line = curvy(seed)
    a, b = facing(line, drawn_again(line, seed))
    found = causes(a, b)
    assert {c.kind for c in found} <= {K.DIGITISED_TWICE, K.JUNCTION, K.REAL}
    assert sum(c.kind is K.DIGITISED_TWICE for c in found) >= 0.6 * len(found)


@pytest.mark.parametrize(("offset", "noise"), [(0.05, 0.02), (0.1, 0.02), (0.5, 0.02), (0.05, 0.04)])
def test_a_border_off_to_one_side_is_real(offset: float, noise: float) -> None:
    """Drawn again, but systematically to one side: somebody gained a strip, also where it hides in the noise."""
    line = curvy(7)
    other = drawn_again(line, 7, noise) - [0, offset]
    a, b = facing(line, other)
    patches = overlaps(a, b)
    found = causes_of(patches, a, b, shift=None)
    assert sum(p.area for p, c in zip(patches, found, strict=True) if c.proven) < 0.02 * shapely.area(patches).sum()


# Shift


def moved(shapes: Geometries, dx: float, dy: float) -> Geometries:
    return np.asarray(shapely.transform(shapes, lambda c: c + (dx, dy)))


def shift_of(dx: float, dy: float, spread: float = 0.0) -> Shift:
    return Shift(dx_m=dx, dy_m=dy, matched=100, corners=120, spread_m=spread)


def fields(seed: int) -> Geometries:
    """Fields with wiggly borders that share their vertices."""
    rng = np.random.default_rng(seed)
    corner = np.stack(np.meshgrid(np.arange(6) * 80.0, np.arange(6) * 60.0), axis=-1) + rng.uniform(-15, 15, (6, 6, 2))
    return np.array(
        [shapely.Polygon([corner[i, j], corner[i, j + 1], corner[i + 1, j + 1], corner[i + 1, j]]) for i in range(5) for j in range(5)],
        object,
    )


def test_patches_of_a_shifted_layer_are_shift_but_for_what_was_changed() -> None:
    """The layer lies 0.3 m off. Where it was the same before, the patch vanishes; a strip taken besides stays real."""
    a = fields(1)
    strip = a[12].buffer(0.15, join_style="mitre")
    changed = a.copy()
    changed[12] = strip
    for b, expected in ((a, {K.SHIFT}), (changed, {K.SHIFT, K.REAL})):
        b = moved(b, 0.24, -0.18)
        patches = differences(a, b)
        found = causes_of(patches, a, b, shift=shift_of(0.24, -0.18))
        assert {c.kind for c in found} <= expected
    lone = array(a[12])
    other = moved(array(strip), 0.24, -0.18)
    assert {c.kind for c in causes_of(differences(other, lone), lone, other, shift=shift_of(0.24, -0.18))} == {K.REAL}
    unknown = causes_of(differences(a, moved(a, 0.24, -0.18)), a, moved(a, 0.24, -0.18), shift=None)
    assert {c.kind for c in unknown} == {K.REAL}


def test_shifted_and_rounded() -> None:
    """Rounded to 0.1 m, then displaced by 0.3 m: shifted back, the vertices are the rounded ones."""
    line = wiggle(11)
    a, b = facing(line, np.round(line, 1) + [0.0, -0.3])
    found = causes(a, b, shift_of(0.0, -0.3, spread=0.04))
    assert {c.kind for c in found} == {K.SHIFT}
    assert all("取整格网 0.1 m" in c.evidence and "整体偏移" in c.evidence for c in found)


# What must not matter


def mixed() -> tuple[Geometries, Geometries]:
    """Borders of every kind, one above the other."""
    a, b = [], []
    line = wiggle(1)
    smooth = curvy(3)
    for k, (one, other) in enumerate(
        [
            (line, np.round(line, 1)),
            (smooth, simplified(smooth, 0.15)),
            (smooth, drawn_again(smooth, 3)),
            (np.array([(0.0, 0.0), (100.0, 0.0)]), np.array([(0.0, 0.0), (30.0, -0.004), (60.0, -0.009), (100.0, 0.0)])),
            (np.array([(0.0, 0.0), (100.0, 0.0)]), np.array([(0.0, 0.0), (0.0, -0.15), (100.0, -0.15), (100.0, 0.0)])),
        ]
    ):
        below, above = facing(one, other)
        a.append(moved(below, 0, 1000.0 * k)[0])
        b.append(moved(above, 0, 1000.0 * k)[0])
    return array(*a), array(*b)


def told(found: Sequence[Cause]) -> list[tuple[str, float | None]]:
    return [(c.kind.value, None if c.max_distance_m is None else round(c.max_distance_m, 6)) for c in found]


def test_neither_order_nor_place_nor_splitting_matters() -> None:
    """Features in another order, rings begun elsewhere, everything moved, or features cut in two: the same causes."""
    a, b = mixed()
    patches = overlaps(a, b)
    expected = causes_of(patches, a, b, shift=None)
    assert {K.ROUNDING, K.GENERALISED, K.DIGITISED_TWICE, K.DENSIFIED, K.REAL} <= {c.kind for c in expected}
    turned = np.array([shapely.Polygon(np.roll(shapely.get_coordinates(g)[:-1], 7, axis=0)[::-1]) for g in b[::-1]], object)
    assert told(expected) == told(causes_of(patches, a[::-1], turned, shift=None))
    assert told(expected)[::-1] == told(causes_of(patches[::-1], a, b, shift=None))
    far = (123_456.789, 3_543_210.123)
    assert told(expected) == told(causes_of(moved(patches, *far), moved(a, *far), moved(b, *far), shift=None))
    halves = np.concatenate(
        [shapely.get_parts(shapely.intersection(a, shapely.box(*box))) for box in ((-500, -500, 43, 9000), (43, -500, 900, 9000))]
    )  # fmt: skip
    assert told(expected) == told(causes_of(patches, halves, b, shift=None))


def test_patches_cut_on_a_fine_grid_have_the_same_causes() -> None:
    """Who computes patches may round their vertices to 0.01 mm; the borders they are tested by are the layers' own."""
    a, b = mixed()
    patches = overlaps(a, b)
    cut = np.asarray(shapely.set_precision(patches, 1e-5))
    expected, found = causes_of(patches, a, b, shift=None), causes_of(cut, a, b, shift=None)
    assert [c.kind for c in expected] == [c.kind for c in found]
    assert [c.max_distance_m for c in expected] == [pytest.approx(c.max_distance_m, abs=1e-4) for c in found]


def test_swapping_the_layers_mirrors_the_causes() -> None:
    """The same kinds and distances; the evidence names the other side."""
    a, b = mixed()
    patches = overlaps(a, b)
    here, there = causes_of(patches, a, b, shift=None), causes_of(patches, b, a, shift=None)
    assert told(here) == told(there)
    mirror = str.maketrans("甲乙", "乙甲")
    assert [c.evidence.translate(mirror) for c in here] == [c.evidence for c in there]


def test_a_patch_of_one_layer_only_is_real() -> None:
    """A field that the other layer does not have at all; far off, the distance is not told."""
    a, b = array(shapely.box(0, 0, 10, 10)), array(shapely.box(20, 0, 30, 10))
    (cause,) = causes_of(a, a, b, shift=None)
    assert (cause.kind, cause.max_distance_m) == (K.REAL, None)
    wide = array(shapely.box(5, 0, 30, 10))
    (cause,) = causes_of(overlaps(a, wide), a, wide, shift=None)
    assert (cause.kind, cause.max_distance_m) == (K.REAL, None)
    assert f"{FOLLOW_M:g} m" in cause.evidence


def test_patches_of_several_pieces_and_layers_without_features() -> None:
    """A patch of two pieces has one cause, the worse one; against nothing everything is real."""
    a, b = mixed()
    patches = overlaps(a, b)
    found = causes_of(patches, a, b, shift=None)
    rounded = [p for p, c in zip(patches, found, strict=True) if c.kind is K.ROUNDING]
    real = [p for p, c in zip(patches, found, strict=True) if c.kind is K.REAL]
    both = array(shapely.multipolygons(rounded[:2]), shapely.multipolygons([rounded[0], real[-1]]))
    assert [c.kind for c in causes_of(both, a, b, shift=None)] == [K.ROUNDING, K.REAL]
    for none in (np.zeros(0, object), array(shapely.box(9e3, 9e3, 9e3 + 1, 9e3 + 1))):
        assert {c.kind for c in causes_of(patches[:3], a, none, shift=None)} == {K.REAL}
        assert {c.kind for c in causes_of(patches[:3], none, b, shift=shift_of(0.3, 0.0))} == {K.REAL}


def test_no_patches_no_causes() -> None:
    assert causes_of(np.zeros(0, object), array(shapely.box(0, 0, 1, 1)), np.zeros(0, object), shift=None) == ()


def test_every_kind_has_a_label() -> None:
    """All different, all Chinese."""
    labels = [k.label for k in CauseKind]
    assert len(set(labels)) == len(labels) == 7
