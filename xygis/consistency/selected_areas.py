"""Areas of selections by county: of one layer, or of the places that lie in several layers at once, every place counted once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import shapely

from xygis.atlas.law import Selection
from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.counties import Counties
from xygis.overlay.dissolve import dissolve, mean_widths_m, without_dust
from xygis.overlay.ground import Ground, Mask
from xygis.overlay.overlap import Geometries
from xygis.overlay.tolerances import CONTACT_M

AreaM2 = Callable[[tuple[Selection, ...]], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectedAreas:
    """Each answer is by county, the last entry outside all. `possibly` counts features that do not say what is asked; `surely` does not."""

    surely: AreaM2
    possibly: AreaM2
    surely_count: Callable[[Selection], Floats]  # features; each in the county where most of it lies
    possibly_count: Callable[[Selection], Floats]


def areas_on(grounds: Mapping[str, Ground], counties: Counties) -> SelectedAreas:
    """The answers that laid out layers give. Asked for a layer that is not among the grounds, they raise KeyError."""
    known: dict[tuple[tuple[Selection, ...], bool], Floats] = {}

    def area(selections: tuple[Selection, ...], sure: bool) -> Floats:
        sides = [(grounds[s.layer], grounds[s.layer].chosen(s)) for s in selections]
        sure = sure or all(np.array_equal(*chosen) for _, chosen in sides)  # every feature says what is asked
        if (selections, sure) not in known:
            known[selections, sure] = _area_m2([(ground, chosen[0 if sure else 1]) for ground, chosen in sides], counties)
        return known[selections, sure]

    return SelectedAreas(
        surely=lambda selections: area(selections, True),
        possibly=lambda selections: area(selections, False),
        surely_count=lambda selection: _count(grounds[selection.layer], selection, sure=True),
        possibly_count=lambda selection: _count(grounds[selection.layer], selection, sure=False),
    )


def _area_m2(sides: list[tuple[Ground, Mask]], counties: Counties) -> Floats:
    if len(sides) == 1:
        return sides[0][0].areas_m2(sides[0][1])
    sides = sorted(sides, key=lambda side: int(side[1].sum()))  # the fewest first: what is left only shrinks
    here = _tiles(*sides[0])
    for ground, chosen in sides[1:]:
        here = _inside(here, _tiles(ground, chosen))
    single = not any(len(cluster[chosen[cluster]]) > 1 for ground, chosen in sides for cluster in ground.clusters)
    total: Floats = counties.areas_of(_without_contact(here) if single else _wide(dissolve(here)[0])).sum(axis=0)
    return total


def _without_contact(pieces: Geometries) -> Geometries:
    """Disjoint pieces but for places that are contact as a whole. Only thin pieces are joined, with those that they touch."""
    thin = mean_widths_m(pieces, shapely.area(pieces)) < CONTACT_M
    if not thin.any():
        return pieces
    _, touched = shapely.STRtree(pieces).query(pieces[thin], predicate="intersects")
    near = thin.copy()
    near[touched] = True
    return np.concatenate([pieces[~near], _wide(dissolve(pieces[near])[0])])


def _wide(places: Geometries) -> Geometries:
    return places[mean_widths_m(places, shapely.area(places)) >= CONTACT_M]


def _tiles(ground: Ground, chosen: Mask) -> Geometries:
    return ground.tiles[np.flatnonzero(chosen[ground.part])]


def _inside(here: Geometries, there: Geometries) -> Geometries:
    """The polygons of every overlap; one that lies inside another is copied, not computed."""
    left, right = shapely.STRtree(there).query(here, predicate="intersects")
    shapely.prepare(there)
    inside = np.asarray(shapely.covers(there[right], here[left]), bool)
    shapely.destroy_prepared(there)
    cut = here[left].copy()
    cut[~inside] = shapely.intersection(here[left[~inside]], there[right[~inside]])
    return without_dust(cut)[0]


def _count(ground: Ground, selection: Selection, *, sure: bool) -> Floats:
    chosen = ground.chosen(selection)[0 if sure else 1]
    total: Floats = np.zeros(len(ground.counties))
    owner = ground.prepared.owner[chosen]
    features, index = np.unique(owner, return_inverse=True)
    by_feature = np.zeros((len(features), len(ground.counties)))
    np.add.at(by_feature, index, ground.county_m2[chosen])
    np.add.at(total, by_feature.argmax(axis=1), 1.0)
    return total
