"""Areas of selections by county: of one layer, or of the places that lie in several layers at once, as sums over the cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely

from xygis.atlas.law import Selection
from xygis.consistency.ground_plan import GroundPlan
from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.dissolve import mean_widths_m
from xygis.overlay.ground import Ground, Mask
from xygis.overlay.tolerances import CONTACT_M

AreaM2 = Callable[[tuple[Selection, ...]], Floats]
_SMALL_M2 = 10.0  # a larger cell is wider than contact, unless it is ten kilometres long


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectedAreas:
    """Each answer is by county, the last entry outside all. `possibly` counts features that do not say what is asked; `surely` does not.

    Where all that is chosen in a county is contact (mean width below 0.001 m), its area is 0. Asked for a layer that was not laid
    out, the answers raise KeyError.
    """

    surely: AreaM2
    possibly: AreaM2
    surely_count: Callable[[Selection], Floats]  # features; each in the county where most of it lies
    possibly_count: Callable[[Selection], Floats]


def areas_on(plan: GroundPlan) -> SelectedAreas:
    """The answers that the partition gives."""

    @cache
    def area(selections: tuple[Selection, ...], sure: bool) -> Floats:
        chosen = np.ones(len(plan.cells), bool)
        for s in selections:
            chosen &= plan.chosen(s.layer, s.where)[0 if sure else 1]
        found = plan.cells.by_county(chosen)
        return found if len(selections) == 1 else np.where(_only_contact(plan, chosen), 0.0, found)

    return SelectedAreas(
        surely=lambda selections: area(selections, True),
        possibly=lambda selections: area(selections, False),
        surely_count=lambda selection: _count(plan.grounds[selection.layer], selection, sure=True),
        possibly_count=lambda selection: _count(plan.grounds[selection.layer], selection, sure=False),
    )


def _only_contact(plan: GroundPlan, chosen: Mask) -> Mask:
    """The counties in which no chosen cell is wider than contact."""
    cells = plan.cells
    wide = np.bincount(cells.county[chosen & (cells.area_m2 >= _SMALL_M2)], minlength=len(plan.counties)) > 0
    small = np.flatnonzero(chosen & (cells.area_m2 < _SMALL_M2) & ~wide[cells.county])
    polygons, index = cells.geometry(small)
    real = mean_widths_m(polygons, np.asarray(shapely.area(polygons), float)) >= CONTACT_M
    wide[np.unique(cells.county[small[index[real]]])] = True
    return ~wide


def _count(ground: Ground, selection: Selection, *, sure: bool) -> Floats:
    chosen = ground.chosen(selection)[0 if sure else 1]
    total: Floats = np.zeros(len(ground.counties))
    owner = ground.prepared.owner[chosen]
    features, index = np.unique(owner, return_inverse=True)
    by_feature = np.zeros((len(features), len(ground.counties)))
    np.add.at(by_feature, index, ground.county_m2[chosen])
    np.add.at(total, by_feature.argmax(axis=1), 1.0)
    return total
