"""Starts a new atlas: a copy of the bundled one that a planner fills with their own data and edits as they like."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from xygis.atlas.catalogue import read_catalogue
from xygis.atlas.catalogue_text import CatalogueText
from xygis.errors import OutputFailed, UsageError, Where, XygisError, os_words
from xygis.geodesy.crs import gauss_zone
from xygis.geodesy.plane import Plane
from xygis.vector.crs_claim import code_of_user

_TEXTS = (".toml", ".md")
_OF_THE_DATA = ("source", "crs", "version", "valid_from", "valid_until", "provenance", "accuracy_m", "extent")


def start_atlas(folder: Path, *, empty: bool, plane: str | None, template: Path) -> tuple[Path, ...]:
    """Makes the atlas `folder` after the one at `template`; returns the files in it, relative to it.

    empty: every layer stays declared, none has data, and nothing of the template's city remains in the head. Fonts and
    web files are not copied: an atlas takes them from the bundled one. The folder appears whole or not at all.
    Raises UsageError (folder in use, plane that areas cannot be measured in) and OutputFailed.
    """
    where = Where(file=str(folder))
    code = _plane_code(plane) if plane is not None else None
    if folder.is_symlink() or (folder.exists() and not (folder.is_dir() and not any(folder.iterdir()))):
        raise UsageError(what="目录已存在，而且不是空的", where=where, fix="请换一个新目录；已有的图集用 xygis adopt 增加数据")
    files = _files(template, empty=empty)
    catalogue = _catalogue(template, name=folder.resolve().name if empty else None, plane=code)
    try:
        folder.absolute().parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            dir=folder.absolute().parent, prefix=f".{folder.name[:40]}-", ignore_cleanup_errors=True
        ) as temporary:
            made = Path(temporary) / "atlas"
            for file in files:
                target = made / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(template / file, target)
            (made / "layers" / "catalogue.toml").write_text(catalogue, "utf-8", newline="\n")
            read_catalogue(made)
            if folder.exists():
                folder.rmdir()
            made.rename(folder.absolute())
    except OSError as error:
        raise OutputFailed(what=f"图集没有建成：{os_words(error)}", where=where, fix="请核对磁盘空间和目录权限") from error
    return files


def _files(template: Path, *, empty: bool) -> tuple[Path, ...]:
    """What is copied, relative to the template: texts, and unless `empty` the data; never a user's own data."""
    found = []
    for room in ("layers", "redlines", "maps"):
        for path in sorted((template / room).rglob("*")):
            inside = path.relative_to(template)
            if not path.is_file() or inside.parts[:2] == ("layers", "local") or any(p.startswith((".", "__")) for p in inside.parts):
                continue
            if path.suffix in _TEXTS or (room == "layers" and not empty):
                found.append(inside)
    return tuple(found)


def _catalogue(template: Path, *, name: str | None, plane: str | None) -> str:
    """The template's catalogue. name: that of an empty atlas, which keeps nothing that was said of the data."""
    read_catalogue(template)
    text = CatalogueText((template / "layers" / "catalogue.toml").read_text("utf-8"))
    if plane is not None:
        text.edit_atlas({"plane": plane})
    if name is not None:
        text.edit_atlas({"name": name, "envelope": None})
        text.drop_preface(f"# 图层目录：{name}。各图层已登记而没有数据；用 xygis adopt 登记数据。键的含义见 README.md。")
        for layer_id in text.layer_ids:
            text.edit_layer(layer_id, {**dict.fromkeys(_OF_THE_DATA), "status": "draft"})
    return text.text()


def _plane_code(text: str) -> str:
    """ "official", or the EPSG code of a projected system in metres."""
    if text.strip().lower() == "official":
        return "official"
    fix = "--plane 应为以米为单位的投影坐标系，例如 EPSG:4525；不给则按椭球面积"
    try:
        code = code_of_user(text)
        Plane(code)
    except XygisError as error:
        raise UsageError(what=error.what, fix=fix) from error
    if gauss_zone(code) is None:
        import pyproj

        crs = pyproj.CRS.from_user_input(code)
        if not crs.is_projected or any(axis.unit_conversion_factor != 1 for axis in crs.axis_info):
            raise UsageError(what=f"{code}（{crs.name}）不能用来量面积", fix=fix)
        method = crs.coordinate_operation.method_name if crs.coordinate_operation else ""
        if "Mercator" in method and "Transverse" not in method:
            raise UsageError(what=f"{code}（{crs.name}）的面积随纬度变大，不能用来量面积", fix=fix)
    return code
