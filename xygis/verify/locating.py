"""Finds things again: the report of a folder, and the files that a report was made from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xygis.errors import FileMissing, Where
from xygis.vector.foreign import sha256_of
from xygis.verify.signature_file import FILE

REPORTS = ("report.json", "quality.json")


def report_of(path: Path) -> tuple[Path, Path | None]:
    """(folder, report) for a folder, a report or any file written with it; report None: there is only a signature.

    Raises FileMissing where there is neither.
    """
    if path.is_dir():
        folder = path
    elif path.suffix.lower() == ".json":
        return path.parent, path
    else:
        folder = path.parent
        if not path.exists():
            raise FileMissing(what="文件不存在", where=Where(file=str(path)), fix="请给出结果目录，或其中的 report.json")
    for name in REPORTS:
        if (folder / name).exists() or (folder / name).is_symlink():
            return folder, folder / name
    if (folder / FILE).exists():
        return folder, None
    fix = f"请给出 xygis 用 --out 写出的目录，或其中的 {REPORTS[0]}；只写 html 等格式的，没有签名就无从复核"
    raise FileMissing(what=f"目录里没有 {REPORTS[0]}，也没有 {FILE}", where=Where(file=str(folder)), fix=fix)


def locate(report: Path, name: str, sha256: str | None, given: Sequence[Path], number: int) -> Path:
    """Where a file of the report lies now: as given, beside the report, as named then; the one with the same content goes first.

    Raises FileMissing.
    """
    if number < len(given):
        if _there(given[number]):
            return given[number]
        raise FileMissing(what="文件不存在", where=Where(file=str(given[number])), fix="请核对 --input 的路径")
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    places = dict.fromkeys([report.parent / name, Path(name), report.parent / base])
    found = [p for p in places if base and _there(p)]
    if not found:
        raise FileMissing(
            what="找不到报告所依据的文件", where=Where(file=name), fix="用 --input 指出它现在的位置；有几个文件的，按报告中的次序"
        )
    plain = (sha256 or "").removeprefix("sha256:")
    return next((p for p in found if len(found) > 1 and sha256_of(p) == plain), found[0])


def _there(path: Path) -> bool:
    """A regular file, or the folder of a file geodatabase: no pipe, device or folder that a report may have been made to name."""
    try:
        return path.is_file() or (path.is_dir() and path.suffix.lower() == ".gdb")
    except (OSError, ValueError):
        return False
