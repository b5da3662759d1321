"""How long judging takes beside measuring: many parcels on the bundled atlas, every rule of the day, one process.

`python -m tests.bench.judging [PARCELS]` prints seconds of both and their ratio. Judging is the time inside the judge room, with the
grouping of parcels that are judged alike; the rest of the run is measuring: reading and preparing stand outside, they are done before.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from datetime import date
from typing import Any

import numpy as np
import shapely

from tests.check.sites import submitted
from xygis.atlas.atlas import Atlas
from xygis.check import columns
from xygis.check.portfolio import screen_parcels
from xygis.intake.submission import Parcel
from xygis.judge.judging import Bench
from xygis.overlay.store import LayerStore

DAY = date(2026, 11, 29)
USES = ("1001", "0701", "0703", "1202", "1002", "0101", "1303", "1309")


class Clock:
    """Seconds inside some functions; what they call among themselves counts once."""

    def __init__(self) -> None:
        self.seconds, self._inside = 0.0, False

    def timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*words: Any, **named: Any) -> Any:
            if self._inside:
                return function(*words, **named)
            self._inside, start = True, time.perf_counter()
            try:
                return function(*words, **named)
            finally:
                self.seconds += time.perf_counter() - start
                self._inside = False

        return call


@contextmanager
def judging_clock():  # type: ignore[no-untyped-def]
    clock = Clock()
    kept = columns._judge_alike, Bench.of_layer
    columns._judge_alike = clock.timed(columns._judge_alike)
    Bench.of_layer = clock.timed(Bench.of_layer)  # type: ignore[method-assign]
    try:
        yield clock
    finally:
        columns._judge_alike, Bench.of_layer = kept  # type: ignore[method-assign]


def parcels(count: int, atlas: Atlas) -> list[Parcel]:
    """Rotated rectangles of 0.1 to 10 ha all over the city, of every kind of use, from a fixed seed."""
    assert atlas.envelope is not None
    west, south, east, north = atlas.envelope
    random = np.random.default_rng(20261129)
    out = []
    for i in range(count):
        lon, lat = random.uniform(west + 0.3, east - 0.3), random.uniform(south + 0.2, north - 0.2)
        half = np.sqrt(np.exp(random.uniform(np.log(1e3), np.log(1e5)))) / 2 / 1e5
        box = shapely.affinity.rotate(shapely.box(lon - half, lat - half, lon + half, lat + half), random.uniform(0, 90))
        out.append(Parcel(name=f"地块{i + 1}", geometry=box, crs="EPSG:4490", declared_m2=None, use_text=USES[i % len(USES)]))
    return out


def measured(count: int) -> tuple[float, float]:
    """(seconds of measuring, seconds of judging) of that many parcels."""
    atlas = Atlas.open()
    some = [submitted(parcels(count, atlas))]
    store = LayerStore()
    screen_parcels([submitted(some[0].parcels[:50])], atlas, on=DAY, store=store, jobs=1)  # prepares and opens every layer
    with judging_clock() as clock:
        start = time.perf_counter()
        screen_parcels(some, atlas, on=DAY, store=store, jobs=1)
        whole = time.perf_counter() - start
    return whole - clock.seconds, clock.seconds


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    measuring, judging = measured(count)
    print(f"{count} parcels: measuring {measuring:.2f} s, judging {judging:.2f} s, ratio {judging / measuring:.3f}")


if __name__ == "__main__":
    main()
