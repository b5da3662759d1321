"""Where this user's cache lies and how large it may grow: prepared layers and parsed TOML, never inside an atlas."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from functools import lru_cache
from pathlib import Path

MOST_BYTES = 16 << 30  # of one folder of the cache: several whole cities, prepared
MOST_DAYS = 60  # what nobody has used for so long goes at the next writing
_DAY_S = 86_400.0
_AT_WORK_S = 600.0  # what was written or used a moment ago is in somebody's hands


@lru_cache(maxsize=1)
def cache_folder() -> Path:
    """What platformdirs says; on Linux its rule is written out (and held to it by a test), because loading it delays a cold check."""
    if sys.platform == "linux":
        base = os.environ.get("XDG_CACHE_HOME", "").strip()
        return Path(base or "~/.cache").expanduser() / "xygis"
    import platformdirs

    return Path(platformdirs.user_cache_dir("xygis", appauthor=False))


def mark_used(path: Path) -> None:
    """Notes that a cached file was of use today. Called at every reading, so it writes once a day at most."""
    with contextlib.suppress(OSError):  # a folder that cannot be written is not emptied by us either
        if time.time() - path.stat().st_mtime > _DAY_S:
            os.utime(path)


def make_room(folder: Path, most_bytes: int = MOST_BYTES) -> None:
    """Removes what was not used for the longest time until a folder of the cache is small enough; called after a writing.

    Files with one stem (a layer and its seal) go together, and their last use is that of the youngest. What is gone is made
    again when it is asked for; what another process has open stays readable to it.
    """
    now = time.time()
    entries: dict[str, list[tuple[Path, float, int]]] = {}
    with contextlib.suppress(OSError), os.scandir(folder) as found:
        for one in found:
            with contextlib.suppress(OSError):  # gone while we looked
                stat = one.stat(follow_symlinks=False)
                path = Path(one.path)
                entries.setdefault(path.stem, []).append((path, stat.st_mtime, stat.st_size))
    total = sum(size for files in entries.values() for _, _, size in files)
    for used, stem in sorted((max(mtime for _, mtime, _ in files), stem) for stem, files in entries.items()):
        age_s = now - used
        if age_s < _AT_WORK_S or (total <= most_bytes and age_s < MOST_DAYS * _DAY_S):
            return
        for path, _, size in entries[stem]:
            with contextlib.suppress(OSError):  # in use (Windows), or already gone
                path.unlink()
                total -= size
