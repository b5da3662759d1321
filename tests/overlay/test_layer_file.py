"""The file of a prepared layer: whatever happens to it, to its writer or to its source, the answer is right."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import shapely
from shapely.geometry import box

from tests.overlay.beds import PLANE, at, declare, write_gpkg
from xygis.atlas.layer import Layer
from xygis.errors import LayerUnreadable
from xygis.geodesy.plane import Plane
from xygis.overlay import layer_file, prepare, store
from xygis.overlay.layer_file import ARRAYS
from xygis.overlay.prepared import PreparedLayer
from xygis.overlay.store import LayerStore

FORK = multiprocessing.get_context("fork")
RINGS = [at(shapely.Point(40 * k, 0).buffer(15, quad_segs=40)) for k in range(200)]


def zones(folder: Path, features: list[shapely.Geometry] = RINGS) -> Layer:
    """200 discs of 160 vertices: half a megabyte of numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    return declare(write_gpkg(folder / "zones.gpkg", features, {"BSM": [str(k) for k in range(len(features))]}, "EPSG:4546"))


def content(prepared: PreparedLayer) -> tuple[object, ...]:
    return (prepared.source_sha256, prepared.features, *(getattr(prepared, n).tobytes() for n in ARRAYS))


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the layers that were prepared, in order."""
    made: list[str] = []
    real = prepare.prepare

    def counting(layer: Layer, plane: Plane, sha: str, read: Callable[[int], None] | None = None) -> PreparedLayer:
        made.append(layer.id)
        return real(layer, plane, sha, read)

    monkeypatch.setattr(prepare, "prepare", counting)
    return made


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute passes after every change, as far as anybody can see."""
    monkeypatch.setattr(layer_file, "_RACY_NS", -60_000_000_000)
    monkeypatch.setattr(store, "_RACY_NS", -60_000_000_000)


def cache_file(cache: Path) -> Path:
    (file,) = cache.glob("*.layer")
    return file


@pytest.mark.parametrize("sealed", [True, False], ids=["sealed", "not sealed"])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
def test_a_flipped_byte_among_the_numbers_is_noticed(
    tmp_path: Path, built: list[str], monkeypatch: pytest.MonkeyPatch, sealed: bool, share: float
) -> None:
    """One bit of one coordinate, size unchanged, modification time set back: the file is not as it was written, and is made anew."""
    if sealed:
        for module in (layer_file, store):
            monkeypatch.setattr(module, "_RACY_NS", -60_000_000_000)
    layer, cache = zones(tmp_path / "data"), tmp_path / "cache"
    sound = content(LayerStore(cache).get(layer, PLANE))
    LayerStore(cache).get(layer, PLANE)  # looked at once
    file = cache_file(cache)
    assert sealed == bool(list(cache.glob("*.seal")))
    before = file.stat()
    place = int(before.st_size * share)
    with file.open("r+b") as f:
        f.seek(place)
        byte = f.read(1)[0]
        f.seek(place)
        f.write(bytes([byte ^ 4]))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert LayerStore(cache).peek(layer, PLANE) is None
    assert content(LayerStore(cache).get(layer, PLANE)) == sound
    assert 2 == len(built)
    assert content(LayerStore(cache).get(layer, PLANE)) == sound and 2 == len(built)


@pytest.mark.usefixtures("settled")
def test_what_is_sealed_is_not_summed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first reader adds up every number; after that the seal is enough, until somebody touches the file."""
    layer, cache = zones(tmp_path / "data"), tmp_path / "cache"
    LayerStore(cache).get(layer, PLANE)
    summed: list[int] = []
    real = layer_file.checksum
    monkeypatch.setattr(layer_file, "checksum", lambda data: summed.append(len(data)) or real(data))
    LayerStore(cache).get(layer, PLANE)
    assert summed
    summed.clear()
    LayerStore(cache).get(layer, PLANE)
    assert [] == summed
    os.utime(cache_file(cache))
    LayerStore(cache).get(layer, PLANE)
    assert summed


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("seal", [b"", b"[1, 2, 3, 4]", b"\xff\xfe", b"\x00" * 5000], ids=["empty", "another's", "no text", "zeros"])
def test_a_seal_that_does_not_fit_says_nothing(tmp_path: Path, built: list[str], seal: bytes) -> None:
    """A damaged seal vouches for nothing; the numbers are looked at again."""
    layer, cache = zones(tmp_path / "data"), tmp_path / "cache"
    sound = content(LayerStore(cache).get(layer, PLANE))
    file = cache_file(cache)
    file.with_suffix(".seal").write_bytes(seal)
    assert content(LayerStore(cache).get(layer, PLANE)) == sound
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    file.with_suffix(".seal").write_bytes(seal)
    assert content(LayerStore(cache).get(layer, PLANE)) == sound


def test_a_file_of_another_layer_in_its_place_is_not_taken(tmp_path: Path, built: list[str]) -> None:
    """A whole, sound cache file of another layer, put where this one's lies: foreign, and built anew."""
    layer, cache = zones(tmp_path / "data"), tmp_path / "cache"
    other = zones(tmp_path / "other", RINGS[:7])
    sound = content(LayerStore(cache).get(layer, PLANE))
    LayerStore(tmp_path / "there").get(other, PLANE)
    cache_file(cache).write_bytes(cache_file(tmp_path / "there").read_bytes())
    assert content(LayerStore(cache).get(layer, PLANE)) == sound
    assert 3 == len(built)


