"""Permits of land use, and a month's batch of patches traced from images: invented, each placed so that one thing is to be learned.

What a patch stands for (with all permits, without, built before the permit, beyond it, …) is told by the case it is made for; the
permits lie on, beside or under it accordingly. Holders are persons' data: there are none here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from tests.reference_atlas.ground import Ground, Guide
from tests.reference_atlas.landuse import BUILT, CULTIVATED, Uses
from tests.reference_atlas.tables import county_columns, county_of, numbers, official_areas_m2
from tests.reference_atlas.write import write

SEED = 420612
BEFORE, AFTER = "2026-07-12", "2026-10-18"  # the two images
BATCH = "YGYSXZJSYDTB"
LAND, CONVERSION = "建设用地批准书", "农用地转用批文"
PLANNING, BUILDING, RURAL = "建设用地规划许可证", "建设工程规划许可证", "乡村建设规划许可证"
FACILITY, TEMPORARY, HOMESTEAD = "设施农业用地备案", "临时用地批准", "农村宅基地批准书"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What some patches of the batch show. permits: (kind, use, issued, valid until, metres by which it is wider than the patch)."""

    ground: str
    count: int
    size_m: tuple[float, float]
    kind: str
    note: str
    permits: tuple[tuple[str, str, str, str, float], ...] = ()
    use: str = ""
    after: str = AFTER


def _city(use: str, issued: str = "2026-03-20", wider_m: float = 8.0) -> tuple[tuple[str, str, str, str, float], ...]:
    """All that a permanent building in town needs."""
    return (
        (CONVERSION, use, "2025-11-06", "", 30.0),
        (LAND, use, issued, "", 20.0),
        (PLANNING, use, issued, "", 20.0),
        (BUILDING, use, issued, "", wider_m),
    )


CASES = (
    Case(ground="town", count=7, size_m=(90, 60), kind="房屋建筑", note="厂区扩建", permits=_city("工业用地"), use="工业用地"),
    Case(ground="town", count=3, size_m=(70, 50), kind="房屋建筑", note="楼盘在建", permits=_city("城镇住宅用地", "2026-10-30")),
    Case(ground="town", count=3, size_m=(80, 60), kind="房屋建筑", note="超出用地红线", permits=_city("商业用地", wider_m=-9.0)),
    Case(ground="town", count=3, size_m=(60, 40), kind="房屋建筑", note="", permits=_city("工业用地")[:2]),
    Case(ground="town", count=2, size_m=(60, 45), kind="房屋建筑", note="", permits=_city("工业用地"), use="城镇住宅用地"),
    Case(ground="farm", count=6, size_m=(70, 45), kind="房屋建筑", note="占耕地建房"),
    Case(ground="farm", count=4, size_m=(55, 40), kind="推填土", note=""),
    Case(ground="plain", count=4, size_m=(60, 35), kind="农业设施", note="养殖大棚", permits=((FACILITY, "设施农业", "2026-05-11", "", 6.0),)),
    Case(ground="plain", count=2, size_m=(60, 35), kind="农业设施", note="大棚房"),
    Case(ground="plain", count=3, size_m=(50, 40), kind="临时用地", note="施工营地", permits=((TEMPORARY, "施工用地", "2025-06-01", "2027-05-31", 7.0),)),
    Case(ground="plain", count=3, size_m=(50, 40), kind="临时用地", note="到期未拆", permits=((TEMPORARY, "施工用地", "2023-04-01", "2025-03-31", 7.0),)),
    Case(ground="plain", count=3, size_m=(16, 12), kind="农村住宅", note="",
         permits=((RURAL, "农村宅基地", "2026-04-02", "", 4.0), (HOMESTEAD, "农村宅基地", "2026-04-20", "", 4.0))),
    Case(ground="plain", count=3, size_m=(15, 12), kind="农村住宅", note="疑似未批先建"),
    Case(ground="plain", count=2, size_m=(45, 30), kind="", note="影像上无法判断类型"),
    Case(ground="plain", count=1, size_m=(45, 30), kind="房屋建筑", note="后时相未填", after=""),
    Case(ground="core", count=2, size_m=(40, 28), kind="房屋建筑", note="景区接待房"),
    Case(ground="red", count=3, size_m=(45, 30), kind="房屋建筑", note=""),
    Case(ground="river", count=4, size_m=(50, 20), kind="房屋建筑", note="河滩地堆场"),
    Case(ground="source", count=2, size_m=(30, 20), kind="房屋建筑", note="民宿"),
    Case(ground="built", count=5, size_m=(40, 25), kind="房屋建筑", note="原地翻建"),
)  # fmt: skip
SPARE = 60  # permits of which no patch knows


