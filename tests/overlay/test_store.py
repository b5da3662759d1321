"""The store of prepared layers: right with a cache, without one, with a damaged one, and with others at work beside it."""

from __future__ import annotations

import multiprocessing
import os
import stat
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, box

from tests.overlay.beds import PLANE, at, declare, write_gpkg
from xygis.atlas.layer import Layer
from xygis.errors import LayerUnreadable
from xygis.geodesy.plane import Plane
from xygis.overlay.measuring import measure
from xygis.overlay.prepared import PreparedLayer
from xygis.overlay.shape import shape_parcel
from xygis.overlay.store import LayerStore

ARRAYS = tuple(f.name for f in fields(PreparedLayer) if f.type in ("Floats", "Ints", "NDArray[np.uint8]"))
PARCEL = at(box(0, 0, 100, 100))


def zones(folder: Path, width: float = 30.0, name: str = "zones.gpkg", mark: str = "a") -> Layer:
    """A layer of two features; the width is 30.0 or 31.0, so that the file's size stays the same."""
    folder.mkdir(parents=True, exist_ok=True)
    features = [at(box(0, 0, width, 100)), at(box(60, 0, 70, 100).difference(box(62, 10, 68, 20)))]
    return declare(write_gpkg(folder / name, features, {"BSM": [mark, "b"]}, "EPSG:4546"))


def content(prepared: PreparedLayer) -> tuple[object, ...]:
    return (prepared.source_sha256, prepared.features, prepared.repairs, *(getattr(prepared, n).tobytes() for n in ARRAYS))


