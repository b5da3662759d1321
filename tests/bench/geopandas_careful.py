"""The careful peer: what an experienced GIS user writes to overlay one parcel with every layer of an atlas, in the same official plane.

Run as `python geopandas_careful.py ATLAS PARCEL.geojson`; prints layer,overlap_m2 as CSV. It reads only what lies near the
parcel, which is the fastest thing to do with geopandas, and looks for no distances.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import geopandas as gpd
import shapely

PLANE = "+proj=cea +lat_ts=32 +lon_0=112 +a=6378137 +rf=298.257222101"
LONGEST_DEG = 0.0006  # about 60 m: edges are split before they are projected


def main(atlas: Path, parcel_file: Path) -> None:
    parcel = gpd.read_file(parcel_file).to_crs(4490)
    box = tuple(parcel.total_bounds)
    here = parcel.set_geometry(parcel.geometry.segmentize(LONGEST_DEG)).to_crs(PLANE).geometry.iloc[0]
    print("layer,overlap_m2")
    for layer in tomllib.loads((atlas / "layers" / "catalogue.toml").read_text("utf-8"))["layer"]:
        source = layer["source"]
        near = gpd.read_file(atlas / "layers" / source["file"], layer=source["layer"], bbox=box)
        near = near.set_geometry(near.geometry.make_valid().segmentize(LONGEST_DEG)).to_crs(PLANE)
        pieces = near.geometry.intersection(here)
        print(f"{layer['id']},{shapely.union_all(pieces.values).area:.6f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
