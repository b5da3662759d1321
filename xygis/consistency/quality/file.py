"""`check_file`: quality control of one file that somebody brought, as one layer of an atlas; the atlas itself stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from xygis.atlas.atlas import COUNTIES, Atlas
from xygis.atlas.catalogue import RASTER
from xygis.atlas.layer import Layer
from xygis.atlas.standard import TableStandard
from xygis.atlas.standards import read_standards
from xygis.consistency.quality.fault import Quality
from xygis.consistency.quality.run import check_table
from xygis.consistency.quality.table import Table, read_table
from xygis.errors import LayerUnreadable, UsageError
from xygis.overlay.counties import Counties, counties_of
from xygis.overlay.store import LayerStore
from xygis.vector.foreign import sha256_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FileQuality:
    """The result for one file."""

    file: str
    sha256: str
    layer: Layer
    standard: TableStandard | None
    table: Table
    quality: Quality
    on: date
    atlas_name: str
    standards_fingerprint: str

    @property
    def result(self) -> str:
        """errors | incomplete | clean: incomplete where nothing was found but not everything due was looked at."""
        if self.quality.errors:
            return "errors"
        return "clean" if self.quality.complete else "incomplete"


def check_file(
    atlas: Atlas,
    file: Path,
    layer_id: str,
    *,
    on: date,
    crs: str | None = None,
    encoding: str | None = None,
    store: LayerStore | None = None,
) -> FileQuality:
    """Reads the file as it is and checks it against the standard of the layer's table.

    Raises InputError where the file cannot be read, UnknownLayer and UsageError where no vector layer of the atlas is meant.
    """
    layer = atlas.layer(layer_id)
    if layer.geometry == RASTER:
        raise UsageError(what=f"{layer.title}是栅格图层，没有属性表可以质检", fix="请给出矢量图层")
    standards = read_standards(atlas.root)
    # Where the counties are checked, nothing says where the city lies but the file itself.
    envelope = None if layer.id == COUNTIES else atlas.envelope
    table = read_table(file, layer, crs=crs, encoding=encoding, envelope=envelope)
    quality = check_table(
        table,
        layer,
        standards=standards,
        counties=_counties(atlas, store or LayerStore()),
        plane=atlas.plane,
        on=on,
        complete=False,
    )
    return FileQuality(
        file=str(file),
        sha256=sha256_of(file),
        layer=layer,
        standard=standards.table(layer.table),
        table=table,
        quality=quality,
        on=on,
        atlas_name=atlas.name,
        standards_fingerprint=standards.fingerprint,
    )


def _counties(atlas: Atlas, store: LayerStore) -> Counties | None:
    """None where the atlas has none: what needs them is then skipped, and said so."""
    found = next((layer for layer in atlas.layers if layer.id == COUNTIES), None)
    if found is None or found.path is None:
        return None
    try:
        return counties_of(store.get(found, atlas.plane))
    except LayerUnreadable:
        return None
