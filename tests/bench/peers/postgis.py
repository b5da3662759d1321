"""PostGIS as a peer: a throw-away cluster on the loopback, tables loaded and subdivided beforehand, the query alone on the clock.

fsync is off and tables are unlogged, which is in PostGIS's favour. Its memory is the server's and is not measured.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.peers.reading import CRS, meta

_PIECE = 64  # vertices of a subdivided piece
_OPTIONS = (
    *("fsync=off", "shared_buffers=1GB", "work_mem=256MB", "max_parallel_workers_per_gather=2", "max_wal_size=8GB", "jit=off"),
    *("listen_addresses=127.0.0.1", "client_min_messages=warning"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server: where its programs lie, and its port."""

    programs: Path
    port: int

    def client(self) -> list[str]:
        options = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-q", "-At", "-v", "ON_ERROR_STOP=1"]
        return [str(self.programs / "psql"), *options]

    def run(self, text: str, rows: bytes | None = None) -> None:
        subprocess.run([*self.client(), "-c", text], input=rows, stdout=subprocess.DEVNULL, check=True)

    def to_file(self, texts: Sequence[str], out: Path) -> tuple[str, ...]:
        """The command that runs queries one after the other and leaves what they print in `out`."""
        return (*self.client(), "-o", str(out), *(word for text in texts for word in ("-c", text)))


def programs_of(folder: Path | None) -> Path | None:
    """The folder of programs, by default the one pg_config names; None where no server with PostGIS is installed there."""
    config = shutil.which("pg_config") if folder is None else str(folder / "pg_config")
    if config is None or not Path(config).exists():
        return None
    said = subprocess.run([config, "--bindir", "--sharedir"], capture_output=True, text=True, check=True).stdout.split()
    return Path(said[0]) if (Path(said[1]) / "extension" / "postgis.control").exists() else None


@contextmanager
def server(programs: Path) -> Iterator[Server]:
    """A new, empty server with the extension. As root it runs as the user postgres."""
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    home = Path(tempfile.mkdtemp(prefix="xygis-bench-pg"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    options = " ".join(f"-c {o}" for o in (*_OPTIONS, f"unix_socket_directories={home}")) + f" -p {port}"
    control = [*user, str(programs / "pg_ctl"), "-D", f"{home}/data"]

    def run(*words: str) -> int:
        return subprocess.run(words, cwd=home, stdout=subprocess.DEVNULL, check=False).returncode

    try:
        if user:
            shutil.chown(home, "postgres")
        made = run(*user, str(programs / "initdb"), "-D", f"{home}/data", "-U", "postgres", "-A", "trust", "-E", "UTF8")
        if made or run(*control, "-w", "-l", f"{home}/log", "-o", options, "start"):
            raise RuntimeError("the PostgreSQL server did not start")
        started = Server(programs=programs, port=port)
        started.run("create extension postgis")
        yield started
    finally:
        run(*control, "-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)


def load_city(server: Server, data: Path) -> float:
    """Parcels and subdivided layers, indexed; overlapping layers dissolved. Seconds it took."""
    start, told = time.perf_counter(), meta(data)
    _load(server, data / "parcels.gpkg", "parcels", "XMMC")
    _index(server, "parcels")
    for name in told["layers"]:
        _load(server, data / f"{name}.gpkg", "raw", "DLBM")
        source = "(select (ST_Dump(ST_Union(g))).geom g from raw) u" if name in told["overlapping"] else "raw"
        server.run(f"create unlogged table {name} as select ST_Subdivide(g, {_PIECE}) g from {source}; drop table raw")
        _index(server, name)
    return time.perf_counter() - start


def load_pair(server: Server, data: Path) -> float:
    """Both land use maps, indexed. Seconds it took."""
    start = time.perf_counter()
    for name in ("luse_current", "luse_plan"):
        _load(server, data / f"{name}.gpkg", name, "DLBM")
        _index(server, name)
    return time.perf_counter() - start


def portfolio_query(server: Server, data: Path, out: Path) -> tuple[str, ...]:
    """Areas of parcels in layers, written to `out`."""
    texts = ["copy (select 'parcel', 'layer', 'area') to stdout csv"]
    for name in meta(data)["layers"]:
        area = "sum(ST_Area(ST_Intersection(p.g, l.g)))"
        join = f"parcels p join {name} l on ST_Intersects(p.g, l.g)"
        texts.append(f"copy (select p.code, '{name}', {area}::numeric(20,6) from {join} group by 1 having {area} > 0) to stdout csv")
    return server.to_file(texts, out)


def matrix_query(server: Server, out: Path) -> tuple[str, ...]:
    """Areas by pair of classes, written to `out`."""
    area = "sum(ST_Area(ST_Intersection(a.g, b.g)))::numeric(20,6)"
    join = "luse_current a join luse_plan b on ST_Intersects(a.g, b.g)"
    head = "copy (select 'current', 'plan', 'area') to stdout csv"
    return server.to_file([head, f"copy (select a.code, b.code, {area} from {join} group by 1, 2) to stdout csv"], out)


def _load(server: Server, path: Path, table: str, column: str) -> None:
    import pyogrio.raw
    import shapely

    head, _, wkb, (codes,) = pyogrio.raw.read(path, columns=[column])
    if head["crs"] != CRS:
        raise ValueError(f"{path.name} is in {head['crs']}")
    server.run(f"drop table if exists {table}; create unlogged table {table}(code text, g geometry)")
    shapes = shapely.to_wkb(shapely.from_wkb(wkb), hex=True)
    rows = "\n".join(f"{code}\t{shape}" for code, shape in zip(codes, shapes, strict=True)) + "\n"
    server.run(f"copy {table} from stdin", rows.encode())
    server.run(f"update {table} set g = ST_CollectionExtract(ST_MakeValid(g), 3) where not ST_IsValid(g)")


def _index(server: Server, table: str) -> None:
    server.run(f"create index on {table} using gist(g)")
    server.run(f"analyze {table}")