def overlap_m2(store: LayerStore, layer: Layer) -> float:
    m = measure(shape_parcel(PARCEL, "EPSG:4546", PLANE), layer, store.get(layer, PLANE), (), extent=None)
    assert m.overlap_m2 is not None
    return m.overlap_m2


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the layers that were prepared, in order."""
    from xygis.overlay import prepare as room

    made: list[str] = []
    real = room.prepare

    def counting(layer: Layer, plane: Plane, sha: str, read: object = None) -> PreparedLayer:
        made.append(layer.id)
        return real(layer, plane, sha)

    monkeypatch.setattr(room, "prepare", counting)
    return made


def test_cold_warm_and_uncached_are_the_same(tmp_path: Path, built: list[str]) -> None:
    """Prepared now, read back from the cache, held in memory, or with no cache at all: the same arrays to the bit."""
    layer, cache = zones(tmp_path / "data"), tmp_path / "cache"
    cold = LayerStore(cache).get(layer, PLANE)
    store = LayerStore(cache)
    warm, held = store.get(layer, PLANE), store.get(layer, PLANE)
    (tmp_path / "file").write_text("")
    uncached = LayerStore(tmp_path / "file" / "no folder").get(layer, PLANE)
    assert content(cold) == content(warm) == content(held) == content(uncached)
    assert len(built) == 2


@pytest.mark.parametrize("kind", ["empty", "line", "repaired", "without columns"])
def test_every_kind_of_layer_comes_back_from_the_cache(tmp_path: Path, built: list[str], kind: str) -> None:
    """An empty layer, lines, a repaired polygon and features without attributes survive the trip."""
    features = {"empty": [], "line": [LineString([(0, 0), (9, 9)])], "without columns": [box(0, 0, 9, 9)]}.get(
        kind, [shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])]
    )
    columns = {} if kind == "without columns" else {"MC": ["襄阳"] * len(features)}
    path = write_gpkg(tmp_path / "x.gpkg", [at(f) for f in features], columns, "EPSG:4546")
    layer = declare(path, geometry="line" if kind == "line" else "polygon")
    first = LayerStore(tmp_path / "cache").get(layer, PLANE)
    second = LayerStore(tmp_path / "cache").get(layer, PLANE)
    assert content(first) == content(second)
    assert len(built) == 1
    for name in ARRAYS:
        assert getattr(first, name).dtype == getattr(second, name).dtype
        assert not getattr(second, name).flags.writeable


def test_one_changed_byte_changes_result_and_fingerprint(tmp_path: Path) -> None:
    """The layer changes: the next result differs, and so does its sha256 (PITFALLS P47)."""
    cache = tmp_path / "cache"
    layer = zones(tmp_path)
    before, sha = overlap_m2(LayerStore(cache), layer), LayerStore(cache).get(layer, PLANE).source_sha256
    zones(tmp_path, width=31.0)
    assert overlap_m2(LayerStore(cache), layer) == pytest.approx(before + 100.0, abs=1e-6)
    assert LayerStore(cache).get(layer, PLANE).source_sha256 != sha


def test_a_change_that_keeps_size_and_time_is_seen(tmp_path: Path) -> None:
    """Same size, modification time set back: the change is still seen, by a new store and by one that holds the layer (P47)."""
    cache, layer = tmp_path / "cache", zones(tmp_path)
    assert layer.path is not None
    held = LayerStore(cache)
    before = overlap_m2(held, layer)
    was = layer.path.stat()
    changed = zones(tmp_path / "other", width=31.0).path
    assert changed is not None
    data = changed.read_bytes()
    assert len(data) == was.st_size
    with layer.path.open("r+b") as file:  # in place: the same inode
        file.write(data)
    os.utime(layer.path, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert layer.path.stat().st_ino == was.st_ino
    assert overlap_m2(LayerStore(cache), layer) == pytest.approx(before + 100.0, abs=1e-6)
    assert overlap_m2(held, layer) == pytest.approx(before + 100.0, abs=1e-6)


def test_a_settled_file_is_not_hashed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, built: list[str]) -> None:
    """Size and times as recorded, and old enough: the cache is taken without reading the source; a mere touch costs one hash."""
    from xygis.overlay import store

    layer, cache = zones(tmp_path), tmp_path / "cache"
    monkeypatch.setattr(store, "_RACY_NS", -60_000_000_000)  # a minute passes, as far as the store can see
    LayerStore(cache).get(layer, PLANE)
    hashed: list[object] = []
    real = store.source_sha256
    monkeypatch.setattr(store, "source_sha256", lambda files: hashed.append(files) or real(files))
    LayerStore(cache).get(layer, PLANE)
    assert hashed == []
    assert layer.path is not None
    os.utime(layer.path)
    LayerStore(cache).get(layer, PLANE)
    assert len(hashed) == 1
    assert len(built) == 1


def _only_file(cache: Path) -> Path:
    (file,) = cache.iterdir()
    return file


DAMAGE = {
    "cut short": lambda data: data[: len(data) // 2],
    "cut by a byte": lambda data: data[:-1],
    "cut in its header": lambda data: data[:60],
    "empty": lambda data: b"",
    "foreign": lambda data: b"PK\x03\x04" + data[4:],
    "garbage": lambda data: bytes(range(256)) * 40,
    "zeros after the name": lambda data: data[:12] + bytes(len(data) - 12),
    "header length absurd": lambda data: data[:12] + b"\xff" * 8 + data[20:],
    "longer": lambda data: data + b"\0" * 64,
    "header altered": lambda data: data[:80] + b"?" + data[81:],
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_cache_is_built_anew(tmp_path: Path, built: list[str], damage: str) -> None:
    """Truncated, foreign, emptied, blanked or altered cache files are not believed: the layer is prepared again."""
    layer, cache = zones(tmp_path / "data"), tmp_path / "cache"
    sound = content(LayerStore(cache).get(layer, PLANE))
    file = _only_file(cache)
    file.write_bytes(DAMAGE[damage](file.read_bytes()))
    assert content(LayerStore(cache).get(layer, PLANE)) == sound
    assert len(built) == 2
    assert content(LayerStore(cache).get(layer, PLANE)) == sound
    assert len(built) == 2


def test_a_cache_of_another_preparation_is_not_taken(tmp_path: Path, built: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A new version of the preparation, another plane, another catalogue entry: each has its own key."""
    from xygis.overlay import store

    layer, cache = zones(tmp_path / "data"), tmp_path / "cache"
    LayerStore(cache).get(layer, PLANE)
    LayerStore(cache).get(layer, Plane())
    LayerStore(cache).get(replace(layer, sensitive=("MC",)), PLANE)
    monkeypatch.setattr(store, "VERSION", 10_000)
    LayerStore(cache).get(layer, PLANE)
    assert len(built) == 4


def test_a_folder_that_cannot_be_written_works_from_memory(tmp_path: Path, built: list[str]) -> None:
    """A read-only cache folder: right results, nothing written, no error; and the store prepares only once."""
    layer, cache = zones(tmp_path / "data"), tmp_path / "cache"
    cache.mkdir()
    cache.chmod(stat.S_IRUSR | stat.S_IXUSR)
    folder = cache if os.geteuid() else Path(os.devnull) / "cache"  # root may write everywhere
    try:
        store = LayerStore(folder)
        assert overlap_m2(store, layer) == overlap_m2(store, layer) == pytest.approx(3940.0, abs=1e-6)
        assert list(cache.iterdir()) == []
        assert len(built) == 1
    finally:
        cache.chmod(stat.S_IRWXU)


