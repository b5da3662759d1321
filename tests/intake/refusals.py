"""Every way in which a file is refused, one sample each; `python tests/intake/refusals.py` writes what is said to refusals.txt.

Read refusals.txt as a person at six in the evening would: which file, which line or feature, what stands there, what to do.
"""

from __future__ import annotations

import json
import sqlite3
import struct
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import shapely
from boundary_files import ENVELOPE, block, header, moved, square
from dialects import DIALECTS, written
from gis_files import ESRI_37, HOLED, polygon, write_shapefile
from parcel_files import kml

from xygis.errors import XygisError
from xygis.intake.read import read_submission

GOLDEN = Path(__file__).with_name("refusals.txt")
SQUARE = moved(square(0, 0, 100))
Made = Path | tuple[Path, dict[str, str]]
Case = Callable[[Path], Made]


def _text(content: str | bytes, name: str = "界址.txt", encoding: str = "utf-8") -> Case:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return make


def _txt(*changes: tuple[str, str], head: dict[str, str | None] | None = None, ring: list[tuple[float, float]] | None = None) -> Case:
    lines = [*header(**(head or {})), "[地块坐标]", *block(SQUARE if ring is None else ring)]
    text = "\r\n".join(lines)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return _text(text)


def _ordered(case: Case, **options: str) -> Case:
    def make(folder: Path) -> Made:
        path = case(folder)
        assert isinstance(path, Path)
        return path, options

    return make


def _shp(
    *, prj: str | None = ESRI_37, change: Callable[[Path], object] | None = None, ring: list[tuple[float, float]] | None = None
) -> Case:
    def make(folder: Path) -> Path:
        path = write_shapefile(
            folder / "选址.shp", [HOLED if ring is None else [ring], [moved(square(200, 0, 100))]], names=["甲", "乙"], prj=prj
        )
        if change is not None:
            change(path)
        return path

    return make


def _over(suffix: str, at: int, new: bytes) -> Callable[[Path], object]:
    def change(path: Path) -> None:
        part = path.with_suffix(suffix)
        data = part.read_bytes()
        part.write_bytes(data[:at] + new + data[at + len(new) :])

    return change


def _cut(suffix: str, at: int) -> Callable[[Path], object]:
    return lambda path: path.with_suffix(suffix).write_bytes(path.with_suffix(suffix).read_bytes()[:at])


