"""Small differences whose cause is proven are set aside: told, counted and listed, but no conflict. Nothing unproven ever is.

A border that was drawn twice, rounded, densified, simplified or lacks a node is a matter of tidying the data (接边), not of policy
(domain/rules.md §2.8: 边界误差). A layer that lies displaced as a whole is not set aside: its data are wrong and have to be mended first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xygis.atlas.verdict import Verdict, worst
from xygis.consistency.result import DifferencePatch, Pair, PairFinding
from xygis.overlay.causes import CauseKind

SET_ASIDE = frozenset(
    {CauseKind.DIGITISED_TWICE, CauseKind.ROUNDING, CauseKind.DENSIFIED, CauseKind.GENERALISED, CauseKind.JUNCTION}
)  # fmt: skip
_SAYS = "均已证明是界线误差，只作提示"
_SUGGESTION = "按证明的成因统一两侧界线（接边），不作为规划冲突处理。"


def set_aside(pairs: Sequence[Pair], patches: Sequence[DifferencePatch]) -> tuple[tuple[Pair, ...], tuple[DifferencePatch, ...]]:
    """The pairs and patches with what is proven as a notice. A finding follows only where every patch of it is proven."""
    after = tuple(replace(p, verdict=Verdict.NOTICE) if _proven(p) else p for p in patches)
    open_ = {(p.a, p.b, p.rule) for p in after if not _proven(p)}
    some = {(p.a, p.b, p.rule) for p in after}
    out = []
    for pair in pairs:
        findings = tuple(
            _tidied(f) if (key := (pair.a, pair.b, f.rule)) in some and key not in open_ and f.possible_m2 == 0.0 else f
            for f in pair.findings
        )
        verdicts = [f.verdict for f in findings] + ([Verdict.UNDETERMINED] if pair.unmapped_m2 > 0.0 else [])
        out.append(replace(pair, findings=findings, verdict=worst(verdicts)))
    return tuple(out), tuple(sorted(after, key=lambda p: (p.verdict.rank, -p.area_m2, p.id)))


def _proven(patch: DifferencePatch) -> bool:
    return patch.sliver and patch.cause in SET_ASIDE


def _tidied(finding: PairFinding) -> PairFinding:
    return replace(
        finding,
        verdict=Verdict.NOTICE,
        best=Verdict.NOTICE,
        worst=Verdict.NOTICE,
        needs=(),
        text=f"{finding.text.removesuffix('。')}；{_SAYS}。",
        suggestion=_SUGGESTION,
    )
