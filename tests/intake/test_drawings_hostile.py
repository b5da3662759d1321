"""Drawings that are broken, endless, lying or cut off end in one clear error, or are read and what is odd is said."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from boundary_files import moved, square
from hostile_files import read, refused, text
from parcel_files import NAMES, write_dxf

from xygis.errors import (
    BadGeometry,
    DamagedFile,
    InputError,
    TooLarge,
    XygisError,
)


def drawing(change: Callable[[object], None], path: Path, **header: object) -> Path:
    """A drawing with one sound parcel and whatever `change` adds to it."""
    import ezdxf

    made = ezdxf.new("R2010")
    for key, value in header.items():
        made.header[f"${key}"] = value
    made.modelspace().add_lwpolyline(moved(square(0, 0, 100))[:-1], close=True, dxfattribs={"layer": "红线"})
    change(made)
    made.saveas(path)
    return path


def add(kind: str, *arguments: object, layer: str = "0", **how: object) -> Callable[[object], None]:
    return lambda made: getattr(made.modelspace(), f"add_{kind}")(*arguments, **how, dxfattribs={"layer": layer})  # type: ignore[attr-defined]


def nested_blocks(made: object) -> None:
    for k in range(9):
        own = made.blocks.new(f"N{k}")  # type: ignore[attr-defined]
        for i in range(20):
            if k:
                own.add_blockref(f"N{k - 1}", (i, k))
            else:
                own.add_line((0, 0), (1, i))
    made.modelspace().add_blockref("N8", (37618000, 3541000))  # type: ignore[attr-defined]


def block_of_itself(made: object) -> None:
    own = made.blocks.new("SELF")  # type: ignore[attr-defined]
    own.add_blockref("SELF", (1, 1))
    made.modelspace().add_blockref("SELF", (37618000, 3541000))  # type: ignore[attr-defined]


def array(made: object) -> None:
    own = made.blocks.new("A")  # type: ignore[attr-defined]
    own.add_lwpolyline([(0, 0), (1, 0), (1, 1)], close=True)
    insert = made.modelspace().add_blockref("A", (37618000, 3541000))  # type: ignore[attr-defined]
    insert.grid(size=(30000, 30000), spacing=(1, 1))


OPEN = [*moved(square(200, 0, 100))[:-1], (37618200.0, 3541099.5)]


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        (nested_blocks, TooLarge, "超过"),
        (block_of_itself, DamagedFile, "引用了自己"),
        (array, TooLarge, "超过"),
        (add("blockref", "NOWHERE", (0, 0)), DamagedFile, "没有定义"),
        (add("circle", (37618000, 3541000), 1e16), BadGeometry, "圆弧太大"),
        (add("lwpolyline", [(37618000, 3541000), (float("nan"), 0), (1, 1)], close=True), XygisError, "."),
        (add("lwpolyline", OPEN, layer="红线"), BadGeometry, "差一点没有闭合，缺口 0.500 米"),
    ],
)
def test_dxf(tmp_path: Path, change: Callable[[object], None], error: type[XygisError], match: str) -> None:
    """Blocks without end, an array of a thousand million, a circle as large as the solar system, an outline closed all but for half a metre."""
    refused(drawing(change, tmp_path / "a.dxf"), error, match)


def test_an_outline_nearly_closed_is_told_with_both_ends(tmp_path: Path) -> None:
    """The gap's two ends stand in the error; reading another layer gets past it."""
    told = refused(drawing(add("lwpolyline", OPEN, layer="草图"), tmp_path / "a.dxf"), BadGeometry, "差一点")
    assert "(37618200.000, 3541100.000) 至 (37618200.000, 3541099.500) 缺 0.500 米" in told.why
    assert "图层“草图”" in str(told.where)
    assert 1 == len(read(tmp_path / "a.dxf", layers=("红线",)).parcels)


@pytest.mark.parametrize(("start", "stop"), [(0, 400), (0, -40), (0, 0.5), (0.3, 1.0)])
def test_a_drawing_cut_off(tmp_path: Path, start: float, stop: float) -> None:
    """Anything missing at the end or the beginning: damaged, never fewer parcels."""
    whole = write_dxf(tmp_path / "w.dxf").read_bytes()
    at = [int(v * len(whole)) if isinstance(v, float) else v for v in (start, stop)]
    with pytest.raises(InputError):
        read(text(tmp_path / "a.dxf", whole[at[0] : at[1]]))


