"""D1 … D10, the types of difference patches, counted by county and by size class."""

from __future__ import annotations

import math
from collections.abc import Sequence

from xygis.atlas.verdict import Verdict, worst
from xygis.consistency.groups import Group
from xygis.consistency.result import Difference, DifferencePatch, NoData, Pair, Tally
from xygis.overlay.counties import Counties

# code, name, what the two sides are
TYPES = (
    ("D1", "城规有、土规无", "一项规划（城规、详规、项目）建设，土规或者总规非建设"),
    ("D2", "土规有、城规无", "一项规划非建设，土规或者总规建设"),
    ("D3", "用途差异", "均为建设、用途不同"),
    ("D4", "占用永农", "建设占用永久基本农田"),
    ("D5", "占用红线", "建设占用生态保护红线"),
    ("D6", "线线冲突", "永久基本农田与生态保护红线重叠"),
    ("D7", "林地冲突", "建设与林地重叠"),
    ("D8", "要素冲突", "建设与河湖、湿地、水源、自然保护地、优先保护单元、三山重叠"),
    ("D9", "历史遗留", "现状建设、规划非建设"),
    ("D10", "边界误差", "小于容差的边界差异"),
)
# key, title, least area in m², first area of the next class
SIZES = (
    ("lt_400_m2", "<400 m²", 0.0, 400.0),
    ("400_m2_to_0.1_ha", "400 m²—0.1 公顷", 400.0, 1_000.0),
    ("0.1_ha_to_1_ha", "0.1—1 公顷", 1_000.0, 10_000.0),
    ("gt_1_ha", ">1 公顷", 10_000.0, math.inf),
)


def differences_of(
    patches: Sequence[DifferencePatch], groups: Sequence[Group], pairs: Sequence[Pair], missing: Sequence[NoData], counties: Counties
) -> tuple[Difference, ...]:
    """All ten types, those that found nothing included.

    verdict: the worst finding, undetermined where a pair of the type lacks data, None where no rule of the day asks for it.
    """
    asked: dict[str, list[str]] = {}
    for rule in (r for g in groups for r in g.rules if r.difference):
        asked.setdefault(str(rule.difference), []).append(rule.code)
    findings = [f for pair in pairs for f in pair.findings]
    unanswered = {code for entry in missing for code in entry.rules}
    out = []
    for code, title, sides in TYPES:
        mine = [p for p in patches if p.difference == code]
        rules = tuple(sorted({p.rule for p in mine})) if code == TYPES[-1][0] else tuple(asked.get(code, ()))
        known = bool(mine or rules or (code == TYPES[-1][0] and asked))
        incomplete = bool(unanswered.intersection(rules)) or (code == TYPES[-1][0] and bool(unanswered))
        verdicts = [p.verdict for p in mine] + [f.verdict for f in findings if f.difference == code]
        verdicts += [Verdict.UNDETERMINED] if incomplete else []
        out.append(
            Difference(
                type=code,
                title=title,
                sides=sides,
                patches=len(mine),
                area_m2=math.fsum(p.area_m2 for p in mine),
                verdict=worst(verdicts) if known else None,
                by_county=_by_county(mine, counties),
                by_size=tuple(_tally(key, name, [p for p in mine if least <= p.area_m2 < most]) for key, name, least, most in SIZES),
                rules=rules,
                incomplete=incomplete,
            )
        )
    return tuple(out)


def _by_county(patches: Sequence[DifferencePatch], counties: Counties) -> tuple[Tally, ...]:
    tallies = tuple(
        _tally(code, name, [p for p in patches if p.county_code == code]) for code, name in zip(counties.codes, counties.names, strict=True)
    )
    return tuple(t for t in tallies if t.key is not None or t.patches or len(tallies) == 1)


def _tally(key: str | None, title: str, patches: Sequence[DifferencePatch]) -> Tally:
    return Tally(key=key, title=title, patches=len(patches), area_m2=math.fsum(p.area_m2 for p in patches))
