"""A layer laid out for comparison: parts in the plane, their counties, what their features say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from xygis.atlas.attributes import Value, matches
from xygis.atlas.crosswalk import DERIVED, Terms, meets, possible
from xygis.atlas.law import Selection
from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.counties import Counties
from xygis.overlay.disjoint import Disjoint, disjoint
from xygis.overlay.overlap import Geometries
from xygis.overlay.prepared import Ints, PreparedLayer

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureRef:
    """What a patch says of a feature that it lies in."""

    id: str
    name: str | None
    class_: str | None
    zone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A polygon layer ready to be compared with others."""

    prepared: PreparedLayer
    counties: Counties
    disjoint: Disjoint
    attributes: dict[int, dict[str, Value]] = field(default_factory=dict, repr=False, compare=False)  # read once
    columns: dict[str, list[Value]] = field(default_factory=dict, repr=False, compare=False)  # read once
    numbered: dict[str, tuple[Ints, tuple[Value, ...]]] = field(default_factory=dict, repr=False, compare=False)  # worked out once
    selected: dict[Selection, tuple[Mask, Mask]] = field(default_factory=dict, repr=False, compare=False)  # many rules ask for the same
    measured: dict[str, Floats] = field(default_factory=dict, repr=False, compare=False)  # once, where it is asked

    @property
    def parts(self) -> Geometries:
        """All parts in the plane, made anew for whoever asks."""
        return self.prepared.parts(np.arange(len(self.prepared.owner)))

    @property
    def county_m2(self) -> Floats:
        """(parts, counties): the area of each part in each county."""
        if "county_m2" not in self.measured:
            self.measured["county_m2"] = self.counties.areas_of(self.parts)
        return self.measured["county_m2"]

    def values(self, feature: int) -> dict[str, Value]:
        if feature not in self.attributes:
            self.attributes[feature] = self.prepared.attributes(feature)
        return self.attributes[feature]

    def column(self, name: str) -> list[Value]:
        """One attribute of all features."""
        if name not in self.columns:
            self.columns[name] = self.prepared.column(name)
        return self.columns[name]

    def coded(self, name: str) -> tuple[Ints, tuple[Value, ...]]:
        """(number of its value for each feature, the different values) of one attribute."""
        if name not in self.numbered:
            values = self.column(name)
            number = {value: i for i, value in enumerate(dict.fromkeys(values))}
            self.numbered[name] = np.fromiter(map(number.__getitem__, values), np.int64, len(values)), tuple(number)
        return self.numbered[name]

    def chosen_features(self, selection: Selection) -> tuple[Mask, Mask]:
        """(surely, possibly) in the selection, for each feature; possibly includes surely."""
        if selection not in self.selected:
            self.selected[selection] = self._select(selection)
        return self.selected[selection]

    def _select(self, selection: Selection) -> tuple[Mask, Mask]:
        sure, possibly = np.ones(self.prepared.features, bool), np.ones(self.prepared.features, bool)
        for name, patterns in selection.where:
            if name in DERIVED:
                number, terms = self.terms(name)
                answers = [meets(t, patterns) for t in terms]
                sure &= np.array([a is True for a in answers], bool)[number]
                possibly &= np.array([a is not False for a in answers], bool)[number]
                continue
            number, values = self.coded(name)
            answers = [matches(value, patterns) for value in values]
            sure &= np.array([a is True for a in answers], bool)[number]
            possibly &= np.array([a is not False for a in answers], bool)[number]
        return sure, possibly

    def terms(self, attribute: str) -> tuple[Ints, tuple[Terms, ...]]:
        """(number of its terms for each feature, the terms): what the land or use of the features may be, by their class.

        Of a layer that has no crosswalk the terms are empty: nothing is known.
        """
        derived = self.prepared.layer.derive(attribute)
        if derived is None:
            return np.zeros(self.prepared.features, np.int64), (frozenset(),)
        number, values = self.coded(derived.field)
        of_value = [possible(derived, value) for value in values]
        found = {terms: i for i, terms in enumerate(dict.fromkeys(of_value))}
        return np.array([found[terms] for terms in of_value], np.int64)[number], tuple(found)

    def chosen(self, selection: Selection) -> tuple[Mask, Mask]:
        """(surely, possibly) in the selection, for each part; possibly includes surely."""
        sure, possible = self.chosen_features(selection)
        return sure[self.prepared.owner], possible[self.prepared.owner]

    def refs(self, features: Sequence[int]) -> tuple[FeatureRef, ...]:
        return tuple(self._ref(f) for f in features)

    def _ref(self, feature: int) -> FeatureRef:
        values = self.values(feature)
        return FeatureRef(
            id=str(values.get("id") or feature + 1), name=_text(values, "name"), class_=_text(values, "class"), zone=_text(values, "zone")
        )


def lay_out(prepared: PreparedLayer, counties: Counties) -> Ground:
    """The ground of one polygon layer."""
    return Ground(prepared=prepared, counties=counties, disjoint=disjoint(prepared))


def _text(values: dict[str, Value], name: str) -> str | None:
    value = values.get(name)
    return None if value is None else str(value)
