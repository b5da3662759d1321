"""`Atlas`: one city's layers, law and styles, opened from a folder."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xygis.atlas.bundled import bundled_root
from xygis.atlas.catalogue import read_catalogue
from xygis.atlas.law import Rule
from xygis.atlas.layer import Layer
from xygis.atlas.redlines import RedLines, read_redlines
from xygis.errors import BadCatalogue, UnknownLayer, Where, did_you_mean
from xygis.geodesy.crs import is_geographic, to_geographic
from xygis.geodesy.plane import Plane
from xygis.vector.bounds import stated_bounds

if TYPE_CHECKING:
    from xygis.atlas.crosswalk import Crosswalk
    from xygis.atlas.style import Style

COUNTIES = "counties"  # the layer whose extent is the city's, unless the catalogue names an envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class Atlas:
    """What `layers/`, `redlines/` and `maps/` of one folder say. Opening it reads no geometry."""

    root: Path
    name: str
    plane: Plane
    envelope: tuple[float, float, float, float] | None  # west, south, east, north in degrees
    layers: tuple[Layer, ...]
    law: RedLines

    @classmethod
    def open(cls, path: str | Path | None = None) -> Atlas:
        """The atlas in the folder `path`; without one, the atlas that is bundled with the package."""
        root = Path(path).resolve() if path is not None else bundled_root()
        if not (root / "layers" / "catalogue.toml").is_file():
            raise BadCatalogue(
                what="这个目录不是图集",
                where=Where(file=str(path or root)),
                fix="图集目录应含 layers/catalogue.toml；新建图集：xygis start 目录",
            )
        head, layers = read_catalogue(root)
        envelope = head.get("envelope")
        return cls(
            root=root,
            name=head["name"],
            plane=Plane(head.get("plane", "official")),
            envelope=(envelope[0], envelope[1], envelope[2], envelope[3]) if envelope else _counties_envelope(layers),
            layers=layers,
            law=read_redlines(root),
        )

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self.law.rules

    @property
    def styles(self) -> tuple[Style, ...]:
        """How the layers are drawn; read when asked for, because a check without a map needs none."""
        from xygis.atlas.styles import read_styles

        return read_styles(self.root)

    @property
    def crosswalk(self) -> Crosswalk:
        """Which land and which use the codes of each class list are; the layers hold their own part of it already."""
        from xygis.atlas.crosswalk import read_crosswalk

        return read_crosswalk(self.root)

    def layer(self, layer_id: str) -> Layer:
        """The layer of that id; `UnknownLayer` names the nearest one where there is none."""
        for layer in self.layers:
            if layer.id == layer_id:
                return layer
        hint = did_you_mean(layer_id, [layer.id for layer in self.layers]) or "xygis layers 列出全部图层"
        raise UnknownLayer(what=f"图集里没有图层“{layer_id}”", where=Where(file="layers/catalogue.toml"), fix=hint)

    def without(self, layer_id: str) -> Atlas:
        """The same atlas with that layer declared but without data."""
        kept = self.layer(layer_id)
        layers = tuple(replace(layer, path=None) if layer is kept else layer for layer in self.layers)
        return replace(self, layers=layers)

    def rules_fingerprint(self) -> str:
        """sha256 over every file of `redlines/`, names included."""
        digest = hashlib.sha256()
        for path in self.law.files:
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        return f"sha256:{digest.hexdigest()}"


def _counties_envelope(layers: tuple[Layer, ...]) -> tuple[float, float, float, float] | None:
    """Bounding box of the counties in degrees, from what their file states; None where there is no such layer or it cannot be read."""
    layer = next((layer for layer in layers if layer.id == COUNTIES), None)
    box = stated_bounds(layer.path, layer.sublayer) if layer is not None and layer.path is not None else None
    if layer is None or box is None or is_geographic(layer.crs):
        return box
    # Of a projected box the edges are curves in degrees: nine points along each catch their bulge.
    x, y = (grid.ravel() for grid in np.meshgrid(np.linspace(box[0], box[2], 9), np.linspace(box[1], box[3], 9)))
    lon, lat = to_geographic(layer.crs, x, y)
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())
