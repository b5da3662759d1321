"""Foreign formats are read in a process with limits: whatever happens there is one error here, and the next file is read."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely

from xygis.errors import BadGeometry, DamagedFile, TooLarge, UnsafeFile
from xygis.vector import caged, gpkg, wire
from xygis.vector.crs_claim import Claim
from xygis.vector.foreign import Member, read_layers, read_member
from xygis.vector.gpkg import RawFeatures
from xygis.vector.layers import ForeignLayer
from xygis.vector.notes import Note
from xygis.vector.repair import repair_polygons

SQUARE = shapely.box(37_618_000, 3_541_000, 37_618_100, 3_541_100)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """No reading process before or after."""
    while caged._current:
        caged._current.pop().end()
    yield
    while caged._current:
        caged._current.pop().end()


@pytest.fixture
def flatgeobuf(tmp_path: Path) -> Path:
    import geopandas

    path = tmp_path / "选址.fgb"
    geopandas.GeoDataFrame({"名称": ["甲"]}, geometry=[SQUARE], crs="EPSG:4525").to_file(path, engine="pyogrio", driver="FlatGeobuf")
    return path


def script(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caged, "command", lambda: [sys.executable, "-c", text])


def test_a_file_is_read_there_and_the_process_is_kept(flatgeobuf: Path) -> None:
    """Shape, column, system and notes come over; the second file needs no new process."""
    first = read_layers(flatgeobuf)[0]
    process = caged._current[0]
    again = read_layers(flatgeobuf)[0]
    assert caged._current == [process] and process.files == 2
    assert first.features.geometry[0].equals(SQUARE) and again.features.columns == {"名称": ["甲"]}
    assert first.claim.code == "EPSG:4525"


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("import os; os.abort()", DamagedFile, "意外中止"),
        ("import sys; sys.exit(3)", DamagedFile, "意外中止"),
        ("import time; time.sleep(60)", TooLarge, "秒"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", TooLarge, "时间或内存"),
        ("import sys; sys.stdout.buffer.write(b'x' * 400)", DamagedFile, "大得不可能"),
        ("import sys; sys.stdout.buffer.write(bytes([2] + [0] * 15) + b'[]')", DamagedFile, "不完整"),
    ],
)
def test_a_crash_a_hang_and_nonsense_are_one_error_and_the_next_file_is_read(
    flatgeobuf: Path, monkeypatch: pytest.MonkeyPatch, text: str, error: type[Exception], said: str
) -> None:
    """Aborted, ended, asleep, out of time, and answers that are none."""
    monkeypatch.setattr(caged, "SECONDS", 1.0)
    with monkeypatch.context() as patched:
        script(text, patched)
        started = time.monotonic()
        with pytest.raises(error, match=said) as caught:
            read_layers(flatgeobuf)
        assert time.monotonic() - started < 10
        assert str(flatgeobuf) in str(caught.value) and caught.value.fix  # type: ignore[attr-defined]
    monkeypatch.setattr(caged, "SECONDS", 20.0)
    while caged._current:
        caged._current.pop().end()
    assert len(read_layers(flatgeobuf)) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="limits are those of POSIX")
def test_memory_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that would take gigabytes once it is parsed is refused, not read."""
    path = tmp_path / "大.geojson"
    path.write_text('{"type": "FeatureCollection", "features": [' + ",".join(["[]"] * 12_000_000) + "]}", "utf-8")
    monkeypatch.setattr(caged, "MEMORY_BYTES", 600 << 20)
    with pytest.raises(TooLarge, match="内存"):
        read_layers(path)


