"""How the tests of hostile files read them, and what every refusal has to say."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from boundary_files import ENVELOPE

from xygis.errors import (
    XygisError,
)
from xygis.intake.read import read_submission
from xygis.intake.submission import Submission

Make = Callable[[Path], Path]

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def read(path: Path, **options: object) -> Submission:
    return read_submission(path, envelope=ENVELOPE, datum="wgs84", **options)  # type: ignore[arg-type]


def refused(path: Path, error: type[XygisError], match: str, **options: object) -> XygisError:
    """The error, which says in Chinese what and how to mend it, and names the file."""
    with pytest.raises(error, match=match) as caught:
        read(path, **options)
    told = caught.value
    assert CHINESE.search(told.what)
    assert CHINESE.search(told.fix)
    assert path.name in str(told.where)
    return told


def text(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path
