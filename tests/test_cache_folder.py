"""The cache lies where platformdirs says, whatever the environment."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from xygis.cache_folder import cache_folder


@pytest.mark.parametrize("home", [None, "", "/var/somewhere/cache"])
def test_it_is_where_platformdirs_says(monkeypatch: pytest.MonkeyPatch, home: str | None) -> None:
    """With XDG_CACHE_HOME unset, empty and set."""
    if home is None:
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", home)
    assert Path(platformdirs.user_cache_dir("xygis", appauthor=False)) == cache_folder.__wrapped__()
