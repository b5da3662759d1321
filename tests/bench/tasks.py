"""The five tasks: which programs answer each, and which ratios are wanted of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.bench import results
from tests.bench.city.awkward import AWKWARD
from tests.bench.groups import groups_table
from tests.bench.peers import postgis
from tests.bench.program import Numbers, Program, Target, Task, Tolerance

_JUDGED = (0, 1, 3)  # what `xygis check` returns when it has an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a run finds its data and leaves its results, and what it runs with."""

    data: Path
    out: Path
    atlas: Path
    cache: Path  # of xygis, with its layers prepared
    peer_python: str
    server: postgis.Server | None  # with the tables of the task loaded
    absent: Callable[[str], bool]  # whether the peers' Python lacks a library

    def xygis(self, *words: str | Path) -> tuple[str, ...]:
        return (sys.executable, "-m", "xygis.cli.main", *map(str, words))

    def peer(self, task: str, name: str, out: Path, library: str) -> dict[str, object]:
        """Command and absence of a peer, to be spread into a Program."""
        command = (self.peer_python, "-m", "tests.bench.peers", task, name, str(self.data), str(out))
        return {"command": command, "missing": f"{library} is not installed" if self.absent(library) else None}


def portfolio(place: Place) -> Task:
    """T1: every parcel × every layer."""
    parcels, prepared = place.data / "parcels.gpkg", {"XDG_CACHE_HOME": str(place.cache)}

    def ours(name: str, *, environment: dict[str, str] = prepared, nothing_prepared: bool = False) -> Program:
        out = place.out / name
        return Program(
            name=name,
            command=place.xygis("check", parcels, "--atlas", place.atlas, "--format", "csv", "--out", out),
            like="reference",
            result=lambda _: results.named_columns(out / "measures.csv", ("parcel", "layer"), "overlap_m2"),
            environment=environment,
            nothing_prepared=nothing_prepared,
            leaves=out,
            accepted=_JUDGED,
        )

    inside = place.out / "portfolio_operation.csv"
    alone = Program(
        name="xygis in process",
        command=(sys.executable, "-m", "tests.bench.portfolio_operation", str(place.data), str(place.atlas), str(inside)),
        like="reference",
        result=_table(inside),
        environment=prepared,
    )
    least = place.out / "portfolio_areas_only.csv"
    server, table = place.server, place.out / "portfolio_postgis.csv"
    loaded = Program(
        name="postgis",
        command=postgis.portfolio_query(server, place.data, table) if server else (),
        like="reference",
        result=_table(table),
        missing=None if server else "PostGIS is not installed",
    )
    return Task(
        key="T1",
        title="areas of every parcel in every layer",
        programs=(
            ours("xygis"),
            ours("xygis from files", nothing_prepared=True),
            alone,
            _areas_only(place, "xygis areas only", parcels, least, like="reference"),
            _started("numpy alone", "numpy"),
            _started("numpy and shapely alone", "numpy, shapely"),
            *(_peer(place, "portfolio", name) for name in ("reference", "overlay", "sjoin")),
            loaded,
            ours("xygis plain", environment=prepared | {"XYGIS_KERNEL": "plain"}),
        ),
        targets=(
            Target(text="layers prepared, against geopandas.overlay", slow=("overlay",), fast="xygis", at_least=40),
            Target(text="layers prepared, against the best shapely program", slow=("reference",), fast="xygis", at_least=24),
            Target(text="from files, nothing prepared, against geopandas.overlay", slow=("overlay",), fast="xygis from files", at_least=4),
            Target(text="from files, against the best shapely program", slow=("reference",), fast="xygis from files", at_least=2.4),
            Target(text="the operation alone", slow=("overlay",), fast="xygis in process", at_least=200, operation=True),
            Target(text="both loaded, against PostGIS with subdivided tables", slow=("postgis",), fast="xygis", at_least=8),
        ),
        tolerance=_of_parcels(results.stored_areas(parcels)),
        preparation=Program(
            name="xygis layers --prepare",
            command=place.xygis("layers", "--prepare", "--atlas", place.atlas),
            like=None,
            result=lambda _: {},
            environment=prepared,
        ),
        data=place.data,
    )


