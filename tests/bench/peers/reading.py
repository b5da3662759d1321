"""What every geopandas peer does first, read and mend, and last: write its table. Stages are timed on the way."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import geopandas as gpd

CRS = "EPSG:4525"
STAGES: dict[str, float] = {}  # seconds by stage, printed at the end of a peer's process


@contextlib.contextmanager
def stage(name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    STAGES[name] = round(STAGES.get(name, 0.0) + time.perf_counter() - start, 3)


def meta(data: Path) -> dict[str, Any]:
    return json.loads((data / "meta.json").read_text("utf-8"))


def frame(path: Path, **options: object) -> gpd.GeoDataFrame:
    """A file in the parcels' system, valid. options go to geopandas.read_file."""
    import geopandas as gpd

    with stage("read"):
        read = gpd.read_file(path, engine="pyogrio", **options)
    with stage("mend"):
        if read.crs != CRS:
            read = read.to_crs(CRS)
        bad = ~read.geometry.is_valid
        if bad.any():
            read.loc[bad, "geometry"] = read.loc[bad, "geometry"].make_valid()
    return read


def layer(data: Path, name: str, **options: object) -> gpd.GeoDataFrame:
    """A layer whose areas can be added up: dissolved where its own features overlap each other."""
    import geopandas as gpd

    read = frame(data / f"{name}.gpkg", **options)
    if name not in meta(data)["overlapping"] or not len(read):
        return read
    with stage("dissolve"):
        whole = gpd.GeoDataFrame(geometry=[read.geometry.union_all()], crs=read.crs).explode(ignore_index=True)
        return whole[whole.geom_type.isin(["Polygon", "MultiPolygon"])]


def save(path: Path, head: str, rows: Iterable[Sequence[object]]) -> None:
    """A table whose last column is a number, to six decimals."""
    with path.open("w", encoding="utf-8") as file:
        file.write(head + "\n")
        for *key, value in rows:
            file.write(",".join(map(str, key)) + f",{value:.6f}\n")
