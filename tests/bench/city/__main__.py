"""`python -m tests.bench.city OUT --size S|M|L`: the synthetic city in a folder, of which only what is missing is made.

Deterministic: no clock, no outside data, fixed seeds. The pair of land use maps exists for S and M.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from tests.bench.city.awkward import AWKWARD, awkward
from tests.bench.city.layers import FACTOR, LAYERS, OVERLAPPING, SIDE_M, farmland, other_layers
from tests.bench.city.pair import PAIR, pair
from tests.bench.city.parcels import one_parcel, parcels
from tests.bench.city.slope import write_slope

_SEED = 20260101
_STREAM = {"S": 1, "M": 2, "L": 3}
PAIR_SIZES = ("S", "M")


def make_city(out: Path, size: str) -> None:
    """meta.json is written last: a folder without it is unfinished and is made anew."""
    factor = FACTOR[size]
    side = float(SIDE_M * np.sqrt(factor))
    out.mkdir(parents=True, exist_ok=True)
    if not (out / "meta.json").exists():
        rng = np.random.default_rng([_SEED, _STREAM[size]])
        ground = farmland(out, rng, factor, side)
        other_layers(out, rng, factor, side)
        number = one_parcel(out, parcels(out, rng, factor, side, ground))
        del ground
        write_slope(out / "slope.tif", side, _SEED + 7)
        meta = {"size": size, "seed": _SEED, "layers": LAYERS, "overlapping": sorted(OVERLAPPING), "one_parcel": f"P{number}"}
        (out / "meta.json").write_text(json.dumps(meta, indent=1), "utf-8")
    if not all((out / f"one_{kind}.gpkg").exists() for kind in AWKWARD):
        awkward(out)


def make_pair(out: Path, size: str) -> None:
    """Nothing is done where the pair exists already, or where the size has none."""
    if size in PAIR_SIZES and not (out / f"{PAIR[-1]}.gpkg").exists():
        pair(out, size)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", choices=sorted(FACTOR), default="S")
    given = parser.parse_args()
    make_city(given.out, given.size)
    make_pair(given.out, given.size)


if __name__ == "__main__":
    main()
