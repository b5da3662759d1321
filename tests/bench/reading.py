"""Reading what people bring: a shapefile of 200 MB beside pyogrio, and a folder of 1,000 files; whole processes, in turn, in one run.

python -m tests.bench.reading [--features 95000] [--rounds 5] [--folder build/bench/reading]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

VERTICES = 130  # of each parcel: 2.2 kB in a .shp
FEATURES = 95_000
FILES = 1_000
TARGET = 1.5

# Each prints: seconds of the reading alone, features read, largest memory in MB. What is imported is not counted, for anybody.
_PROGRAMS = {
    "pyogrio": "import pyogrio, shapely; pyogrio.raw\n@\nd = shapely.from_wkb(pyogrio.raw.read(path)[2]); n = len(d)",
    "pyogrio, geopandas": "import pyogrio, geopandas\n@\nd = pyogrio.read_dataframe(path); n = len(d)",
    "xygis, reading": "from pathlib import Path; from xygis.vector.shapefile import read_shapefile\n@\nd = read_shapefile(Path(path)); n = len(d.features)",
    "xygis, parcels": (
        "from xygis.intake.read import read_submission; import xygis.intake.vector_parcels\n@\n"
        "d = read_submission(path, envelope=(110.75, 31.23, 113.1, 32.62)); n = len(d.parcels)"
    ),
    "xygis, folder": (
        "from xygis.cli.many_files import Reading, files_of, read_all; from xygis.intake.submission import Submission\n"
        "r = Reading(envelope=(110.75, 31.23, 113.1, 32.62), crs=None, encoding=None, datum=None, accept_repairs=False)\n@\n"
        "f = files_of([path]).files; d = read_all(f, r, jobs=JOBS, alone=False); n = sum(len(s.parcels) for s in d if isinstance(s, Submission))"
    ),
}
_FRAME = """
import sys, time
from pathlib import Path
if __name__ == "__main__":
    path = sys.argv[1]
{before}
    t = time.perf_counter()
{work}
    t = time.perf_counter() - t
    high = [line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    print(t, n, int(high[0]) / 1024)
"""


@dataclass(frozen=True, slots=True)
class Timed:
    """Medians of the rounds."""

    seconds: float
    features: int
    memory_mb: float


def write_shapefile(path: Path, features: int) -> Path:
    """Parcels of 130 vertices on a grid in the city, with a name and an area each."""
    import geopandas
    import shapely

    turn = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
    number = np.arange(features)
    east, north = 37_600_000 + number % 300 * 200.0, 3_520_000 + number // 300 * 200.0
    reach = 60 + 20 * np.random.default_rng(1).random((features, VERTICES))
    xy = np.stack([east[:, None] + reach * np.cos(-turn), north[:, None] + reach * np.sin(-turn)], axis=-1)
    xy = np.concatenate([xy, xy[:, :1]], axis=1).reshape(-1, 2)
    shapes = shapely.polygons(shapely.linearrings(xy, indices=np.repeat(number, VERTICES + 1)))
    columns = {"DKMC": [f"地块{k}" for k in number], "MJ": shapely.area(shapes)}
    path.parent.mkdir(parents=True, exist_ok=True)
    geopandas.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4525").to_file(path, engine="pyogrio", encoding="GBK")
    return path


def write_folder(folder: Path, files: int) -> Path:
    """Boundary TXT, a parcel of 60 points each, in GB18030."""
    folder.mkdir(parents=True, exist_ok=True)
    turn = np.linspace(0, -2 * np.pi, 61)
    for k in range(files):
        x, y = 37_600_000 + k % 30 * 300 + 80 * np.cos(turn), 3_540_000 + k // 30 * 300 + 80 * np.sin(turn)
        points = [f"J{i % 60 + 1},1,{b:.3f},{a:.3f}" for i, (a, b) in enumerate(zip(x, y, strict=True))]
        lines = [
            "[属性描述]",
            "坐标系=2000国家大地坐标系",
            "几度分带=3",
            "带号=37",
            "[地块坐标]",
            f"61,2.0069,{k},地块{k},面,,工业用地,,@",
            *points,
        ]
        (folder / f"地块{k:04}.txt").write_bytes("\r\n".join(lines).encode("gb18030"))
    return folder


def timed(program: str, path: Path, rounds: int, jobs: int = 1) -> list[Timed]:
    before, work = _PROGRAMS[program].replace("JOBS", str(jobs)).split("@\n")
    text = _FRAME.format(before=_indented(before), work=_indented(work))
    script = path.parent / f"{program.replace(', ', '_')}_{jobs}.py"
    script.write_text(text, "utf-8")
    out = []
    for _ in range(rounds):
        done = subprocess.run([sys.executable, script, path], capture_output=True, text=True, check=True)
        seconds, features, memory = done.stdout.split()
        out.append(Timed(float(seconds), int(features), float(memory)))
    return out


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.strip().split("\n"))


def median(times: Sequence[Timed]) -> Timed:
    return Timed(statistics.median(t.seconds for t in times), times[0].features, max(t.memory_mb for t in times))


def compare(path: Path, rounds: int) -> dict[str, Timed]:
    """The programs that read one shapefile, in turn, so that a busy moment falls on all of them."""
    names = [n for n in _PROGRAMS if n != "xygis, folder"]
    times: dict[str, list[Timed]] = {n: [] for n in names}
    for _ in range(rounds):
        for name in names:
            times[name] += timed(name, path, 1)
    return {name: median(own) for name, own in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--features", type=int, default=FEATURES)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=Path("build/bench/reading"))
    given = parser.parse_args()
    path = given.folder / f"parcels-{given.features}.shp"
    if not path.exists():
        write_shapefile(path, given.features)
    print(f"{path.stat().st_size / 1e6:,.0f} MB, {given.features:,} parcels of {VERTICES} vertices")
    found = compare(path, given.rounds)
    for name, t in found.items():
        print(f"{name:<20} {t.seconds:7.3f} s   x {t.seconds / found['pyogrio'].seconds:5.2f}   {t.memory_mb:6,.0f} MB")
    folder = write_folder(given.folder / "folder", FILES)
    for jobs in (1, 2):
        t = median(timed("xygis, folder", folder, given.rounds, jobs))
        print(f"folder of {t.features:,} files, {jobs} jobs {t.seconds:7.3f} s   {t.memory_mb:6,.0f} MB")
    ratio = found["xygis, reading"].seconds / found["pyogrio"].seconds
    print(f"reading {'meets' if ratio <= TARGET else 'misses'} the target of {TARGET} x pyogrio")


if __name__ == "__main__":
    main()
