"""`xygis map`: the atlas, or some of its layers, drawn on a page."""

from __future__ import annotations

from pathlib import Path

import click

from xygis.atlas.atlas import Atlas
from xygis.cli.main import atlas_option

_SUFFIXES = (".html", ".png", ".pdf")


@click.command(name="map", short_help="画图集的图层")
@click.argument("layers", metavar="[图层]…", nargs=-1)
@click.option("--out", "out", metavar="文件", required=True, type=click.Path(path_type=Path), help="以 .html、.png 或 .pdf 结尾")
@atlas_option
def command(layers: tuple[str, ...], out: Path, atlas_dir: Path | None) -> None:
    """画出图集；不给图层时画控制线、格局、水系、交通，不画现状和规划等背景图层。

    \b
    例：xygis map --out 一张图.png
        xygis map ecological_red_line one_heart_four_cities --out 格局.html
    """
    if out.suffix.lower() not in _SUFFIXES:
        raise click.BadParameter(f"“{out.name}”应以 {'、'.join(_SUFFIXES)} 结尾", param_hint="--out")
    atlas = Atlas.open(atlas_dir)
    quiet = {style.id for style in atlas.styles if style.quiet}  # backgrounds: land use, plans; drawn when asked for by name
    drawable = [layer.id for layer in atlas.layers if layer.geometry != "raster"]
    whole = tuple(layer.id for layer in atlas.layers if layer.path is not None and layer.id in drawable and layer.id not in quiet)
    chosen = tuple(atlas.layer(name).id for name in layers) or whole
    for name in chosen:
        if name not in drawable:
            raise click.BadParameter(f"{atlas.layer(name).title}是栅格图层，只参加量算，不画在图上", param_hint="图层")
    from xygis.cartography.sheet import write_atlas_map

    write_atlas_map(atlas, chosen, out)
    click.echo(f"地图    {out}")
