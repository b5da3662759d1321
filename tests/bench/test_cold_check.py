"""A cold check of one parcel finds the same areas as geopandas, and is at least three times as fast as a plain script."""

from __future__ import annotations

import pytest

from tests.bench.cold_check import PEERS, Result, measure


@pytest.fixture(scope="module")
def result() -> Result:
    return measure(5)


@pytest.mark.bench
def test_peers_find_the_same_areas(result: Result) -> None:
    """Overlap with every polygon layer, to 0.01 m²: ours is the ellipsoidal area, theirs an unsplit projection at most."""
    lines = {"highways", "railways", "power_lines", "pipelines"}  # ours counts their control strips
    for peer in PEERS:
        theirs = {layer: area for layer, area in result.overlap_m2[peer].items() if layer not in lines}
        assert theirs == pytest.approx({layer: result.overlap_m2["xygis"][layer] or 0.0 for layer in theirs}, abs=0.01)


@pytest.mark.bench
def test_cold_check_beats_a_plain_script_three_times(result: Result) -> None:
    """The least of five runs each, taken in turn. It is about four times (README); the floor leaves room for a busy machine."""
    assert min(result.seconds["plain"]) / min(result.seconds["xygis"]) >= 3.0
