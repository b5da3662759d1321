"""One family of errors: what went wrong, where, why, and how to mend it.

Texts are Chinese, for the person who must act; class names and `code` are English and stable, for programs.
Every error that leaves xygis is an `XygisError`; its subclass tells the exit code, its `code` the case.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar


def legible(name: str) -> str:
    """A path in characters that can be written: names that are no UTF-8 are read as GB18030, as old archives have them."""
    if name.isascii() or not any("\udc80" <= c <= "\udcff" for c in name):
        return name
    return "/".join(_legible(part.encode("utf-8", "surrogateescape")) for part in name.split("/"))


def _legible(raw: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")


_OS_WORDS = {
    "EACCES": "没有权限",
    "EPERM": "不允许这样做",
    "ENOENT": "没有这个文件或目录",
    "EEXIST": "已有同名的文件",
    "EISDIR": "这是一个目录",
    "ENOTDIR": "路径中有一段不是目录",
    "ENOTEMPTY": "目录不是空的",
    "ENOSPC": "磁盘已满",
    "EDQUOT": "超出磁盘配额",
    "EFBIG": "文件超出允许的大小",
    "EROFS": "磁盘是只读的",
    "ENAMETOOLONG": "名称太长",
    "EMFILE": "打开的文件太多",
    "EIO": "磁盘读写出错",
    "EBUSY": "正被别的程序占用",
    "ETXTBSY": "正被别的程序占用",
}


def os_words(error: OSError) -> str:
    """What the system complains of, in Chinese; of what is rare, its own words."""
    return _OS_WORDS.get(errno.errorcode.get(error.errno or 0, "")) or error.strerror or type(error).__name__


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that a misspelt one is most like; None where none is like it."""
    import difflib  # only somebody who misspelt a word waits for it

    return next(iter(difflib.get_close_matches(word, list(known), n=1)), None)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The question a `fix` asks about a misspelt word; empty where no known word is like it."""
    near = nearest(word, known)
    return f"是否应为“{near}”？" if near is not None else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A place in what was brought: a file, a line, a layer, a feature, a point as written in the source."""

    file: str | None = None
    line: int | None = None
    layer: str | None = None
    feature: str | None = None
    point: tuple[float, float] | None = None  # (x = east, y = north) in the CRS of the source
    excerpt: tuple[str, ...] = ()  # the lines around it, as "  9 | 带号=40"

    def __post_init__(self) -> None:
        if self.file:
            object.__setattr__(self, "file", legible(self.file))

    def __str__(self) -> str:
        parts = []
        if self.file:
            parts.append(self.file)
        if self.line is not None:
            parts.append(f"第 {self.line} 行")
        if self.layer:
            parts.append(f"图层“{self.layer}”")
        if self.feature:
            parts.append(f"要素 {self.feature}")
        if self.point is not None:
            places = 6 if max(map(abs, self.point)) <= 360 else 3  # degrees
            parts.append(f"坐标 ({self.point[0]:.{places}f}, {self.point[1]:.{places}f})")
        return " ".join(parts)


