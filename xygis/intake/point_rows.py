"""The lines of a point table become parcels' points: every line is a point, a head, a title or is said to have been passed over."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from xygis.errors import BadLine, Where
from xygis.geodesy.dms import degrees_of, spelled, split_fraction, unpacked
from xygis.intake.point_columns import Columns, find_columns, plain, searched
from xygis.intake.text import ascii_signs
from xygis.vector.notes import Note
from xygis.vector.workbook import Cell, Sheet

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_IN_DMS = re.compile(r"度分秒|DMS|D+\.?M+S+", re.IGNORECASE)  # of a head
_TITLE = re.compile(r"(地块|宗地|图斑|用地)?(编号|号|代码|名称?|面积|用途)(?:\(([^)]*)\))?[:=](.*)")
_TITLE_CELL = re.compile(r"((?:地块|宗地|图斑|用地|土地|申报)?)(编号|代码|名称|面积|用途)(?:\(([^)]*)\))?()")  # its value in the next cell
_ANOTHER_TITLE = re.compile(r"[\u4e00-\u9fff]{0,6}(图幅号|编号|代码|名称|面积|用途|单位|日期|坐标系|点数)(\([^)]*\))?[:=]?")
_LEAST_NORTH_M = 300_000  # no Gauss coordinate in China is smaller
_LABEL = re.compile(r"[A-Za-z]{0,4}-?\d{1,6}(-\d{1,4})?")
_SUMS = re.compile(r"合计|总计|小计|总面积|周长|备注|说明|制表|审核|检查|校核|日期|单位|第\d+页|共\d+页")


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePoint:
    """One line of a table; first and second as the head calls them, nominally north and east."""

    label: str
    ring: str
    first: float
    second: float
    line: int
    edge_m: float | None


@dataclass(slots=True, kw_only=True)
class Group:
    """The points of one parcel."""

    number: str = ""
    name: str = ""
    area: str = ""
    use: str = ""
    named_at: int = 0  # the line with the name
    points: list[TablePoint] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A sheet, read. words: what stands outside the table, where a coordinate system may be named."""

    columns: Columns
    head_line: int
    groups: tuple[Group, ...]
    notes: tuple[Note, ...]
    words: tuple[tuple[int, str], ...]


def read_table(sheet: Sheet, file: str) -> Table | None:
    """The point table of a sheet, or None where it has none. Raises BadLine with the line and the cell."""
    where = Where(file=file, layer=sheet.name)
    head = next((at for at in searched(sheet.rows) if find_columns(sheet.rows, at, where) is not None), None)
    return None if head is None else _Pass(sheet, where, head).run()


