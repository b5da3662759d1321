"""`python -m tests.bench.patch_sums PATCHES.gpkg OUT.csv`: what stands in a file of difference patches, by pair of classes.

Areas are measured anew from the shapes in the file, whatever its columns say. A shape that is not valid, or has no
area, gets a row of its own, so that it cannot pass.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import pyogrio.raw
import shapely

_CLASSES = ("class_a", "class_b")


def main(path: Path, out: Path) -> None:
    _, _, wkb, columns = pyogrio.raw.read(path, columns=list(_CLASSES))
    shapes = shapely.from_wkb(wkb)
    sound = shapely.is_valid(shapes) & (shapely.get_dimensions(shapes) == 2)
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for a, b, area in zip(*columns, shapely.area(shapes).tolist(), strict=True):
        sums[str(a), str(b)] += area
    rows = [f"{a},{b},{area:.6f}" for (a, b), area in sorted(sums.items())]
    rows += [f"unsound,patches,{int(np.count_nonzero(~sound))}"] if not sound.all() else []
    out.write_text("\n".join(["class_a,class_b,area_m2", *rows]) + "\n", "utf-8")
    print(f"{len(shapes)} patches")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