def one_parcel(place: Place) -> Task:
    """T2: one parcel in a new process, an ordinary one and the awkward ones."""
    programs: list[Program] = []
    targets: list[Target] = []
    areas: dict[str, float] = {}
    for kind in ("parcel", *AWKWARD):
        file = place.data / f"one_{kind}.gpkg"
        areas |= results.stored_areas(file)
        ours = f"xygis {kind}"
        programs.append(
            Program(
                name=ours,
                command=place.xygis("check", file, "--atlas", place.atlas, "--json"),
                like=f"raw {kind}",
                result=results.assessment,
                environment={"XDG_CACHE_HOME": str(place.cache)},
                accepted=_JUDGED,
            )
        )
        for name in ("bbox", "raw"):
            out = place.out / f"one_{kind}_{name}.csv"
            peer = place.peer(f"one_{kind}", name, out, "geopandas")
            like = f"raw {kind}" if name == "bbox" else None
            programs.append(Program(name=f"{name} {kind}", like=like, result=_table(out), **peer))  # type: ignore[arg-type]
        if kind == "parcel":
            programs.append(_areas_only(place, "xygis areas only", file, place.out / "one_areas_only.csv", like="raw parcel"))
            programs += [_started("numpy alone", "numpy"), _started("numpy and shapely alone", "numpy, shapely")]
        targets.append(Target(text=f"{kind}, against geopandas reading the box", slow=(f"bbox {kind}",), fast=ours, at_least=8))
        if kind != "parcel":
            targets.append(Target(text=f"{kind}, against our ordinary parcel", slow=(ours,), fast="xygis parcel", at_most=2))
    return Task(
        key="T2",
        title="one cold parcel",
        programs=tuple(programs),
        targets=tuple(targets),
        tolerance=_of_parcels(areas),
        preparation=portfolio(place).preparation,
        data=place.data,
    )


def _areas_only(place: Place, name: str, parcels: Path, out: Path, *, like: str) -> Program:
    """The least program of ours that answers what the peers answer."""
    return Program(
        name=name,
        command=(sys.executable, "-m", "tests.bench.areas_only", str(parcels), str(place.atlas), str(out)),
        like=like,
        result=_table(out),
        environment={"XDG_CACHE_HOME": str(place.cache)},
    )


def _started(name: str, libraries: str) -> Program:
    """A process that only imports: below this no program of these libraries can come."""
    return Program(name=name, command=(sys.executable, "-c", f"import {libraries}"), like=None, result=lambda _: {})


def matrix(place: Place) -> Task:
    """T3: current × planned land use by class, from files."""
    current, plan = place.data / "luse_current.gpkg", place.data / "luse_plan.gpkg"

    def ours(name: str, environment: dict[str, str]) -> Program:
        out = place.out / f"{name} compare"
        return Program(
            name=name,
            command=place.xygis("compare", current, plan, "--by", "DLBM", "DLBM", "--plane", "EPSG:4525", "--out", out),
            like="reference",
            result=lambda _: results.named_columns(out / "matrix.csv", ("class_a", "class_b"), "overlap_m2"),
            environment=environment,
            nothing_prepared=True,
            accepted=(0, 1),
        )

    server, table = place.server, place.out / "matrix_postgis.csv"
    loaded = Program(
        name="postgis",
        command=postgis.matrix_query(server, table) if server else (),
        like="reference",
        result=_table(table),
        missing=None if server else "PostGIS is not installed",
    )
    return Task(
        key="T3",
        title="area by pair of classes, from files",
        programs=(
            ours("xygis", {}),
            *(_peer(place, "matrix", name, once=name == "reference") for name in ("reference", "overlay", "sjoin")),
            loaded,
            ours("xygis plain", {"XYGIS_KERNEL": "plain"}),
        ),
        targets=(Target(text="against geopandas.overlay", slow=("overlay",), fast="xygis", at_least=9),),
        tolerance=_flat,
        data=place.data,
    )


