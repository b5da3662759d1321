"""`Problem`: one thing that is wrong with the rule base, and the line to mend."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, and where."""

    where: str  # 30-ecological-red-line.toml:12 ESR-01
    text: str


def place(file: str, line: int | None = None, code: str = "") -> str:
    """`30-ecological-red-line.toml:12 ESR-01`."""
    spot = f"{file}:{line}" if line else file
    return f"{spot} {code}" if code else spot
