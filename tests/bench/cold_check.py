"""How much faster a cold check of one parcel is than geopandas scripts: ratios, in one run, all in turn.

`python -m tests.bench.cold_check [RUNS]` prints them. Whole processes, from start to numbers, on the bundled atlas with
its layers prepared. See README.md beside this file for what the two peers do.
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

from xygis.atlas.bundled import bundled_root

HERE = Path(__file__).parent
PEERS = ("plain", "careful")
# A site of 4 hectares at the edge of the city.
RING = [(112.2480, 32.0405), (112.2501, 32.0405), (112.2501, 32.0424), (112.2480, 32.0424), (112.2480, 32.0405)]
_HEAD = [
    "[属性描述]",
    "坐标系=2000国家大地坐标系",
    "几度分带=3",
    "投影类型=高斯克吕格",
    "计量单位=米",
    "带号=37",
    "精度=0.001",
    "转换参数=,,,,,,",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Seconds of every run and the overlap of every layer in m²; by program: xygis, plain, careful."""

    seconds: dict[str, list[float]]
    overlap_m2: dict[str, dict[str, float]]

    def ratio(self, peer: str) -> float:
        """Median of the peer over median of ours."""
        return statistics.median(self.seconds[peer]) / statistics.median(self.seconds["xygis"])


def measure(runs: int) -> Result:
    """All programs in turn, `runs` times after one warm-up that also prepares the layers."""
    with tempfile.TemporaryDirectory() as folder:
        parcel, txt = Path(folder) / "parcel.geojson", Path(folder) / "parcel.txt"
        feature = {"type": "Feature", "properties": {"name": "bench"}, "geometry": {"type": "Polygon", "coordinates": [RING]}}
        parcel.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
        txt.write_text(boundary_txt(), "gb18030")
        commands = {"xygis": [sys.executable, "-m", "xygis.cli.main", "check", str(txt), "--json", "--on", "2026-11-24"]}
        commands |= {p: [sys.executable, str(HERE / f"geopandas_{p}.py"), str(bundled_root()), str(parcel)] for p in PEERS}
        printed = {name: _run(command) for name, command in commands.items()}
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                start = time.perf_counter()
                _run(command)
                seconds[name].append(time.perf_counter() - start)
    measures = json.loads(printed["xygis"])["parcels"][0]["measures"]
    overlap = {"xygis": {m["layer"]: m["overlap_m2"] for m in measures}}
    for peer in PEERS:
        overlap[peer] = {row["layer"]: float(row["overlap_m2"]) for row in csv.DictReader(io.StringIO(printed[peer]))}
    return Result(seconds=seconds, overlap_m2=overlap)


def boundary_txt() -> str:
    """The same parcel as a boundary-point TXT in zone 37."""
    import pyproj

    to_grid = pyproj.Transformer.from_crs(4490, 4525, always_xy=True)
    points = [to_grid.transform(*p) for p in RING]
    lines = [*_HEAD, "[地块坐标]", f"{len(points)},,1,地块1,面,,工业用地,,@"]
    lines += [f"J{i % (len(points) - 1) + 1},1,{y:.6f},{x:.6f}" for i, (x, y) in enumerate(points)]
    return "\r\n".join(lines) + "\r\n"


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode not in (0, 1, 3):
        raise RuntimeError(f"{command} exited with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    result = measure(runs)
    for name, seconds in result.seconds.items():
        ratio = "" if name == "xygis" else f"   {result.ratio(name):.1f} x xygis"
        print(f"{name:8} median {statistics.median(seconds):.3f} s, least {min(seconds):.3f} s, of {runs} runs{ratio}")


if __name__ == "__main__":
    main()
