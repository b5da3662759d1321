"""`Subject`: one table under examination, with its standard, and the way its faults are written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.atlas.attributes import fold
from xygis.atlas.layer import Layer
from xygis.atlas.standard import Field, Standards, TableStandard
from xygis.consistency.quality.fault import Fault, NotRun, level_of, shown
from xygis.consistency.quality.overlaps import Overlaps, overlaps_of
from xygis.consistency.quality.shapes import Shapes
from xygis.consistency.quality.table import Table
from xygis.geodesy.ellipsoid import Floats
from xygis.geodesy.plane import Plane
from xygis.overlay.counties import Counties
from xygis.overlay.prepared import Ints

Texts = list[str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """counties: None where the atlas has none. complete: the table claims to cover the whole atlas, not only what it has."""

    layer: Layer
    table: Table
    standard: TableStandard | None
    standards: Standards
    shapes: Shapes | None
    counties: Counties | None
    plane: Plane
    on: date
    complete: bool
    ids: tuple[str, ...]  # what each feature is called
    _texts: dict[str, Texts] = field(default_factory=dict, repr=False, compare=False)  # read once
    _overlaps: list[Overlaps] = field(default_factory=list, repr=False, compare=False)  # found once

    @property
    def overlaps(self) -> Overlaps:
        """Where sound features of the table lie on one another."""
        assert self.shapes is not None
        if not self._overlaps:
            self._overlaps.append(overlaps_of(self.shapes))
        return self._overlaps[0]

    @property
    def county_names(self) -> dict[str, str]:
        """Code → name of every county; empty without counties."""
        if self.counties is None:
            return {}
        return {c: n for c, n in zip(self.counties.codes, self.counties.names, strict=True) if c is not None}

    def column(self, wanted: Field | str) -> str | None:
        """The file's name of a field of the standard: its own, in any case of letters, or another that is known for it."""
        names = (wanted,) if isinstance(wanted, str) else (wanted.code, *wanted.also)
        if isinstance(wanted, str) and (known := self.standards.fields.get(wanted)) is not None:
            names = (wanted, *known.also)
        folded = {fold(c): c for c in reversed(list(self.table.columns))}
        return next((folded[fold(n)] for n in names if fold(n) in folded), None)

    def texts(self, column: str) -> Texts:
        """A column as text; None where it is null or blank. Whole floats lose their .0: 6.0 is the code 6."""
        if column not in self._texts:
            self._texts[column] = [_text(v) for v in self.table.columns[column]]
        return self._texts[column]

    def numbers(self, column: str) -> tuple[Floats, Ints]:
        """(values, NaN where there is none; rows whose value is no finite number)."""
        out = np.full(len(self.table), np.nan)
        bad = []
        for row, value in enumerate(self.table.columns[column]):
            if value is None or (isinstance(value, str) and not value.strip()):
                continue
            try:
                number = float(value)  # type: ignore[arg-type]  # whatever it is, it is a number or it is told
            except (TypeError, ValueError):
                bad.append(row)
                continue
            if np.isfinite(number):
                out[row] = number
            elif isinstance(value, str) or not np.isnan(number):
                bad.append(row)
        return out, np.array(bad, np.int64)

    def fault(
        self,
        code: str,
        text: str,
        *,
        row: int | None = None,
        field: str | None = None,
        value: object = None,
        expected: object = None,
        geometry: shapely.Geometry | None = None,
        area_m2: float | None = None,
        read: bool = True,
    ) -> Fault:
        """One error; its place is that of `geometry` (degrees), else of the feature."""
        check = self.standards.checks[code]
        return Fault(
            rule=code,
            title=check.title,
            family=check.family,
            kind=check.kind,
            level=level_of(check, self.standard, read=read),
            layer=self.layer.id,
            row=None if row is None else row + 1,
            feature=None if row is None else self.ids[row],
            field=field,
            value=None if value is None else shown(value),
            expected=None if expected is None else shown(expected),
            text=text,
            place=place_of(geometry),
            geometry=geometry,
            area_m2=area_m2,
            read=read,
        )

    def not_run(self, code: str, reason: str, *, features: int | None = None, due: bool = True) -> NotRun:
        return NotRun(rule=code, layer=self.layer.id, reason=reason, features=features, due=due)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one step found, and what it could not look at. done: the checks that were carried out, and on how many features."""

    faults: Sequence[Fault] = ()
    done: Sequence[tuple[str, int]] = ()
    skipped: Sequence[NotRun] = ()


Step = Callable[[Subject], Outcome]


def place_of(geometry: shapely.Geometry | None) -> tuple[float, float] | None:
    """Longitude and latitude of a point in what is wrong."""
    if geometry is None or geometry.is_empty:
        return None
    point = geometry if geometry.geom_type == "Point" else geometry.representative_point()
    return (float(point.x), float(point.y))


def skipping(subject: Subject, codes: Iterable[str], reason: str, *, due: bool = True) -> Outcome:
    """None of some checks was made."""
    return Outcome(skipped=[subject.not_run(c, reason, due=due) for c in codes])


def rows_where(mask: NDArray[np.bool_]) -> list[int]:
    return [int(i) for i in np.flatnonzero(mask)]


def _text(value: object) -> str | None:
    if value is None or isinstance(value, bytes):
        return None
    if isinstance(value, float):
        if value != value:
            return None
        if value.is_integer():
            return str(int(value))
    return str(value).strip() or None
