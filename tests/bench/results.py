"""Reads the tables programs leave behind, and says how far two of them are apart."""

from __future__ import annotations

import csv
import json
import math
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench.program import Numbers, Tolerance


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Keys that one side lacks count as 0 there."""

    keys: int
    greatest: float
    mean: float
    wrong: int  # keys that are farther apart than the tolerance
    unmatched: int  # of these, keys that one side lacks
    worst: str

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def apart(expected: Numbers, found: Numbers, tolerance: Tolerance) -> Apart:
    """How far `found` is from `expected`. A value that is not a number is infinitely far."""
    far = {}
    for key in expected.keys() | found.keys():
        d = abs(expected.get(key, 0.0) - found.get(key, 0.0))
        far[key] = math.inf if math.isnan(d) else d
    wrong = [key for key, d in far.items() if d > tolerance(key, expected.get(key, 0.0))]
    worst = max(far, key=lambda key: far[key], default=())
    return Apart(
        keys=len(far),
        greatest=max(far.values(), default=0.0),
        mean=sum(far.values()) / len(far) if far else 0.0,
        wrong=len(wrong),
        unmatched=sum(key not in expected or key not in found for key in wrong),
        worst="/".join(worst),
    )


def last_column(path: Path) -> Numbers:
    """A table whose last column is the number and whose other columns are the key; equal keys are added up."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.reader(file)
        next(rows)
        return _added((tuple(key), float(value)) for *key, value in rows)


def named_columns(path: Path, key: tuple[str, ...], value: str) -> Numbers:
    """A table of xygis: some columns are the key, one is the number; rows without a number or with 0 are left out."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = ((tuple(row[k] for k in key), float(row[value] or 0.0)) for row in csv.DictReader(file))
        return _added((k, v) for k, v in rows if v != 0.0)


def assessment(printed: str) -> Numbers:
    """(parcel, layer) → overlap in m², of `xygis check --json`."""
    parcels = json.loads(printed)["parcels"]
    return {(p["name"], m["layer"]): m["overlap_m2"] for p in parcels for m in p["measures"] if m["overlap_m2"]}


def stored_areas(path: Path) -> dict[str, float]:
    """Parcel → MJ in m², of a GeoPackage of the city. sqlite3 is enough."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as base:
        return {name: abs(area) for name, area in base.execute(f'select XMMC, MJ from "{path.stem}"')}


def classes(path: Path) -> list[str]:
    """The class codes of a land use map."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as base:
        return [code for (code,) in base.execute(f'select distinct DLBM from "{path.stem}" order by 1')]


def _added(rows: Iterable[tuple[tuple[str, ...], float]]) -> Numbers:
    out: Numbers = {}
    for key, value in rows:
        out[key] = out.get(key, 0.0) + value
    return out