class XygisError(Exception):
    """Root of the family. what, where, fix (and why, where it helps) are sentences for people."""

    code: ClassVar[str] = "xygis"
    exit_code: ClassVar[int] = 4

    def __init__(self, *, what: str, where: Where | None = None, fix: str, why: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where or Where()
        self.fix = fix
        self.why = why

    def __str__(self) -> str:
        place = str(self.where)
        return f"{self.what}（{place}）。{self.fix}" if place else f"{self.what}。{self.fix}"

    def __reduce__(self) -> tuple[object, ...]:
        """An error crosses from one process to another whole."""
        return _again, (type(self), {"what": self.what, "where": self.where, "fix": self.fix, "why": self.why})

    def to_dict(self) -> dict[str, str]:
        """The `error` object of both JSON contracts."""
        return {"code": self.code, "what": self.what, "where": str(self.where), "why": self.why, "fix": self.fix}


def _again(kind: type[XygisError], said: dict[str, Any]) -> XygisError:
    return kind(**said)


class UsageError(XygisError):
    """The command was called in a way that cannot be carried out (exit code 2)."""

    code = "usage"
    exit_code = 2


class UnknownLayer(UsageError):
    """A layer id that the atlas does not have."""

    code = "unknown-layer"


class InputError(XygisError):
    """A file that somebody brought cannot be read or understood (exit code 4)."""

    code = "input"


class FileMissing(InputError):
    code = "file-missing"


class FileEmpty(InputError):
    code = "file-empty"


class UnknownFormat(InputError):
    code = "unknown-format"


class DamagedFile(InputError):
    code = "damaged-file"


class UnsafeFile(InputError):
    """A path escape, a link, a bomb, a virtual file system or a network address."""

    code = "unsafe-file"


class TooLarge(InputError):
    code = "too-large"


class BadEncoding(InputError):
    code = "bad-encoding"


class BadLine(InputError):
    """A line of a boundary-point TXT that does not read as header, block or point."""

    code = "bad-line"


class BadGeometry(InputError):
    """A ring without area, too few points, no polygon at all."""

    code = "bad-geometry"


class UnknownCrs(InputError):
    code = "unknown-crs"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAs:
    """One way to read some coordinates, and where it would put them."""

    code: str
    title: str
    box: tuple[float, float, float, float] | None  # west, south, east, north in degrees; None where they cannot be read so
    away_km: float | None  # beyond where the atlas lies; 0 inside; None where the atlas does not say, or there is no box
    source: str = ""  # the layer or file it is of, where a submission has several

    def __str__(self) -> str:
        if self.box is None:
            return f"{self.title}：算不出经纬度"
        lands = f"东经 {self.box[0]:.4f}—{self.box[2]:.4f}°、北纬 {self.box[1]:.4f}—{self.box[3]:.4f}°"
        where = (
            ""
            if self.away_km is None
            else "，在图集范围内"
            if self.away_km == 0
            else f"，在图集范围外约 {max(1, round(self.away_km)):,} 公里"
        )
        return f"{self.title}：{lands}{where}"

    def to_dict(self) -> dict[str, object]:
        box = None if self.box is None else list(self.box)
        told: dict[str, object] = {"crs": self.code, "title": self.title, "box_deg": box, "away_km": self.away_km}
        return told | {"source": self.source} if self.source else told


class CrsInDoubt(InputError):
    """What is written and the numbers do not agree, or do not suffice. `readings`: the ways to read them, for a person to choose."""

    code = "crs-in-doubt"

    def __init__(self, *, what: str, where: Where | None = None, fix: str, why: str = "", readings: tuple[ReadAs, ...] = ()) -> None:
        super().__init__(what=what, where=where, fix=fix, why=why)
        self.readings = readings

    def __reduce__(self) -> tuple[object, ...]:
        said = {"what": self.what, "where": self.where, "fix": self.fix, "why": self.why, "readings": self.readings}
        return _again, (type(self), said)


class AmbiguousCrs(CrsInDoubt):
    """Two readings of the coordinates fit; the person must say which."""

    code = "ambiguous-crs"


class UnknownZone(CrsInDoubt):
    code = "unknown-zone"


class OldDatum(InputError):
    """Beijing 54 or Xi'an 80: converting needs local parameters that xygis does not have."""

    code = "old-datum"


class OutsideEnvelope(CrsInDoubt):
    """Coordinates that do not lie where this atlas's city lies."""

    code = "outside-envelope"


class FieldMissing(InputError):
    code = "field-missing"


class AtlasError(XygisError):
    """The atlas itself (layers, redlines, maps) cannot be read (exit code 4)."""

    code = "atlas"


class BadCatalogue(AtlasError):
    code = "bad-catalogue"


class BadRule(AtlasError):
    code = "bad-rule"


class BadStyle(AtlasError):
    code = "bad-style"


class LayerUnreadable(AtlasError):
    """A layer's data are missing or broken. A check turns it into `no_data`, never into "clear"."""

    code = "layer-unreadable"


class OutputFailed(XygisError):
    """A result could not be written; nothing half-written is left behind."""

    code = "output-failed"
