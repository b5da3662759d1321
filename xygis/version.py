"""The version, in the one place that everything else reads it from; and the build, which tells two states of one version apart."""

from __future__ import annotations

import functools
import os
from pathlib import Path

__version__ = "0.1.0"

_CODE = (".py", ".c", ".h")


@functools.cache
def build() -> str:
    """Eight figures over the names and sizes of all source files: a hint that the program is another, not a proof that it is the same.

    Reading the files would cost every report ten times as long. "" where there are no files, as in an archive.
    """
    import hashlib

    root = Path(__file__).parent
    found, folders = [], [""]
    try:
        while folders:
            here = folders.pop()
            with os.scandir(root / here) as entries:
                for entry in entries:
                    name = f"{here}/{entry.name}" if here else entry.name
                    if entry.name.endswith(_CODE):
                        found.append(f"{name} {entry.stat().st_size}")
                    elif entry.name not in ("__pycache__", "_atlas") and entry.is_dir(follow_symlinks=False):
                        folders.append(name)
    except OSError:
        return ""
    return hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()[:8]
