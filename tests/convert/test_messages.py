"""Everything that convert says to a person, as one page to be reviewed by eye: `messages.txt`.

After a change that is meant: `XYGIS_GOLDEN=write python -m pytest tests/convert/test_messages.py`, and read the difference.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.convert.parcels_to_write import parcel, square, submission
from tests.convert.test_forms import DAY
from xygis.convert.run import FORMATS, convert
from xygis.convert.target import code_of_zone
from xygis.errors import XygisError
from xygis.intake.submission import Parcel, Submission

GOLDEN = Path(__file__).with_name("messages.txt")


def crowded() -> Parcel:
    """A parcel with everything that some form has no room for."""
    near = [(0.0001, 0.0002), (100, 0), (100, 100), (99.9997, 100.0002), (0, 100), (0.0001, 0.0002)]
    attributes = (("地块编号", "1"), ("批准文号", "1"), ("规划用地性质", "2"), ("DLBM", "0101K99"), ("说明", "长" * 90), ("fid", "9"))
    labels = ("界1", "界2", "界3", "界4", "界5", "界1", *(f"甲{i}" for i in (1, 2, 3, 4, 1)))
    return parcel([near], [square(3000, 0, 100)], name="甲,乙\n:丙𠮷", declared_m2=20_000.37, attributes=attributes, point_labels=labels)


def said_by_notes(folder: Path) -> list[str]:
    """The remarks of every form on the crowded parcel, a second one with the same number, and one of another zone."""
    lines = []
    two = [crowded(), parcel([square(5000, 0, 2000)], name="丁", attributes=(("地块编号", "1"),))]
    for to, (suffix, *_) in FORMATS.items():
        for crs in (None, "EPSG:4526") if to in ("shp", "dxf") else (None,):
            done = convert([submission(*two)], folder / f"a{suffix}", to=to, on=DAY, crs=crs, force=True)
            lines += ["", f"## {to}{f' --crs {crs}' if crs else ''}", *(f"{n.level} {n.code}: {n.text}" for n in done.notes)]
    bare = submission(parcel([square(0, 0, 100)], crs="EPSG:4546"))
    lines += ["", "## 没有带号"] + [
        f"{n.level} {n.code}: {n.text}" for n in convert([bare], folder / "b.txt", to="boundary-txt", on=DAY).notes
    ]
    return lines


def refusals(folder: Path) -> dict[str, Callable[[], object]]:
    """What is refused, by what the person did."""
    (folder / "已有.gpkg").write_bytes(b"mine")
    (folder / "夹.gpkg").mkdir()
    one, whole = submission(parcel([square(0, 0, 100)])), [(0, 0), (100, 0), (100, 100), (50, 0.0004), (0, 100), (0, 0)]
    other = submission(parcel([square(0, 0, 100)], crs="EPSG:4526"), path="另一个.shp")
    doubt = submission(parcel([square(0, 0, 100)], doubtful=("边界自相交，已修复，面积由 0.00 m² 变为 5,000.00 m²",)))
    many = submission(*(parcel([square(200 * (i % 30), 200 * (i // 30), 100)], name=f"地块{i}") for i in range(501)))
    angle = np.linspace(0, 2 * np.pi, 20_001)
    round_one = submission(parcel([list(zip(5000 * np.cos(angle), 5000 * np.sin(angle), strict=True))]))

    def to(kind: str, name: str, *given: Submission, **options: object) -> Callable[[], object]:
        return lambda: convert(given or (one,), folder / name, to=kind, on=DAY, **options)  # type: ignore[arg-type]  # options of convert

    return {
        "已有文件": to("gpkg", "已有.gpkg"),
        "是文件夹": to("gpkg", "夹.gpkg", force=True),
        "后缀不对": to("shp", "a.gpkg"),
        "输出即输入": to("gpkg", "已有.gpkg", submission(parcel([square(0, 0, 9)]), path=str(folder / "已有.gpkg")), force=True),
        "虚拟路径": lambda: convert([one], Path("/vsimem/a.gpkg"), to="gpkg", on=DAY),
        "两个坐标系": to("shp", "a.shp", one, other),
        "要经纬度的平面格式": to("dxf", "a.dxf", crs="EPSG:4490"),
        "要平面的经纬度格式": to("kml", "a.kml", crs="EPSG:4525"),
        "不认识的带号": lambda: code_of_zone("西安80"),
        "边界存疑": to("shp", "a.shp", doubt),
        "取舍后自相接": to("boundary-txt", "a.txt", submission(parcel([whole]))),
        "取舍后自相接，4 位": to("boundary-txt", "a.txt", submission(parcel([[*whole[:3], (50, 0.00004), *whole[4:]]])), decimals=4),
        "取舍后没有面积": to("boundary-txt", "a.txt", submission(parcel([square(0, 0, 100), square(50, 50, 0.0003)]))),
        "地块太多": to("points-xlsx", "a.xlsx", many),
        "界址点太多": to("points-docx", "a.docx", round_one),
    }


def test_a_drawing_says_what_it_loses(tmp_path: Path) -> None:
    """That parts become parcels, that attributes become text, and which fields are gone: nobody finds that out later."""
    two = parcel([square(0, 0, 100)], [square(300, 0, 100)], name="甲", attributes=(("批准文号", "1"),), use_text="工业用地")
    done = convert([submission(two)], tmp_path / "a.dxf", to="dxf", on=DAY)
    told = {n.code: n.text for n in done.notes if n.level == "warning"}
    assert "甲（共 1 个地块）" in told["parts_as_parcels"]
    assert "读回时各成一个地块" in told["parts_as_parcels"]
    assert "用途" in told["attributes_as_text"]
    assert "批准文号" in told["fields_not_held"]


def test_messages_are_as_reviewed(tmp_path: Path) -> None:
    """Every remark and refusal reads as on the reviewed page."""
    (written := tmp_path / "写出").mkdir()
    (refused := tmp_path / "拒绝").mkdir()
    lines = ["# 提醒与说明", *said_by_notes(written), "", "# 拒绝"]
    for did, act in refusals(refused).items():
        try:
            act()
        except XygisError as error:
            place = str(error.where).replace(str(refused), "…")
            lines += ["", f"## {did}（{error.code}，退出码 {error.exit_code}）", f"错误    {error.what}", f"位置    {place}"]
            lines += [f"原因    {error.why.replace(str(refused), '…')}", f"怎么改  {error.fix}"]
        else:
            raise AssertionError(f"{did}: not refused")
    text = "\n".join(line.rstrip() for line in lines) + "\n"
    assert {"已有.gpkg", "夹.gpkg"} == {p.name for p in refused.iterdir()}, "a refusal leaves nothing behind"
    if os.environ.get("XYGIS_GOLDEN") == "write":
        GOLDEN.write_text(text, "utf-8")
    assert GOLDEN.read_text("utf-8") == text
