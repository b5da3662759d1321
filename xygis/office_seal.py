"""A mark that an office file carries as we wrote it: every program that saves the file anew leaves it out.

So a report that somebody has worked on is told from one that nobody has touched, and is never overwritten.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

_MARK = b"xygis: as written"
_END = b"\0\0"  # length of the comment that ends a zip file, where it has none


def as_written(content: bytes) -> bytes:
    """A .docx or .xlsx with the mark, as the comment of its zip file."""
    assert content.endswith(_END)
    return content[: -len(_END)] + len(_MARK).to_bytes(2, "little") + _MARK


def touched(path: Path) -> bool:
    """Whether somebody may have worked on a file: it is there and carries no mark."""
    try:
        with zipfile.ZipFile(path) as file:
            return file.comment != _MARK
    except FileNotFoundError:
        return False
    except (OSError, zipfile.BadZipFile):  # whatever it is, it is not as we wrote it
        return path.is_file()


def put_aside(path: Path) -> Path | None:
    """Renames a file that somebody may have worked on (report.docx to report-原1.docx); None where there is none.

    Raises OSError where it cannot be renamed.
    """
    if not touched(path):
        return None
    return path.rename(free_name(path))


def free_name(path: Path) -> Path:
    """A name beside that of a file which nothing has yet."""
    return next(p for n in range(1, 10_000) if not (p := path.with_stem(f"{path.stem}-原{n}")).exists())
