"""`xygis start`: a new atlas, whole or not at all."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from xygis.atlas.atlas import Atlas
from xygis.atlas.bundled import bundled_root
from xygis.atlas.start import start_atlas
from xygis.errors import UsageError, XygisError


def test_empty_atlas_declares_every_layer_and_has_data_for_none(empty_atlas: Path) -> None:
    """`--empty` leaves out only the data: layers, rules and styles are those of the bundled atlas."""
    made, bundled = Atlas.open(empty_atlas), Atlas.open()
    assert [layer.id for layer in made.layers] == [layer.id for layer in bundled.layers]
    assert all(layer.path is None and layer.status == "draft" for layer in made.layers)
    assert made.rules_fingerprint() == bundled.rules_fingerprint()
    assert made.styles == bundled.styles
    assert made.envelope is None
    assert not list(empty_atlas.rglob("*.gpkg"))


def test_empty_atlas_says_nothing_of_the_demonstration_data(empty_atlas: Path) -> None:
    """No version, extent, accuracy or provenance of data that are not there, and the name is the folder's."""
    catalogue = tomllib.loads((empty_atlas / "layers" / "catalogue.toml").read_text("utf-8"))
    assert catalogue["atlas"]["name"] == "图集"
    stated = {key for layer in catalogue["layer"] for key in layer}
    assert not stated & {"source", "version", "valid_from", "valid_until", "provenance", "accuracy_m", "extent"}


def test_aliases_and_synonyms_come_along(empty_atlas: Path) -> None:
    """Field aliases and the words of zones are data of the atlas, not of the file that is missing."""
    for made, bundled in zip(Atlas.open(empty_atlas).layers, Atlas.open().layers, strict=True):
        assert (made.fields, made.sensitive, made.authority) == (bundled.fields, bundled.sensitive, bundled.authority)


def test_full_atlas_is_the_bundled_one_without_local_data(tmp_path: Path) -> None:
    """Without `--empty` data come along; what lies under layers/local is somebody's own and does not."""
    template = _template(tmp_path, "layers/local/mine.gpkg", "layers/a.gpkg", "redlines/x.toml", "maps/styles.toml", "maps/fonts/big.ttf")
    files = start_atlas(tmp_path / "new", empty=False, plane=None, template=template)
    assert {f.as_posix() for f in files} == {"layers/a.gpkg", "layers/catalogue.toml", "redlines/x.toml", "maps/styles.toml"}
    assert (tmp_path / "new" / "layers" / "a.gpkg").is_file()
    assert (tmp_path / "new" / "layers" / "catalogue.toml").read_text("utf-8") == (template / "layers" / "catalogue.toml").read_text(
        "utf-8"
    )


def test_plane_is_entered_and_measured_in(tmp_path: Path) -> None:
    """`--plane 4525` measures areas in that projected system."""
    start_atlas(tmp_path / "new", empty=True, plane="4525", template=bundled_root())
    assert Atlas.open(tmp_path / "new").plane.code == "EPSG:4525"


@pytest.mark.parametrize(
    ("plane", "why"),
    [
        ("EPSG:4490", "degrees"),
        ("EPSG:4978", "geocentric"),
        ("EPSG:999999", "unknown"),
        ("EPSG:2263", "feet"),
        ("zone 37", "no code"),
        ("EPSG:2361", "old datum"),
    ],
)
def test_plane_without_square_metres_is_refused(tmp_path: Path, plane: str, why: str) -> None:
    """A plane in degrees, in feet, or one that nobody knows ends before anything is written."""
    with pytest.raises(UsageError, match=r".") as refusal:
        start_atlas(tmp_path / "new", empty=True, plane=plane, template=bundled_root())
    assert "EPSG:4525" in refusal.value.fix, why
    assert list(tmp_path.iterdir()) == []


def test_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    """Nobody's files are mixed with an atlas; an empty folder may be used."""
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "a.txt").write_text("mine")
    with pytest.raises(UsageError):
        start_atlas(tmp_path / "used", empty=True, plane=None, template=bundled_root())
    assert [p.name for p in (tmp_path / "used").iterdir()] == ["a.txt"]
    (tmp_path / "free").mkdir()
    start_atlas(tmp_path / "free", empty=True, plane=None, template=bundled_root())
    assert Atlas.open(tmp_path / "free").layers


def test_failed_copy_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk half way: no folder, no leftovers."""
    template = _template(tmp_path / "t", "layers/a.gpkg", "redlines/x.toml")

    def full(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    (tmp_path / "here").mkdir()
    with pytest.raises(XygisError) as refusal:
        start_atlas(tmp_path / "here" / "new", empty=False, plane=None, template=template)
    assert refusal.value.code == "output-failed"
    assert list((tmp_path / "here").iterdir()) == []


def _template(folder: Path, *files: str) -> Path:
    catalogue = '[atlas]\nname = "甲"\n\n[[layer]]\nid = "a"\ntitle = "甲"\nrole = "control"\ngeometry = "polygon"\nstatus = "demo"\nsource = { file = "a.gpkg" }\n'
    for name in ("layers/catalogue.toml", *files):
        path = folder / "template" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(catalogue if name.endswith("catalogue.toml") else "x = 1\n", "utf-8")
    return folder / "template"
