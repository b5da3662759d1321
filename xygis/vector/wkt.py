"""Reads text files of well-known text: one geometry a line, or one over several lines, with SRID=…; in front or without."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import shapely

from xygis.errors import BadGeometry, DamagedFile, Where
from xygis.vector.crs_claim import Claim, claim_of_code
from xygis.vector.gpkg import RawFeatures
from xygis.vector.layers import ForeignLayer
from xygis.vector.safe import read_text

_DEEPEST = 8  # brackets within brackets; the parser below recurses
_SRID = re.compile(r"SRID\s*=\s*(\d+)\s*;\s*", re.IGNORECASE)
_WORD = re.compile(r"(?:SRID\s*=\s*\d+\s*;\s*)?[A-Z]+", re.IGNORECASE)
_CURVES = re.compile(r"\b(CIRCULARSTRING|COMPOUNDCURVE|CURVEPOLYGON|MULTICURVE|MULTISURFACE)\b", re.IGNORECASE)
_PLAIN = "请改用每行一个 POLYGON((东 北, …)) 的写法，或给出坐标交换文件（TXT）"


def read_wkt(path: Path, *, encoding: str | None = None) -> ForeignLayer:
    """The geometries of a file. Raises BadEncoding, DamagedFile and BadGeometry with the line, OldDatum."""
    where = Where(file=str(path))
    text, used = read_text(path, encoding)
    shapes, claims = [], set()
    for line, statement in _statements(text, where):
        place = Where(file=str(path), line=line)
        found = _SRID.match(statement)
        claims.add(int(found.group(1)) if found else None)
        shapes.append(geometry_of(statement[found.end() :] if found else statement, place))
    if len(claims) > 1:
        raise BadGeometry(what="各行写的 SRID 不同", where=where, why="、".join(map(str, claims)), fix="请把不同坐标系的地块分开送审")
    srid = claims.pop()
    claim = (
        claim_of_code(f"EPSG:{srid}", source="文件（SRID）", where=where)
        if srid
        else Claim(evidence=("WKT 没有写坐标系，按坐标数值判断",), where=where)
    )
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = shapes
    return ForeignLayer(
        name=path.stem,
        format="wkt",
        features=RawFeatures(geometry=geometry, columns={}, crs=claim.code, fids=list(range(1, len(shapes) + 1)), sublayer=path.stem),
        claim=claim,
        encoding=used,
        encoding_why="",
        notes=(),
    )


def geometry_of(text: str, place: Where) -> shapely.Geometry:
    """The two-dimensional geometry that a text stands for. Raises DamagedFile, BadGeometry."""
    if _CURVES.search(text):
        raise BadGeometry(
            what="WKT 里有圆弧", where=place, why="圆弧不能按弦直接使用", fix="请在原软件中把圆弧转为折线（偏差不超过 1 毫米）再导出"
        )
    depth = deepest = 0
    for sign in re.findall(r"[()]", text):
        depth += 1 if sign == "(" else -1
        deepest = max(deepest, depth)
        if depth < 0 or deepest > _DEEPEST:
            raise DamagedFile(what="WKT 的括号不成对，或嵌套过深", where=place, fix=_PLAIN)
    if depth:
        raise DamagedFile(what="WKT 不完整，括号没有合上", where=place, fix="请重新导出；一个图形可以跨行，括号要成对")
    try:
        shape = shapely.force_2d(shapely.from_wkt(text.strip().rstrip(";")))
    except (shapely.errors.GEOSException, NotImplementedError, ValueError, TypeError) as error:
        raise DamagedFile(what="WKT 有语法错误", where=place, why=str(error)[:120], fix=_PLAIN) from error
    return shape


def _statements(text: str, where: Where) -> list[tuple[int, str]]:
    """(line, text) of each geometry: a new one begins on a line where all brackets are closed."""
    found: list[tuple[int, list[str]]] = []
    depth = 0
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line:
            continue
        if depth <= 0:
            if not _WORD.match(line):
                raise DamagedFile(what=f"这一行不是 WKT：“{line[:40]}”", where=Where(file=where.file, line=number), fix=_PLAIN)
            found.append((number, []))
            depth = 0
        found[-1][1].append(line)
        depth += line.count("(") - line.count(")")
    return [(number, " ".join(lines)) for number, lines in found]
