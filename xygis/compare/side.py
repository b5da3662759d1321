"""`Side`: one of the two files, read, settled, mended and laid out in pieces, with the class of each feature."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from xygis.atlas.attributes import fold
from xygis.atlas.layer import Layer
from xygis.atlas.personal import personal
from xygis.atlas.verdict import DataStatus
from xygis.errors import FileMissing, LayerUnreadable, UsageError, Where
from xygis.geodesy.ellipsoid import Floats
from xygis.geodesy.plane import Plane
from xygis.overlay.cover import OVERLAP_M2
from xygis.overlay.kernel import asking, laying
from xygis.overlay.kernel.pieces import Pieces, Rings
from xygis.overlay.laying_out import Laid, lay_pieces
from xygis.overlay.prepare import parts_in_plane
from xygis.overlay.prepared import Geometries, Ints
from xygis.overlay.reading import Row, Source, read_source
from xygis.overlay.rings import polygons_of
from xygis.vector.crs_claim import old_datum
from xygis.vector.gpkg import sublayers

ALL = "全部"  # the class of everything where nobody asked for classes
NONE = ""  # the class of a feature that does not say what it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """owner, class_of: feature of each part and class number of each feature. doubled_m2: what the file's own features share."""

    file: str
    crs: str
    laid: Laid
    owner: Ints
    features: int
    classes: tuple[str, ...]
    class_of: Ints
    part_m2: Floats
    repairs: tuple[str, ...]
    doubled_m2: float
    columns: tuple[str, ...]  # of `rows`: the file's, without personal ones; none where they were not asked for
    rows: tuple[Row, ...]  # one a feature, where there are columns

    @property
    def pieces(self) -> Pieces:
        return self.laid.pieces

    def polygons(self, parts: Ints) -> Geometries:
        """shapely polygons of some parts, in the plane."""
        pieces = self.pieces
        rings = Rings(
            xy=pieces.xy, ring_offsets=pieces.ring_offsets, first=self.laid.part_first, last=self.laid.part_last, owner=self.owner
        )
        return polygons_of(rings, parts, pieces.origin)


def read_side(
    path: Path, field: str | None, plane: Plane, *, crs: str | None = None, attributes: bool = False, jobs: int | None = None
) -> Side:
    """attributes: keep all columns, for patches. Raises subclasses of XygisError for whatever cannot be understood, UsageError for a field that the file lacks."""
    if not path.exists():
        raise FileMissing(what="找不到文件", where=Where(file=str(path)), fix="请核对路径")
    layer, source = _source(path, field, plane, crs, attributes=attributes)
    if source.features == 0:
        raise LayerUnreadable(what="文件里没有要素", where=Where(file=str(path)), fix="请核对文件；空文件得不出重叠与否的结论")
    parts, repairs = parts_in_plane(layer, source, plane)
    laid = lay_pieces(parts)
    rows = [row for some in source.rows for row in some]
    at = source.columns.index(_column(field, source.columns, path)) if field else 0
    values = [str(r[at]).strip() if r[at] is not None else NONE for r in rows] if field else [ALL] * source.features
    names = {name: i for i, name in enumerate(sorted(set(values)))}
    own = asking.pairs(laid.pieces, laid.pieces, within=True, jobs=jobs)[2]
    area, _ = laying.sizes(laid.pieces.xy, laid.pieces.ring_offsets, laid.part_first, laid.part_last)
    return Side(
        file=str(path),
        crs=layer.crs,
        laid=laid,
        owner=parts.owner,
        features=source.features,
        classes=tuple(names),
        class_of=np.array([names[v] for v in values], np.int64),
        part_m2=area,
        repairs=repairs,
        doubled_m2=float(own[own > OVERLAP_M2].sum()),
        columns=source.columns if attributes else (),
        rows=tuple(rows) if attributes else (),
    )


def _source(path: Path, field: str | None, plane: Plane, crs: str | None, *, attributes: bool) -> tuple[Layer, Source[list[Row]]]:
    """The layer that a file would be, and what it holds."""
    if path.is_file() and path.suffix.lower() == ".gpkg" and crs is None:
        tables = [t for t in sublayers(path) if t.geometry_type not in ("POINT", "MULTIPOINT", "LINESTRING", "MULTILINESTRING")]
        if len(tables) == 1 and tables[0].crs is not None and old_datum(tables[0].crs) is None:
            layer = _as_layer(path, tables[0].name, tables[0].crs)
            columns = _wanted(tables[0].columns, field, path, attributes=attributes)
            return layer, read_source(layer, list, planar=layer.crs == plane.code, columns=columns)
    from xygis.vector.foreign import read_layers
    from xygis.vector.layers import settle_crs

    layers = [layer for layer in read_layers(path) if layer.areal]
    if len(layers) != 1:
        names = "、".join(layer.name for layer in layers)
        what = f"文件里有 {len(layers)} 个面图层：{names}" if layers else "文件里没有面图层"
        raise LayerUnreadable(what=what, where=Where(file=str(path)), fix="请只留要比对的一个面图层")
    geometry, decision = settle_crs(layers[0], str(path), crs=crs)
    features = layers[0].features
    columns = _wanted(tuple(features.columns), field, path, attributes=attributes)
    areal = np.isin(shapely.get_type_id(geometry), (3, 6, 7))
    every: list[Row] = list(zip(*(features.columns[c] for c in columns), strict=True)) if columns else [()] * len(areal)
    rows = [row for row, keep in zip(every, areal, strict=True) if keep]
    source = Source(
        features=int(areal.sum()), rings=None, shift=np.zeros(2), geometry=geometry[areal], columns=columns, rows=(rows,)
    )  # fmt: skip
    return _as_layer(path, layers[0].name, decision.code), source


def _wanted(columns: tuple[str, ...], field: str | None, path: Path, *, attributes: bool) -> tuple[str, ...]:
    """The columns to read: the class field, or all but personal ones."""
    if attributes:
        dropped = set(personal(columns)) - ({_column(field, columns, path)} if field else set())
        return tuple(c for c in columns if c not in dropped)
    return (_column(field, columns, path),) if field else ()


def _column(field: str, columns: tuple[str, ...], path: Path) -> str:
    found = next((c for c in columns if fold(c) == fold(field)), None)
    if found is None:
        raise UsageError(what=f"文件里没有字段“{field}”", where=Where(file=str(path)), fix=f"现有字段：{'、'.join(columns) or '无'}")
    return found


def _as_layer(path: Path, sublayer: str, crs: str) -> Layer:
    return Layer(
        id="side",
        title=path.name,
        group="",
        role="reference",
        table=None,
        path=path,
        sublayer=sublayer if path.suffix.lower() == ".gpkg" else None,
        crs=crs,
        geometry="polygon",
        status=DataStatus.DRAFT,
        version=None,
        valid_from=None,
        valid_until=None,
        authority="",
        provenance="",
        accuracy_m=None,
        extent=None,
        fields=(),
        sensitive=(),
    )