def _get(cache: Path, layer: Layer) -> tuple[object, ...]:
    return content(LayerStore(cache).get(layer, PLANE))


def test_two_processes_prepare_at_once(tmp_path: Path) -> None:
    """Both answer the same, one whole file remains, and the next finds it."""
    layer, cache = zones(tmp_path / "data"), tmp_path / "cache"
    with FORK.Pool(2) as pool:
        one, other = pool.starmap(_get, [(cache, layer)] * 2, chunksize=1)
    assert one == other == _get(cache, layer)
    assert 1 == len(list(cache.glob("*.layer"))) and not list(cache.glob(".*.part"))


def _stopped_while_preparing(cache: Path, layer: Layer, sign: Path) -> None:
    def stand_still(*_: object) -> None:
        sign.touch()
        time.sleep(600)

    prepare.lay_pieces = stand_still  # type: ignore[assignment]  # in a process of its own
    LayerStore(cache).get(layer, PLANE)


def _stopped_while_writing(cache: Path, layer: Layer, sign: Path) -> None:
    def stand_still(*_: object) -> None:
        sign.touch()
        time.sleep(600)

    Path.replace = stand_still  # type: ignore[assignment,method-assign]  # as above; all is written but not in place
    LayerStore(cache).get(layer, PLANE)


@pytest.mark.parametrize("stopped", [_stopped_while_preparing, _stopped_while_writing])
def test_killed_and_asked_again(tmp_path: Path, built: list[str], stopped: Callable[[Path, Layer, Path], None]) -> None:
    """SIGKILL while preparing or while writing: the next call prepares, is right, and what was left is cleared away when it is old."""
    layer, cache, sign = zones(tmp_path / "data"), tmp_path / "cache", tmp_path / "sign"
    process = FORK.Process(target=stopped, args=(cache, layer, sign))
    process.start()
    deadline = time.monotonic() + 30
    while not sign.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    left = list(cache.glob(".*.part"))
    assert not list(cache.glob("*.layer")) and (stopped is _stopped_while_preparing) == (not left)
    sound = content(LayerStore(tmp_path / "fresh").get(layer, PLANE))
    assert content(LayerStore(cache).get(layer, PLANE)) == sound == content(LayerStore(cache).get(layer, PLANE))
    assert 2 == len(built)
    assert left == list(cache.glob(".*.part")), "another may be writing it still"
    for path in left:
        os.utime(path, (0, 0))
    cache_file(cache).unlink()
    LayerStore(cache).get(layer, PLANE)
    assert not list(cache.glob(".*.part"))


def _on_a_full_disk(cache: Path, layer: Layer) -> tuple[object, ...]:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))  # no file may grow beyond this
    return _get(cache, layer)


def test_a_full_disk(tmp_path: Path) -> None:
    """The file does not fit: the answer is right, nothing half is left, and once there is room it is kept."""
    layer, cache = zones(tmp_path / "data"), tmp_path / "cache"
    with FORK.Pool(1) as pool:
        full = pool.apply(_on_a_full_disk, (cache, layer))
    assert [] == list(cache.iterdir())
    assert full == _get(cache, layer)
    assert cache_file(cache).stat().st_size > 100_000


