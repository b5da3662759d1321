"""The plain peer: what most people write. Every layer read whole, projected, overlaid; area and distance printed.

Run as `python geopandas_plain.py ATLAS PARCEL.geojson`; prints layer,overlap_m2,distance_m as CSV.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import geopandas as gpd

PLANE = "+proj=cea +lat_ts=32 +lon_0=112 +a=6378137 +rf=298.257222101"


def main(atlas: Path, parcel_file: Path) -> None:
    parcel = gpd.read_file(parcel_file).to_crs(PLANE)[["geometry"]]
    print("layer,overlap_m2,distance_m")
    for layer in tomllib.loads((atlas / "layers" / "catalogue.toml").read_text("utf-8"))["layer"]:
        source = layer["source"]
        features = gpd.read_file(atlas / "layers" / source["file"], layer=source["layer"]).to_crs(PLANE)
        pieces = gpd.overlay(parcel, features, how="intersection")
        print(f"{layer['id']},{pieces.area.sum():.6f},{features.distance(parcel.geometry.iloc[0]).min():.3f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
