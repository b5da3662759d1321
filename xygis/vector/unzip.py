"""Our own unzip: into a private folder that is gone afterwards; one unsafe entry refuses the whole archive."""

from __future__ import annotations

import stat
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from xygis.errors import DamagedFile, TooLarge, UnsafeFile, Where
from xygis.vector.refused_formats import OFFICE
from xygis.vector.safe import check_file

MAX_ENTRIES = 2000
MAX_TOTAL_BYTES = 1 << 30
MAX_RATIO = 200  # looked at only where the content is large; a .dbf full of blanks shrinks a lot
_RATIO_FROM_BYTES = 50 << 20
_CHUNK = 1 << 20
_ARCHIVES = (b"PK\x03\x04", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08", b"BZh")
_DOCUMENTS = (".xlsx", ".xlsm", *OFFICE)  # archives by content: point tables with limits of their own, and what is refused by name
_JUNK = ("__MACOSX/", ".DS_Store", "Thumbs.db")


@contextmanager
def unzipped(path: Path) -> Iterator[Path]:
    """The folder with the archive's files, removed on any exit. Raises UnsafeFile, TooLarge, DamagedFile."""
    check_file(path)
    with tempfile.TemporaryDirectory(prefix="xygis-") as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                _extract(archive, Path(folder), path)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError, RuntimeError) as error:
            raise DamagedFile(
                what="压缩包已损坏，或用了不支持的压缩方式",
                where=Where(file=str(path)),
                why=f"解压时遇到：{str(error)[:100]}",
                fix="请重新压缩为普通的 zip，或重新拷贝",
            ) from error
        yield Path(folder)


def _extract(archive: zipfile.ZipFile, folder: Path, path: Path) -> None:
    infos = archive.infolist()
    if len(infos) > MAX_ENTRIES:
        raise TooLarge(
            what=f"压缩包有 {len(infos):,} 个文件，超过上限 {MAX_ENTRIES:,}", where=Where(file=str(path)), fix="请只压缩需要的文件"
        )
    names: dict[zipfile.ZipInfo, str] = {}
    for info in infos:  # all names first: nothing is written before the whole archive is known to be safe
        name = _safe_name(info, path)
        if name and name.casefold() in {n.casefold() for n in names.values()}:
            raise _unsafe(path, name, "压缩包里有两个同名文件", "请给其中一个改名（不分大小写），重新压缩")
        if name:
            names[info] = name
    total = 0
    for info, name in names.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(info) as source, target.open("xb") as sink:
            written = 0
            while chunk := source.read(_CHUNK):
                if not written and chunk.startswith(_ARCHIVES) and not name.lower().endswith(_DOCUMENTS):
                    raise _unsafe(path, name, "压缩包里还有压缩包", "请先解开里面的压缩包，把文件直接压缩在一起")
                written += len(chunk)
                total += len(chunk)
                if total > MAX_TOTAL_BYTES or (written > _RATIO_FROM_BYTES and written > MAX_RATIO * max(1, info.compress_size)):
                    raise _unsafe(path, name, "解压后的大小超过上限，可能是压缩炸弹", "请只压缩需要审查的文件")
                sink.write(chunk)


def _safe_name(info: zipfile.ZipInfo, path: Path) -> str | None:
    """The entry's name inside the folder; None for directories and what file managers add."""
    name = _decoded(info)
    if "\0" in info.orig_filename or any(unicodedata.category(c) == "Cc" for c in name):
        raise _unsafe(path, name, "压缩包里的文件名含控制字符", "请给这个文件改名，重新压缩")
    if info.flag_bits & 1:
        raise _unsafe(path, name, "压缩包有密码", "请去掉密码，重新压缩")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind and not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
        raise _unsafe(path, name, "压缩包里有链接或设备", "请把文件本身压缩进去")
    plain = name.replace("\\", "/")
    pure = PurePosixPath(plain)
    if pure.is_absolute() or ".." in pure.parts or ":" in plain or not pure.parts or len(plain) > 240 or len(pure.parts) > 12:
        raise _unsafe(path, name, "压缩包里的路径指向解压目录之外，或过长", "请把文件放在一个文件夹里，重新压缩这个文件夹")
    if info.is_dir() or plain.endswith("/"):
        return None
    junk = plain.startswith(_JUNK[0]) or pure.name in _JUNK
    return None if junk else str(pure)


def _decoded(info: zipfile.ZipInfo) -> str:
    """Names without the UTF-8 flag come from Chinese Windows: GBK, or UTF-8 all the same."""
    if info.flag_bits & 0x800:
        return info.filename
    raw = info.filename.encode("cp437", errors="replace")
    for encoding in ("utf-8", "gbk"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _unsafe(path: Path, name: str, what: str, fix: str) -> UnsafeFile:
    return UnsafeFile(what=f"{what}：{name[:80]!r}", where=Where(file=str(path)), why="整个压缩包不予读取", fix=fix)
