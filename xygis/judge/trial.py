"""`Trial`: one rule tried on one parcel. The finding and its explanation are both read from it, so they cannot disagree."""

from __future__ import annotations

from dataclasses import dataclass

from xygis.atlas.law import Rule, Scalar
from xygis.atlas.verdict import DataState, LayerState, Verdict
from xygis.judge.facts import Facts
from xygis.judge.truth import Test, Truth, truth_of, weigh
from xygis.overlay.measure import Measure, Part

Condition = tuple[str, tuple[Scalar, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a rule asked, what it was answered, and what follows.

    The measured conditions are weighed only where the project facts let the rule speak: otherwise `part` and `truth` are None.
    """

    rule: Rule
    applies: bool | None  # whether the project facts of `applies_to` hold; None: it depends on `open_facts`
    open_facts: tuple[str, ...] = ()
    exception: Condition | None = None  # the claim that switches the rule off
    part: Part | None = None
    tests: tuple[Test, ...] = ()  # one per comparison of the rule
    truth: Truth | None = None  # of all of them together

    @property
    def fires(self) -> bool:
        """Whether there is a finding."""
        return self.truth is not None and self.truth.holds is not False

    @property
    def certain(self) -> bool:
        """Whether the finding says the rule's own verdict; a notice costs nothing: it is given even where it may not be needed."""
        return self.fires and ((self.truth is not None and self.truth.holds is True and self.applies is True) or self._notice)

    @property
    def verdict(self) -> Verdict | None:
        """The verdict of the finding; None where there is none."""
        if not self.fires:
            return None
        return self.rule.verdict if self.certain else Verdict.UNDETERMINED

    @property
    def _notice(self) -> bool:
        return self.rule.verdict is Verdict.NOTICE


def answers(measure: Measure) -> bool:
    """Whether the layer could answer at all: without data nothing is tried, and its rules stand open."""
    return measure.state is not LayerState.NO_DATA and measure.data is DataState.READY


def try_rule(rule: Rule, facts: Facts, area_m2: float, measure: Measure) -> Trial:
    """The rule tried on what was measured of its layer; `measure` holds the part that the rule asks for, unless no project fact lets it ask."""
    applies, open_facts = facts.holds(rule.applies_to)
    if applies is False:
        return Trial(rule=rule, applies=False)
    exception = next((claim for claim in rule.unless if facts.holds((claim,))[0]), None)
    if exception is not None:
        return Trial(rule=rule, applies=applies, open_facts=open_facts, exception=exception)
    part = measure.part(rule.selection)
    assert part is not None, f"{rule.code} asks for a selection that was not measured"
    tests = weigh(rule.when, part, area_m2, measure.unmapped_m2)
    return Trial(rule=rule, applies=applies, open_facts=open_facts, part=part, tests=tests, truth=truth_of(tests))
