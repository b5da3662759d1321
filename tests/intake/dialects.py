"""One set of parcels, written in every dialect of the boundary-point TXT and in shapefile, GeoPackage, GeoJSON: what readers must see as one.

The truth is in longitude and latitude; each writer projects it. `Dialect` names what exporters do differently (inputs.md §4.2).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import shapely

from xygis.geodesy.crs import from_geographic, gauss_zone, to_geographic
from xygis.intake.submission import Submission
from xygis.vector.repair import signed_area_m2

CITY = (110.75, 31.23, 113.1, 32.62)
PLANE = "EPSG:4525"
_E0, _N0 = 37_635_000.0, 3_552_000.0
NAMES = ("岘山一号地", "鱼梁洲㙟地", "东津三号地")
USES = ("工业用地", "公园绿地", "商业用地")


def _polygon(shell: list[tuple[float, float]], *holes: list[tuple[float, float]]) -> shapely.Polygon:
    def there(ring: list[tuple[float, float]]) -> list[tuple[float, float]]:
        return [(_E0 + x, _N0 + y) for x, y in ring]

    return shapely.Polygon(there(shell), [there(h) for h in holes])


PARCELS: tuple[shapely.Geometry, ...] = (
    _polygon([(0.123, 200.456), (118.5, 202.001), (119.25, 109.333), (68.0, 108.5), (67.125, 30.75), (0.5, 29.875)]),
    _polygon(
        [(200, 200), (420.125, 203.5), (423.25, 20.25), (203.375, 18.125)],
        [(260, 140), (263, 80), (340, 82.5), (338.5, 143.25)],
        [(360, 60), (400, 60), (400, 40.5), (361, 41)],
    ),
    shapely.MultiPolygon(
        [
            _polygon([(500, 100), (560, 100), (560, 0), (500, 0)], [(520, 60), (540, 60), (530, 40)]),
            _polygon([(600, 100), (650, 102), (655, 0), (600, 0)]),
        ]
    ),
)

SYSTEMS = ("EPSG:4525", "EPSG:4546", "EPSG:4526", "EPSG:4547", "EPSG:4497", "EPSG:4508", "EPSG:4490")
ENCODINGS = ("gb18030", "utf-8", "utf-8-sig", "utf-16", "utf-16-be-marked", "utf-16-le", "utf-16-be")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What one exporter writes differently from the official form."""

    name: str
    swapped: bool = False
    closed: bool = True
    prefix: str = "J"
    restart_labels: bool = False  # each ring begins with J1 again
    rings: str = "sequence"  # sequence | per_part | all_one
    point_sign: str = ","
    block_sign: str = ","
    equals: str = "="
    header: str = "official"  # official | short | none | chinese
    zone_in_header: bool = True
    fields: int = 9
    area: str = "ha"  # ha | ha_unit | m2 | mu | none
    decimals: int = 4
    line_end: str = "\r\n"
    fifth: str = ""  # "" | edge | height
    reversed: bool = False
    at: str = ",@"


DIALECTS = (
    Dialect(name="official"),
    Dialect(name="easting first", swapped=True),
    Dialect(name="not closed", closed=False),
    Dialect(name="not closed, labels restart, one ring number", closed=False, restart_labels=True, rings="all_one"),
    Dialect(name="labels without J", prefix="", line_end="\n"),
    Dialect(name="labels restart in each ring", restart_labels=True, rings="per_part"),
    Dialect(name="every ring is number one", rings="all_one", line_end="\r"),
    Dialect(name="other direction", reversed=True),
    Dialect(name="full-width commas", point_sign="，", block_sign="，"),
    Dialect(name="tabs", point_sign="\t", block_sign="\t"),
    Dialect(name="blanks", point_sign="  ", block_sign=" "),
    Dialect(name="semicolons", point_sign=";", block_sign=";"),
    Dialect(name="commas and blanks", point_sign=" , "),
    Dialect(name="colons in the header", equals=":"),
    Dialect(name="full-width colons, Chinese brackets", equals="：", header="chinese"),
    Dialect(name="short header", header="short"),
    Dialect(name="no header", header="none"),
    Dialect(name="zone left blank", zone_in_header=False),
    Dialect(name="twelve fields", fields=12),
    Dialect(name="thirteen fields", fields=13),
    Dialect(name="at sign without its comma", at="@"),
    Dialect(name="hectares written out", area="ha_unit"),
    Dialect(name="square metres", area="m2"),
    Dialect(name="mu", area="mu"),
    Dialect(name="no area", area="none"),
    Dialect(name="six decimals", decimals=6),
    Dialect(name="three decimals", decimals=3),
    Dialect(name="edge lengths beside", fifth="edge"),
    Dialect(name="heights beside", fifth="height"),
    Dialect(
        name="everything at once",
        swapped=True,
        closed=False,
        prefix="",
        restart_labels=True,
        rings="per_part",
        point_sign="\t",
        equals=" : ",
    ),
)


def written(dialect: Dialect, system: str, encoding: str, parcels: tuple[shapely.Geometry, ...] = PARCELS, first: int = 0) -> bytes:
    """The bytes of a boundary-point TXT. first: which of the names the first parcel has."""
    lines = list(_header(dialect, system))
    for k, parcel in enumerate(parcels, start=first):
        lines += _block(dialect, system, k, parcel)
    return encoded(dialect.line_end.join(lines) + dialect.line_end, encoding)


def encoded(text: str, encoding: str) -> bytes:
    if encoding == "utf-16-be-marked":
        return b"\xfe\xff" + text.encode("utf-16-be")
    return text.encode(encoding)


