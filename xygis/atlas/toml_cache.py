"""Remembers parsed TOML by its content: the standard parser takes a tenth of a second for a rule base, JSON a hundredth.

The memory lies in the user's cache folder under the sha256 of the text and carries the sha256 of what it holds; anything
that does not match is parsed again. Without a writable folder everything works, only slower.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any

from xygis.cache_folder import cache_folder, make_room, mark_used
from xygis.whole_file import write_whole

_MOST_BYTES = 256 << 20  # a hundred versions of every file of a rule base


def parse(text: str) -> dict[str, Any]:
    """The tables of a TOML text. Raises tomllib.TOMLDecodeError as the parser does."""
    path = cache_folder() / "toml" / f"{hashlib.sha256(text.encode()).hexdigest()}.json"
    remembered = _recall(path)
    if remembered is not None:
        return remembered
    import tomllib

    data = tomllib.loads(text)
    _remember(path, data)
    return data


def _recall(path: Path) -> dict[str, Any] | None:
    try:
        digest, _, body = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    if hashlib.sha256(body).hexdigest().encode() != digest:
        return None
    mark_used(path)
    data: dict[str, Any] = json.loads(body)
    return data


def _remember(path: Path, data: dict[str, Any]) -> None:
    try:
        body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    except TypeError:
        return  # bare TOML dates have no JSON form; such a file is simply parsed each time
    with contextlib.suppress(OSError):  # nowhere to write: parsed again next time
        write_whole(path, (hashlib.sha256(body).hexdigest().encode(), b"\n", body))
        make_room(path.parent, _MOST_BYTES)
