"""Sheets of the atlas alone, which are data: what stands on a poster, and how the command draws one or all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from click.testing import CliRunner

from tests.cartography.drawn import DrawnSheet, draw_all
from xygis.atlas.atlas import Atlas
from xygis.atlas.sheets import SheetEntry, read_sheets
from xygis.atlas.verdict import DEMO_STAMP
from xygis.cartography.frame import frame_around
from xygis.cartography.poster import poster_plan
from xygis.cartography.relief_shade import shade
from xygis.cartography.sheet import MapSheet
from xygis.cli.map_command import command
from xygis.errors import UsageError


@pytest.fixture(scope="module")
def poster() -> DrawnSheet:
    atlas = Atlas.open()
    entry = next(e for e in read_sheets(atlas) if e.id == "一心四城")
    plan = poster_plan(atlas, entry)
    width, height = plan.layout.size_mm
    return draw_all([MapSheet(title=plan.title, caption=plan.caption, width_mm=width, height_mm=height, plan=plan, atlas=atlas)])[0]


def test_a_poster_names_what_it_is_about_with_the_areas_of_the_data(poster: DrawnSheet) -> None:
    """A3; the heart and the four cities by name, with the areas that the layer itself states (东津 92.23 km²)."""
    assert (420, 297) == (round(poster.sheet.width_mm), round(poster.sheet.height_mm))
    for name in ("鱼梁洲", "襄城", "樊城", "襄州", "东津"):
        assert [w.replace("\u2009", "") for w in poster.words].count(name) >= 2, name  # on the map and in the table
    for area in ("17.50", "50.91", "126.78", "99.68", "92.23"):
        assert area in poster.words


def test_a_poster_has_what_a_printed_map_needs(poster: DrawnSheet) -> None:
    """Stamp, zone, north, ratio, sources with the relief among them; legend of the theme apart from that of the base."""
    words = "\n".join(poster.words)
    for needed in (DEMO_STAMP, "高斯—克吕格投影，3 度带第 37 带", "北", "1:150 000", "主题内容", "底图要素", "本图位置"):
        assert needed in words
    assert poster.sheet.plan.shade is not None
    assert [] == [t.words for t in poster.texts if t.size_pt * 25.4 / 72 * 0.733 < 2.0]
    shown = {d.style.id for d in poster.sheet.plan.panels[0].scene.drawn}
    assert shown == {i.style.id for i in poster.sheet.plan.legend}


def test_no_two_texts_of_a_poster_overlap(poster: DrawnSheet) -> None:
    """Measured as drawn."""
    areas = shapely.buffer([t.area for t in poster.texts], -1.5)
    tree = shapely.STRtree(areas)
    pairs = [(i, j) for i, j in tree.query(areas, predicate="intersects").T.tolist() if i < j]
    assert [] == [(poster.texts[i].words, poster.texts[j].words) for i, j in pairs]


def test_relief_is_lit_from_the_north_west(tmp_path: Path) -> None:
    """A cone is bright on its north-western side and dark on its south-eastern one; outside the raster nothing is known."""
    import rasterio
    from rasterio.transform import from_origin

    from tests.atlas.test_sheets import LAYER

    rows, columns = np.mgrid[0:100, 0:100]
    cone = np.clip(800 - 20 * np.hypot(rows - 50, columns - 50), 0, None).astype(np.float32)
    (tmp_path / "layers").mkdir()
    with rasterio.open(
        tmp_path / "layers" / "h.tif",
        "w",
        driver="GTiff",
        width=100,
        height=100,
        count=1,
        dtype="float32",
        crs="EPSG:4490",
        transform=from_origin(112.0, 32.1, 0.001, 0.001),
    ) as file:
        file.write(cone, 1)
    text = LAYER.format(id="h").replace("polygon", "raster") + 'measure = "elevation"\nsource = { file = "h.tif" }\n'
    (tmp_path / "layers" / "catalogue.toml").write_text(f'[atlas]\nname = "甲"\n{text}', "utf-8")
    frame = frame_around([shapely.box(111.98, 31.98, 112.12, 32.12)], 280, 280, widen=1.0)
    found = shade(Atlas.open(tmp_path).layer("h"), frame)
    assert found is not None
    assert np.isnan(found.light[0, 0])
    middle = np.argwhere(np.isfinite(found.light)).mean(axis=0).astype(int)
    north_west, south_east = found.light[middle[0] - 14, middle[1] - 14], found.light[middle[0] + 14, middle[1] + 14]
    assert north_west > 0.7071 > south_east


def test_the_command_draws_one_sheet_or_all(toy_atlas: Atlas, tmp_path: Path) -> None:
    """--sheet writes a file, --sheets a folder of them; an unknown sheet is answered with those that there are."""
    run = CliRunner()
    atlas = ["--atlas", str(toy_atlas.root)]
    out = tmp_path / "一江九河.png"
    done = run.invoke(command, ["--sheet", "一江九河", "--paper", "A4", "--out", str(out), *atlas])
    assert 0 == done.exit_code, done.output
    assert b"\x89PNG" == out.read_bytes()[:4]
    wrong = run.invoke(command, ["--sheet", "一江八河", "--out", str(out), *atlas])
    assert "一江九河" in str(wrong.exception) or "一江九河" in repr(getattr(wrong.exception, "fix", ""))
    assert 2 == run.invoke(command, ["counties", "--sheets", "--out", str(tmp_path), *atlas]).exit_code
    assert 2 == run.invoke(command, ["--sheet", "一江九河", "--out", "a.html", *atlas]).exit_code


def test_a_poster_without_one_of_its_layers_says_so(toy_atlas: Atlas) -> None:
    """The layer that should fill the sheet has no data: the city is drawn, and the sheet names what is missing; with nothing, one message."""
    bare = toy_atlas.without("one_heart_four_cities")
    entry = next(e for e in read_sheets(bare) if e.id == "一心四城")
    plan = poster_plan(bare, entry, "A4")
    assert any("无数据，图上不显示：一心四城" in note for note in plan.notes)
    for layer in toy_atlas.layers:
        bare = bare.without(layer.id)
    with pytest.raises(UsageError, match="都没有数据"):
        poster_plan(replace(bare, envelope=None), entry, "A4")


def test_every_sheet_of_a_folder_has_its_name(toy_atlas: Atlas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files are called after the sheets."""
    drawn: list[str] = []

    def write(atlas: Atlas, entry: SheetEntry, path: Path, paper: str) -> None:
        drawn.append(f"{path.parent.name}/{path.name} {paper}")

    monkeypatch.setattr("xygis.cartography.sheet.write_poster", write)
    done = CliRunner().invoke(command, ["--sheets", "--out", str(tmp_path / "图册"), "--atlas", str(toy_atlas.root)])
    assert 0 == done.exit_code, done.output
    assert ["图册/三条控制线.pdf A3", "图册/一心四城.pdf A3", "图册/三山一岗.pdf A3", "图册/一江九河.pdf A3"] == drawn
