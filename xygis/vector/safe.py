"""Limits and refusals for files that come from outside."""

from __future__ import annotations

import contextlib
import stat
from pathlib import Path

from xygis.errors import BadEncoding, FileEmpty, FileMissing, TooLarge, UnsafeFile, Where, os_words

MAX_BYTES = 2 << 30
MAX_TEXT_BYTES = 256 << 20
MAX_VERTICES = 50_000_000  # of one layer: a shapefile of 800 MB


def read_bytes(path: Path, *, limit: int = MAX_TEXT_BYTES) -> bytes:
    """All bytes of a regular file. Raises FileMissing, FileEmpty, TooLarge, UnsafeFile."""
    check_file(path, limit=limit)
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileMissing(what="打不开文件", where=Where(file=str(path)), why=os_words(error), fix="请核对权限") from error


def read_text(path: Path, encoding: str | None) -> tuple[str, str]:
    """A small text file and the name of its encoding: as said, else by its mark, else UTF-8, else GB18030. Raises BadEncoding too."""
    data = read_bytes(path)
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for name in [encoding] if encoding else ["utf-16"] if wide else ["utf-8-sig", "gb18030"]:
        try:
            return data.decode(name), name.removesuffix("-sig").lower()
        except (UnicodeError, LookupError, ValueError):
            continue
    raise BadEncoding(what="文字编码无法识别", where=Where(file=str(path)), fix="请另存为 UTF-8，或用 --encoding 指明编码")


def check_file(path: Path, *, limit: int = MAX_BYTES) -> int:
    """Size of a regular, non-empty file in bytes. A device, a pipe, a virtual path or an address is refused."""
    where = Where(file=str(path))
    refuse_address(str(path))
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise FileMissing(what="找不到文件", where=where, fix="请核对路径和文件名") from error
    if not stat.S_ISREG(status.st_mode):
        raise UnsafeFile(what="不是普通文件", where=where, fix="请给出一个文件，而不是文件夹、设备或管道")
    if not status.st_size:
        raise FileEmpty(what="文件是空的", where=where, fix="请重新导出")
    if status.st_size > limit:
        raise TooLarge(
            what=f"文件有 {status.st_size / 1e6:,.0f} MB，超过上限 {limit / 1e6:,.0f} MB", where=where, fix="请只导出需要审查的地块"
        )
    return status.st_size


def refuse_link(path: Path) -> None:
    """Raises UnsafeFile for a symbolic link: what is checked must be the file that somebody handed over."""
    linked = False
    with contextlib.suppress(OSError, ValueError):  # a name that cannot be is refused where the file is opened
        linked = path.is_symlink()
    if linked:
        raise UnsafeFile(what="文件是指向别处的链接", where=Where(file=str(path)), fix="请给出文件本身，不要给链接")


def refuse_address(name: str) -> None:
    """Raises UnsafeFile for a network address or a virtual file system of GDAL."""
    plain = name.replace("\\", "/").lower()
    if (
        "://" in plain
        or plain.startswith("/vsi")
        or "/vsi" in plain.split(":")[0]
        or plain.startswith(("http:", "https:", "ftp:", "file:"))
    ):
        raise UnsafeFile(what="不接受网址或虚拟路径", where=Where(file=name), fix="请先把文件保存到本机，再给出它的路径")
