"""The files of one call: folders opened, each file read, on several processes where there are many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from xygis.check.assessment import Refused
from xygis.errors import InputError, Where, XygisError, legible
from xygis.intake.read import read_submission
from xygis.intake.submission import Submission
from xygis.vector.crs_reading import Envelope

_SUFFIXES = (".txt", ".zip", ".shp", ".gpkg", ".geojson", ".json", ".kml", ".kmz", ".dxf", ".fgb")
_WORTH_PROCESSES = 300  # files


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How files are to be read; as `read_submission` takes it."""

    envelope: Envelope | None
    crs: str | None
    encoding: str | None
    datum: str | None
    accept_repairs: bool


def files_of(given: Sequence[str]) -> tuple[list[str], bool]:
    """(files, whether a folder was among what was given). Raises InputError for a folder with nothing to read."""
    out, folder = [], False
    for path in map(Path, given):
        if not path.is_dir() or path.suffix.lower() == ".gdb":
            out.append(str(path))
            continue
        folder = True
        inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in _SUFFIXES and p.is_file() and not p.is_symlink())
        inside += sorted(p for p in path.rglob("*.gdb") if p.is_dir())
        if not inside:
            raise InputError(what="文件夹里没有可读的文件", where=Where(file=str(path)), fix=f"可读的有 {' '.join(_SUFFIXES)} 和 .gdb")
        out += [str(p) for p in inside]
    return out, folder


def read_all(paths: Sequence[str], reading: Reading, *, jobs: int | None, alone: bool) -> list[Submission | Refused]:
    """Each file read or refused, in order. alone: a file that is refused is the whole call's error."""
    if alone:
        return [read_submission(paths[0], **asdict(reading), set_apart=True)]
    if jobs == 1 or len(paths) < _WORTH_PROCESSES:
        return [_read(path, reading) for path in paths]
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    from xygis.overlay.kernel.binding import default_jobs

    with ProcessPoolExecutor(jobs or default_jobs(), get_context("spawn")) as pool:
        return list(pool.map(_read, paths, [reading] * len(paths), chunksize=64))


def _read(path: str, reading: Reading) -> Submission | Refused:
    try:
        return read_submission(path, **asdict(reading), set_apart=True)
    except XygisError as error:
        return Refused(path=legible(path), error=error)
