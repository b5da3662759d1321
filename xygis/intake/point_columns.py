"""Which column of a point table is what: found by its words, wherever the head of the table stands and however many lines it has."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from xygis.errors import BadLine, Where
from xygis.vector.workbook import Cell, Rows

_SEARCHED = 200  # lines
_ABOVE = 2  # lines of a head above the one with X and Y
_LONGEST = 24
_ASIDE = re.compile(r"\((.*?)\)|\[(.*?)\]|【(.*?)】")

_ROLES: tuple[tuple[str, str], ...] = (
    ("east", r"东(向)?(坐标)?|横(向)?坐标|东坐标Y?|Y?东坐标|横坐标Y?|Y?横坐标|坐标东|E|EAST(ING)?"),
    ("north", r"北(向)?(坐标)?|纵(向)?坐标|北坐标X?|X?北坐标|纵坐标X?|X?纵坐标|坐标北|N|NORTH(ING)?"),
    ("lon", r"(大地)?经度L?|东经|L|LON(GITUDE)?|LNG"),
    ("lat", r"(大地)?纬度B?|北纬|B|LAT(ITUDE)?"),
    ("x", r"X|X坐标(值)?|坐标X|XZB|X_?COORD|POINT_?X|X轴(坐标)?"),
    ("y", r"Y|Y坐标(值)?|坐标Y|YZB|Y_?COORD|POINT_?Y|Y轴(坐标)?"),
    ("ring", r"(地块)?圈号|环号|圈"),
    ("label", r"(界址|拐|角|坐标)?点(号|名|编号|序号)|界址点|拐点|桩号|JZDH|点|(界址)?点位"),
    ("serial", r"序号|顺序号|NO\.?|编号"),
    ("number", r"(地块|宗地|图斑|用地)(编号|号|代码|序号)|DKBH|ZDDM|ZDH|TBBH"),
    ("name", r"(地块|宗地|图斑|项目|用地)名称?|地块|宗地|图斑|名称|DKMC|XMMC|ZDMC|项目"),
    ("edge", r"(界址)?(边|线)长(度)?|间距|(点间)?距离|界址线长(度)?"),
    ("area", r"(地块|宗地|图斑|用地|申报|占地)?(总)?面积|DKMJ|ZDMJ|MJ"),
    ("use", r"(地块|土地|规划|宗地|拟定)?用途|DKYT|TDYT|YT"),
    ("height", r"高程H?|H|Z|Z坐标|ELEV(ATION)?"),
    ("wkt", r"WKT|WKT_?GEOM|GEOM(ETRY)?|THE_GEOM|图形"),
)
_PAIRS = (("north", "east"), ("x", "y"), ("lat", "lon"))  # (nominally north, nominally east)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Positions of the columns of a table; `north` and `east` are what the head calls so, the numbers have the last word."""

    north: int
    east: int
    heads: tuple[str, str]  # of the two, as written
    explicit: bool  # the head names the directions, and does not only say X and Y
    degrees: bool
    others: dict[str, int]
    units: dict[str, str]  # area → 公顷
    width: int  # of the head, counted to its last word
    left: tuple[str, ...] = ()  # a second pair of coordinates that is not used


def plain(text: Cell) -> str:
    """A cell's text in one width, without blanks."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)) if isinstance(text, str) else ""


def find_columns(rows: Rows, at: int, where: Where) -> Columns | None:
    """The columns of the table whose head ends in the line at position `at`, or None where no head does. Raises BadLine for two pairs."""
    line, cells = rows[at]
    roles = _roles(cells)
    if not any(a in roles and b in roles for a, b in _PAIRS):
        return None
    for k in range(1, _ABOVE + 1):
        if at - k < 0 or any(isinstance(c, float) for c in rows[at - k][1]):
            break
        for role, places in _roles(rows[at - k][1]).items():
            if role not in roles and role not in ("x", "y", "north", "east", "lat", "lon"):
                roles[role] = [p for p in places if not any(p in taken for taken in roles.values())] or places
    pairs = [(a, b) for a, b in _PAIRS if a in roles and b in roles]
    first = pairs[0]
    for role in first:
        if len(roles[role]) > 1:
            raise BadLine(
                what=f"表里有 {len(roles[role])} 列都是“{cells[roles[role][0]]}”，不知道用哪一组坐标",
                where=Where(file=where.file, layer=where.layer, line=line),
                fix="请只留一组 X、Y（或东、北坐标）列；并排的几栏请改成上下一列",
            )
    north, east = roles[first[0]][0], roles[first[1]][0]
    heads = (str(cells[north]).strip(), str(cells[east]).strip())
    units = {"area": _area_unit(rows, at, roles["area"][0])} if "area" in roles else {}
    return Columns(
        north=north,
        east=east,
        heads=heads,
        explicit=first != ("x", "y"),
        degrees=first == ("lat", "lon"),
        others={role: places[0] for role, places in roles.items() if role not in first},
        units=units,
        width=max(k for k, c in enumerate(cells) if c is not None) + 1,
        left=tuple(str(cells[roles[r][0]]) for pair in pairs[1:] for r in pair),
    )


def wkt_column(cells: list[Cell]) -> int | None:
    """The column of well-known text in a head, or None."""
    places = _roles(cells).get("wkt", [])
    return places[0] if places else None


def searched(rows: Rows) -> range:
    """Positions of the lines among which the first head is looked for."""
    return range(min(len(rows), _SEARCHED))


def _roles(cells: list[Cell]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place, cell in enumerate(cells):
        if role := _role(cell):
            found.setdefault(role, []).append(place)
    return found


def _role(cell: Cell) -> str | None:
    text = plain(cell).upper()
    if not text or len(text) > _LONGEST:
        return None
    found = _ASIDE.search(text)
    aside = next(filter(None, found.groups()), "") if found else ""
    bare = _ASIDE.sub("", text).strip(":=")
    if bare in ("X", "Y", "X坐标", "Y坐标", "坐标X", "坐标Y", "坐标") and aside:
        if re.fullmatch(r"东|横|东坐标|横坐标|E|东向|Y|横轴", aside) and (bare != "X" or aside != "Y"):
            return "east"
        if re.fullmatch(r"北|纵|北坐标|纵坐标|N|北向|X|纵轴", aside):
            return "north"
    return next((role for role, pattern in _ROLES if re.fullmatch(pattern, bare)), None)


def _area_unit(rows: Rows, at: int, place: int) -> str:
    """The unit in the head of the area's column, e.g. 面积（公顷）."""
    for k in range(_ABOVE + 1):
        cells = rows[at - k][1] if at >= k else []
        text = plain(cells[place]).lower() if place < len(cells) else ""
        for unit, words in (("公顷", ("公顷", "hm2", "(ha)")), ("亩", ("亩",)), ("平方米", ("平方米", "m2", "㎡", "m²"))):
            if any(w in text for w in words):
                return unit
    return ""