def _turned(x: float, y: float, turn: float, w: float, h: float) -> Any:
    c, s = np.cos(turn), np.sin(turn)
    local = np.array([(-w / 2, -h / 2), (w / 2, -h / 2), (w / 2, h / 2), (-w / 2, h / 2)])
    xy = np.column_stack([x + local[:, 0] * c - local[:, 1] * s, y + local[:, 0] * s + local[:, 1] * c])
    return shapely.Polygon(np.round(xy, 2))


def _direction(face: Any) -> float:
    xy = shapely.get_coordinates(face.exterior)
    d = np.diff(xy, axis=0)
    return float(np.arctan2(*d[np.argmax(np.hypot(d[:, 0], d[:, 1]))][::-1]))


def _grounds(g: Guide, ground: Ground, uses: Uses, made: dict[str, Any]) -> dict[str, np.ndarray]:
    """Rows of the faces that each kind of case may lie on."""
    points = shapely.points(ground.xy)
    zone = np.array([r["zone"] for r in g.reserves])[np.maximum(ground.reserve, 0)]
    core = uses.red_line & (ground.reserve >= 0) & (zone == "核心保护区")
    river = _inside(points, made["river_management_zone"][0])
    shapes, columns = made["water_source_protection"]
    source = _inside(points, shapes[np.array(columns["BHQJB"]) == "一级保护区"])
    dry = ~np.isin(ground.kind, ["river", "lake", "moat", "road", "street"])
    quiet = dry & ~core & ~uses.red_line & ~river & ~_inside(points, shapes) & (ground.hill == 0)
    built, farm = np.isin(uses.dlbm, BUILT), np.isin(uses.dlbm, CULTIVATED)
    masks = {
        "town": quiet & (ground.kind == "town") & ~built & ~uses.farmland,
        "built": quiet & np.isin(ground.kind, ["village", "town"]) & built,
        "farm": quiet & uses.farmland & farm,
        "plain": quiet & ~uses.farmland & ~built & (ground.kind == "field"),
        "core": core & dry,
        "red": uses.red_line & ~core & dry,
        "river": river & dry & ~uses.farmland & ~built,
        "source": source & ~built,
    }
    return {name: np.flatnonzero(mask) for name, mask in masks.items()}


def _inside(points: np.ndarray, shapes: Any) -> np.ndarray:
    found = np.zeros(len(points), bool)
    found[shapely.STRtree(points).query(np.asarray(shapes, dtype=object), predicate="contains")[1]] = True
    return found


def _places(rng: np.random.Generator, ground: Ground, rows: np.ndarray, case: Case, taken: set[int]) -> list[Any]:
    """Rectangles within faces, one a face, spread over the counties; smaller where no face is large enough."""
    found: list[Any] = []
    for shrink in (1.0, 0.6, 0.35):
        for row in _in_turn(rng.permutation(rows), ground.county).tolist():
            if len(found) == case.count:
                return found
            face = ground.faces[row]
            x, y = shapely.get_coordinates(shapely.maximum_inscribed_circle(face, 1.0))[0]
            scale = shrink * rng.uniform(0.8, 1.15)
            shape = _turned(x, y, _direction(face), case.size_m[0] * scale, case.size_m[1] * scale)
            if row not in taken and shape.within(face.buffer(-3)):
                taken.add(row)
                found.append(shape)
    raise AssertionError(f"no place for {case}")