def _zip(*members: tuple[str, bytes]) -> Case:
    def make(folder: Path) -> Path:
        with zipfile.ZipFile(folder / "选址.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members:
                archive.writestr(name, data)
        return folder / "选址.zip"

    return make


def _json(content: object) -> Case:
    return _text(json.dumps(content, ensure_ascii=False), "选址.geojson")


def _feature(geometry: object) -> object:
    return {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": geometry}]}


def _gpkg(sql: str, *, crs: int = 4525) -> Case:
    def make(folder: Path) -> Path:
        path = folder / "选址.gpkg"
        with sqlite3.connect(path) as db:
            db.executescript(
                f"""
                CREATE TABLE gpkg_spatial_ref_sys (srs_name, srs_id INTEGER PRIMARY KEY, organization, organization_coordsys_id, definition);
                CREATE TABLE gpkg_geometry_columns (table_name, column_name, geometry_type_name, srs_id, z, m);
                INSERT INTO gpkg_spatial_ref_sys VALUES ('s', {crs}, 'EPSG', {crs}, '');
                INSERT INTO gpkg_geometry_columns VALUES ('地块', 'geom', 'POLYGON', {crs}, 0, 0);
                CREATE TABLE 地块 (fid INTEGER PRIMARY KEY, geom BLOB, XMMC TEXT);
                """
            )
            whole = b"GP\0\1" + struct.pack("<i", crs) + shapely.to_wkb(shapely.Polygon(SQUARE))
            db.execute("INSERT INTO 地块 VALUES (1, ?, '甲')", [whole])
            db.executescript(sql)
        db.close()
        return path

    return make


def _linked(folder: Path) -> Path:
    (folder / "真.txt").write_bytes(written(DIALECTS[0], "EPSG:4525", "utf-8"))
    (folder / "链接.txt").symlink_to(folder / "真.txt")
    return folder / "链接.txt"


def _big_zip(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "选址.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for k in range(2001):
            archive.writestr(f"{k}.txt", "")
    return folder / "选址.zip"


TANGLE = [(37_635_000 + (k * 7919 % 1009) * 0.9, 3_552_000 + (k * 104_729 % 1013) * 0.9) for k in range(1200)]
OFFICIAL = written(DIALECTS[0], "EPSG:4525", "utf-8")
LONG_WAY = polygon([(37_900_000 + x, 3_541_000 + y) for x, y in square(0, 0, 100)])
IN_TWO_SYSTEMS = (("甲.txt", OFFICIAL), ("乙.txt", written(DIALECTS[0], "EPSG:4546", "utf-8")))
BARE = [(x - 37e6, y) for x, y in SQUARE]

CASES: dict[str, Case] = {
    # the file itself
    "文件不存在": lambda folder: folder / "没有.txt",
    "文件是空的": _text(b""),
    "是文件夹": lambda folder: folder,
    "是链接": _linked,
    "网址": lambda folder: Path("https://example.org/a.txt"),
    "虚拟路径": lambda folder: Path("/vsicurl/http://example.org/a.txt"),
    "不是任何格式": _text("随便写的几句话。"),
    "二进制": _text(bytes(range(256)) * 8),
    "PDF": _text(b"%PDF-1.7 ...", "界址.pdf"),
    "DWG": _text(b"AC1032 ...", "总图.dwg"),
    "RAR": _text(b"Rar!\x1a\x07", "选址.rar"),
    "MDB": _text(b"\x00\x01\x00\x00Standard Jet DB", "二调.mdb"),
    "只给了 shx": _text((9994).to_bytes(4) + bytes(96), "选址.shx"),
    "虚拟数据源": _text("<OGRVRTDataSource/>", "a.vrt"),
    "别的 XML": _text("<gpx/>", "a.gpx"),
    # text
    "不是 UTF-8 也不是 GB18030": _text(b"[\xca\xf4\xd0\xd4]\r\n\xff\xff\xff\r\n"),
    "标记与内容不符": _text(b"\xef\xbb\xbf\xff\xff"),
    "控制字符": _text("[地块坐标]\n5,1,\x01,a,面,,,,@\n"),
    "指定的编码不对": _ordered(_text("[地块坐标]\n岘山", encoding="gb18030"), encoding="utf-8"),
    "没有这种编码": _ordered(_txt(), encoding="gbk2"),
    # lines of a TXT
    "没有地块": _text("[属性描述]\n[地块坐标]\n"),
    "地块没有点": _text("[地块坐标]\n5,1,1,空地块,面,,,,@\n"),
    "点在地块之前": _text("[地块坐标]\nJ1,1,3541000.0,37618000.0\n"),
    "看不懂的一行": _text("[属性描述]\n这是什么\n[地块坐标]\n"),
    "坐标是空的": _txt((",37618100.000", ",")),
    "字母 O 当作 0": _txt(("3541100.000", "35411OO.000")),
    "科学计数法": _txt(("3541100.000", "3.5411E6")),
    "小数点写成逗号": _txt(("37618100.000", "37618100,000")),
    "少一项": _txt(("J2,1,", "J2,")),
    "圈号不是数": _txt(("J2,1,", "J2,一,")),
    "地块行项数不够": _txt((",1.0,1,地块1,面,,工业用地,,@", ",@")),
    "@ 不在末尾": _txt((",,@", ",@,1")),
    "图形属性是线": _txt((",面,", ",线,")),
    "图形属性不认识": _txt((",面,", ",体,")),
    "空格分隔而项数不清": _text("[地块坐标]\n5 1.0 地块1 面 工业用地 @\n"),
    "闭合点对不上": _txt(("J1,1,3541100.000,37618000.000", "J1,1,3541100.000,37618000.500")),
    "只有两个点": _txt(ring=moved([(0, 0), (50, 50)])),
    "没有面积": _txt(ring=moved([(0, 0), (50, 50), (100, 100), (0, 0)])),
    "界址点全乱了": _txt(ring=TANGLE),
    "一个编号两个名称": _text(
        "地块编号,地块名称,点号,X,Y\n"
        + "".join(f"1,{'甲' if i < 3 else '乙'},J{i},{y},{x}\n" for i, (x, y) in enumerate(SQUARE[:4], start=1)),
        "界址点.csv",
    ),
    "度分秒有两种读法": _text("点号,经度(度分秒),纬度(度分秒)\n1,112.121212,32.001\n2,112.1213,32.001\n3,112.1213,32.0015\n", "界址点.csv"),
    "度分秒连写而没有说": _text("点号,X,Y\n1,320010.5,1121212.5\n2,320010.5,1121213.5\n3,320015.5,1121213.5\n", "界址点.csv"),
    # coordinate systems
    "西安 80": _txt(head={"坐标系": "1980西安坐标系"}),
    "北京 54": _txt(head={"坐标系": "1954年北京坐标系"}),
    "独立坐标系": _txt(head={"坐标系": "襄阳城建独立坐标系"}),
    "不是高斯投影": _txt(head={"投影类型": "UTM"}),
    "单位是英尺": _txt(head={"计量单位": "英尺"}),
    "分带不是 3 也不是 6": _txt(head={"几度分带": "1.5"}),
    "中央经线不对": _txt(head={"带号": None, "中央子午线": "112.5"}),
    "带号不存在": _txt(head={"带号": "99"}),
    "带号与前缀矛盾": _txt(head={"带号": "38"}),
    "分带与前缀矛盾": _txt(head={"带号": None, "几度分带": "6"}),
    "带号与位置矛盾": _txt(head={"带号": "38"}, ring=BARE),
    "带号不在本市": _txt(head={"带号": "40"}, ring=[(x + 3e6, y) for x, y in SQUARE]),
    "不在本市": _txt(ring=[(x + 300_000, y) for x, y in SQUARE]),
    "一个点写反": _txt(("3541100.000,37618100.000", "37618100.000,3541100.000")),
    "一个点太远": _txt(("3541000.000,37618100.000", "3541000.000,38618100.000")),
    "图纸自己的原点": _txt(head={"带号": None}, ring=square(10_000, 20_000, 100)),
    "指定的坐标系不符": _ordered(_txt(), crs="EPSG:4526"),
    "指定的坐标系看不懂": _ordered(_txt(), crs="西安"),
    "指定的是西安 80": _ordered(_txt(), crs="EPSG:4610"),
    # shapefiles
    "prj 与坐标矛盾": _shp(prj=ESRI_37.replace("37", "38")),
    "prj 是西安 80": _shp(prj='PROJCS["Xian_1980_3_Degree_GK_Zone_37",GEOGCS["GCS_Xian_1980"]]'),
    "prj 不认识": _shp(prj='PROJCS["城建独立"]'),
    "shp 被截断": _shp(change=_cut(".shp", 300)),
    "shp 缺文件头": _shp(change=_cut(".shp", 50)),
    "shp 图形损坏": _shp(change=_over(".shp", 144, b"\xff\xff\xff\x7f")),
    "shp 坐标不是数": _shp(ring=[*SQUARE[:2], (float("nan"), 3_541_000.0), *SQUARE[3:]]),
    "shx 对不上": _shp(change=_over(".shx", 108, b"\0\0\0\1")),
    "dbf 少一条": _shp(change=_over(".dbf", 4, b"\1\0\0\0")),
    "dbf 被截断": _shp(change=_cut(".dbf", 80)),
    "是点图层": _shp(change=_over(".shp", 32, b"\1\0\0\0")),
    # GeoPackage
    "gpkg 被截断": lambda folder: _truncated(_gpkg("")(folder)),
    "gpkg 没有图层": _gpkg("DELETE FROM gpkg_geometry_columns"),
    "gpkg 图形损坏": _gpkg("UPDATE 地块 SET geom = x'47500001'"),
    "gpkg 没有要素": _gpkg("DELETE FROM 地块"),
    "gpkg 要素没有图形": _gpkg("INSERT INTO 地块 VALUES (2, NULL, '乙')"),
    "gpkg 写错坐标系": _gpkg("", crs=4526),
    "gpkg 是西安 80": _gpkg("", crs=2361),
    # GeoJSON
    "geojson 语法错误": _text('{"type": "FeatureCollection", "features": [', "选址.geojson"),
    "geojson 类型不对": _json({"type": "Topology"}),
    "geojson 没有要素": _json({"type": "FeatureCollection", "features": []}),
    "geojson 没有图形": _json(_feature(None)),
    "geojson 只有线": _json(_feature({"type": "LineString", "coordinates": [[112.2, 32.0], [112.3, 32.0]]})),
    "geojson 坐标不是数": _json(_feature({"type": "Polygon", "coordinates": [[["a", 1], [2, 3], [4, 5], ["a", 1]]]})),
    "geojson 不在本市": _json(_feature(LONG_WAY)),
    "geojson 没有面积": _json(_feature({"type": "Polygon", "coordinates": [[[112.2, 32.0], [112.3, 32.1], [112.2, 32.0], [112.2, 32.0]]]})),
    "geojson 嵌套过深": _text("{" + '"a":{' * 100_000, "选址.geojson"),
    # zips
    "zip 是空的": _zip(),
    "zip 里没有数据": _zip(("说明.docx", b"PK\3\4")),
    "zip 里有压缩包": _zip(("内.txt", b"PK\3\4" + bytes(40))),
    "zip 里的路径越界": _zip(("../../外.txt", OFFICIAL)),
    "zip 里两个文件同名": _zip(("甲.txt", OFFICIAL), ("甲.TXT", OFFICIAL)),
    "zip 里有空的地块文件": _zip(("甲.txt", OFFICIAL), ("乙.txt", b"")),
    "zip 里有读不出的地块文件": _zip(("甲.txt", OFFICIAL), ("乙.txt", b"\xff\xff\xff\xff\x81")),
    "zip 里几种格式": _zip(("甲.txt", OFFICIAL), ("乙.geojson", json.dumps(polygon(*HOLED)).encode())),
    "zip 里坐标系不同": _zip(*IN_TWO_SYSTEMS),
    "zip 文件太多": _big_zip,
    "zip 被截断": lambda folder: _truncated(_zip(("甲.txt", OFFICIAL))(folder)),
    # formats that need more
    "KML 没有说明基准": _text(kml(), "奥维.ovkml"),
    "表格的经纬度没有说明基准": _text("点号,经度,纬度\n1,112.2,32.0\n2,112.201,32.0\n3,112.201,32.001\n", "界址点.csv"),
    "WKT 的经纬度没有说明基准": _text("POLYGON((112.2 32.0, 112.201 32.0, 112.201 32.001, 112.2 32.0))", "选址.wkt"),
    "FlatGeobuf 损坏": _text(b"fgb\x03fgb\x00" + bytes(range(200)), "选址.fgb"),
}


def _truncated(path: Made) -> Path:
    assert isinstance(path, Path)
    path.write_bytes(path.read_bytes()[:-200])
    return path


def told(name: str) -> str:
    """What is said of one case, with the folder taken out."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        made = CASES[name](folder)
        path, options = made if isinstance(made, tuple) else (made, {})
        try:
            read_submission(path, envelope=ENVELOPE, **options)  # type: ignore[arg-type]
        except XygisError as error:
            lines = [f"## {name}", f"[{error.code}] {error.what}", f"位置：{error.where}"]
            lines += [f"    {line}" for line in error.where.excerpt]
            lines += [f"原因：{error.why}"] if error.why else []
            lines += [f"怎么改：{error.fix}"]
            lines += [f"读法：{r}" for r in getattr(error, "readings", ())]
            return "\n".join(lines).replace(str(folder), "送审").replace(place, "送审")
    return f"## {name}\n没有拒绝"


def all_told() -> str:
    return "\n\n".join(map(told, CASES)) + "\n"


if __name__ == "__main__":
    GOLDEN.write_text(all_told(), "utf-8")