def test_a_killed_build_leaves_nothing_half(tmp_path: Path, built: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A temporary file left by a killed build is never read; a build that fails while writing leaves no file and still answers."""
    layer, cache = zones(tmp_path / "data"), tmp_path / "cache"
    cache.mkdir()
    (cache / ".zones-123.layerabc.tmp").write_bytes(b"XYGISLAYER1\n half")
    with monkeypatch.context() as broken:

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        broken.setattr(Path, "replace", full)
        assert overlap_m2(LayerStore(cache), layer) == pytest.approx(3940.0, abs=1e-6)
        assert [p.name for p in cache.iterdir()] == [".zones-123.layerabc.tmp"]
    assert overlap_m2(LayerStore(cache), layer) == pytest.approx(3940.0, abs=1e-6)
    assert len(built) == 2


def test_two_atlases_share_a_cache_without_mixing(tmp_path: Path) -> None:
    """Layers of the same id in two atlases keep their own data; so do two layers of one atlas that share a file."""
    cache = tmp_path / "cache"
    one, other = zones(tmp_path / "a"), zones(tmp_path / "b", width=31.0)
    store = LayerStore(cache)
    assert overlap_m2(store, one) + 100.0 == pytest.approx(overlap_m2(store, other), abs=1e-6)
    assert overlap_m2(LayerStore(cache), one) + 100.0 == pytest.approx(overlap_m2(LayerStore(cache), other), abs=1e-6)
    assert store.get(replace(one, id="twin"), PLANE).id == "twin"
    assert store.get(one, PLANE).id == "zones"


@pytest.mark.parametrize("layer_id", ["../../outside", "/absolute", "a/b", "红线", "x" * 300, "c:d*?"])
def test_no_layer_id_leads_out_of_the_folder(tmp_path: Path, built: list[str], layer_id: str) -> None:
    """Whatever a foreign atlas calls its layer, the cache file lies in the cache folder, and serves again."""
    layer, cache = replace(zones(tmp_path / "data"), id=layer_id), tmp_path / "deep" / "er" / "cache"
    LayerStore(cache).get(layer, PLANE)
    LayerStore(cache).get(layer, PLANE)
    assert len(built) == 1
    assert list(tmp_path.rglob("*.layer")) == [_only_file(cache)]


def _one_check(arguments: tuple[Path, Layer]) -> tuple[object, ...]:
    cache, layer = arguments
    store = LayerStore(cache)
    return (*content(store.get(layer, PLANE)), overlap_m2(store, layer))


def test_eight_at_once_agree(tmp_path: Path) -> None:
    """Eight processes that start on a cold cache together: identical results, one whole cache file (PITFALLS P47)."""
    layer, cache = zones(tmp_path / "data"), tmp_path / "cache"
    with multiprocessing.get_context("fork").Pool(8) as pool:
        results = pool.map(_one_check, [(cache, layer)] * 8, chunksize=1)
    assert all(r == results[0] for r in results)
    assert _only_file(cache).suffix == ".layer"
    assert _one_check((cache, layer)) == results[0]


def test_missing_broken_and_cut_sources_are_unreadable_whatever_is_cached(tmp_path: Path) -> None:
    """A layer that is gone or cut in half behind the catalogue's back is unreadable, even where a cache of it exists."""
    layer, cache = zones(tmp_path / "data"), tmp_path / "cache"
    held = LayerStore(cache)
    held.get(layer, PLANE)
    assert layer.path is not None
    whole = layer.path.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"not a database"):
        layer.path.write_bytes(damaged)
        for store in (held, LayerStore(cache)):
            with pytest.raises(LayerUnreadable):
                store.get(layer, PLANE)
    layer.path.unlink()
    for store in (held, LayerStore(cache)):
        with pytest.raises(LayerUnreadable):
            store.get(layer, PLANE)
    with pytest.raises(LayerUnreadable):
        LayerStore(cache).get(replace(layer, path=None), PLANE)


def test_what_the_cache_holds_cannot_be_written(tmp_path: Path) -> None:
    """Arrays from the cache are read-only: no check can spoil the next one."""
    layer = zones(tmp_path)
    LayerStore(tmp_path / "cache").get(layer, PLANE)
    warm = LayerStore(tmp_path / "cache").get(layer, PLANE)
    with pytest.raises(ValueError, match="read-only"):
        warm.xy[0, 0] = 0.0
    assert np.isfinite(warm.xy).all()