def test_an_interruption_leaves_no_answer_for_the_next_file(flatgeobuf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that was asked and not heard is not asked again."""
    monkeypatch.setattr(caged, "_exactly", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        read_layers(flatgeobuf)
    assert not caged._current


def test_layers_cross_as_they_are(tmp_path: Path) -> None:
    """Geometry, missing geometry, values of all kinds, claim and notes; and only classes that are known are made."""
    geometry = np.array([SQUARE, None, shapely.MultiPolygon([SQUARE])], dtype=object)
    layer = ForeignLayer(
        name="地块",
        format="filegdb",
        features=RawFeatures(geometry=geometry, columns={"a": [1, None, "丙"], "b": [0.5, True, ""]}, crs=None, fids=[3, 1, 2]),
        claim=Claim(zone=37, evidence=("一", "二"), firm=False),
        encoding=None,
        encoding_why="",
        notes=(Note(code="x", level="info", text="说明", areas_m2=(1.0, 2.0)),),
    )
    with (tmp_path / "m").open("wb") as file:
        wire.send(file, [layer, layer])
    raw = (tmp_path / "m").read_bytes()
    head, body = wire.lengths(raw[: wire.LENGTHS_BYTES])
    parts = raw[wire.LENGTHS_BYTES : wire.LENGTHS_BYTES + head], raw[wire.LENGTHS_BYTES + head :]
    assert len(parts[1]) == body
    for got in wire.understood(*parts):
        assert (got.claim, got.notes, got.name, got.features.columns) == (layer.claim, layer.notes, layer.name, layer.features.columns)
        assert [None if g is None else g.wkt for g in got.features.geometry] == [None if g is None else g.wkt for g in geometry]
    with pytest.raises(DamagedFile):
        wire.understood(json.dumps({"layers": [{"class": "Popen", "fields": {}}]}).encode(), b"")
    with pytest.raises(DamagedFile):
        wire.understood(json.dumps({"error": {"kind": "Path", "what": "", "where": None, "why": "", "fix": ""}}).encode(), b"")


def test_plain_formats_start_no_process(tmp_path: Path) -> None:
    """GeoPackage and small GeoJSON stay on the quick path, without the libraries and without another process."""
    content = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {}, "geometry": json.loads(shapely.to_geojson(SQUARE))}],
    }
    (tmp_path / "a.geojson").write_text(json.dumps(content), "utf-8")
    code = (
        f"import sys; from pathlib import Path; from xygis.vector.foreign import read_layers; read_layers(Path({str(tmp_path / 'a.geojson')!r}));"
        "print([m for m in ('subprocess', 'pyogrio', 'xygis.vector.caged') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_view_without_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A GeoPackage may hold a view that counts for ever."""
    monkeypatch.setattr(gpkg, "_PATIENCE_S", 1)
    path = tmp_path / "a.gpkg"
    with sqlite3.connect(path) as db:
        db.executescript(
            """
            CREATE TABLE gpkg_spatial_ref_sys (srs_name, srs_id INTEGER PRIMARY KEY, organization, organization_coordsys_id, definition);
            CREATE TABLE gpkg_geometry_columns (table_name, column_name, geometry_type_name, srs_id, z, m);
            INSERT INTO gpkg_geometry_columns VALUES ('v', 'geom', 'POLYGON', 4525, 0, 0);
            CREATE VIEW v AS WITH RECURSIVE n(fid) AS (SELECT 1 UNION ALL SELECT fid + 1 FROM n) SELECT count(*) AS fid, NULL AS geom FROM n;
            """
        )
    db.close()
    with pytest.raises(TooLarge, match="1 秒"):
        read_layers(path)


def test_a_tangle_is_refused_soon_and_a_long_boundary_with_one_crossing_is_repaired() -> None:
    """3,000 points at random cross a million times; 100,000 in order with one bow-tie cross once."""
    noise = np.random.default_rng(1).random((3_000, 2)) * 1_000
    started = time.monotonic()
    with pytest.raises(BadGeometry, match="自相交约"):
        repair_polygons(np.array([shapely.Polygon(noise)], dtype=object), None)
    assert time.monotonic() - started < 5
    turn = np.linspace(0, 2 * np.pi, 100_000, endpoint=False)
    ring = np.column_stack([np.cos(turn), np.sin(turn)]) * 1_000
    ring[[50_000, 50_001]] = ring[[50_001, 50_000]]
    fixed, records = repair_polygons(np.array([shapely.Polygon(ring)], dtype=object), None)
    assert len(records) == 1 and fixed[0].is_valid


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_are_not_followed(tmp_path: Path, flatgeobuf: Path) -> None:
    """Neither a link to a file, nor a companion that is one, nor a link in a FileGDB."""
    from xygis.intake.read import read_submission

    (tmp_path / "链接.fgb").symlink_to(flatgeobuf)
    with pytest.raises(UnsafeFile):
        read_submission(tmp_path / "链接.fgb")
    (tmp_path / "a.gdb").mkdir()
    (tmp_path / "a.gdb" / "a00000001.gdbtable").symlink_to("/etc/passwd")
    with pytest.raises(UnsafeFile):
        read_submission(tmp_path / "a.gdb")


def test_a_driver_that_is_not_meant_is_refused(tmp_path: Path) -> None:
    """The format is decided from content; GDAL must take it for the same."""
    path = tmp_path / "a.fgb"
    path.write_text("<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>")
    with pytest.raises((DamagedFile, UnsafeFile)):
        read_member(Member(path=path, format="flatgeobuf", shown=os.fspath(path)))
