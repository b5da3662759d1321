"""Reading a shapefile takes no longer than 1.5 times what GDAL takes for the same file."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
import shapely

from tests.bench import reading


@pytest.mark.bench
def test_a_shapefile_is_read_about_as_fast_as_by_pyogrio(tmp_path: Path) -> None:
    """A tenth of the 200 MB, in turn; the quickest of six rounds each, because other work runs on the same processors."""
    import pyogrio.raw

    from xygis.vector.shapefile import read_shapefile

    path = reading.write_shapefile(tmp_path / "a.shp", reading.FEATURES // 10)

    def seconds(read: Callable[[], object]) -> float:
        started = time.perf_counter()
        read()
        return time.perf_counter() - started

    times = [(seconds(lambda: read_shapefile(path)), seconds(lambda: shapely.from_wkb(pyogrio.raw.read(path)[2]))) for _ in range(6)]
    ours, theirs = (min(t) for t in zip(*times, strict=True))
    assert len(read_shapefile(path).features) == reading.FEATURES // 10
    assert ours <= reading.TARGET * theirs


def test_a_folder_of_files_is_read_whole(tmp_path: Path) -> None:
    """A hundred of the thousand files, and every one of them."""
    folder = reading.write_folder(tmp_path / "folder", 100)
    assert reading.timed("xygis, folder", folder, 1)[0].features == 100
