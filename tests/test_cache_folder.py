"""The cache lies where platformdirs says, whatever the environment, and what was not used for longest leaves it first."""

from __future__ import annotations

import os
import time
from pathlib import Path

import platformdirs
import pytest

from xygis.cache_folder import MOST_DAYS, cache_folder, make_room, mark_used

HOUR = 3600.0


def put(folder: Path, name: str, *, hours: float, size: int = 100) -> Path:
    path = folder / name
    path.write_bytes(b"x" * size)
    then = time.time() - hours * HOUR
    os.utime(path, (then, then))
    return path


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


@pytest.mark.parametrize("home", [None, "", "/var/somewhere/cache"])
def test_it_is_where_platformdirs_says(monkeypatch: pytest.MonkeyPatch, home: str | None) -> None:
    """With XDG_CACHE_HOME unset, empty and set."""
    if home is None:
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", home)
    assert Path(platformdirs.user_cache_dir("xygis", appauthor=False)) == cache_folder.__wrapped__()


def test_the_longest_unused_goes_first_and_only_as_much_as_must(tmp_path: Path) -> None:
    """Four layers of 100 bytes where 250 are allowed: the two oldest go, with the seal of the one."""
    for name, hours in (("a.layer", 9.0), ("a.seal", 9.0), ("b.layer", 8.0), ("c.layer", 7.0), ("d.layer", 6.0)):
        put(tmp_path, name, hours=hours)
    make_room(tmp_path, 250)
    assert ["c.layer", "d.layer"] == names(tmp_path)


def test_a_layer_is_as_young_as_the_last_use_that_its_seal_notes(tmp_path: Path) -> None:
    """The older file stays, because it was used; the younger one goes."""
    put(tmp_path, "a.layer", hours=90.0)
    mark_used(put(tmp_path, "a.seal", hours=90.0, size=1))
    put(tmp_path, "b.layer", hours=80.0)
    make_room(tmp_path, 150)
    assert ["a.layer", "a.seal"] == names(tmp_path)


def test_what_was_written_a_moment_ago_stays_however_large(tmp_path: Path) -> None:
    """A city that is larger than the bound is prepared once, not again and again within one run."""
    put(tmp_path, "old.layer", hours=5.0)
    put(tmp_path, "new.layer", hours=0.0, size=10_000)
    make_room(tmp_path, 1_000)
    assert ["new.layer"] == names(tmp_path)


def test_what_nobody_has_used_for_two_months_goes(tmp_path: Path) -> None:
    """Without any want of room: the atlas it was made of is long gone."""
    put(tmp_path, "gone.layer", hours=24.0 * (MOST_DAYS + 1))
    put(tmp_path, "kept.layer", hours=24.0 * (MOST_DAYS - 1))
    make_room(tmp_path)
    assert ["kept.layer"] == names(tmp_path)


def test_a_missing_folder_is_no_error(tmp_path: Path) -> None:
    make_room(tmp_path / "nowhere")
