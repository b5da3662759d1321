"""`python -m tests.bench.areas_only PARCELS ATLAS OUT.csv`: the least that our parts need from files to a table of areas.

No check: no outside, patches, distances, accuracy, rules, reports; nothing told on a terminal. The interpreter, numpy and shapely
start, the parcels are read, the prepared layers mapped, the areas measured, one table written. What a check takes beyond this is
the price of its answers; what this takes is what no change to them could save.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import shapely

from xygis.atlas.atlas import Atlas
from xygis.overlay.kernel import asking
from xygis.overlay.laying_out import Parts, lay_pieces
from xygis.overlay.rings import rings_of
from xygis.overlay.store import LayerStore
from xygis.vector.gpkg import read_gpkg


def main(parcels: Path, atlas_folder: Path, out: Path) -> None:
    read = read_gpkg(parcels)
    names = [str(name) for name in read.columns["XMMC"]]
    geometry = shapely.orient_polygons(shapely.make_valid(read.geometry, method="structure", keep_collapsed=False))
    parts, owner = shapely.get_parts(geometry, return_index=True)
    areal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    origin = np.floor(shapely.total_bounds(geometry)[:2])
    rings = rings_of(parts[areal], owner[areal].astype(np.int64), origin)
    pieces = lay_pieces(Parts(rings=(rings,), origin=origin)).pieces
    atlas, store = Atlas.open(atlas_folder), LayerStore()
    lines = ["parcel,layer,area\n"]
    for layer in atlas.layers:
        parcel, _, area = asking.pairs(pieces, store.get(layer, atlas.plane).cover)
        areas = np.bincount(owner[areal][pieces.owner[parcel]], area, len(names))
        lines += [f"{names[i]},{layer.id},{areas[i]:.6f}\n" for i in np.flatnonzero(areas).tolist()]
    out.write_text("".join(lines), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
