"""`python -m tests.bench.plans_part ATLAS`: the overlay part of a comparison inside one process, layers prepared.

From prepared layers to the partition: disjoint areas, cells with their areas by feature and feature, and the geometry of every cell
whose groups differ, as the overlay of a peer has geometry.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np

from xygis.atlas.atlas import Atlas
from xygis.check.layers import open_layers
from xygis.consistency.claims import claims_of
from xygis.consistency.ground_plan import ground_plan
from xygis.consistency.groups import groups_on
from xygis.overlay.store import LayerStore

DAY = date(2026, 11, 24)


def main(folder: Path) -> None:
    atlas = Atlas.open(folder)
    opened = {o.layer.id: o for o in open_layers(atlas, DAY, LayerStore())}
    start = time.perf_counter()
    plan = ground_plan(opened)
    areas = time.perf_counter() - start
    [group] = groups_on(atlas, DAY, None)
    sure = np.logical_or.reduce([c.sure for c in claims_of(group, plan).claims])
    polygons, _ = plan.cells.geometry(np.flatnonzero(sure))
    seconds = time.perf_counter() - start
    print(json.dumps({"stages": {"operation": seconds, "areas": areas}, "cells": len(plan.cells), "polygons": len(polygons)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