def test_a_folder_that_cannot_be_written(tmp_path: Path, built: list[str]) -> None:
    """Prepared in memory, right, nothing written; `peek` says that nothing is kept."""
    layer, cache = zones(tmp_path / "data"), tmp_path / "cache"
    cache.mkdir()
    cache.chmod(stat.S_IRUSR | stat.S_IXUSR)
    folder = cache if os.geteuid() else Path(os.devnull) / "cache"  # root may write everywhere
    try:
        held = LayerStore(folder)
        assert content(held.get(layer, PLANE)) == content(held.get(layer, PLANE))
        assert held.peek(layer, PLANE) is None and 1 == len(built) and [] == list(cache.iterdir())
    finally:
        cache.chmod(stat.S_IRWXU)


@pytest.mark.parametrize("hashed", ["before the change", "after the change"])
def test_a_source_that_changes_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hashed: str) -> None:
    """The file is replaced between reading and hashing, whichever came first: refused, never kept under the wrong sha256."""
    layer, cache = zones(tmp_path / "data"), tmp_path / "cache"
    other = zones(tmp_path / "other", RINGS[:50])
    assert layer.path is not None and other.path is not None
    old = store.source_sha256((layer.path,))
    done, real_hash, real_prepare = multiprocessing.Event(), store.source_sha256, prepare.prepare

    def late(files: tuple[Path, ...]) -> str:
        assert done.wait(30)
        return old if hashed == "before the change" else real_hash(files)

    def swapped(*arguments: object) -> PreparedLayer:
        made = real_prepare(*arguments)  # type: ignore[arg-type]
        os.replace(other.path, layer.path)  # type: ignore[arg-type]  # noqa: PTH105
        done.set()
        return made

    with monkeypatch.context() as patched:
        patched.setattr(store, "source_sha256", late)
        patched.setattr(prepare, "prepare", swapped)
        with pytest.raises(LayerUnreadable, match="被改动"):
            LayerStore(cache).get(layer, PLANE)
    assert not list(cache.glob("*.layer"))
    assert 50 == LayerStore(cache).get(layer, PLANE).features


def test_peek_tells_and_prepares_nothing(tmp_path: Path, built: list[str]) -> None:
    """Nothing kept: None, and no file made. Kept: source, size, pieces. Source changed, gone or cache damaged: None again."""
    layer, cache = zones(tmp_path / "data"), tmp_path / "cache"
    assert LayerStore(cache).peek(layer, PLANE) is None and not cache.exists() and [] == built
    prepared = LayerStore(cache).get(layer, PLANE)
    kept = LayerStore(cache).peek(layer, PLANE)
    assert kept is not None and layer.path is not None
    assert (prepared.source_sha256, cache_file(cache).stat().st_size, len(prepared.pieces)) == (
        kept.source_sha256,
        kept.size_bytes,
        kept.pieces,
    )
    os.utime(layer.path)
    assert kept == LayerStore(cache).peek(layer, PLANE), "touched is not changed"
    assert LayerStore(cache).peek(layer, Plane()) is None, "another plane is another file"
    data = layer.path.read_bytes()
    zones(tmp_path / "data", RINGS[:199])
    assert LayerStore(cache).peek(layer, PLANE) is None
    layer.path.write_bytes(data)
    assert kept == LayerStore(cache).peek(layer, PLANE)
    cache_file(cache).write_bytes(b"XYGISLAYER3\n")
    assert LayerStore(cache).peek(layer, PLANE) is None
    layer.path.unlink()
    assert LayerStore(cache).peek(layer, PLANE) is None
    assert 1 == len(built)


def test_reading_is_told(tmp_path: Path) -> None:
    """Features read so far, then that the layer is done; also where it cannot be prepared."""
    told: list[tuple[str, int | None]] = []
    layers = LayerStore(tmp_path / "cache")
    layers.reading = lambda layer, features: told.append((layer.id, features))
    layers.get(zones(tmp_path / "data", [at(box(k, 0, k + 1, 1)) for k in range(3000)]), PLANE)
    assert [("zones", 2048), ("zones", 3000), ("zones", None)] == told
    layers.get(zones(tmp_path / "data", [at(box(k, 0, k + 1, 1)) for k in range(3000)]), PLANE)
    assert 3 == len(told)
    broken = zones(tmp_path / "broken")
    assert broken.path is not None
    broken.path.write_bytes(b"no database")
    with pytest.raises(LayerUnreadable):
        layers.get(broken, PLANE)
    assert ("zones", None) == told[-1] and 4 == len(told)
