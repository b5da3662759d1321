"""What the harness runs and asks: programs, the ratios that are wanted of them, and the tasks that hold both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Numbers = dict[tuple[str, ...], float]  # key columns → value
Tolerance = Callable[[tuple[str, ...], float], float]  # of a key and its reference value


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One command that goes from files to a result."""

    name: str
    command: tuple[str, ...]
    like: str | None  # the program that its result is compared with; None: it is what others are compared with
    result: Callable[[str], Numbers]  # reads what the command left behind; is given what it printed
    afterwards: tuple[str, ...] | None = None  # a command outside the clock that turns the result into a table
    environment: Mapping[str, str] = field(default_factory=dict)
    nothing_prepared: bool = False
    leaves: Path | None = (
        None  # its folder of results, removed before every run: a portfolio would take over what it finds there  # every run starts with an empty cache
    )
    missing: str | None = None  # why it cannot run here
    accepted: tuple[int, ...] = (0,)
    once: bool = False  # only its result is wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A wanted ratio: `slow` over `fast`, of whole processes or of the operation alone.

    slow: several programs mean the fastest of them.
    """

    text: str
    slow: tuple[str, ...]
    fast: str
    at_least: float | None = None
    at_most: float | None = None
    operation: bool = False

    def holds(self, ratio: float) -> bool:
        return (self.at_least is None or ratio >= self.at_least) and (self.at_most is None or ratio <= self.at_most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Programs that answer the same question."""

    key: str
    title: str
    programs: tuple[Program, ...]
    targets: tuple[Target, ...]
    tolerance: Tolerance
    preparation: Program | None = None  # run once, before the rounds
    data: Path
