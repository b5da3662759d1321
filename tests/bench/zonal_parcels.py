"""`python -m tests.bench.zonal_parcels DATA OUT.csv`: the zonal statistics of xygis from files to a table, as one process.

Apart from the rest of the harness, because no command of xygis asks a bare raster about bare parcels: a check does so with
the raster as a layer of its atlas.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import shapely

from xygis.intake.read import read_submission
from xygis.overlay.coverage import outlines
from xygis.overlay.raster import open_raster
from xygis.overlay.zonal import value_statistics


def main(data: Path, out: Path) -> None:
    start = time.perf_counter()
    parcels = read_submission(data / "parcels.gpkg").parcels
    read = time.perf_counter()
    shapes = np.array([p.geometry for p in parcels], object)
    raster = open_raster(data / "slope.tif", "slope")
    found = value_statistics(raster, outlines(shapely.force_2d(shapes), raster.origin, raster.step))
    operation = time.perf_counter()
    with out.open("w", encoding="utf-8") as file:
        file.write("parcel,statistic,value\n")
        for name, values in (("count", found.weight), ("mean", found.mean), ("max", found.greatest)):
            rows = zip(parcels, values.tolist(), strict=True)
            file.writelines(f"{p.name},{name},{v:.6f}\n" for p, v in rows if v == v)
    print(json.dumps({"stages": {"read": round(read - start, 3), "operation": round(operation - read, 3)}}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
