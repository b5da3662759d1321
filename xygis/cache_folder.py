"""Where this user's cache lies: prepared layers and parsed TOML, never inside an atlas."""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def cache_folder() -> Path:
    """What platformdirs says; on Linux its rule is written out (and held to it by a test), because loading it delays a cold check."""
    if sys.platform == "linux":
        base = os.environ.get("XDG_CACHE_HOME", "").strip()
        return Path(base or "~/.cache").expanduser() / "xygis"
    import platformdirs

    return Path(platformdirs.user_cache_dir("xygis", appauthor=False))
