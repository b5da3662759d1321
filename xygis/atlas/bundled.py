"""Where the bundled atlas lies."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def bundled_root() -> Path:
    """Inside an installed package, or at the root of a source checkout."""
    installed = _PACKAGE / "_atlas"
    return installed if installed.is_dir() else _PACKAGE.parent
