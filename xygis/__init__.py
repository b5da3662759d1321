"""May this parcel be built on? Measures parcels against a planning atlas and says what the law makes of it.

>>> import xygis
>>> atlas = xygis.Atlas.open()
>>> atlas.plane.code
'official'
"""

from __future__ import annotations

import sys
import types
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from xygis import errors
from xygis.version import __version__ as __version__

if TYPE_CHECKING:
    from xygis.atlas.atlas import Atlas
    from xygis.check.assessment import Assessment
    from xygis.consistency.result import Consistency
    from xygis.intake.submission import Submission
    from xygis.verify.result import Verification

__all__ = ["Assessment", "Atlas", "Consistency", "Verification", "check", "consistency", "errors", "read_parcels", "verify"]

_TYPES = {
    "Atlas": "xygis.atlas.atlas",
    "Assessment": "xygis.check.assessment",
    "Consistency": "xygis.consistency.result",
    "Verification": "xygis.verify.result",
}


def read_parcels(path: str | Path, atlas: Atlas | None = None, *, crs: str | None = None) -> Submission:
    """The parcels in a file, with the evidence for their coordinate system. Without an atlas, the bundled one says where to look."""
    from xygis.atlas.atlas import Atlas as AtlasType
    from xygis.intake.read import read_submission

    known = atlas if atlas is not None else AtlasType.open()
    return read_submission(path, envelope=known.envelope, crs=crs)


def check(parcels: Submission | Sequence[Submission], atlas: Atlas, *, on: date, project: Mapping[str, object] | None = None) -> Assessment:
    """Measures the parcels against every layer of the atlas and judges them by the rules of the day `on`."""
    from xygis.check.run import check as run

    return run(parcels, atlas, on=on, project=project)


def consistency(atlas: Atlas, *, on: date, layers: Sequence[str] | None = None) -> Consistency:
    """Compares the control lines with each other and the plans with each other, on the day `on`."""
    from xygis.consistency.run import consistency as run

    return run(atlas, on=on, layers=layers)


def verify(
    path: str | Path, atlas: Atlas | None = None, *, key: str | Path | None = None, inputs: Sequence[str | Path] = ()
) -> Verification:
    """Recomputes a report and checks its signature; says what has changed. key: the public key that must have signed it."""
    from xygis.verify.run import verify as run

    return run(path, atlas, key=key, inputs=inputs)


def __getattr__(name: str) -> object:
    """Result types are loaded when asked for, so that importing xygis costs nothing."""
    if name in _TYPES:
        import importlib

        return getattr(importlib.import_module(_TYPES[name]), name)
    raise AttributeError(f"module 'xygis' has no attribute '{name}'")


class _Package(types.ModuleType):
    """`check`, `consistency` and `verify` are rooms as well as verbs: loading the room must not hide the verb."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in ("check", "consistency", "verify") and isinstance(value, types.ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