def patches(place: Place) -> Task:
    """T4: the patches whose groups differ, written to a GeoPackage."""
    current, plan = place.data / "luse_current.gpkg", place.data / "luse_plan.gpkg"
    groups = place.out / "groups.csv"
    groups.write_text(groups_table(results.classes(current), results.classes(plan)), "utf-8")
    out = place.out / "xygis patches"
    compared = place.xygis("compare", current, plan, "--by", "DLBM", "DLBM", "--plane", "EPSG:4525", "--out", out)

    def program(name: str, file: Path, **rest: object) -> Program:
        table = place.out / f"{name}_patch_sums.csv"
        like = None if name == "reference" else "reference"
        sums = (sys.executable, "-m", "tests.bench.patch_sums", str(file), str(table))
        return Program(name=name, like=like, result=_table(table), afterwards=sums, **rest)  # type: ignore[arg-type]

    peers = {name: place.out / f"patches_{name}.gpkg" for name in ("reference", "overlay", "sjoin")}
    return Task(
        key="T4",
        title="difference patches written out",
        programs=(
            program(
                "xygis",
                out / "patches.gpkg",
                command=(*compared, "--geometry", "--groups", str(groups)),
                nothing_prepared=True,
                accepted=(0, 1),
            ),
            *(
                program(name, file, once=name == "reference", **place.peer("patches", name, file, "geopandas"))
                for name, file in peers.items()
            ),
        ),
        targets=(
            Target(text="against geopandas.overlay", slow=("overlay",), fast="xygis", at_least=5),
            Target(text="against sjoin and intersection", slow=("sjoin",), fast="xygis", at_least=2),
        ),
        tolerance=_flat,
        data=place.data,
    )


def zonal(place: Place) -> Task:
    """T5: a 10 m raster under every parcel."""
    out = place.out / "zonal_xygis.csv"
    return Task(
        key="T5",
        title="raster statistics of every parcel",
        programs=(
            Program(
                name="xygis",
                command=(sys.executable, "-m", "tests.bench.zonal_parcels", str(place.data), str(out)),
                like="by_feature",
                result=_table(out),
            ),
            _peer(place, "zonal", "by_feature", like=None, library="exactextract"),
            _peer(place, "zonal", "by_raster", like="by_feature", library="exactextract"),
        ),
        targets=(Target(text="against the better strategy of exactextract", slow=("by_feature", "by_raster"), fast="xygis", at_least=1.5),),
        tolerance=_of_cells,
        data=place.data,
    )


TASKS: dict[str, Callable[[Place], Task]] = {"T1": portfolio, "T2": one_parcel, "T3": matrix, "T4": patches, "T5": zonal}
NEED_PAIR = ("T3", "T4")


def _peer(place: Place, task: str, name: str, *, like: str | None = "reference", library: str = "geopandas", once: bool = False) -> Program:
    out = place.out / f"{task}_{name}.csv"
    compared = None if name == "reference" else like
    return Program(name=name, like=compared, result=_table(out), once=once, **place.peer(task, name, out, library))  # type: ignore[arg-type]


def _table(path: Path) -> Callable[[str], Numbers]:
    return partial(_read, path)


def _read(path: Path, printed: str) -> Numbers:
    return results.last_column(path)


def _of_parcels(area_m2: dict[str, float]) -> Tolerance:
    """0.01 m² and 1e-8 of the parcel's area."""
    return lambda key, value: 0.01 + 1e-8 * area_m2.get(key[0], 0.0)


def _flat(key: Sequence[str], value: float) -> float:
    """0.01 m², whatever the area of the pair of classes."""
    return 0.01


def _of_cells(key: Sequence[str], value: float) -> float:
    """A cell is 100 m²: 0.01 m² are 1e-4 cells, and the peer counts in single precision."""
    return 1e-4 + 1e-6 * abs(value)