class _Pass:
    """The state of one pass over the lines."""

    def __init__(self, sheet: Sheet, where: Where, head: int) -> None:
        self.sheet, self.where, self.head = sheet, where, head
        found = find_columns(sheet.rows, head, where)
        assert found is not None
        self.columns = found
        self.title = Group()  # what the titles above the points say
        self.groups: list[Group] = []
        self.words: list[tuple[int, str]] = []
        self.passed: list[int] = []
        self.heights = False

    def run(self) -> Table:
        for at, (line, cells) in enumerate(self.sheet.rows):
            if at == self.head:
                continue
            if at < self.head:
                self._read_title(line, cells)
            elif not self._is_point(line, cells):
                self._other_line(at, line, cells)
        groups = tuple(g for g in self.groups if g.points)
        return Table(
            columns=self.columns,
            head_line=self.sheet.rows[self.head][0],
            groups=groups,
            notes=tuple(self._notes()),
            words=tuple(self.words),
        )

    def _is_point(self, line: int, cells: list[Cell]) -> bool:
        """Takes the line where it has both coordinates; most lines do."""
        first, second = (self._coordinate(line, cells, k) for k in (0, 1))
        if first is None or second is None:
            return False
        self._point(line, cells, first, second)
        return True

    def _coordinate(self, line: int, cells: list[Cell], k: int) -> float | None:
        """The first or second coordinate of a line. Raises BadLine for a number that its own head makes two of."""
        column = (self.columns.north, self.columns.east)[k]
        cell = _at(cells, column)
        value = number(cell)
        if value is None:
            return degrees_of(cell) if isinstance(cell, str) else None
        if not _IN_DMS.search(self.columns.heads[k]):
            return value
        packed = unpacked(value)
        other = split_fraction(value) if 0 < value <= 180 and value != int(value) else None
        if packed is None and other is not None:
            raise BadLine(
                what=f"单元格 {_letter(column)}{line}（{self.columns.heads[k]}）的 {_text(cell)} 有两种读法",
                where=Where(file=self.where.file, layer=self.where.layer, line=line, excerpt=(_shown(line, cells),)),
                why=f"小数是分秒，则为 {spelled(other)}；小数是十进制的度，则为 {spelled(value)}",
                fix="请写成 112°08′23.45″ 的样子；是十进制度的，请把表头里的“度分秒”去掉",
            )
        return value if packed is None else packed

    def _other_line(self, at: int, line: int, cells: list[Cell]) -> None:
        """A head again, as on a new page; a point with something wrong; a length between two points; a title."""
        if (again := find_columns(self.sheet.rows, at, self.where)) is not None:
            self.columns = again
            return
        values = [self._coordinate(line, cells, k) for k in (0, 1)]
        label = plain(_at(cells, self.columns.others.get("label")))
        edge_of_two = "-" in label and number(_at(cells, self.columns.others.get("edge"))) is not None  # “1-2” with a length
        pointlike = (bool(_LABEL.fullmatch(label)) and not edge_of_two) or values != [None, None]
        if pointlike and not any(_SUMS.search(plain(c)) or _TITLE.search(ascii_signs(plain(c))) for c in cells):
            self._refuse(line, cells, values)
        self._edge(cells)
        self._read_title(line, cells)

    def _refuse(self, line: int, cells: list[Cell], values: list[float | None]) -> None:
        """A line that means to be a point and is none: named with its cell."""
        k = 0 if values[0] is None else 1
        column = (self.columns.north, self.columns.east)[k]
        text = _at(cells, column)
        place = Where(file=self.where.file, layer=self.where.layer, line=line, excerpt=(_shown(line, cells),))
        cell = f"{_letter(column)}{line}（{self.columns.heads[k]}）"
        if text is None:
            raise BadLine(
                what=f"单元格 {cell} 是空的",
                where=place,
                fix="请补上坐标；若是公式，请在 Excel 中打开并保存一次，或粘贴为数值；不是界址点的行请删去",
            )
        why = (
            "科学计数法丢失了位数"
            if re.search(r"\d[eE]\+?\d", str(text))
            else "含有字母 O，应为数字 0"
            if re.search(r"\d[Oo]|[Oo]\d", str(text))
            else ""
        )
        example = "112.139847，或 112°08′23.45″" if self.columns.degrees else "3541180.250"
        what = f"单元格 {cell} 的“{str(text)[:30]}”不是数字{'，也不是度分秒' if self.columns.degrees else ''}"
        raise BadLine(what=what, where=place, why=why, fix=f"请改为十进制数字，例如 {example}")

    def _point(self, line: int, cells: list[Cell], first: float, second: float) -> None:
        own = self.columns.others
        self._refuse_beyond(line, cells)
        number_, name = (_text(_at(cells, own.get(role))) for role in ("number", "name"))
        if "number" not in own and "name" not in own:
            number_, name = self.title.number, self.title.name
        if not self.groups or self._another(number_, name):
            self.groups.append(
                Group(number=number_ or self.title.number, name=name or self.title.name, area=self.title.area, use=self.title.use)
            )
            self.title = Group(number=self.title.number, name=self.title.name)
        group = self.groups[-1]
        self._name(group, name, line, cells)
        if area := _text(_at(cells, own.get("area"))):
            group.area = group.area or _with_unit(area, self.columns.units.get("area", ""))
        group.use = group.use or _text(_at(cells, own.get("use")))
        label = _text(_at(cells, own.get("label"))) or _text(_at(cells, own.get("serial")))
        ring = _text(_at(cells, own.get("ring")))
        edge = number(_at(cells, own.get("edge")))
        group.points.append(TablePoint(label=label, ring=ring, first=first, second=second, line=line, edge_m=edge))
        self.heights = self.heights or "height" in own

    def _name(self, group: Group, name: str, line: int, cells: list[Cell]) -> None:
        """The parcel's name, wherever in its lines it stands. Raises BadLine where lines of one number bear two names."""
        if not name:
            return
        if group.name and name != group.name:
            before = f"第 {group.named_at} 行起叫“{group.name[:30]}”" if group.named_at else f"表头上方叫“{group.name[:30]}”"
            raise BadLine(
                what=f"编号“{group.number[:20]}”有两个名称：{before}，第 {line} 行叫“{name[:30]}”",
                where=Where(file=self.where.file, layer=self.where.layer, line=line, excerpt=(_shown(line, cells),)),
                why="一个编号是一个地块；是一个还是两个，表里自相矛盾",
                fix="是一个地块的，请把名称改成一样；是两个地块的，请改编号",
            )
        group.name, group.named_at = name, group.named_at or line

    def _refuse_beyond(self, line: int, cells: list[Cell]) -> None:
        """A coordinate to the right of the head is a line run into another one, or shifted."""
        beyond = [(k, c) for k, c in enumerate(cells[self.columns.width :], start=self.columns.width) if (number(c) or 0) > _LEAST_NORTH_M]
        if beyond:
            raise BadLine(
                what=f"单元格 {_letter(beyond[0][0])}{line} 在表头之外，像是坐标",
                where=Where(file=self.where.file, layer=self.where.layer, line=line, excerpt=(_shown(line, cells),)),
                why="可能两行连成了一行，或者错开了一列",
                fix="请核对这一行与表头是否对齐",
            )

    def _another(self, number_: str, name: str) -> bool:
        """True where the line names another parcel than the one above. A blank cell (a merged one, mostly) names none."""
        current = self.groups[-1]
        if number_:
            return number_ != current.number
        return bool(name) and name != current.name

    def _edge(self, cells: list[Cell]) -> None:
        """The length of an edge often stands in a line of its own, between its two points."""
        length = number(_at(cells, self.columns.others.get("edge")))
        if length is None or not self.groups or not self.groups[-1].points:
            return
        last = self.groups[-1].points[-1]
        if last.edge_m is None:
            self.groups[-1].points[-1] = TablePoint(
                label=last.label, ring=last.ring, first=last.first, second=last.second, line=last.line, edge_m=length
            )

    def _title_cell(self, line: int, text: str, following: Cell) -> re.Match[str] | None:
        """A title above the table that fills its cell, as in forms, with the value in the next one; a bare 面积 may be anybody's."""
        if line > self.sheet.rows[self.head][0] or _ANOTHER_TITLE.fullmatch(ascii_signs(plain(following))):
            return None
        found = _TITLE_CELL.fullmatch(text)
        return found if found is not None and (found.group(1) or found.group(2) == "用途") else None

    def _read_title(self, line: int, cells: list[Cell]) -> None:
        """What stands around the table: number, name, area and use of a parcel; the rest is kept as words."""
        known = False
        for k, cell in enumerate(cells):
            text = ascii_signs(plain(cell))
            if not text:
                continue
            self.words.append((line, text[:200]))
            following = next((c for c in cells[k + 1 :] if c is not None), None)
            found = _TITLE.search(text) or self._title_cell(line, text, following)
            if found is None:
                continue
            prefix, kind, unit, rest = (g or "" for g in found.groups())
            value = rest.strip() or _text(following)
            if not value:
                continue
            known = True
            if kind == "面积":
                target = self.groups[-1] if self.groups and self.groups[-1].points and not self.groups[-1].area else self.title
                target.area = _with_unit(value, unit)
            elif kind == "用途":
                self.title.use = value
            elif prefix and kind in ("名", "名称"):
                self.title.name = value
            elif prefix:
                self.title.number = value
        if (
            line > self.sheet.rows[self.head][0]
            and not known
            and any(isinstance(c, float) for c in cells)
            and not any(_SUMS.search(plain(c)) for c in cells)
        ):
            self.passed.append(line)

    def _notes(self) -> list[Note]:
        found = []
        if self.passed:
            lines = "、".join(map(str, self.passed[:8]))
            text = f"表头之后第 {lines} 行有数字但不是界址点，没有读取"
            found.append(Note(code="lines_passed", level="warning", text=text, where=self.where))
        if self.heights:
            found.append(Note(code="height_ignored", level="info", text="高程列没有使用", where=self.where))
        if self.columns.left:
            text = f"表里还有一组坐标列（{'、'.join(self.columns.left)}），没有使用"
            found.append(Note(code="columns_left", level="info", text=text, where=self.where))
        return found


