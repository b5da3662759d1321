"""On the small city a comparison is right, and faster than geopandas.overlay in the same run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.bench.city.__main__ import make_city, make_pair
from tests.bench.city_atlas import write_city_atlas
from tests.bench.program import Task
from tests.bench.rounds import Outcome, run_task
from tests.bench.tasks import Place, matrix

_ROUNDS = 2
_PROGRAMS = ("xygis", "reference", "overlay")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("city")
    data, out = folder / "data", folder / "out"
    out.mkdir()
    make_city(data, "S")
    make_pair(data, "S")
    atlas = write_city_atlas(folder / "atlas", data)
    return Place(
        data=data, out=out, atlas=atlas, cache=Path(folder / "cache"), peer_python=sys.executable, server=None, absent=lambda _: False
    )


def _outcomes(task: Task) -> dict[str, Outcome]:
    chosen = [p for p in task.programs if p.name in _PROGRAMS]
    return {o.program.name: o for o in run_task(task, chosen, rounds=_ROUNDS, timeout_s=120.0)}


def _at_least(outcomes: dict[str, Outcome], times: float) -> None:
    """Least against least, so that a busy machine slows both."""
    ours, peer = outcomes["xygis"], outcomes["overlay"]
    assert ours.failure is None and ours.apart is not None
    assert 0 == ours.apart.wrong, f"{ours.apart.greatest} m² at {ours.apart.worst}"
    assert min(peer.seconds) / min(ours.seconds) >= times


@pytest.mark.bench
def test_a_comparison_beats_overlay_three_times(place: Place) -> None:
    """9,600 × 7,356 patches by class, from files."""
    _at_least(_outcomes(matrix(place)), 3.0)
