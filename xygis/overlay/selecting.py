"""What features say of themselves, as far as measuring asks: which are in a selection, and how wide the land of a line is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from xygis.atlas.attributes import Value, matches
from xygis.atlas.law import Selection
from xygis.overlay.kernel.pieces import Bools, Ints

WIDEST_HALF_M = 500.0  # no road, railway or corridor has more than a kilometre of land


def chosen_of(features: Ints, attributes: Callable[[int], Mapping[str, Value]], selection: Selection) -> tuple[Bools, Bools]:
    """(surely, possibly) in the selection, for each of some features; possibly includes surely. Each value is judged once."""
    sure, possible = np.ones(len(features), bool), np.ones(len(features), bool)
    for field, patterns in selection.where:
        values = [attributes(f).get(field) for f in features.tolist()]
        known = {value: matches(value, patterns) for value in dict.fromkeys(values)}
        sure &= np.array([known[v] is True for v in values], bool)
        possible &= np.array([known[v] is not False for v in values], bool)
    return sure, possible


def half_width_m(stated: Value) -> float:
    """Half a width as files state it, as a number or as text; 0 where that makes none."""
    try:
        width_m = float(stated or 0.0)
    except ValueError:
        return 0.0
    return min(width_m / 2, WIDEST_HALF_M) if width_m > 0.0 else 0.0
