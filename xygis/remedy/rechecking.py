"""Changed parcels through the check again: the same layers, rules, day and project facts as the parcel they came from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely

from xygis.atlas.atlas import Atlas
from xygis.atlas.verdict import worst
from xygis.check.assessment import Assessment, Project
from xygis.check.hearing import Hearing, hearing_today
from xygis.check.layers import open_checked, under_parcels
from xygis.check.overrides import Override, checked_overrides
from xygis.check.project import ProjectStatement
from xygis.check.remedies import Changed
from xygis.geodesy.crs import gauss_zone, zone_code
from xygis.intake.submission import Parcel
from xygis.overlay.shape import Areal, shape_parcel
from xygis.overlay.store import LayerStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Court:
    """Where parcels are judged as they were in the assessment."""

    hearing: Hearing
    overrides: tuple[Override, ...]

    def about(self, parcel: Parcel, number: str) -> tuple[Override, ...]:
        """What is said against the layers for a parcel of the assessment."""
        return tuple(o for o in self.overrides if o.about(parcel.name, number))

    def changed(self, parcel: Parcel, number: str, geometry: Areal, crs: str) -> Changed:
        """The parcel with another boundary, measured against all layers and judged by all rules. geometry: in `crs`."""
        other = replace(parcel, geometry=geometry, crs=crs, point_labels=())
        shape = shape_parcel(geometry, crs, self.hearing.atlas.plane)
        layers, held = under_parcels(self.hearing.layers, [shape])
        hearing = replace(self.hearing, layers=layers)
        heard = hearing.hear(other, number, shape, {layer: found[0] for layer, found in held.items()}, self.about(parcel, number))
        verdict = worst([f.verdict for f in heard.findings])
        return Changed(geometry=geometry, degrees=shape.degrees, ellipsoidal_m2=shape.ellipsoidal_m2, after=verdict, left=heard.findings)


def court_of(assessment: Assessment, atlas: Atlas, store: LayerStore) -> Court:
    """The layers, rules and project facts that an assessment was made with."""
    statement = statement_of(assessment.project)
    hearing = hearing_today(atlas, assessment.checked_on, statement, open_checked(atlas, assessment.checked_on, store))
    names = [name for p in assessment.parcels for name in (p.name, p.id)]
    return Court(hearing=hearing, overrides=checked_overrides(atlas, statement.overrides, names))


def statement_of(project: Project) -> ProjectStatement:
    """What was said of the project, as whoever asked said it."""
    use = project.use
    stated = None
    if project.use_stated:
        stated = f"{use.class_version}:{use.code}" if use.note is None else use.code
    return ProjectStatement(
        name=project.name, use=stated, class_version=project.class_version, facts=project.attributes, overrides=project.overrides
    )


def metric(parcel: Parcel, atlas: Atlas) -> tuple[Areal, str]:
    """The parcel in metres: as given where it lies in a Gauss-Krüger zone, else in the local one, with the zone in front."""
    if gauss_zone(parcel.crs) is not None:
        return parcel.geometry, parcel.crs
    shape = shape_parcel(parcel.geometry, parcel.crs, atlas.plane)
    zone = gauss_zone(shape.frame.code)
    assert zone is not None
    frame = replace(shape.frame, code=zone_code(zone.zone))
    moved: Areal = shapely.simplify(frame.to_local(np.array([shape.polygon], object))[0], 0.0005)  # edges were split to project them
    if not moved.is_valid:
        moved = shapely.make_valid(moved, method="structure", keep_collapsed=False)
    return moved, frame.code