def number(cell: Cell) -> float | None:
    """A cell as a number: a number, or decimal digits as text (full-width or with thousands); else None."""
    if cell is None or isinstance(cell, float):
        return cell
    if _NUMBER.fullmatch(cell) and len(cell) <= 30:
        return float(cell)
    text = ascii_signs(cell).replace(" ", "")
    if _NUMBER.fullmatch(text) and len(text) <= 30:
        return float(text)
    return float(text.replace(",", "")) if _THOUSANDS.fullmatch(text) else None


def _at(cells: list[Cell], column: int | None) -> Cell:
    return cells[column] if column is not None and column < len(cells) else None


def _text(cell: Cell) -> str:
    if isinstance(cell, float):
        return str(int(cell)) if cell == int(cell) and abs(cell) < 1e15 else repr(cell)
    return cell.strip() if cell else ""


def _with_unit(area: str, unit: str) -> str:
    return area + unit if unit and re.fullmatch(r"[\d.,]+", area) else area


def _letter(column: int) -> str:
    """A, B, … Z, AA, …, as spreadsheets name columns."""
    letters = ""
    n = column + 1
    while n:
        n, rest = divmod(n - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _shown(line: int, cells: list[Cell]) -> str:
    return f"{line} | " + " | ".join("" if c is None else _text(c)[:16] for c in cells[:8])
