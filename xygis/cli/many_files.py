"""The files of one call: folders opened, each file read, on several processes where there are many."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from xygis.check.assessment import Refused
from xygis.cli.progress import file_progress, reading_progress
from xygis.errors import InputError, Where, XygisError, legible, os_words
from xygis.intake.read import read_submission, stated_options
from xygis.intake.submission import Submission
from xygis.vector.crs_reading import Envelope

_SUFFIXES = (
    ".txt",
    ".zip",
    ".shp",
    ".gpkg",
    ".geojson",
    ".json",
    ".kml",
    ".kmz",
    ".ovkml",
    ".dxf",
    ".fgb",
    ".xlsx",
    ".xlsm",
    ".csv",
    ".wkt",
)
_BESIDE = (
    ".dbf",
    ".shx",
    ".prj",
    ".cpg",
    ".sbn",
    ".sbx",
    ".qpj",
    ".qmd",
    ".qix",
    ".xml",
    ".gpkg-wal",
    ".gpkg-shm",
)  # belong to another file
_WORTH_PROCESSES = 300  # files


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How files are to be read; as `read_submission` takes it."""

    envelope: Envelope | None
    crs: str | None
    encoding: str | None
    datum: str | None
    accept_repairs: bool
    parameters: str | None = None
    layers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The files of one call. folders: whether a folder was among what was given; left: files inside that are of no kind we read."""

    files: tuple[str, ...]
    folders: bool
    left: tuple[str, ...]


def files_of(given: Sequence[str]) -> Found:
    """Raises InputError for a folder that cannot be read to its end, or with nothing to read."""
    files: list[str] = []
    left: list[str] = []
    folders = False
    for path in map(Path, given):
        if not path.is_dir() or path.suffix.lower() == ".gdb":
            files.append(str(path))
            continue
        folders = True
        inside = _inside(path)
        readable = [p for p in inside if _kind(p) in (*_SUFFIXES, ".gdb")]
        if not readable:
            raise InputError(what="文件夹里没有可读的文件", where=Where(file=str(path)), fix=f"可读的有 {' '.join(_SUFFIXES)} 和 .gdb")
        files += [str(p) for p in readable]
        left += [legible(p.name) for p in inside if _kind(p) not in (*_SUFFIXES, ".gdb", *_BESIDE) and p.name[0] != "."]
    return Found(files=tuple(files), folders=folders, left=tuple(left))


def _kind(path: Path) -> str:
    return path.suffix.lower()


def _inside(folder: Path) -> list[Path]:
    """Every file in a folder and its folders, and every FileGDB, in the order of their names. Links to folders are not followed."""

    def unreadable(error: OSError) -> None:
        where = Where(file=str(error.filename or folder))
        raise InputError(what=f"文件夹无法读取：{os_words(error)}", where=where, fix="请检查权限，或移走这个文件夹") from error

    found: list[Path] = []
    for here, folders, names in os.walk(folder, onerror=unreadable):
        found += [Path(here) / name for name in (*names, *(f for f in folders if f.lower().endswith(".gdb")))]
        folders[:] = [f for f in folders if not f.lower().endswith(".gdb")]
    return sorted(found)


def read_all(paths: Sequence[str], reading: Reading, *, jobs: int | None, alone: bool) -> list[Submission | Refused]:
    """Each file read or refused, in order. alone: a file that is refused is the whole call's error."""
    if alone:
        return [read_submission(paths[0], **asdict(reading), set_apart=True, progress=reading_progress)]
    if jobs == 1 or len(paths) < _WORTH_PROCESSES:
        return list(_counted((_read(path, reading) for path in paths), len(paths)))
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    from xygis.overlay.kernel.binding import default_jobs

    with ProcessPoolExecutor(jobs or default_jobs(), get_context("spawn")) as pool:
        return list(_counted(pool.map(_read, paths, [reading] * len(paths), chunksize=64), len(paths)))


def _counted(read: Iterable[Submission | Refused], total: int) -> Iterator[Submission | Refused]:
    """What was read, with a line on the terminal that counts it."""
    for number, one in enumerate(read, start=1):
        file_progress(number, total)
        yield one


def _read(path: str, reading: Reading) -> Submission | Refused:
    try:
        return read_submission(path, **asdict(reading), set_apart=True)
    except XygisError as error:
        stated = {name: value for name, value in asdict(reading).items() if name != "envelope"}
        return Refused(path=legible(path), error=error, options=stated_options(**stated))
