"""The boundary-point TXT (坐标交换文件) in the official form, GBK, lines ended by CR LF. Source: 用地红线坐标文件内容要求."""

from __future__ import annotations

from collections import Counter
from datetime import date

from xygis.convert.outline import CLASS, SHEET, Outline, area_ha, attribute
from xygis.geodesy.crs import gauss_zone
from xygis.intake.submission import Parcel
from xygis.vector.notes import Note

HELD = ("地块编号", "DKBH", "图幅号", "TFH", "地类编码", "DLBM")  # attributes that have a place in the @-line


def boundary_text(outlines: tuple[Outline, ...], *, decimals: int, producer: str, on: date) -> tuple[bytes, list[Note]]:
    """(the file, what the form could not hold). Parcels are in one Gauss-Krüger zone."""
    notes: list[Note] = []
    lines = [*_header(outlines[0].parcel.crs, decimals, producer, on), "[地块坐标]"]
    for o in outlines:
        fields = (o.number, o.parcel.name, "面", attribute(o.parcel, SHEET), o.parcel.use_text or "", attribute(o.parcel, CLASS))
        lines.append(",".join((str(len(o.points)), f"{area_ha(o):.4f}", *map(_field, fields), "@")))
        lines += [f"{p.label},{p.ring},{p.north:.{decimals}f},{p.east:.{decimals}f}" for p in o.points]
        if any("," in f for f in fields):
            notes.append(Note(code="comma_replaced", level="warning", text=f"{o.parcel.name} 的名称等项里的半角逗号写成了全角“，”"))
    numbers = [n for n, times in Counter(o.number for o in outlines).items() if times > 1]
    if numbers:
        text = f"地块编号重复：{'、'.join(numbers[:5])}{' 等' if len(numbers) > 5 else ''}，按原样写入，接收系统可能不认"
        notes.append(Note(code="number_repeated", level="warning", text=text))
    if not producer:
        notes.append(Note(code="producer_missing", level="warning", text="文件头的“数据产生单位”是空的，可用 --producer 写明"))
    text = "\r\n".join(lines) + "\r\n"
    try:
        return text.encode("gbk"), notes
    except UnicodeEncodeError:
        odd = "".join(dict.fromkeys(c for c in text if not _in_gbk(c)))[:20]
        said = f"“{odd}”不在 GBK 字符集内，文件按 GB18030 编码，只认 GBK 的软件会显示为乱码"
        return text.encode("gb18030"), [*notes, Note(code="beyond_gbk", level="warning", text=said)]


def multipart_note(parcels: tuple[Parcel, ...]) -> list[Note]:
    """The form knows an outer ring and inner ones; that a parcel has several parts is only to be seen from where they lie."""
    several = [p.name for p in parcels if p.geometry.geom_type == "MultiPolygon" and len(p.geometry.geoms) > 1]
    if not several:
        return []
    names = "、".join(several[:3]) + (" 等" if len(several) > 3 else "")
    text = f"{names}（共 {len(several)} 个地块）由不相连的几部分组成，这种格式没有“部分”一项，各部分按圈号顺序写，读取时须按包含关系判断"
    return [Note(code="parts_as_rings", level="warning", text=text)]


def _header(code: str, decimals: int, producer: str, on: date) -> list[str]:
    zone = gauss_zone(code)
    assert zone is not None
    return [
        "[属性描述]",
        "格式版本号=1.01版本",
        f"数据产生单位={producer}",
        f"数据产生日期={on.isoformat()}",
        "坐标系=2000国家大地坐标系",
        f"几度分带={zone.width_deg}",
        "投影类型=高斯克吕格",
        "计量单位=米",
        f"带号={zone.zone}",
        f"精度={10.0**-decimals:.{decimals}f}",
        "转换参数=,,,,,,",
    ]


def _field(text: str) -> str:
    return text.replace(",", "，")


def _in_gbk(character: str) -> bool:
    try:
        character.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True
