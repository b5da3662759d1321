"""The groups that T4 compares: A farmland and woods, B built, U the rest. No library, so that everybody can import it."""

from __future__ import annotations

from collections.abc import Iterable


def current_group(code: str) -> str:
    """Of a current land use class."""
    return _group(int(code[:2]), farm_up_to=4, rest_from=11)


def plan_group(code: str) -> str:
    """Of a planned land use class."""
    return _group(int(code[:2]), farm_up_to=5, rest_from=17)


def groups_table(current: Iterable[str], plan: Iterable[str]) -> str:
    """Text of the GROUPS.csv that `xygis compare --groups` reads: side, class, group."""
    lines = [f"a,{code},{current_group(code)}" for code in current] + [f"b,{code},{plan_group(code)}" for code in plan]
    return "\n".join(["side,class,group", *lines]) + "\n"


def _group(first: int, *, farm_up_to: int, rest_from: int) -> str:
    if first <= farm_up_to:
        return "A"
    return "U" if first >= rest_from else "B"
