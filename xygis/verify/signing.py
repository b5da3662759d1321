"""Signs what a run has written: every file with its size and sha256, in `report.sig` beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from xygis.errors import OutputFailed, Where
from xygis.verify import keys
from xygis.verify.signature_file import FILE, Entry, Signed, inside, written
from xygis.version import __version__
from xygis.whole_file import write_whole

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_REPORT = "report.json"


def sign(folder: Path, files: Sequence[Path], key: Ed25519PrivateKey, *, at: datetime, signer: str | None = None) -> Path:
    """The path of the signature. files lie in the folder; at: with its zone. Raises OutputFailed."""
    where = Where(file=str(folder / FILE))
    try:
        entries = tuple(sorted((_entry(folder, f) for f in dict.fromkeys(files)), key=lambda e: e.file))
        report = next(((e.file, e.sha256) for e in entries if e.file == _REPORT), None)
        signed = Signed(
            files=entries,
            report=report,
            public_key=keys.raw(key.public_key()),
            signer=signer,
            signed_at=at.isoformat(timespec="seconds"),
            version=__version__,
        )
        write_whole(folder / FILE, (written(signed, key.sign(signed.message())),))
    except OSError as error:
        raise OutputFailed(what=f"签名写不进去：{error.strerror}", where=where, fix="请检查目录是否可写，再运行一次") from error
    return folder / FILE


def unsign(folder: Path) -> None:
    """Takes away the signature of an earlier run, whose files are about to be replaced."""
    try:
        (folder / FILE).unlink(missing_ok=True)
    except OSError as error:
        raise OutputFailed(what="旧的签名删不掉", where=Where(file=str(folder / FILE)), fix="请换一个输出目录") from error


def digest(path: Path) -> tuple[int, str]:
    """(bytes, sha256) of a file."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256")
        return file.tell(), found.hexdigest()


def _entry(folder: Path, path: Path) -> Entry:
    name = path.relative_to(folder).as_posix()
    if not inside(name):
        raise OutputFailed(what=f"文件名“{name}”不能签名", where=Where(file=str(path)), fix="请换一个文件名")
    size, sha256 = digest(path)
    return Entry(file=name, size=size, sha256=sha256)
