"""Whole plans against each other: `xygis consistency --out` on the pair of land use maps, beside geopandas.overlay of the same files.

`python -m tests.bench.plans --size S|M [--repeat N]` makes the data where they are missing and prints seconds, memory and ratios:
the whole run from files to report, and inside it the overlay part alone, each against the overlay part of geopandas alone (its
`gpd.overlay` call; reading, make_valid and writing are not counted for it).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np
import pyogrio
import shapely

from tests.bench.city.pair import CURRENT_CODES, PLAN_CODES, pair
from tests.bench.groups import current_group, plan_group
from tests.bench.stopwatch import timed
from xygis.atlas.bundled import bundled_root

_LAYER = """
[[layer]]
id = "{name}"
title = "{name}"
role = "reference"
source = {{ file = "{file}", layer = "{table}" }}
crs = "EPSG:4525"
geometry = "polygon"
status = "demo"
fields = {{ {fields} }}
"""
_RULE = """
[[pair]]
code = "B-{number:02}"
title = "{title}"
a = {{ layer = "plan", class = {a} }}
b = {{ layer = "current", class = {b} }}
relation = "overlap"
verdict = "justification"
suggestion = "…"
basis = [{{ instrument = "试验", version = "2020-01-01" }}]
effective = "2020-01-01"
verified = false
difference = "{difference}"
"""
_INSTRUMENT = """
[[instrument]]
code = "试验"
name = "试验"
number = ""
version = "2020-01-01"
in_force = "2020-01-01"
read = "unread"
"""
_DIFFER = (("B", "A", "D1"), ("B", "U", "D1"), ("A", "B", "D9"), ("A", "U", "D2"), ("U", "A", "D2"), ("U", "B", "D9"))


def write_atlas(folder: Path, data: Path) -> Path:
    """An atlas of the two maps and four counties, with a rule for each two groups that differ: those that T4 writes."""
    (folder / "layers").mkdir(parents=True)
    (folder / "redlines").mkdir()
    (folder / "maps").symlink_to(bundled_root() / "maps", target_is_directory=True)
    west, south, east, north = pyogrio.read_info(data / "luse_current.gpkg", force_total_bounds=True)["total_bounds"]
    x, y = (west + east) / 2, (south + north) / 2
    squares = [
        shapely.box(west, south, x, y),
        shapely.box(x, south, east, y),
        shapely.box(west, y, x, north),
        shapely.box(x, y, east, north),
    ]
    pyogrio.raw.write(
        folder / "layers" / "counties.gpkg", shapely.to_wkb(np.array(squares, object)), [np.array(list("1234"), object)], ["XZQDM"],
        layer="counties", driver="GPKG", geometry_type="Polygon", crs="EPSG:4525",
    )  # fmt: skip
    entries = [("counties", "counties.gpkg", "counties", 'county_code = ["XZQDM"]')]
    for name in ("current", "plan"):
        (folder / "layers" / f"luse_{name}.gpkg").symlink_to((data / f"luse_{name}.gpkg").resolve())
        entries.append((name, f"luse_{name}.gpkg", f"luse_{name}", 'class = ["DLBM"]'))
    head = '[atlas]\nname = "bench"\nplane = "EPSG:4525"\n'
    layers = "".join(_LAYER.format(name=n, file=f, table=t, fields=fields) for n, f, t, fields in entries)
    (folder / "layers" / "catalogue.toml").write_text(head + layers, "utf-8")
    (folder / "redlines" / "instruments.toml").write_text(_INSTRUMENT, "utf-8")
    codes = {
        "plan": {g: [c for c in PLAN_CODES.tolist() if plan_group(c) == g] for g in "ABU"},
        "current": {g: [c for c in CURRENT_CODES.tolist() if current_group(c) == g] for g in "ABU"},
    }
    rules = [
        _RULE.format(number=i, title=f"{a}{b}", a=json.dumps(codes["plan"][a]), b=json.dumps(codes["current"][b]), difference=d)
        for i, (a, b, d) in enumerate(_DIFFER, start=1)
    ]
    (folder / "redlines" / "lines.toml").write_text("".join(rules), "utf-8")
    return folder


def ours(atlas: Path, out: Path) -> list[str]:
    return [sys.executable, "-m", "xygis", "consistency", "--atlas", str(atlas), "--on", "2026-11-24", "--out", str(out)]


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--size", default="S", choices=("S", "M"))
    words.add_argument("--data", type=Path, default=Path("build/bench/data"))
    words.add_argument("--repeat", type=int, default=1)
    said = words.parse_args()
    data = said.data / said.size
    if not (data / "luse_plan.gpkg").exists():
        data.mkdir(parents=True, exist_ok=True)
        pair(data, said.size)
    rows: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory(prefix="xygis-plans-") as folder:
        atlas = write_atlas(Path(folder) / "atlas", data)
        for turn in range(said.repeat):
            cache = {"XDG_CACHE_HOME": f"{folder}/cache{turn}"}
            runs = {
                "xygis from files": ours(atlas, Path(folder) / "out"),
                "xygis, layers prepared": ours(atlas, Path(folder) / "out"),
                "xygis, the overlay part": [sys.executable, "-m", "tests.bench.plans_part", str(atlas)],
                "geopandas.overlay, the overlay part": [
                    sys.executable,
                    "-m",
                    "tests.bench.peers",
                    "matrix",
                    "overlay",
                    str(data),
                    str(Path(folder) / "peer.csv"),
                ],
            }
            for name, command in runs.items():
                done = timed(command, timeout_s=3600, environment=cache)
                if done.code not in ((0,) if "part" in name else (0, 1, 3)):
                    sys.exit(f"{name}: {done.complaint}")
                seconds = json.loads(done.printed)["stages"]["operation"] if "part" in name else done.seconds
                rows.setdefault(name, []).append((seconds, done.peak_mib))
                print(f"{name}: {seconds:.2f} s, {done.peak_mib:.0f} MiB", file=sys.stderr, flush=True)
    peer = median(s for s, _ in rows["geopandas.overlay, the overlay part"])
    for name, found in rows.items():
        seconds, peak = median(s for s, _ in found), max(m for _, m in found)
        print(f"{name:38} {seconds:8.2f} s {peak:7.0f} MiB   geopandas.overlay ÷ it {peer / seconds:6.1f}")


if __name__ == "__main__":
    main()
