"""`Layer`: what the catalogue says of one layer, before anybody has opened its data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from xygis.atlas.verdict import DataStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """One of our field names, the names it has in real files, and the words its values go by.

    synonyms: (our value, the spellings that mean it), compared after NFKC, strip and upper-casing.
    codes: of a field that holds codes, the list they are from. Where either is given it is complete: any other value means nothing known.
    """

    field: str  # ours: id, name, class, zone, county_code, county_name, declared_m2, …
    names: tuple[str, ...]  # theirs, in the order in which they are preferred
    synonyms: tuple[tuple[str, tuple[str, ...]], ...] = ()
    codes: frozenset[str] = frozenset()

    @property
    def words(self) -> tuple[str, ...]:
        """Every value that the lists know, ours for a word with synonyms; empty where the field takes any."""
        return (*(ours for ours, _ in self.synonyms), *sorted(self.codes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """An attribute that a feature does not state and that follows from a code of it, by `layers/crosswalk.toml`."""

    attribute: str  # land | use
    field: str  # ours, that holds the code
    list: str  # the class list that it is from
    codes: Mapping[str, frozenset[str]]  # code → the terms that it may be
    terms: frozenset[str]  # all terms there are: what a code may be that the list does not know


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One entry of `layers/catalogue.toml`."""

    id: str
    title: str
    group: str  # heading in lists and legends: 三条控制线, 城市格局, …
    role: str  # control | layout | plan | survey | reference
    table: str | None  # standard table name: STBHHX, YJJBNT, …
    path: Path | None  # absolute path of the data file; None where the atlas declares the layer without data
    sublayer: str | None  # layer name inside the file
    crs: str
    geometry: str  # polygon | line | raster
    status: DataStatus
    version: date | None
    valid_from: date | None
    valid_until: date | None
    authority: str  # who keeps it, and whom to ask for it
    provenance: str
    accuracy_m: float | None
    extent: tuple[tuple[tuple[float, float], ...], ...] | None  # rings in lon/lat degrees; None: the whole atlas
    fields: tuple[Alias, ...]
    sensitive: tuple[str, ...]  # columns dropped on reading
    repairs: tuple[str, ...] = ()  # what adopting the data had to mend, a sentence each, place and area before and after
    measure: str | None = None  # of a raster, what its cells hold: elevation (m; slope follows from it) | slope (degrees) | class
    codes: str | None = None  # name of the code list that explains `class` (maps/codes.toml), e.g. "dlbm"
    derived: tuple[Derived, ...] = ()  # land and use, where the catalogue says from which code they follow

    def __hash__(self) -> int:
        return hash(self.id)  # an atlas has each id once, and hashing all of it is slow

    def alias(self, field: str) -> Alias | None:
        return next((a for a in self.fields if a.field == field), None)

    def derive(self, attribute: str) -> Derived | None:
        return next((d for d in self.derived if d.attribute == attribute), None)
