"""`Verification`: what verifying a report found out, immutable: the causes first, then what follows from them, then the signature."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class CauseKind(StrEnum):
    """Where a cause lies."""

    SIGNATURE = "signature"
    INPUT = "input"
    LAYER = "layer"
    RULE = "rule"
    ATLAS = "atlas"
    ENGINE = "engine"
    REPORT = "report"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    CauseKind.SIGNATURE: "签名",
    CauseKind.INPUT: "送审文件",
    CauseKind.LAYER: "图层",
    CauseKind.RULE: "规则",
    CauseKind.ATLAS: "图集",
    CauseKind.ENGINE: "程序",
    CauseKind.REPORT: "报告",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One reason why a report is not what would be found today, or not what was signed. details: what exactly, a sentence each."""

    kind: CauseKind
    text: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One value of the report that is recomputed otherwise. path as in the JSON; words: the same for people."""

    path: str
    words: str
    reported: str
    recomputed: str

    def __str__(self) -> str:
        return f"{self.words}（{self.path}）：报告为 {self.reported}，现为 {self.recomputed}"


_VERDICT = re.compile(r"(\w+\[\d+\]\.)?verdict")


def is_verdict(path: str) -> bool:
    """Whether a path is the verdict of the whole, of a parcel, a pair or a patch."""
    return _VERDICT.fullmatch(path) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature that fits its list. expected: whether it was made with the key that was asked for; None: none was asked for."""

    key_fingerprint: str
    signer: str | None
    signed_at: str
    version: str
    files: tuple[str, ...]
    expected: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The result of `xygis.verify`.

    recomputed: whether the result was worked out again, and `basis` by what; False where there is only a signature to check.
    unchecked: names of files beside an unsigned report that nothing vouches for; same_mark: those of them that print its fingerprint.
    asked: the file that was asked about, where it could not be checked for want of a signature.
    """

    report: Path
    recomputed: bool
    basis: str
    causes: tuple[Cause, ...]
    differences: tuple[Difference, ...]
    signature: Signature | None
    notes: tuple[str, ...]
    unchecked: tuple[str, ...] = ()
    same_mark: tuple[str, ...] = ()
    asked: str | None = None

    @property
    def same(self) -> bool:
        """Nothing speaks against the report."""
        return not self.causes and not self.differences