def _header(dialect: Dialect, system: str) -> Iterator[str]:
    zone = gauss_zone(system)
    e = dialect.equals
    if dialect.header != "none":
        yield {"chinese": "【属性描述】"}.get(dialect.header, "[属性描述]")
        if dialect.header == "official":
            yield from (f"格式版本号{e}1.01版本", f"数据产生单位{e}襄阳市示例测绘单位", f"数据产生日期{e}2024-06-15")
        yield f" 坐标系{e}{'CGCS2000' if dialect.header == 'short' else '2000国家大地坐标系'}"
        if zone is not None:
            width = {"chinese": f"{'三' if zone.width_deg == 3 else '六'}度带"}.get(dialect.header, str(zone.width_deg))
            yield f"{'分带' if dialect.header == 'chinese' else '几度分带'}{e}{width}"
            yield f"投影类型{e}高斯克吕格"
            yield f"计量单位{e}米"
            yield f"带号{e}{zone.zone if dialect.zone_in_header else ''}"
        yield from (f"精度{e}0.001", f"转换参数{e},,,,,,")
        if dialect.header == "chinese":
            yield from ("[扩展信息]", f"备注{e}无")
    yield "[地块坐标]"


def _block(dialect: Dialect, system: str, k: int, parcel: shapely.Geometry) -> list[str]:
    lines: list[str] = []
    label = 0
    ring_number = 0
    for part in shapely.get_parts(parcel).tolist():
        for place, ring in enumerate((part.exterior, *part.interiors)):
            ring_number = 1 if dialect.rings == "all_one" or (dialect.rings == "per_part" and place == 0) else ring_number + 1
            label = 0 if dialect.restart_labels else label
            plane = shapely.get_coordinates(ring)[:: -1 if dialect.reversed else 1]
            xy = project(plane, system)
            start = label
            for i, (x, y) in enumerate(xy):
                last = i == len(xy) - 1
                if last and not dialect.closed:
                    continue
                number = start + 1 if last else label + 1
                label = label if last else label + 1
                a, b = (x, y) if dialect.swapped else (y, x)
                decimals = 10 if system == "EPSG:4490" else dialect.decimals
                words = [f"{dialect.prefix}{number}", str(ring_number), f"{a:.{decimals}f}", f"{b:.{decimals}f}"]
                if dialect.fifth == "edge" and not last:
                    words.append(f"{np.hypot(*(np.round(xy[i + 1], 3) - np.round(xy[i], 3))):.2f}")
                elif dialect.fifth == "height":
                    words.append(f"{67.5 + i:.2f}")
                lines.append(dialect.point_sign.join(words))
    m2 = signed_area_m2(parcel, PLANE)
    area = {"ha": f"{m2 / 1e4:.4f}", "ha_unit": f"{m2 / 1e4:.4f}公顷", "m2": f"{m2:.2f}", "mu": f"{m2 * 15 / 1e4:.4f}", "none": ""}[
        dialect.area
    ]
    if dialect.block_sign == " " and not area:
        area = "0"
    words = [str(len(lines)), area, f"2024-{k + 1}", NAMES[k], "面", "I49G000000", USES[k], "0601" if dialect.block_sign != " " else ""]
    words += [f"附{i}" for i in range(dialect.fields - 9)]
    return [dialect.block_sign.join(words) + (dialect.at if dialect.block_sign == "," else f"{dialect.block_sign}@"), *lines]


def project(plane: np.ndarray, system: str) -> np.ndarray:
    """Coordinates of the truth, in a system; x = east."""
    lon, lat = to_geographic(PLANE, plane[:, 0], plane[:, 1])
    return np.column_stack(from_geographic(system, lon, lat))


def projected(parcel: shapely.Geometry, system: str) -> shapely.Geometry:
    return shapely.transform(parcel, lambda xy: project(xy, system))


def off_m(submission: Submission, parcels: tuple[shapely.Geometry, ...] = PARCELS) -> float:
    """How far the parcels read lie from the truth: the largest distance of a vertex, or of anything, in metres."""
    assert len(submission.parcels) == len(parcels)
    worst = 0.0
    for got, true in zip(submission.parcels, parcels, strict=True):
        assert shapely.get_num_coordinates(got.geometry) == shapely.get_num_coordinates(true)
        assert len(shapely.get_parts(got.geometry)) == len(shapely.get_parts(true))
        back = shapely.transform(
            got.geometry, lambda xy, code=got.crs: np.column_stack(from_geographic(PLANE, *to_geographic(code, xy[:, 0], xy[:, 1])))
        )
        assert abs(back.area - true.area) < 1.0
        worst = max(worst, float(shapely.hausdorff_distance(back, true)))
    return worst


def sensible(dialect: Dialect, system: str) -> bool:
    """False for what nobody can write: edge lengths in degrees, a bare easting that no header explains in a system of six degrees."""
    zone = gauss_zone(system)
    if zone is None:
        return dialect.fifth == ""
    return not (dialect.fifth == "edge" and dialect.decimals < 3)


def combinations() -> list[tuple[Dialect, str, str]]:
    """Every dialect in every system and encoding that makes sense."""
    return [(d, s, e) for d, s, e in itertools.product(DIALECTS, SYSTEMS, ENCODINGS) if sensible(d, s)]


def dialect(name: str, **changed: object) -> Dialect:
    return replace(next(d for d in DIALECTS if d.name == name), **changed)  # type: ignore[arg-type]
