"""How the parcels of a check share a figure: one map, or a panel for each where one map would show dots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from xygis.atlas.atlas import Atlas
from xygis.cartography.frame import Frame, at_round_scale, frame_around
from xygis.cartography.scene import Scene, city, locator_scene, parcel_scene
from xygis.check.assessment import Assessment, ParcelAssessment
from xygis.geodesy.crs import gauss_zone, zone_code

_DOT_PX = 14.0  # a parcel smaller than this is a dot
MOST_PANELS = 9
View = Callable[[Sequence[ParcelAssessment], Frame], Scene]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A scene at (x, y) on the figure. The locator shows where the others lie."""

    x: float
    y: float
    scene: Scene
    caption: str
    locator: bool = False


def parcel_panels(
    assessment: Assessment,
    atlas: Atlas,
    width: float,
    height: float,
    *,
    gap: float = 6.0,
    round_scale: bool = False,
    view: View | None = None,
) -> tuple[Panel, ...]:
    """One panel, or one per parcel after a locator; none where no parcel could be read. round_scale: for paper.

    view: what is shown around some parcels; by default every layer that is not quiet.
    """
    scene_of = view or (lambda some, frame: parcel_scene(assessment, some, atlas, frame))
    parcels = assessment.parcels
    if not parcels:
        return ()
    joint = joint_frame(assessment, width, height)
    if round_scale:
        joint = at_round_scale(joint)
    if not 1 < len(parcels) < MOST_PANELS or not _all_dots(assessment, joint):
        return (Panel(x=0, y=0, scene=scene_of(parcels, joint), caption=""),)
    count = len(parcels) + 1
    columns = 2 if count <= 4 else 3
    rows = -(-count // columns)
    wide, high = (width - gap * (columns - 1)) / columns, (height - gap * (rows - 1)) / rows
    out = []
    for i in range(count):
        x, y = (i % columns) * (wide + gap), (i // columns) * (high + gap)
        across = width - x if i == count - 1 else wide  # the last panel fills its row
        if i == 0:
            around = city(atlas)
            shapes = [p.geometry for p in parcels] if around is None else [around]
            whole = frame_around(shapes, wide, high, widen=1.6 if around is None else 1.06, least_m=4000)
            out.append(Panel(x=x, y=y, scene=locator_scene(assessment, atlas, whole), caption="位置", locator=True))
            continue
        parcel = parcels[i - 1]
        frame = frame_around([parcel.geometry], across, high, widen=2.6, least_m=600, crs=zone_of(parcel))
        frame = at_round_scale(frame) if round_scale else frame
        name = parcel.name if len(parcel.name) <= 12 else f"地块{parcel.id}"
        out.append(Panel(x=x, y=y, scene=scene_of((parcel,), frame), caption=name))
    return tuple(out)


def joint_frame(assessment: Assessment, width: float, height: float) -> Frame:
    """All parcels with some of what lies around them, in the zone that they were given in where that is one."""
    zones = {zone_of(p) for p in assessment.parcels}
    crs = zones.pop() if len(zones) == 1 else None
    return frame_around([p.geometry for p in assessment.parcels], width, height, widen=2.2, least_m=1000, crs=crs)


def scattered(assessment: Assessment, width: float, height: float) -> bool:
    """Whether the parcels would be dots on one map."""
    return len(assessment.parcels) > 1 and _all_dots(assessment, joint_frame(assessment, width, height))


def zone_of(parcel: ParcelAssessment) -> str | None:
    """The zone that a parcel was given in, without prefix; None where it was given in degrees or another system."""
    zone = gauss_zone(parcel.crs)
    return zone_code(zone.zone, prefixed=False) if zone is not None and zone.width_deg == 3 else None


def _all_dots(assessment: Assessment, frame: Frame) -> bool:
    shapes = frame.page(frame.metres(np.array([p.geometry for p in assessment.parcels], dtype=object)))
    bounds = shapely.bounds(shapes)
    return bool(np.max(bounds[:, 2:] - bounds[:, :2]) < _DOT_PX)
