"""Puts a converted file, or the set of files of a shapefile, in its place: whole or not at all, over nothing unless told to."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from xygis.errors import OutputFailed, UnsafeFile, UsageError, Where, os_words
from xygis.vector.safe import refuse_address
from xygis.whole_file import write_whole

SET = (".dbf", ".shx", ".prj", ".cpg", ".shp")  # the one that readers open comes last
_INDEXES = (".sbn", ".sbx", ".qix", ".idm", ".ind", ".fix")  # of an older set; they would point into the wrong records


def check_place(out: Path, suffixes: Sequence[str], inputs: Sequence[str], *, force: bool) -> None:
    """Raises UsageError where the name does not end as the form wants, a file is already there, or is one of the inputs.

    Raises UnsafeFile for an address or a virtual file system.
    """
    where = Where(file=str(out))
    try:
        refuse_address(str(out))
    except UnsafeFile as error:
        raise UnsafeFile(what="不能写到网址或虚拟路径", where=where, fix="请给出本机上的路径") from error
    if out.suffix.lower() not in suffixes:
        wanted = " 或 ".join(suffixes)
        raise UsageError(what=f"输出文件名应以 {wanted} 结尾", where=where, fix=f"例如 --out {out.stem or '地块'}{suffixes[0]}")
    if out.is_dir():
        raise UsageError(what="输出位置是一个文件夹", where=where, fix="请给出文件名，或移走这个文件夹")
    ours = _files(out)
    if any(_same(p, Path(given)) for p in ours for given in inputs):
        raise UsageError(what="输出文件就是输入文件", where=where, fix="请换一个文件名")
    there = [p for p in ours if p.exists() or p.is_symlink()]
    if there and not force:
        raise UsageError(what="输出文件已经存在，没有覆盖", where=Where(file=str(there[0])), fix="请换一个文件名，或加 --force 覆盖")


def put(out: Path, data: bytes) -> None:
    """Raises OutputFailed."""
    with _failing(out):
        write_whole(out, (data,))


def put_set(out: Path, write: Callable[[Path, str], None]) -> None:
    """The shapefile that `write(folder, stem)` makes: beside its place first, then put there, or zipped where `out` is a .zip."""
    with _failing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".xygis-") as name:
            folder = Path(name)
            write(folder, out.stem)
            made = [folder / f"{out.stem}{suffix}" for suffix in SET]
            if out.suffix.lower() == ".zip":
                write_whole(out, (_zipped(made),))
                return
            for path in made:
                with path.open("rb") as file:
                    os.fsync(file.fileno())
                path.chmod(0o644)
            for suffix in _INDEXES:
                out.with_suffix(suffix).unlink(missing_ok=True)
            _replace_all(made, out)


def _replace_all(made: Sequence[Path], out: Path) -> None:
    """Five renames; should one fail, what is already there goes, for half a shapefile reads as a wrong one."""
    done: list[Path] = []
    try:
        for path in made:
            target = out.with_suffix(path.suffix)
            path.replace(target)
            done.append(target)
    except OSError:
        for target in done:
            with suppress(OSError):
                target.unlink()
        raise


def _zipped(files: Sequence[Path]) -> bytes:
    import io

    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            entry = zipfile.ZipInfo(path.name, date_time=(2000, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    return memory.getvalue()


def _files(out: Path) -> list[Path]:
    return [out.with_suffix(s) for s in reversed(SET)] if out.suffix.lower() == ".shp" else [out]


def _same(a: Path, b: Path) -> bool:
    try:
        return a.resolve() == b.resolve() or (a.exists() and b.exists() and a.samefile(b))
    except OSError:
        return False


@contextmanager
def _failing(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputFailed(
            what=f"文件写不进去：{os_words(error)}",
            where=Where(file=str(out)),
            fix="请检查目录是否可写、磁盘是否已满，或换一个位置",
        ) from error
