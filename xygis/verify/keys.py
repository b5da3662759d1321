"""Ed25519 keys in PEM files: made, read, told apart by a fingerprint. The library is loaded only to sign or to check."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from xygis.errors import DamagedFile, FileMissing, InputError, OutputFailed, UsageError, Where
from xygis.vector.safe import read_bytes

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_MOST_BYTES = 64 << 10
_PRIVATE_MODE = 0o600
_NEW = "新建密钥：xygis verify --new-key 我的签名.key"


def new_key(path: Path, password: str | None = None) -> tuple[Path, str]:
    """Writes a private key (only its owner may read it) and, beside it, the public key as `.pub`; (its path, its fingerprint).

    Raises OutputFailed where either file is there already: a key that has signed must not be lost.
    """
    from cryptography.hazmat.primitives import serialization as pem
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    public_path = path.with_suffix(".pub")
    for taken in (path, public_path):
        if os.path.lexists(taken) or path == public_path:
            fix = "请换一个文件名；旧密钥签过的报告还要靠它核对，不要删除" if path != public_path else "私钥的文件名不要以 .pub 结尾"
            raise OutputFailed(what="密钥文件已经存在，不会覆盖", where=Where(file=str(taken)), fix=fix)
    key = Ed25519PrivateKey.generate()
    locked = pem.BestAvailableEncryption(password.encode()) if password else pem.NoEncryption()
    private = key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, locked)
    public = key.public_key().public_bytes(pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo)
    try:
        _write_new(path, private, _PRIVATE_MODE)
        try:
            _write_new(public_path, public, 0o644)
        except OSError:
            path.unlink()
            raise
    except OSError as error:
        raise OutputFailed(what=f"密钥写不进去：{error.strerror}", where=Where(file=str(path)), fix="请换一个可写的目录") from error
    return public_path, fingerprint(raw(key.public_key()))


def _write_new(path: Path, data: bytes, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    with contextlib.suppress(OSError):
        path.chmod(mode)


def needs_password(path: Path) -> bool:
    """Whether a private key is locked."""
    return b"ENCRYPTED" in _pem(path, "私钥")


def private_key(path: Path, password: str | None = None) -> Ed25519PrivateKey:
    """Raises FileMissing, DamagedFile, UsageError where a password is missing or wrong."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    data = _pem(path, "私钥")
    where = Where(file=str(path))
    locked = b"ENCRYPTED" in data
    if locked and not password:
        raise UsageError(what="私钥有口令", where=where, fix="请在环境变量 XYGIS_KEY_PASSWORD 里给出口令")
    try:
        key = load_pem_private_key(data, password.encode() if locked and password else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        if locked:
            raise UsageError(what="私钥打不开：口令不对，或文件坏了", where=where, fix="请核对 XYGIS_KEY_PASSWORD") from error
        raise DamagedFile(what="这不是私钥文件", where=where, fix=_NEW) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(what="这不是 Ed25519 私钥", where=where, fix=_NEW)
    return key


def public_key(path: Path) -> bytes:
    """The 32 bytes of a public key. Raises FileMissing, DamagedFile."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    data = _pem(path, "公钥")
    where = Where(file=str(path))
    if b"PRIVATE KEY" in data:
        raise UsageError(what="这是私钥，不是公钥", where=where, fix="请给出旁边的 .pub 文件；私钥不要交给别人")
    try:
        key = load_pem_public_key(data)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise DamagedFile(what="这不是公钥文件", where=where, fix="请给出签名人交来的 .pub 文件") from error
    if not isinstance(key, Ed25519PublicKey):
        raise InputError(what="这不是 Ed25519 公钥", where=where, fix="请给出签名人交来的 .pub 文件")
    return raw(key)


def raw(key: Ed25519PublicKey) -> bytes:
    """The 32 bytes of a public key."""
    return key.public_bytes_raw()


def fingerprint(public: bytes) -> str:
    """The first 128 bits of its sha256 in eight groups, short enough to be read out on the telephone."""
    digits = hashlib.sha256(public).hexdigest()
    return " ".join(digits[i : i + 4] for i in range(0, 32, 4))


def _pem(path: Path, name: str) -> bytes:
    where = Where(file=str(path))
    if not path.is_file():
        raise FileMissing(what=f"{name}文件不存在", where=where, fix=f"请核对路径；{_NEW}")
    return read_bytes(path, limit=_MOST_BYTES)
