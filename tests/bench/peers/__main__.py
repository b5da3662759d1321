"""`python -m tests.bench.peers TASK PEER DATA OUT.csv`: one peer as a process of its own; prints its stages as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from tests.bench.peers import pairs, portfolio, zonal
from tests.bench.peers.reading import STAGES

Program = Callable[[Path, Path], None]

_PORTFOLIO: dict[str, Program] = {"reference": portfolio.reference, "overlay": portfolio.overlay, "sjoin": portfolio.sjoin}
PROGRAMS: dict[str, dict[str, Program]] = {
    "portfolio": _PORTFOLIO,
    "matrix": {"reference": pairs.matrix_reference, "overlay": pairs.matrix_overlay, "sjoin": pairs.matrix_sjoin},
    "patches": {"reference": pairs.patches_reference, "overlay": pairs.patches_overlay, "sjoin": pairs.patches_sjoin},
    "zonal": {"by_feature": zonal.by_feature, "by_raster": zonal.by_raster},
}
_ONE_PARCEL = {"bbox": portfolio.bbox, "raw": portfolio.raw}


def main() -> None:
    task, peer, data, out = sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])
    if task.startswith("one_"):  # the task is the parcel's file
        _ONE_PARCEL[peer](data, out, task)
    else:
        PROGRAMS[task][peer](data, out)
    print(json.dumps({"stages": STAGES}))


if __name__ == "__main__":
    main()
