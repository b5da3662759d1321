"""Progress on stderr, only on a terminal and only where there is something to wait for."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Mapping

from xygis.atlas.layer import Layer


def prepare_progress(title: str) -> None:
    """A layer is being prepared for the first time."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K首次使用，整理图层：{title}")
        sys.stderr.flush()


def parcel_progress(number: int, total: int) -> None:
    """One of many parcels is being measured."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K" if number == total else f"\r\x1b[K审查地块 {number}/{total}")
        sys.stderr.flush()


def remedy_progress(number: int, total: int) -> None:
    """One of the parcels is being looked at for a cut and a shift."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K" if number == total else f"\r\x1b[K求调整建议 {number}/{total}")
        sys.stderr.flush()


def reading_progress(done: int, total: int) -> None:
    """So many bytes of a large file have been read."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K" if done >= total else f"\r\x1b[K读取 {done / 1e6:,.0f}/{total / 1e6:,.0f} MB")
        sys.stderr.flush()


def file_progress(number: int, total: int) -> None:
    """So many of the files of a call have been read."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K" if number == total else f"\r\x1b[K读取文件 {number:,}/{total:,}")
        sys.stderr.flush()


def pair_progress(number: int, total: int) -> None:
    """One of the pairs of layers is being compared."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K" if number == total else f"\r\x1b[K比对 {number}/{total} 对")
        sys.stderr.flush()


def suspect_progress(title: str, done: int, total: int) -> None:
    """The patches are being laid over one layer; an empty title takes the line away."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{total:,} 个图斑与{title}套合" if title else "\r\x1b[K")
        sys.stderr.flush()


def tile_progress(done: int, total: int) -> None:
    """So many pieces of one file have been laid over the other."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K" if done == total else f"\r\x1b[K套合 {done:,}/{total:,}")
        sys.stderr.flush()


class LayersProgress:
    """All layers of an atlas are being prepared: which, how many features so far, how long it has taken and will take.

    sizes: bytes of the source of each layer that is not ready yet. The time left is what the bytes done so far took, for the rest.
    """

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self._sizes = sizes
        self._started = time.monotonic()
        self._done: list[str] = []
        self._lock = threading.Lock()

    def told(self, layer: Layer, features: int | None) -> None:
        """So many features of a layer have been read; None: it is done."""
        with self._lock:
            if features is None:
                self._done.append(layer.id)
            if sys.stderr.isatty():
                sys.stderr.write(f"\r\x1b[K{self.line(layer, features, time.monotonic() - self._started)}")
                sys.stderr.flush()

    def line(self, layer: Layer, features: int | None, elapsed_s: float) -> str:
        """What the terminal shows."""
        number, total = min(len(self._done) + (features is not None), len(self._sizes)), len(self._sizes)
        done = sum(self._sizes.get(i, 0) for i in self._done)
        left = elapsed_s * (sum(self._sizes.values()) / done - 1) if done else None
        what = "已整理" if features is None else f"已读 {features:,} 个要素"
        rest = "" if left is None else f"，约剩 {left:.0f} 秒"
        return f"整理图层 {number}/{total}：{layer.title}，{what}，已用 {elapsed_s:.0f} 秒{rest}"

    def end(self) -> None:
        """The line is taken away."""
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
