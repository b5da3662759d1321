"""Progress on stderr, only on a terminal and only where there is something to wait for."""

from __future__ import annotations

import sys


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


def pair_progress(number: int, total: int) -> None:
    """One of the pairs of layers is being compared."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K" if number == total else f"\r\x1b[K比对 {number}/{total} 对")
        sys.stderr.flush()


def tile_progress(done: int, total: int) -> None:
    """So many pieces of one file have been laid over the other."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K" if done == total else f"\r\x1b[K套合 {done:,}/{total:,}")
        sys.stderr.flush()
