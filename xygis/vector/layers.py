"""`ForeignLayer`: one layer of a file from outside, read but not yet settled: what it says of its system is only a claim."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from xygis.errors import BadGeometry, Where
from xygis.geodesy.datum_shift import DatumShift
from xygis.vector.crs_claim import Claim
from xygis.vector.crs_decision import CrsDecision, decide_crs
from xygis.vector.crs_reading import Envelope
from xygis.vector.gpkg import Geometries, RawFeatures
from xygis.vector.notes import Note


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignLayer:
    """features.geometry is in the coordinates of the file, in its order; None where a feature has no geometry."""

    name: str
    format: str  # shapefile | geopackage | geojson | filegdb | kml | dxf | flatgeobuf | wkt | xlsx | csv
    features: RawFeatures
    claim: Claim
    encoding: str | None
    encoding_why: str
    notes: tuple[Note, ...]
    doubts: tuple[tuple[int, str], ...] = ()  # (feature, what a person must confirm about its boundary)
    lines: dict[tuple[float, float], int] | None = None  # of a table: where in the file each point stands
    imprecise: str = ""  # why no boundary of this layer can be relied upon, whatever is confirmed

    @property
    def areal(self) -> bool:
        """True where at least one feature is a polygon or holds one."""
        kinds = shapely.get_type_id(self.features.geometry)
        return bool(np.isin(kinds, (3, 6, 7)).any())


def _place(layer: ForeignLayer, file: str, xy: list[float], owner: int) -> Where:
    """Of a vertex: its line where the layer is a table, else its feature."""
    line = (layer.lines or {}).get((xy[0], xy[1]))
    return Where(file=file, layer=layer.name, line=line, feature=None if line else str(layer.features.fids[owner]))


def settle_crs(
    layer: ForeignLayer, file: str, *, envelope: Envelope | None = None, crs: str | None = None, shift: DatumShift | None = None
) -> tuple[Geometries, CrsDecision]:
    """(geometries with x = east, the decision) of a layer; all its vertices have been looked at.

    Raises what `decide_crs` raises, and BadGeometry where the layer has no geometry at all.
    """
    geometry = layer.features.geometry
    coords, owner = shapely.get_coordinates(geometry, return_index=True)
    if not len(coords):
        raise BadGeometry(what="没有图形", where=Where(file=file, layer=layer.name), fix="请确认导出时选中了地块")
    bad = np.flatnonzero(~np.isfinite(coords).all(axis=1))
    if len(bad):
        feature = str(layer.features.fids[owner[bad[0]]])
        raise BadGeometry(what="坐标不是有限的数", where=Where(file=file, layer=layer.name, feature=feature), fix="请重新导出")
    decision = decide_crs(
        coords[:, 0],
        coords[:, 1],
        east_first=True,
        claim=layer.claim,
        envelope=envelope,
        override=crs,
        shift=shift,
        locate=lambda i: _place(layer, file, coords[i].tolist(), int(owner[i])),
    )
    if decision.swapped:
        geometry = shapely.transform(geometry, lambda xy: xy[:, ::-1])
    return geometry, decision
