"""What has become of a difference patch since an earlier run: the words, and what a patch of this run remembers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from xygis.consistency.notes import PatchNotes


class PatchState(StrEnum):
    """与上次比对."""

    RESOLVED = "resolved"
    PERSISTING = "persisting"
    CHANGED = "changed"
    NOT_COMPARED = "not_compared"
    NEW = "new"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    PatchState.RESOLVED: "已消除",
    PatchState.PERSISTING: "持续",
    PatchState.CHANGED: "变化",
    PatchState.NOT_COMPARED: "未比对",
    PatchState.NEW: "新增",
}


class Cause(StrEnum):
    """How a patch has changed."""

    GROWN = "grown"
    SHRUNK = "shrunk"
    SPLIT = "split"
    MERGED = "merged"
    MOVED = "moved"  # the border has, the area has not
    RECLASSIFIED = "reclassified"  # another rule claims the place

    @property
    def label(self) -> str:
        return _CAUSES[self]


_CAUSES = {
    Cause.GROWN: "扩大",
    Cause.SHRUNK: "缩小",
    Cause.SPLIT: "分割",
    Cause.MERGED: "合并",
    Cause.MOVED: "移位",
    Cause.RECLASSIFIED: "改归规则",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A patch of the earlier run that has gone into another, with what was written on it."""

    id: str
    area_m2: float
    notes: PatchNotes


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """Where a patch of this run comes from. before_m2: of the earlier patch whose name it has; None: it has a name of its own."""

    state: PatchState
    causes: tuple[Cause, ...] = ()
    before_m2: float | None = None
    before_rule: str = ""
    split_from: str | None = None
    merged: tuple[Merged, ...] = ()
    reason: str = ""  # of a new one that nobody could have found before

    @property
    def text(self) -> str:
        """变化（缩小）."""
        return self.state.label + (f"（{'、'.join(c.label for c in self.causes)}）" if self.causes else "")
