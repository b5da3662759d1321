"""--sign and --signer, wherever a folder is written: the key is opened before the work, the signature made after it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_PASSWORD = "XYGIS_KEY_PASSWORD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """Signs the files of a run. key None: nobody asked for it; a signature of an earlier run in the folder is then taken away."""

    key: Ed25519PrivateKey | None = None
    signer: str | None = None

    def put(self, folder: Path, written: Sequence[tuple[str, Path]]) -> list[tuple[str, Path]]:
        """(label, path) of what was written, with the signature."""
        from xygis.verify import signing

        if self.key is None:
            signing.unsign(folder)
            return list(written)
        files = [path for label, path in written if label != "原意见"]  # of departments, put aside: not ours to sign
        path = signing.sign(folder, files, self.key, at=datetime.now().astimezone(), signer=self.signer)
        return [*written, ("签名", path)]


def sign_options(function: click.decorators.FC) -> click.decorators.FC:
    """--sign KEY and --signer NAME."""
    signer = click.option("--signer", metavar="姓名", help="签名人，写进签名，例如 --signer 张三")
    key = click.option(
        "--sign",
        "sign_key",
        metavar="私钥",
        type=click.Path(path_type=Path),
        help=f"用这个 Ed25519 私钥给写出的全部文件签名（report.sig），xygis verify 核对；有口令的，口令放在环境变量 {_PASSWORD}",
    )
    return key(signer(function))


def seal_of(sign_key: Path | None, signer: str | None, out_dir: Path | None) -> Seal:
    """Raises before any work where the key cannot be opened, or there is nothing to sign."""
    if sign_key is None:
        if signer is not None:
            raise click.BadParameter("要写签名人，请同时给出 --sign 私钥", param_hint="--signer")
        return Seal()
    if out_dir is None:
        raise click.BadParameter("要签名，请同时给出 --out 目录", param_hint="--sign")
    from xygis.verify.keys import needs_password, private_key

    password = os.environ.get(_PASSWORD)
    if password is None and needs_password(sign_key) and sys.stdin.isatty():
        password = click.prompt("私钥的口令", hide_input=True, err=True)
    return Seal(key=private_key(sign_key, password), signer=signer)


def password_of_new_key() -> str | None:
    """What a new private key is locked with; None: nothing."""
    return os.environ.get(_PASSWORD) or None
