"""Checks `report.sig`: the signature itself, whose key it is, and every file that it lists; fails closed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from xygis.verify import keys
from xygis.verify.result import Cause, CauseKind, Signature
from xygis.verify.signature_file import FILE, Entry, Signed, Unusable, parsed
from xygis.verify.signing import digest

_MOST_BYTES = 16 << 20
_KINDS = (".html", ".htm", ".pdf", ".docx", ".xlsx", ".json", ".gpkg", ".geojson", ".csv", ".png", ".svg", ".txt", ".zip")
_OURS = ("report", "brief", "map", "conflicts", "measures", "summary", "classes", "consistency", "suspects", "quality")
_WITHOUT = "没有签名就不能说明报告出自谁手、写出后有没有改过；请向出具人索取 report.sig"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """signature: where there is one that fits its list; changed: files that are not as they were signed."""

    causes: tuple[Cause, ...] = ()
    notes: tuple[str, ...] = ()
    signature: Signature | None = None


def check_signature(folder: Path, report: Path | None, expected: bytes | None, *, asked: str | None = None) -> Checked:
    """report: the data that is recomputed. expected: the public key that must have signed. asked: another file of the folder that
    somebody asks about, which the signature must cover.
    """
    path = folder / FILE
    if not os.path.lexists(path):
        if expected is not None:
            return Checked(causes=(_cause(f"没有签名文件 {FILE}，给定的公钥无从核对", _WITHOUT),))
        return Checked(notes=("报告没有签名",))
    try:
        signed, signature = parsed(_data(path))
        _fits(signed, signature)
    except Unusable as error:
        why = "签名文件一个字节都不能动；请向出具人索取原来的 report.sig"
        return Checked(causes=(_cause(f"签名文件 {FILE} 不能采信：{error}", why),))
    except OSError as error:
        return Checked(causes=(_cause(f"签名文件 {FILE} 打不开：{error.strerror}", _WITHOUT),))
    causes = [c for e in signed.files if (c := _touched(folder, e)) is not None]
    mark = keys.fingerprint(signed.public_key)
    if expected is not None and expected != signed.public_key:
        other = f"签名用的公钥指纹 {mark}，给定的公钥指纹 {keys.fingerprint(expected)}"
        causes.insert(0, _cause("签名不是给定的公钥签的：换了人签，或整套报告被替换", other))
    notes = [] if expected is not None else [f"签名与内容相符，但谁都可以自造密钥：请核实公钥指纹 {mark} 确属签名人，或用 --key 给出其公钥"]
    loose = _unlisted(folder, signed)
    ours = [n for n in loose if Path(n).stem.lower() in _OURS]
    named = asked or (report.name if report is not None and report.parent == folder else None)
    if named is not None and named not in ours and named not in {e.file for e in signed.files}:
        ours.append(named)
    if ours:
        causes.append(_cause(f"{'、'.join(ours)} 不在签名之内", "是后来放进来的，或是另一次审查写的，签名不为其作保"))
    if rest := [n for n in loose if n not in ours]:
        shown = "、".join(rest[:8]) + (f" 等 {len(rest)} 个" if len(rest) > 8 else "")
        notes.append(f"同一目录里的 {shown} 不在签名之内，签名不为其作保")
    kept = Signature(
        key_fingerprint=mark,
        signer=signed.signer,
        signed_at=signed.signed_at,
        version=signed.version,
        files=tuple(e.file for e in signed.files),
        expected=None if expected is None else expected == signed.public_key,
    )
    return Checked(causes=tuple(causes), notes=tuple(notes), signature=kept)


def _data(path: Path) -> bytes:
    if path.is_symlink() or not path.is_file():
        raise Unusable("是链接或目录，不是文件")
    if path.stat().st_size > _MOST_BYTES:
        raise Unusable("太大")
    return path.read_bytes()


def _fits(signed: Signed, signature: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(signed.public_key).verify(signature, signed.message())
    except (InvalidSignature, ValueError) as error:
        raise Unusable("签名与清单对不上，清单、签名人或公钥被改过") from error


def _touched(folder: Path, entry: Entry) -> Cause | None:
    """What is wrong with a file of the list; None: it is as it was signed."""
    path = folder
    for part in entry.file.split("/"):
        path = path / part
        if path.is_symlink():
            return _cause(f"{entry.file} 现在是链接，不是签名时的文件", "链接指向的内容可以随时换掉，不予采信")
    if not path.exists():
        return _cause(f"{entry.file} 不见了", "签名时有这个文件")
    if not path.is_file():
        return _cause(f"{entry.file} 不是文件")
    try:
        size, sha256 = digest(path)
    except OSError as error:
        return _cause(f"{entry.file} 打不开：{error.strerror}")
    if sha256 == entry.sha256 and size == entry.size:
        return None
    what = "签名后被改过"
    if size < entry.size:
        what += f"：少了 {entry.size - size:,} 字节（{entry.size:,} → {size:,}）"
    elif size > entry.size:
        what += f"：多了 {size - entry.size:,} 字节（{entry.size:,} → {size:,}）"
    else:
        what += f"：大小相同（{size:,} 字节），内容不同"
    return _cause(f"{entry.file} {what}", *_hint(entry.file))


def _hint(name: str) -> tuple[str, ...]:
    if name.endswith(".gpkg"):
        return ("用 QGIS 打开 GeoPackage 会改写文件（WAL 日志、时间戳），图斑未必变了；要看图请先复制一份，核对用原件",)
    if name in ("consistency.xlsx",):
        return ("各部门填写处理意见也会这样；填写请用副本，签过的原件存档",)
    return ("请向出具人索取签名时的原件",)


def _unlisted(folder: Path, signed: Signed) -> list[str]:
    listed = {e.file for e in signed.files}
    return [n for n in result_files(folder) if n not in listed]


def result_files(folder: Path) -> list[str]:
    """Names of the files of a folder that look like results, in their order; what steers a terminal is replaced."""
    try:
        names = sorted(p.name for p in folder.iterdir() if p.suffix.lower() in _KINDS)
    except OSError:
        return []
    return ["".join(c if c.isprintable() else "�" for c in n) for n in names]


def _cause(text: str, *details: str) -> Cause:
    return Cause(kind=CauseKind.SIGNATURE, text=text, details=details)