def _in_turn(rows: np.ndarray, county: np.ndarray) -> np.ndarray:
    """One of each county after another, so that every county has its part."""
    mine = county[rows]
    turn = np.zeros(len(rows), np.int64)
    for c in np.unique(mine):
        turn[mine == c] = np.arange(int((mine == c).sum()))
    return rows[np.argsort(turn, kind="stable")]


def made_permits(
    g: Guide, ground: Ground, uses: Uses, made: dict[str, Any]
) -> tuple[tuple[Any, dict[str, Any]], tuple[Any, dict[str, Any]]]:
    """((permits, their columns), (patches of the batch, their columns)), in plane metres."""
    rng = np.random.default_rng(SEED)
    rows, taken = _grounds(g, ground, uses, made), set[int]()
    patches: list[tuple[Any, Case]] = []
    permits: list[tuple[Any, tuple[str, str, str, str]]] = []
    for case in CASES:
        for shape in _places(rng, ground, rows[case.ground], case, taken):
            patches.append((shape, case))
            permits += [(_grown(shape, p[4]), p[:4]) for p in case.permits]
    spare = Case(ground="town", count=SPARE, size_m=(80, 55), kind="", note="")
    for i, shape in enumerate(_places(rng, ground, rows["town"], spare, taken)):
        permits += [(_grown(shape, p[4]), p[:4]) for p in (_city("工业用地", f"202{4 + i % 2}-0{1 + i % 9}-1{i % 10}")[1:4:2])]
    order = rng.permutation(len(patches))
    batch = [patches[i] for i in order]
    shapes = np.array([s for s, _ in permits], dtype=object)
    county = county_of(g, shapes)
    columns = {
        "BSM": numbers("42060028", len(permits)),
        **county_columns(g, county),
        "XKZH": [f"襄{_SHORT[kind]}〔{issued[:4]}〕{n:04d}号" for n, (_, (kind, _, issued, _)) in enumerate(permits, 1)],
        "XKLX": [p[0] for _, p in permits],
        "PZYT": [p[1] for _, p in permits],
        "FZRQ": [p[2] for _, p in permits],
        "YXQZ": [p[3] for _, p in permits],
        "MJ": official_areas_m2(shapes),
    }
    outlines = np.array([s for s, _ in batch], dtype=object)
    where = county_of(g, outlines)
    table = {
        "TBBH": [f"{g.codes[c]}-202610-{n:03d}" for n, c in enumerate(where, 1)],
        "XZQDM": [g.codes[c] for c in where],
        "JCSDQ": [BEFORE] * len(batch),
        "JCSDH": [case.after for _, case in batch],
        "TBLX": [case.kind for _, case in batch],
        "YT": [case.use for _, case in batch],
        "JCMJ": official_areas_m2(outlines),
        "BZ": [case.note for _, case in batch],
    }
    return (shapes, columns), (outlines, table)


_SHORT = {
    LAND: "地准",
    CONVERSION: "转",
    PLANNING: "地规",
    BUILDING: "建规",
    RURAL: "乡建规",
    FACILITY: "设农备",
    TEMPORARY: "临地",
    HOMESTEAD: "宅准",
}


def _grown(shape: Any, by_m: float) -> Any:
    """A rectangle wider on every side; with a negative number, one end of it left out."""
    if by_m >= 0.0:
        return shapely.set_precision(shapely.buffer(shape, by_m, join_style="mitre"), 0.01)
    a, b, c, d = shapely.get_coordinates(shape)[:4]
    cut = -by_m / float(np.hypot(*(b - a)))
    return shapely.set_precision(
        shapely.buffer(shapely.Polygon([a, b + cut * (a - b), c + cut * (d - c), d]), 0.5, join_style="mitre"), 0.01
    )


def write_batch(out: Path, batch: tuple[Any, dict[str, Any]]) -> None:
    """`demo/疑似图斑.gpkg`, as the images' office delivers it."""
    (out / "demo").mkdir(exist_ok=True)
    write(out / "demo" / "疑似图斑.gpkg", BATCH, *batch)
