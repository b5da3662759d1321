"""How much faster a cold check of one parcel is than a plain geopandas script: a ratio, in one run, both in turn.

`python -m tests.bench.cold_check [RUNS]` prints it. Whole processes, from start to numbers, on the bundled atlas with its
layers prepared; the peer reads only what lies near the parcel. See README.md beside this file.
"""

from __future__ import annotations

import csv
import io
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from xygis.atlas.atlas import bundled_root

HERE = Path(__file__).parent
# A factory site of 4 hectares on the edge of the city: farmland, plan zones, a road strip, the growth boundary.
RING = [(112.2480, 32.0405), (112.2501, 32.0405), (112.2501, 32.0424), (112.2480, 32.0424), (112.2480, 32.0405)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Seconds of each run, and the overlap areas that either side printed."""

    ours_s: tuple[float, ...]
    peer_s: tuple[float, ...]
    ours_m2: dict[str, float]
    peer_m2: dict[str, float]

    @property
    def ratio(self) -> float:
        """Median of the peer over median of ours."""
        return statistics.median(self.peer_s) / statistics.median(self.ours_s)


def measure(runs: int) -> Result:
    """Both programs in turn, `runs` times after one warm-up that also prepares the layers."""
    with tempfile.TemporaryDirectory() as folder:
        parcel = Path(folder) / "parcel.geojson"
        feature = {"type": "Feature", "properties": {"name": "bench"}, "geometry": {"type": "Polygon", "coordinates": [RING]}}
        parcel.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
        txt = Path(folder) / "parcel.txt"
        txt.write_text(boundary_txt(), "gb18030")
        ours = [sys.executable, "-m", "xygis.cli.main", "check", str(txt), "--json", "--on", "2026-11-24"]
        peer = [sys.executable, str(HERE / "geopandas_peer.py"), str(bundled_root()), str(parcel)]
        _run(ours), _run(peer)
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(runs):
            for command, seconds in zip((ours, peer), times, strict=True):
                start = time.perf_counter()
                _run(command)
                seconds.append(time.perf_counter() - start)
        document = json.loads(_run(ours))
        rows = csv.DictReader(io.StringIO(_run(peer)))
        lines = {m["layer"]: m["overlap_m2"] or 0.0 for m in document["parcels"][0]["measures"]}
        return Result(
            ours_s=tuple(times[0]),
            peer_s=tuple(times[1]),
            ours_m2=lines,
            peer_m2={r["layer"]: float(r["overlap_m2"]) for r in rows},
        )


def boundary_txt() -> str:
    """The same parcel as a boundary-point TXT in zone 37."""
    import pyproj

    to_grid = pyproj.Transformer.from_crs(4490, 4525, always_xy=True)
    points = [to_grid.transform(*p) for p in RING]
    lines = [
        "[属性描述]",
        "坐标系=2000国家大地坐标系",
        "几度分带=3",
        "投影类型=高斯克吕格",
        "计量单位=米",
        "带号=37",
        "精度=0.001",
        "转换参数=,,,,,,",
        "[地块坐标]",
    ]
    lines.append(f"{len(points)},,1,地块1,面,,工业用地,,@")
    lines += [f"J{i % (len(points) - 1) + 1},1,{y:.6f},{x:.6f}" for i, (x, y) in enumerate(points)]
    return "\r\n".join(lines) + "\r\n"


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, env=None)
    if done.returncode not in (0, 1, 3):
        raise RuntimeError(f"{command} exited with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    result = measure(runs)
    print(f"xygis check, cold:  median {statistics.median(result.ours_s):.3f} s of {runs} runs")
    print(f"geopandas script:   median {statistics.median(result.peer_s):.3f} s of {runs} runs")
    print(f"ratio:              {result.ratio:.1f} x")


if __name__ == "__main__":
    main()
