"""Parcels and a small atlas that may be spoilt, for the tests of runs over many parcels."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely

from xygis.atlas.bundled import bundled_root
from xygis.intake.submission import Parcel, Submission

SMALL = ("ecological_red_line", "urban_growth_boundary", "flood_zones", "railways", "relief", "counties")


def small_atlas(folder: Path, layers: Sequence[str] = SMALL) -> Path:
    """A copy of some layers of the bundled atlas, and of all its rules."""
    root = bundled_root()
    shutil.copytree(root / "redlines", folder / "redlines")
    (folder / "layers").mkdir()
    head, *tables = (root / "layers" / "catalogue.toml").read_text("utf-8").split("\n[[layer]]\n")
    kept = [t for t in tables if any(f'id = "{layer}"\n' in t for layer in layers)]
    (folder / "layers" / "catalogue.toml").write_text("\n[[layer]]\n".join([head, *kept]), "utf-8")
    for layer in layers:
        for path in (root / "layers").glob(f"{layer}.*"):
            shutil.copy(path, folder / "layers" / path.name)
    return folder


def squares(count: int, *, lon: float = 112.0, lat: float = 32.0, side: float = 0.001, step: float = 0.002) -> list[Parcel]:
    """Squares of about a hectare side by side from a place near the middle of the city."""
    columns = int(np.ceil(np.sqrt(count)))
    return [square(f"地块{i + 1}", lon + i % columns * step, lat + i // columns * step, side) for i in range(count)]


def square(name: str, lon: float, lat: float, side: float = 0.001, use: str | None = None) -> Parcel:
    return Parcel(name=name, geometry=shapely.box(lon, lat, lon + side, lat + side), crs="EPSG:4490", declared_m2=None, use_text=use)


def submitted(parcels: Sequence[Parcel], path: str = "地块.gpkg") -> Submission:
    return Submission(
        path=path, sha256="", format="geopackage", encoding=None, crs="EPSG:4490", evidence=(), notes=(), parcels=tuple(parcels)
    )
