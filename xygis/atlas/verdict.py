"""The closed sets that everything is told in: verdicts, layer states, data statuses; each with rank and Chinese label."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What a finding says, worst first (DESIGN §5). `rank` 0 is the worst."""

    PROHIBITED = "prohibited"
    UNDETERMINED = "undetermined"
    APPROVAL = "approval"
    JUSTIFICATION = "justification"
    NOTICE = "notice"
    COMPLIANT = "compliant"

    @property
    def rank(self) -> int:
        return _VERDICT_RANKS[self]

    @property
    def label(self) -> str:
        return _VERDICT_LABELS[self]

    @property
    def mark(self) -> str:
        """One character that a terminal shows at the start of a line."""
        return _VERDICT_MARKS[self]


_VERDICT_RANKS = {verdict: rank for rank, verdict in enumerate(Verdict)}
_VERDICT_LABELS = {
    Verdict.PROHIBITED: "禁止",
    Verdict.UNDETERMINED: "无法判定",
    Verdict.APPROVAL: "须报批",
    Verdict.JUSTIFICATION: "须论证",
    Verdict.NOTICE: "提示",
    Verdict.COMPLIANT: "符合",
}
_VERDICT_MARKS = {
    Verdict.PROHIBITED: "■",
    Verdict.UNDETERMINED: "◇",
    Verdict.APPROVAL: "▲",
    Verdict.JUSTIFICATION: "□",
    Verdict.NOTICE: "○",
    Verdict.COMPLIANT: "√",
}


def worst(verdicts: list[Verdict], *, default: Verdict = Verdict.COMPLIANT) -> Verdict:
    """The worst of some verdicts; `default` where there are none."""
    return min(verdicts, key=lambda v: v.rank, default=default)


class LayerState(StrEnum):
    """What a parcel has to do with a layer."""

    CONCERNED = "concerned"
    CLEAR = "clear"
    NO_DATA = "no_data"

    @property
    def label(self) -> str:
        return {"concerned": "涉及", "clear": "不涉及", "no_data": "无数据"}[self]


class DataState(StrEnum):
    """Whether a layer's data can be used on the day asked for."""

    READY = "ready"
    MISSING = "missing"
    BROKEN = "broken"
    EXPIRED = "expired"

    @property
    def label(self) -> str:
        return {"ready": "就绪", "missing": "缺失", "broken": "损坏", "expired": "过期"}[self]


class DataStatus(StrEnum):
    """What standing the data have; `demo` stamps every output."""

    STATUTORY = "statutory"
    DRAFT = "draft"
    DEMO = "demo"

    @property
    def label(self) -> str:
        return {"statutory": "法定成果", "draft": "草案", "demo": "示意数据"}[self]


DEMO_STAMP = "示意数据，非法定成果"
