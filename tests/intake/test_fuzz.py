"""The short form of `make fuzz`: some hundred damaged files, other ones than there only by their number."""

from __future__ import annotations

import random

import corpus
import fuzz
import pytest
from mutations import mutated


@pytest.mark.parametrize(("kind", "count"), [("txt", 350), ("shp", 120), ("gpkg", 120), ("geojson", 120), ("caged", 80)])
def test_damaged_files_give_the_right_parcels_or_one_clear_error(kind: str, count: int) -> None:
    """Never a traceback, a hang, or parcels that do not stand in the file."""
    assert [] == fuzz.run(count, 20_261, kinds=(kind,))


def test_the_seeds_themselves_are_read() -> None:
    """What is damaged is sound to begin with, and the oracle agrees."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        for seed in corpus.seeds():
            assert fuzz.outcome(seed, seed.data, Path(folder)) == ("read", ""), seed.name


def test_a_number_gives_the_same_files_again() -> None:
    """A failure can be looked at."""
    seed = corpus.seeds()[0]
    assert [mutated(seed, random.Random(5)) for _ in range(2)][0] == mutated(seed, random.Random(5))
