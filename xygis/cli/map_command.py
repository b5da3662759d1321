"""`xygis map`: the atlas drawn: its sheets (maps/sheets.toml), or any of its layers."""

from __future__ import annotations

from pathlib import Path

import click

from xygis.atlas.atlas import Atlas
from xygis.atlas.sheets import SheetEntry, read_sheets
from xygis.cli.main import atlas_option
from xygis.errors import UsageError, did_you_mean

_SUFFIXES = (".html", ".png", ".pdf")
_PRINTED = (".png", ".pdf")


@click.command(name="map", short_help="画图集的图幅和图层")
@click.argument("layers", metavar="[图层]…", nargs=-1)
@click.option(
    "--out", "out", metavar="文件", required=True, type=click.Path(path_type=Path), help="以 .html、.png 或 .pdf 结尾；--sheets 时是目录"
)
@click.option("--sheet", "sheet", metavar="图幅", help="画图集的一个图幅（maps/sheets.toml），例如 一心四城")
@click.option("--sheets", "every", is_flag=True, help="画图集的全部图幅，每幅一个 PDF，写到目录")
@click.option("--paper", type=click.Choice(["A4", "A3"]), help="纸张；图幅默认 A3，图层默认 A4")
@atlas_option
def command(layers: tuple[str, ...], out: Path, sheet: str | None, every: bool, paper: str | None, atlas_dir: Path | None) -> None:
    """画出图集；不给图层和图幅时画控制线、格局、水系、交通，不画现状和规划等背景图层。

    \b
    例：xygis map --out 一张图.png
        xygis map ecological_red_line one_heart_four_cities --out 格局.html
        xygis map --sheet 一心四城 --out 一心四城.pdf
        xygis map --sheets --out 图册/
    """
    if sum((bool(layers), sheet is not None, every)) > 1:
        raise click.UsageError("图层、--sheet、--sheets 只能给一种")
    suffixes = _PRINTED if sheet is not None else _SUFFIXES
    if not every and out.suffix.lower() not in suffixes:
        raise click.BadParameter(f"“{out.name}”应以 {'、'.join(suffixes)} 结尾", param_hint="--out")
    atlas = Atlas.open(atlas_dir)
    if sheet is not None or every:
        _draw_sheets(atlas, sheet, out, paper or "A3")
        return
    quiet = {style.id for style in atlas.styles if style.quiet}  # backgrounds: land use, plans; drawn when asked for by name
    drawable = [layer.id for layer in atlas.layers if layer.geometry != "raster"]
    whole = tuple(layer.id for layer in atlas.layers if layer.path is not None and layer.id in drawable and layer.id not in quiet)
    chosen = tuple(atlas.layer(name).id for name in layers) or whole
    for name in chosen:
        if name not in drawable:
            raise click.BadParameter(f"{atlas.layer(name).title}是栅格图层，只参加量算，不画在图上", param_hint="图层")
    from xygis.cartography.sheet import write_atlas_map

    write_atlas_map(atlas, chosen, out, paper or "A4")
    click.echo(f"地图    {out}")


def _draw_sheets(atlas: Atlas, name: str | None, out: Path, paper: str) -> None:
    """One sheet into a file, or all that the atlas has into a folder."""
    from xygis.cartography.sheet import write_poster
    from xygis.saving import make_folder

    known = [entry for entry in read_sheets(atlas) if entry.title is not None]
    if name is not None:
        write_poster(atlas, _entry(known, name), out, paper)
        click.echo(f"地图    {out}")
        return
    if not known:
        raise UsageError(what="图集没有图幅", fix="请在 maps/sheets.toml 里写 [[sheet]]，并给出 title")
    make_folder(out)
    for entry in known:
        path = out / f"{entry.id}.pdf"
        write_poster(atlas, entry, path, paper)
        click.echo(f"地图    {path}")


def _entry(known: list[SheetEntry], name: str) -> SheetEntry:
    found = next((entry for entry in known if name in (entry.id, entry.title)), None)
    if found is None:
        names = [entry.id for entry in known]
        fix = did_you_mean(name, names) or (f"可用：{'、'.join(names)}" if names else "请在 maps/sheets.toml 里写 [[sheet]]，并给出 title")
        raise UsageError(what=f"图集没有图幅“{name}”", fix=fix)
    return found