def test_what_a_drawing_hides(tmp_path: Path) -> None:
    """A layer that is off is not read but named; --layer reads it; a region, which is a solid's face, is named as unread."""

    def hide(made: object) -> None:
        made.layers.add("旧红线").off()  # type: ignore[attr-defined]
        made.modelspace().add_lwpolyline(moved(square(300, 0, 50))[:-1], close=True, dxfattribs={"layer": "旧红线"})  # type: ignore[attr-defined]

    plain = drawing(hide, tmp_path / "a.dxf").read_text("utf-8")
    face = "0\nREGION\n5\nFFF0\n100\nAcDbEntity\n8\n面域\n100\nAcDbModelerGeometry\n70\n1\n"
    got = read(text(tmp_path / "a.dxf", plain.replace("ENTITIES\n", f"ENTITIES\n{face}", 1)))
    assert [10_000.0] == [p.geometry.area for p in got.parcels]
    notes = {n.code: n.text for n in got.notes}
    assert "旧红线" in notes["hidden_layers"]
    assert "面域" in notes["entities_unread"]
    assert [2_500.0] == [p.geometry.area for p in read(tmp_path / "a.dxf", layers=("旧红线",)).parcels]


def test_a_parcel_within_a_frame_is_never_clear(tmp_path: Path) -> None:
    """A frame drawn round a parcel on one layer would make the parcel a hole: the boundary is doubtful until somebody confirms it."""
    got = read(drawing(add("lwpolyline", moved(square(-50, -50, 300))[:-1], close=True, layer="红线"), tmp_path / "a.dxf"))
    assert all("按洞扣除" in p.doubtful[0] for p in got.parcels)


@pytest.mark.parametrize(("page", "encoding"), [("ANSI_1252", "gbk"), ("ANSI_936", "utf-8"), ("ANSI_936", "gbk")])
def test_a_lying_code_page(tmp_path: Path, page: str, encoding: str) -> None:
    """Layer names come out right whatever $DWGCODEPAGE says."""
    whole = write_dxf(tmp_path / "w.dxf").read_text("gbk").replace("ANSI_936", page)
    got = read(text(tmp_path / "a.dxf", whole.encode(encoding)))
    assert list(NAMES) == [p.name for p in got.parcels]


def test_names_written_in_ascii(tmp_path: Path) -> None:
    r"""\\U+5730 and \\M+5B5D8 both are 地; an escape that would break the line stays as it is."""
    plain = write_dxf(tmp_path / "w.dxf").read_text("gbk")
    for escaped, name in ((r"\U+5730\U+5757", "地块"), (r"\M+5B5D8\M+5BFE9", "地块"), (r"a\U+000Ab", r"a\U+000Ab")):
        got = read(text(tmp_path / "a.dxf", plain.replace(NAMES[1], escaped).replace(NAMES[0], "A")))
        assert ["A", name] == [p.name for p in got.parcels]


def test_vertices_lost_from_a_polyline(tmp_path: Path) -> None:
    """A light polyline says how many vertices it has: one less is damage, not another parcel. An unknown entity in a block is named."""
    plain = write_dxf(tmp_path / "w.dxf").read_text("gbk")
    vertex = " 10\n37618100.0\n 20\n3541100.0\n"
    assert vertex in plain
    refused(text(tmp_path / "a.dxf", plain.replace(vertex, "", 1).encode("gbk")), DamagedFile, "写明有 4 个顶点，实有 3 个")
    plain = write_dxf(tmp_path / "w.dxf", how="block").read_text("gbk").replace("LWPOLYLINE", "MYPOLYLINE", 1)
    assert "MYPOLYLINE" in next(n.text for n in read(text(tmp_path / "b.dxf", plain.encode("gbk"))).notes if n.code == "entities_unread")


@pytest.mark.parametrize(
    ("how", "old", "new", "match"),
    [
        ("block", "ENDBLK", "ENDBLX", "图块开头"),
        ("lwpolyline", "AcDbPolyline", "AcDbPolylane", "不认识的标记"),
        ("lwpolyline", "  3\nModel\n", "  3\nMadel\n", "不符合规定"),
    ],
)
def test_marks_of_a_drawing_that_are_broken(tmp_path: Path, how: str, old: str, new: str, match: str) -> None:
    """Where the library would read an empty block or an empty line, the file is damaged."""
    plain = write_dxf(tmp_path / "w.dxf", how=how).read_text("gbk")
    assert old in plain
    at = plain.rindex(old)
    refused(text(tmp_path / "a.dxf", (plain[:at] + new + plain[at + len(old) :]).encode("gbk")), DamagedFile, match)


def test_a_drawing_in_no_unit(tmp_path: Path) -> None:
    """Numbers a thousand times too large while the drawing says metres: asked, not scaled."""
    whole = write_dxf(tmp_path / "w.dxf", units=4).read_text("gbk")
    changed = re.sub(r"(\$INSUNITS\s+70\s+)4\b", r"\g<1>6", whole)
    refused(text(tmp_path / "a.dxf", changed.encode("gbk")), BadGeometry, "不会是米")
