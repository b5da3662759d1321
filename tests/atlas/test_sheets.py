"""maps/sheets.toml: which printed sheets there are. A wrong edit is caught with its line; an atlas without the file still has maps."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from xygis.atlas.atlas import Atlas
from xygis.atlas.bundled import bundled_root
from xygis.atlas.sheets import read_sheets
from xygis.errors import BadStyle

LAYER = '[[layer]]\nid = "{id}"\ntitle = "{id}"\nrole = "control"\ngeometry = "polygon"\nstatus = "demo"\n'


def _atlas(root: Path, sheets: str | None, *ids: str) -> Atlas:
    (root / "layers").mkdir(parents=True)
    (root / "maps").mkdir()
    (root / "layers" / "catalogue.toml").write_text('[atlas]\nname = "甲市"\n' + "".join(LAYER.format(id=i) for i in ids), "utf-8")
    shutil.copy(bundled_root() / "maps" / "styles.toml", root / "maps")
    if sheets is not None:
        (root / "maps" / "sheets.toml").write_text(sheets, "utf-8")
    return Atlas.open(root)


def test_the_reference_atlas_has_the_sheets_of_the_city_and_of_a_check() -> None:
    """Posters of 三条控制线, 一心四城, 三山一岗, 一江九河; with a check, location, three lines, land use and plan."""
    found = read_sheets(Atlas.open())
    assert {"三条控制线", "一心四城", "三山一岗", "一江九河"} == {s.id for s in found if s.title}
    assert ["位置图", "三条控制线套合图", "土地利用现状图", "国土空间规划分区图"] == [s.check_title for s in found if s.check_title]


def test_an_atlas_without_the_file_takes_what_it_has_layers_for(tmp_path: Path) -> None:
    """Another city without forests of layers gets the sheets that its own layers allow, and no error."""
    found = read_sheets(_atlas(tmp_path / "a", None, "counties", "ecological_red_line"))
    assert ["位置", "三条控制线"] == [s.id for s in found]
    assert ("ecological_red_line",) == found[1].layers
    assert ("counties",) == found[1].context


def test_a_layer_that_the_atlas_does_not_have_is_remembered(tmp_path: Path) -> None:
    """In its own file: the rest of the sheet is drawn and says what is missing; a sheet of which nothing is left is none."""
    text = '[[sheet]]\nid = "甲"\ntitle = "甲图"\nlayers = ["counties", "countys"]\ncontext = ["roads"]\n'
    text += '[[sheet]]\nid = "乙"\ntitle = "乙图"\nlayers = ["roads"]\n'
    (only,) = read_sheets(_atlas(tmp_path / "a", text, "counties"))
    assert ("甲", ("counties",), (), ("countys", "roads")) == (only.id, only.layers, only.context, only.missing)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[sheet]]\nid = "甲"\ntitle = "甲图"\nlayer = ["counties"]\n', r"不认识的键“layer”"),
        ('[[sheet]]\nid = "../甲"\ntitle = "甲图"\nlayers = ["counties"]\n', r"不能作文件名"),
        ('[[sheet]]\nid = "甲"\nlayers = ["counties"]\n', r"没有图层或没有图名"),
        ('[[sheet]]\nid = "甲"\ntitle = "甲图"\nlayers = "counties"\n', r"应为图层标识的列表"),
        ('[[sheet]]\nid = "甲"\ntitle = 3\nlayers = ["counties"]\n', r"title 应为文字"),
        ('[[sheet]]\nid = "甲"\ntitle = "甲图"\nlayers = ["counties"]\nrelief = "counties"\n', r"不能作 relief"),
        ('[[sheet]]\nid = "甲"\ntitle = "甲图"\nlayers = ["counties"]\n' * 2, r"写了两次"),
    ],
)
def test_a_wrong_edit_is_named_with_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    """Unknown key or layer, a name that leads out of the folder, nothing to draw, the same sheet twice."""
    with pytest.raises(BadStyle, match=message) as caught:
        read_sheets(_atlas(tmp_path / "a", text, "counties"))
    assert caught.value.where is not None
    assert "sheets.toml" == caught.value.where.file
    assert caught.value.where.line
