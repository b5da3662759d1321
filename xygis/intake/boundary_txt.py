"""Reads the lines of a boundary-point TXT (坐标交换文件) into header and blocks; every line is read or refused.

Source: 用地红线坐标文件内容要求. A block line is 界址点数,地块面积,地块编号,地块名称,图形属性,图幅号,地块用途,地类编码,@;
a point line is 点号,圈号,X坐标,Y坐标. Which of X and Y is north is decided later, on all points.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from xygis.errors import BadGeometry, BadLine, TooLarge, Where
from xygis.geodesy.dms import degrees_of
from xygis.intake.text import Text, ascii_signs
from xygis.vector.notes import Note

POINTS_SECTION = "地块坐标"
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?|[+-]?\.\d+")
_SECTION = re.compile(r"\[\s*(.+?)\s*\]")
_HEADER = re.compile(r"\s*([^=:,]{1,20}?)\s*[=:](.*)")
_FIELDS = ("point_count", "area", "number", "name", "kind", "sheet", "use", "class")
_USUAL_COUNTS = (9, 12, 13)
_HIGHEST_M = 9000.0
_KIND_AMONG = re.compile(r"[;\s][面线点][;\s]")
_SHEET = re.compile(r"[A-Z]\d{2}[A-Z]?\d*|[\d.]+-[\d.]+", re.IGNORECASE)
MAX_POINTS = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderLine:
    value: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    label: str
    ring: int
    first: float  # X as written, nominally north
    second: float  # Y as written, nominally east
    line: int
    extra: float | None = None  # a fifth number: a height, or the length of an edge


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One parcel as written. `fields` holds what stands in the @-line, by our names; extra ones as 附加字段1, …"""

    line: int
    fields: dict[str, str]
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A boundary-point TXT as written."""

    file: str
    text: Text
    header: dict[str, HeaderLine]
    blocks: tuple[Block, ...]
    notes: tuple[Note, ...]

    def where(self, line: int, point: tuple[float, float] | None = None) -> Where:
        return Where(file=self.file, line=line, point=point, excerpt=self.text.excerpt(line))


def looks_like_boundary_txt(text: Text) -> bool:
    """True where the text has the section heads of the format, or a line that ends in @ with commas before it."""
    for line in text.lines[:2000]:
        plain = ascii_signs(line).strip()
        if re.fullmatch(r"\[\s*(属性描述|地块坐标|扩展信息)\s*\]", plain) or (plain.endswith("@") and plain.count(",") >= 4):
            return True
        if plain.endswith("@") and _KIND_AMONG.search(plain):
            return True
    return False


def has_points(text: Text) -> bool:
    """True where at least three lines read as boundary points, though no head of the format stands above them."""
    found = 0
    for line in text.lines[:2000]:
        words = [w.strip() for w in re.split(r"[,;\t]", ascii_signs(line).strip())]
        found += len(words) in (4, 5) and bool(re.fullmatch(r"\d{1,6}", words[1])) and all(_NUMBER.fullmatch(w) for w in words[2:4])
        if found >= 3:
            return True
    return False


def parse(text: Text, *, file: str) -> Document:
    """Header and blocks of the file. Raises BadLine with the number of the line, BadGeometry for lines and points."""
    return _Parser(text, file).run()


class _Parser:
    """The state of one pass over the lines."""

    def __init__(self, text: Text, file: str) -> None:
        self.text, self.file = text, file
        self.section = ""
        self.header: dict[str, HeaderLine] = {}
        self.blocks: list[Block] = []
        self.points: list[Point] = []
        self.notes: list[Note] = []
        self.seen: dict[str, tuple[int, int]] = {}  # note code → (first line, how often)

    def run(self) -> Document:
        for number, raw in enumerate(self.text.lines, start=1):
            plain = ascii_signs(raw).strip().strip("\ufeff\x1a\x0c")
            if not plain:
                continue
            if plain != raw.strip() and re.search(r"[，：＝＠【】［］－．０-９]", raw):
                self._count("fullwidth_normalised", number)
            self._line(plain, raw, number)
        self._close_block()
        for code, (line, times) in self.seen.items():
            text = {
                "fullwidth_normalised": "有全角标点或数字，已按半角读取",
                "field_count": "地块行的项数不是 9、12 或 13",
                "at_missing": "地块行末尾缺少“@”，已按地块行读取",
                "kind_missing": "地块行没有写图形属性，按“面”读取",
                "spaced": "地块行以空格分隔，图幅号、用途按先后和写法辨认",
            }[code]
            more = f"，共 {times} 行" if times > 1 else ""
            self.notes.append(Note(code=code, level="info", text=f"{text}{more}", where=Where(file=self.file, line=line)))
        return Document(file=self.file, text=self.text, header=self.header, blocks=tuple(self.blocks), notes=tuple(self.notes))

    def _line(self, plain: str, raw: str, number: int) -> None:
        if head := _SECTION.fullmatch(plain):
            self.section = re.sub(r"\s", "", head.group(1))
        elif (fields := self._block_fields(plain, raw, number)) is not None:
            self._close_block()
            self.section = POINTS_SECTION
            self.blocks.append(Block(line=number, fields=fields, points=()))
        elif self.section != POINTS_SECTION and (pair := _HEADER.fullmatch(plain)):
            self.header.setdefault(re.sub(r"\s", "", pair.group(1)), HeaderLine(value=pair.group(2).strip(), line=number))
        elif self.section == POINTS_SECTION:
            self._point(plain, number)
        elif not self.section and plain.count(",") in (3, 4) and plain.split(",")[1].strip().isdigit():
            raise self._refuse(number, "界址点之前没有地块行", "请在界址点前补上以“@”结尾的地块行")
        else:
            raise self._refuse(number, "这一行不是“名称=值”，也不在[地块坐标]之内", "请改成“名称=值”，或删去这一行")

    def _block_fields(self, plain: str, raw: str, number: int) -> dict[str, str] | None:
        # A full-width comma may belong to a name: only where the ASCII commas alone do not make a block line is it a separator.
        own = re.sub(r"[＠]", "@", raw).strip()
        parts = [p.strip() for p in (own if own.count(",") >= 8 else plain).split(",")]
        if "," not in plain and _KIND_AMONG.search(plain):
            parts = self._without_commas(plain, number)
        if parts[-1] == "@":
            parts = parts[:-1]
        elif parts[-1].endswith("@"):
            parts[-1] = parts[-1][:-1].strip()
        elif len(parts) >= 7 and parts[4] in ("面", "线", "点") and "@" not in plain:
            self._count("at_missing", number)
        elif "@" in plain:
            raise self._refuse(number, "“@”应在地块行的末尾", "请按“界址点数,面积,编号,名称,面,图幅号,用途,地类编码,@”书写")
        else:
            return None
        if len(parts) < 5:
            raise self._refuse(number, f"地块行只有 {len(parts)} 项", "请按“界址点数,面积,编号,名称,面,图幅号,用途,地类编码,@”书写")
        if len(parts) + 1 not in _USUAL_COUNTS:
            self._count("field_count", number)
        fields = {k: ascii_signs(v).strip() if k in ("point_count", "area", "kind") else v for k, v in zip(_FIELDS, parts, strict=False)}
        fields |= {f"附加字段{i}": v for i, v in enumerate(parts[len(_FIELDS) :], start=1) if v}
        if fields["kind"] in ("线", "点"):
            raise BadGeometry(
                what=f"地块的图形属性是“{fields['kind']}”，不是“面”",
                where=self._where(number),
                fix="只审查面状地块；线状工程请先按用地宽度转为面",
            )
        if fields["kind"] not in ("面", ""):
            raise self._refuse(number, f"图形属性“{fields['kind']}”不认识", "第五项应为“面”")
        if not fields["kind"]:
            self._count("kind_missing", number)
        return fields

    def _without_commas(self, plain: str, number: int) -> list[str]:
        """The fields of a block line that is separated by tabs, semicolons or blanks. Blanks hide empty fields: the kind is the anchor."""
        sign = next((s for s in "\t;" if plain.count(s) >= 5), None)
        if sign is not None:
            return [p.strip() for p in plain.split(sign)]
        words = plain.split()
        kind = next(i for i, w in enumerate(words) if w in ("面", "线", "点"))
        rest = words[kind + 1 :]
        if rest and rest[-1].endswith("@"):
            rest = [*rest[:-1], rest[-1][:-1]] if rest[-1] != "@" else rest[:-1]
        if kind != 4 or len(rest) > 3:
            raise self._refuse(
                number,
                f"以空格分隔的地块行有 {len(words)} 项，认不出各是什么",
                "请用逗号分隔，空着的项也写逗号：界址点数,面积,编号,名称,面,图幅号,用途,地类编码,@",
            )
        if rest and not _SHEET.fullmatch(rest[0]):
            rest = ["", *rest]
        self._count("spaced", number)
        return [*words[:5], *rest, *[""] * (3 - len(rest)), "@"]

    def _point(self, plain: str, number: int) -> None:
        if not self.blocks:
            raise self._refuse(number, "界址点之前没有地块行", "请在界址点前补上以“@”结尾的地块行")
        sign = next((s for s, least in ((",", 1), (";", 1), ("\t", 3)) if plain.count(s) >= least), None)
        parts = [p.strip() for p in plain.split(sign)]
        if len(parts) > 4 and not any(parts[4:]):
            parts = parts[:4]
        extra = None
        if len(parts) == 5 and _NUMBER.fullmatch(parts[4]) and abs(float(parts[4])) < _HIGHEST_M:
            if "." not in parts[3] and re.fullmatch(r"\d{1,6}", parts[4]) and sign == ",":
                raise self._refuse(
                    number,
                    f"第五项“{parts[4]}”分不清是高程，还是 Y 坐标的小数",
                    "小数点请写“.”；若是高程，请删去这一项",
                    f"“{parts[3]},{parts[4]}”可能是把小数点写成了逗号",
                )
            extra = float(parts[4])
            parts = parts[:4]
        if len(parts) != 4:
            raise self._refuse(number, f"界址点行应有 4 项（点号,圈号,X坐标,Y坐标），这一行有 {len(parts)} 项", "请补全或删去多余的项")
        if len(self.points) >= MAX_POINTS:
            raise TooLarge(
                what=f"一个地块的界址点超过上限 {MAX_POINTS:,} 个", where=self._where(number), fix="请把文件分开，只留需要审查的地块"
            )
        label, ring, first, second = parts
        if not re.fullmatch(r"\d{1,6}", ring):
            raise self._refuse(number, f"圈号“{ring}”不是整数" if ring else "圈号是空的", "外圈写 1，内圈写 2、3……")
        self.points.append(
            Point(
                label=label,
                ring=int(ring),
                first=self._coordinate(first, "X坐标", number),
                second=self._coordinate(second, "Y坐标", number),
                line=number,
                extra=extra,
            )
        )

    def _coordinate(self, text: str, name: str, number: int) -> float:
        if not text:
            raise self._refuse(number, f"{name}是空的", "请补上坐标")
        if not _NUMBER.fullmatch(text) or len(text) > 30:
            angle = degrees_of(text)
            if angle is not None:
                return angle
            why = ""
            if re.search(r"[OoＯ]", text):
                why = "含有字母 O，应为数字 0"
            elif re.search(r"\d[eE][+-]?\d", text):
                why = "科学计数法丢失了位数"
            raise self._refuse(number, f"{name}“{text[:30]}”不是数字", "请改为十进制数字，例如 3541180.250", why)
        return float(text)

    def _close_block(self) -> None:
        if self.blocks:
            self.blocks[-1] = replace(self.blocks[-1], points=tuple(self.points))
        self.points = []

    def _count(self, code: str, line: int) -> None:
        first, times = self.seen.get(code, (line, 0))
        self.seen[code] = (first, times + 1)

    def _where(self, line: int) -> Where:
        return Where(file=self.file, line=line, excerpt=self.text.excerpt(line))

    def _refuse(self, line: int, what: str, fix: str, why: str = "") -> BadLine:
        return BadLine(what=what, where=self._where(line), why=why, fix=fix)
