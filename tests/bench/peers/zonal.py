"""T5: cells (weighted by coverage), mean and greatest value of the 10 m raster under every parcel."""

from __future__ import annotations

from pathlib import Path

from tests.bench.peers.reading import frame, save, stage

STATISTICS = ("count", "mean", "max")


def by_feature(data: Path, out: Path) -> None:
    """exactextract, parcel by parcel."""
    _extract(data, out, "feature-sequential")


def by_raster(data: Path, out: Path) -> None:
    """exactextract, block by block of the raster: the faster of the two at M."""
    _extract(data, out, "raster-sequential")


def _extract(data: Path, out: Path, strategy: str) -> None:
    from exactextract import exact_extract

    parcels = frame(data / "parcels.gpkg")
    with stage("operation"):
        table = exact_extract(str(data / "slope.tif"), parcels, list(STATISTICS), include_cols=["XMMC"], output="pandas", strategy=strategy)
    rows = [(name, s, value) for s in STATISTICS for name, value in zip(table["XMMC"], table[s], strict=True)]
    save(out, "parcel,statistic,value", [r for r in rows if r[2] == r[2]])
