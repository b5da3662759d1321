"""Splitting edges as the land survey does."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xygis.geodesy.edges import split_edges

GAUSS = "EPSG:4526"
coordinate = st.floats(min_value=0, max_value=3000, allow_nan=False).map(lambda v: round(v, 3))
chains = st.lists(st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=7), min_size=1, max_size=4)


def ragged(parts: list[list[tuple[float, float]]]) -> tuple[np.ndarray, np.ndarray]:
    origin = np.array([38_500_000.0, 3_550_000.0])
    return np.vstack([np.array(p) + origin for p in parts]), np.r_[0, np.cumsum([len(p) for p in parts])]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(chains)
def test_pieces_are_short_given_vertices_kept_chains_apart(parts: list[list[tuple[float, float]]]) -> None:
    """Each edge becomes ⌊L/70⌋ + 1 equal pieces, vertices stay to the bit, and no edge runs from one chain to the next."""
    coords, offsets = ragged(parts)
    out, out_offsets = split_edges(coords, offsets, GAUSS)
    assert len(offsets) == len(out_offsets)
    for k in range(len(parts)):
        given_, made = coords[offsets[k] : offsets[k + 1]], out[out_offsets[k] : out_offsets[k + 1]]
        at = 0
        for start, end in zip(given_[:-1], given_[1:], strict=True):
            pieces = math.floor(math.hypot(*(end - start)) / 70) + 1
            assert made[at].tobytes() == start.tobytes()
            np.testing.assert_allclose(made[at : at + pieces + 1], np.linspace(start, end, pieces + 1), rtol=0, atol=2e-8)
            at += pieces
        assert made[at].tobytes() == given_[-1].tobytes()
        assert at + 1 == len(made)
        assert np.hypot(*np.diff(made, axis=0).T).max() <= 70 + 1e-7


@pytest.mark.parametrize(("length", "pieces"), [(69.999, 1), (70.0, 2), (139.999, 2), (140.0, 3), (1000.0, 15)])
def test_the_count_of_pieces_is_the_standard_s(length: float, pieces: int) -> None:
    """⌊length/70⌋ + 1 pieces, on both sides of 70 m and 140 m."""
    out, offsets = split_edges(np.array([[0.0, 0.0], [length, 0.0]]), np.array([0, 2]), GAUSS)
    assert pieces + 1 == len(out) == offsets[-1]


def test_degrees_are_split_by_their_length_on_the_ground() -> None:
    """An edge along a parallel is measured with the cosine of its latitude: 0.01° at 60° N is 557 m, 8 pieces."""
    out, _ = split_edges(np.array([[112.0, 60.0], [112.01, 60.0]]), np.array([0, 2]), "EPSG:4490")
    assert len(out) == 8 + 1
    meridian, _ = split_edges(np.array([[112.0, 60.0], [112.0, 60.01]]), np.array([0, 2]), "EPSG:4490")
    assert len(meridian) == 16 + 1  # 1113 m


def test_nothing_to_split_gives_back_what_was_given() -> None:
    """No chains, single points and short edges come back as they are."""
    for coords, offsets in (
        (np.zeros((0, 2)), np.array([0])),
        (np.zeros((1, 2)), np.array([0, 1])),
        (np.array([[0.0, 0.0], [5000.0, 0.0]]), np.array([0, 1, 2])),
    ):
        out, out_offsets = split_edges(coords, offsets, GAUSS)
        np.testing.assert_array_equal(coords, out)
        np.testing.assert_array_equal(offsets, out_offsets)
