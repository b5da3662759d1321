"""What is known of a project: given, implied by the use, assumed, not claimed, or open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from xygis.atlas.attributes import fold
from xygis.atlas.law import ProjectFact, Scalar
from xygis.errors import UsageError, Where, did_you_mean

USE = "use"  # the use code itself may be asked like a fact


class Origin(Enum):
    GIVEN = "given"
    BY_USE = "by_use"
    ASSUMED = "assumed"
    NOT_CLAIMED = "not_claimed"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One fact as it stands; value is None when it is open or not claimed."""

    fact: ProjectFact
    value: Scalar | None
    origin: Origin
    implied: Scalar | None = None  # what the use says, where the applicant says otherwise: it stays possible

    @property
    def sentence(self) -> str:
        """How an assumption is put to the reader."""
        return f"{self.fact.title}：未申报，按“{self.label}”计"

    @property
    def label(self) -> str:
        return self._label(self.value)

    @property
    def dispute(self) -> str | None:
        """How it is put to the applicant that the use and what is stated exclude each other."""
        if self.implied is None:
            return None
        return f"{self.fact.title}：申报“{self.label}”，用途代码表明“{self._label(self.implied)}”，两者不符，须改正其一"

    def _label(self, value: Scalar | None) -> str:
        text = _as_text(value)
        return dict(self.fact.labels).get(text, {"true": "是", "false": "否"}.get(text, text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Every project fact that the rule base knows, and the use code (None: not given)."""

    use: str | None
    known: tuple[Known, ...]

    def get(self, name: str) -> Known | None:
        return next((k for k in self.known if k.fact.name == name), None)

    def holds(self, conditions: Sequence[tuple[str, tuple[Scalar, ...]]]) -> tuple[bool | None, tuple[str, ...]]:
        """Whether all conditions hold (None: it depends), and the names of the open facts that it depends on."""
        open_facts, result = [], True
        for name, accepted in conditions:
            met = self.met(name, accepted)
            if met is False:
                return False, ()
            if met is None:
                open_facts.append(name)
                result = False
        return (True if result else None), tuple(open_facts)

    def met(self, name: str, accepted: tuple[Scalar, ...]) -> bool | None:
        """Whether one condition holds; None while the fact is open. An exception that nobody claimed counts as not claimed."""
        if name == USE:
            return None if self.use is None else accepts(self.use, accepted)
        known = self.get(name)
        if known is None or known.origin is Origin.OPEN:
            return None
        if known.origin is Origin.NOT_CLAIMED:
            return False in accepted
        if accepts(known.value, accepted):
            return True
        return None if known.implied is not None and accepts(known.implied, accepted) else False  # what the use says stays possible


def resolve_facts(facts: Sequence[ProjectFact], given: Mapping[str, Scalar], use: str | None) -> Facts:
    """Settles every fact from what was given, then from the use code, then by its kind.

    Raises UsageError for a fact that the rule base does not know, or a value that it does not allow.
    """
    names = {f.name for f in facts}
    for name, value in given.items():
        if name not in names:
            raise UsageError(
                what=f"规则库没有项目事实“{name}”",
                where=Where(),
                fix=did_you_mean(name, names) or f"可用：{'、'.join(sorted(names))}",
            )
        fact = next(f for f in facts if f.name == name)
        values = value if isinstance(value, list) else [value]
        if any(_as_text(v) not in [_as_text(a) for a in fact.values] for v in values):
            raise UsageError(what=f"项目事实“{name}”不能是 {value!r}", fix=f"可用：{'、'.join(_as_text(v) for v in fact.values)}")
    return Facts(use=use, known=tuple(_settle(fact, given, use) for fact in facts))


def _settle(fact: ProjectFact, given: Mapping[str, Scalar], use: str | None) -> Known:
    implied = next((value for prefix, value in fact.by_use if use is not None and use.startswith(prefix)), None)
    if fact.name in given:
        stated = given[fact.name]
        # Saying yes where the use says no is the stricter of the two: a house on road land, works in a wetland.
        against = implied is not None and fact.kind != "claim" and stated is not True and _as_text(implied) != _as_text(stated)
        return Known(fact=fact, value=stated, origin=Origin.GIVEN, implied=implied if against else None)
    if implied is not None:
        return Known(fact=fact, value=implied, origin=Origin.BY_USE)
    if fact.kind == "assume":
        return Known(fact=fact, value=fact.default, origin=Origin.ASSUMED)
    return Known(fact=fact, value=None, origin=Origin.NOT_CLAIMED if fact.kind == "claim" else Origin.OPEN)


def accepts(value: Scalar | None, accepted: tuple[Scalar, ...]) -> bool:
    text = fold(_as_text(value))
    for pattern in accepted:
        wanted = fold(_as_text(pattern))
        if wanted == "*" and value not in (None, False):
            return True
        if wanted.endswith("*") and text.startswith(wanted[:-1]):
            return True
        if text == wanted:
            return True
    return False


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
