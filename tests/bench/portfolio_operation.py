"""`python -m tests.bench.portfolio_operation DATA ATLAS OUT.csv`: the areas of all parcels in all layers inside one process.

What the web page and a second run pay: layers prepared, parcels laid out; `operation` is the measuring of the covered areas alone.
It is done three times and the median stands; the peers' operation is one run, as theirs is long.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from xygis.atlas.atlas import Atlas
from xygis.intake.read import read_submission
from xygis.overlay.kernel import asking
from xygis.overlay.kernel.pieces import Rings
from xygis.overlay.laying_out import Parts, lay_pieces
from xygis.overlay.sheet import lay_sheet
from xygis.overlay.store import LayerStore


def main(data: Path, atlas_folder: Path, out: Path) -> None:
    atlas, store = Atlas.open(atlas_folder), LayerStore()
    parcels = read_submission(data / "parcels.gpkg").parcels
    whole = lay_sheet(parcels, atlas.plane).pieces
    rings = Rings(xy=whole.xy, ring_offsets=whole.ring_offsets, first=whole.first, last=whole.last, owner=whole.owner)
    pieces = lay_pieces(Parts(rings=(rings,), origin=whole.origin)).pieces
    covers = {layer.id: store.get(layer, atlas.plane).cover for layer in atlas.layers}
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        areas = {}
        for layer, cover in covers.items():
            parcel, _, area = asking.pairs(pieces, cover)
            areas[layer] = np.bincount(pieces.owner[parcel], area, len(parcels))
        seconds.append(time.perf_counter() - start)
    with out.open("w", encoding="utf-8") as file:
        file.write("parcel,layer,area\n")
        for layer, column in areas.items():
            file.writelines(f"{p.name},{layer},{m2:.6f}\n" for p, m2 in zip(parcels, column.tolist(), strict=True) if m2 > 0)
    print(json.dumps({"stages": {"operation": round(statistics.median(seconds), 4)}}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
