"""The files beside a report: pages that print another fingerprint, and, where nothing is signed, those that nobody can vouch for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from xygis.report.wording import fingerprint
from xygis.verify.checking import result_files
from xygis.verify.result import Cause, CauseKind
from xygis.verify.signature_file import FILE

_PAGES = ("report.html", "brief.html")
_MARK = re.compile(r"报告指纹\s*([0-9a-f]{4})\s([0-9a-f]{4})")
_MOST_BYTES = 500 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """causes: pages that print another fingerprint than that of the data; same: names of those that print this one."""

    causes: tuple[Cause, ...]
    same: tuple[str, ...]


def printed(folder: Path, report: Path, data: bytes) -> Printed:
    """The fingerprint that the pages print must be the one of the data (`data`: the bytes of `report`) beside them."""
    mark = fingerprint(hashlib.sha256(data).hexdigest())
    causes, same = [], []
    for page in (folder / name for name in _PAGES if report.name == "report.json"):
        if page.is_symlink() or not page.is_file() or page.stat().st_size > _MOST_BYTES:
            continue
        found = [" ".join(pair) for pair in _MARK.findall(page.read_text("utf-8", errors="replace"))]  # a parcel may bear such a name
        if mark in found:
            same.append(page.name)
        elif found:
            text = f"{page.name} 印的报告指纹是 {found[-1]}，{report.name} 的是 {mark}"
            why = "两者不是同一次审查写出的，或写出后有一个被改过"
            causes.append(Cause(kind=CauseKind.REPORT, text=text, details=(why,)))
    return Printed(causes=tuple(causes), same=tuple(same))


def asked_file(path: Path, report: Path | None) -> str | None:
    """The name of the file that somebody asks about, where it is neither the folder, nor the report, nor the signature."""
    return None if path.is_dir() or path == report or path.name == FILE else path.name


def not_checked(folder: Path, report: Path, inputs: Collection[str]) -> tuple[str, ...]:
    """Names of files beside an unsigned report that nothing was compared with. inputs: names of those that it was worked out from."""
    return tuple(n for n in result_files(folder) if n != report.name and n not in inputs)


def without_signature(name: str, report: Path, differs: bool) -> Cause:
    """Why a file of an unsigned folder cannot be vouched for. differs: how the report beside it came out."""
    how = "与报告不同，见下" if differs else "与报告相同"
    said = f"旁边的 {report.name} 已重新计算，结果{how}；但这说明不了 {name} 改没改过"
    mend = "请向出具人索取签了名的整套结果（审查时加 --sign 私钥.key）；数字以 report.json 为准"
    return Cause(kind=CauseKind.SIGNATURE, text=f"报告没有签名，{name} 无法核对", details=(said, mend))
