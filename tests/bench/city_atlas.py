"""An atlas over the layers of the synthetic city: nothing but a catalogue, so a check measures and judges by no rule."""

from __future__ import annotations

from pathlib import Path

from tests.bench.city.layers import LAYERS

_LAYER = """
[[layer]]
id = "{name}"
title = "{name}"
role = "control"
source = {{ file = "city/{name}.gpkg", layer = "{name}" }}
crs = "EPSG:4525"
geometry = "polygon"
status = "demo"
fields = {{ class = ["DLBM"] }}
"""


def write_city_atlas(folder: Path, data: Path) -> Path:
    """The atlas in `folder`; its data are the files in `data`, by a link. No envelope: the layers are complete everywhere."""
    layers = folder / "layers"
    layers.mkdir(parents=True, exist_ok=True)
    head = '[atlas]\nname = "bench"\nplane = "EPSG:4525"\n'
    (layers / "catalogue.toml").write_text(head + "".join(_LAYER.format(name=name) for name in LAYERS), "utf-8")
    link = layers / "city"
    link.unlink(missing_ok=True)
    link.symlink_to(data.resolve(), target_is_directory=True)
    return folder
