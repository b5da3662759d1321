"""The sample submission: five parcels, each placed so that one thing is to be learned from it, written as a boundary TXT.

Whatever a parcel promises (clear of all, partly on farmland, in a core zone, across the growth boundary, grazing a border) is
checked here against the shapes that go into the layers.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from tests.reference_atlas.ground import Ground, Guide
from tests.reference_atlas.landuse import BUILT, Uses
from xygis.geodesy.crs import to_geographic
from xygis.geodesy.plane import official_area_m2

Made = dict[str, tuple[np.ndarray, dict[str, Any]]]
NEAR_ROAD_M = 120
NEAR_RIVER_M = 1200
CONTROL = ("permanent_basic_farmland", "ecological_red_line", "three_hills_one_upland", "one_river_nine_tributaries", "river_management_zone", "water_source_protection",
           "nature_reserves", "wetlands", "ancient_city", "urban_park_core", "forest", "geohazard_zones", "flood_zones")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One parcel of the file: outline in the plane, clockwise from its first corner, and the use applied for."""

    name: str
    use: str
    corners: np.ndarray

    @property
    def shape(self) -> Any:
        return shapely.Polygon(self.corners)


class _Look:
    """Areas and distances against the layers that were made."""

    def __init__(self, made: Made) -> None:
        self._made = made
        self._tree = {k: shapely.STRtree(v[0]) for k, v in made.items()}

    def overlap_m2(self, shape: Any, layer: str) -> float:
        shapes = self._made[layer][0]
        hits = self._tree[layer].query(shape, predicate="intersects")
        return float(shapely.area(shapely.intersection(shapes[hits], shape)).sum())

    def distance_m(self, shape: Any, layer: str) -> float:
        return float(self._tree[layer].query_nearest(shape, return_distance=True)[1].min())

    def values(self, shape: Any, layer: str, column: str) -> dict[str, float]:
        """Share of the shape under each value of a column."""
        shapes, columns = self._made[layer]
        out: dict[str, float] = {}
        for hit in self._tree[layer].query(shape, predicate="intersects"):
            area = shapely.area(shapely.intersection(shapes[hit], shape))
            if area > 0.01:
                out[str(columns[column][hit])] = out.get(str(columns[column][hit]), 0.0) + area / shape.area
        return out


def _turned(x: float, y: float, turn: float, local: Any) -> np.ndarray:
    """Corners given along and across a direction, placed in the plane, to the millimetre."""
    c, s = np.cos(turn), np.sin(turn)
    xy = np.asarray(local, dtype=float)
    return np.round(np.column_stack([x + xy[:, 0] * c - xy[:, 1] * s, y + xy[:, 0] * s + xy[:, 1] * c]), 3)


def _ell(w: float, h: float) -> list[tuple[float, float]]:
    """An L-shape about the origin, clockwise from the north-west."""
    return [(-w / 2, h / 2), (w * 0.18, h / 2), (w * 0.18, h * 0.08), (w / 2, h * 0.08), (w / 2, -h / 2), (-w / 2, -h / 2)]


def _quad(w: float, h: float) -> list[tuple[float, float]]:
    return [(-w / 2, h / 2), (w * 0.47, h * 0.48), (w / 2, -h / 2), (-w * 0.49, -h * 0.47)]


def _direction(face: Any) -> float:
    xy = shapely.get_coordinates(face.exterior)
    d = np.diff(xy, axis=0)
    longest = d[np.argmax(np.hypot(d[:, 0], d[:, 1]))]
    return float(np.arctan2(longest[1], longest[0]))


def _centres(faces: np.ndarray, rows: np.ndarray) -> Any:
    """(row, x, y, turn) of the deepest point of each face."""
    for row in rows:
        middle = shapely.get_coordinates(shapely.centroid(faces[row]))[0]
        yield row, middle[0], middle[1], _direction(faces[row])


def _clear(g: Guide, ground: Ground, uses: Uses, look: _Look, made: Made) -> Sample:
    """A park on land that is park today and in every plan, far from every control layer."""
    zone = np.array([(z["name"], z["code"]) for z in g.growth])[np.maximum(ground.zone, 0)]
    rows = np.flatnonzero(
        (ground.kind == "town")
        & (uses.district == "G")
        & np.isin(zone[:, 0], ["东津", "樊城"])
        & (zone[:, 1] == "410")
        & np.isin(uses.dlbm, BUILT)
    )
    rows = rows[np.argsort(-shapely.area(ground.faces[rows]), kind="stable")]
    for row, x, y, turn in _centres(ground.faces, rows):
        for size in (1.0, 0.75, 0.55):
            sample = Sample(name="地块1", use="公园绿地", corners=_turned(x, y, turn, _ell(330 * size, 240 * size)))
            p = sample.shape
            if not p.within(shapely.buffer(ground.faces[row], -2)):
                continue
            ok = all(look.overlap_m2(p.buffer(60), layer) == 0 for layer in CONTROL)
            ok &= look.distance_m(p, "one_river_nine_tributaries") > NEAR_RIVER_M
            ok &= all(look.distance_m(p, layer) > NEAR_ROAD_M for layer in ("highways", "railways", "power_lines", "pipelines"))
            ok &= set(look.values(p, "land_use_plan", "GZQDM")) == {"010"} and set(look.values(p, "urban_rural_plan", "YDDM")) == {"G1"}
            ok &= set(look.values(p, "territorial_plan", "GHFQDM")) == {"416"} and set(look.values(p, "current_land_use", "DLBM")) == {
                "0810"
            }
            ok &= look.overlap_m2(p, "development_plan_projects") == 0 and look.overlap_m2(p, "one_heart_four_cities") > 0.999 * p.area
            if ok:
                return sample
    raise AssertionError("no place for 地块1")


def _on_farmland(ground: Ground, uses: Uses, look: _Look) -> Sample:
    """A factory half on permanent basic farmland north of the city."""
    near = np.hypot(ground.xy[:, 0] - 613000, ground.xy[:, 1] - 3566500)
    rows = np.argsort(near, kind="stable")
    rows = rows[uses.farmland[rows]][:400]
    for row in rows:
        xy = shapely.get_coordinates(ground.faces[row].exterior)
        for k in range(len(xy) - 1):
            x, y = (xy[k] + xy[k + 1]) / 2
            d = xy[k + 1] - xy[k]
            sample = Sample(name="地块2", use="工业用地", corners=_turned(x, y, float(np.arctan2(d[1], d[0])), _quad(320, 260)))
            share = look.overlap_m2(sample.shape, "permanent_basic_farmland") / sample.shape.area
            others = (
                "ecological_red_line",
                "urban_growth_boundary",
                "nature_reserves",
                "water_source_protection",
                "one_river_nine_tributaries",
            )
            roads = look.distance_m(sample.shape, "highways") > NEAR_ROAD_M
            if 0.35 < share < 0.7 and roads and all(look.overlap_m2(sample.shape, layer) == 0 for layer in others):
                return sample
    raise AssertionError("no place for 地块2")


def _in_core(g: Guide, ground: Ground, uses: Uses, look: _Look) -> Sample:
    """A hotel in the core zone of 五道峡."""
    zone = np.array([r["zone"] for r in g.reserves])[np.maximum(ground.reserve, 0)]
    name = np.array([r["name"] for r in g.reserves])[np.maximum(ground.reserve, 0)]
    rows = np.flatnonzero(
        uses.red_line & (ground.reserve >= 0) & (zone == "核心保护区") & np.char.startswith(name.astype(str), "湖北五道峡")
    )
    rows = rows[np.argsort(-shapely.area(ground.faces[rows]), kind="stable")]
    for row, x, y, turn in _centres(ground.faces, rows):
        sample = Sample(name="地块3", use="旅馆用地", corners=_turned(x, y, turn, _ell(210, 150)))
        p = sample.shape
        if p.within(ground.faces[row]) and set(look.values(p, "ecological_red_line", "ZRBHDFQ")) == {"核心保护区"}:
            return sample
    raise AssertionError("no place for 地块3")


def _across_boundary(g: Guide, ground: Ground, uses: Uses, look: _Look) -> Sample:
    """Housing that lies half outside 城镇集中建设区, on no farmland."""
    unit = next(z["shape"] for z in g.growth if z["name"] == "东津" and z["code"] == "410")
    ring = shapely.segmentize(shapely.get_exterior_ring(max(shapely.get_parts(unit), key=shapely.area)), 90)
    xy = shapely.get_coordinates(ring)
    others = (
        "permanent_basic_farmland",
        "ecological_red_line",
        "nature_reserves",
        "water_source_protection",
        "river_management_zone",
        "one_river_nine_tributaries",
        "wetlands",
    )
    for k in range(len(xy) - 1):
        x, y = (xy[k] + xy[k + 1]) / 2
        d = xy[k + 1] - xy[k]
        for w, h in ((360, 280), (280, 210), (200, 160)):
            sample = Sample(name="地块4", use="城镇住宅用地", corners=_turned(x, y, float(np.arctan2(d[1], d[0])), _quad(w, h)))
            inside = look.values(sample.shape, "urban_growth_boundary", "GHFQDM")
            lines = all(look.distance_m(sample.shape, layer) > 40 for layer in ("highways", "railways", "power_lines", "pipelines"))
            if (
                set(inside) == {"410"}
                and 0.3 < inside["410"] < 0.75
                and lines
                and all(look.overlap_m2(sample.shape, layer) == 0 for layer in others)
            ):
                return sample
    raise AssertionError("no place for 地块4")


def _grazing(g: Guide, ground: Ground, uses: Uses, look: _Look) -> Sample:
    """A site inside the city beside a farmland window, its border digitised again 3 cm too far."""
    words = {"W": "物流仓储用地", "M": "工业用地", "B": "商业用地", "R": "城镇住宅用地", "A": "文化用地"}
    others = ("ecological_red_line", "nature_reserves", "water_source_protection", "river_management_zone", "wetlands", "flood_zones")
    for row in np.flatnonzero((ground.kind == "window") & uses.farmland):
        xy = shapely.get_coordinates(shapely.orient_polygons(ground.faces[row]).exterior)
        for a, b in zip(xy[:-1], xy[1:], strict=True):
            d = b - a
            if float(np.hypot(*d)) < 215:
                continue
            x, y = (a + b) / 2
            # The farmland lies to the left of a → b: in the turned frame above the axis, so the parcel hangs below it.
            local = [(-101, 0.03), (101, 0.03), (96, -148), (-88, -141)]
            corners = _turned(x, y, float(np.arctan2(d[1], d[0])), local)
            p = shapely.Polygon(corners)
            district = uses.district[np.flatnonzero(shapely.contains(ground.faces, p.centroid))[0]]
            if district not in words or set(look.values(p, "urban_growth_boundary", "GHFQDM")) != {"410"}:
                continue
            over = look.overlap_m2(p, "permanent_basic_farmland")
            inside = look.overlap_m2(p, "urban_growth_boundary") > p.area - 12
            lines = all(look.distance_m(p, layer) > 60 for layer in ("highways", "railways", "power_lines", "pipelines"))
            if 1.0 < over < 12 and inside and lines and all(look.overlap_m2(p, layer) == 0 for layer in others):
                return Sample(name="地块5", use=words[district], corners=corners)
    raise AssertionError("no place for 地块5")


def samples(g: Guide, ground: Ground, uses: Uses, made: Made) -> list[Sample]:
    """The five parcels, each checked."""
    look = _Look(made)
    found = [_clear(g, ground, uses, look, made), _on_farmland(ground, uses, look), _in_core(g, ground, uses, look), _across_boundary(g, ground, uses, look),
             _grazing(g, ground, uses, look)]  # fmt: skip
    for sample in found:
        if not (sample.shape.is_valid and 0.9e4 < sample.shape.area < 15.1e4):
            raise AssertionError(f"{sample.name}: {sample.shape.area} m2")
    return found


def _sheet(corners: np.ndarray) -> str:
    """Number of the 1:10 000 map sheet under the first corner (GB/T 13989)."""
    lon, lat = (float(v[0]) for v in to_geographic("EPSG:4546", corners[:1, 0], corners[:1, 1]))
    band, column = int(lat // 4), int(lon // 6) + 31
    row = int(((band + 1) * 4 - lat) / (2.5 / 60)) + 1
    return f"{chr(ord('A') + band)}{column}G{row:03d}{int((lon % 6) / (3.75 / 60)) + 1:03d}"


def boundary_txt(found: list[Sample]) -> str:
    """The normative boundary TXT: 2000 国家大地坐标系, 3 度带第 37 带, areas in hectares."""
    head = ["[属性描述]", "格式版本号=1.01版本", "数据产生单位=襄阳市示例测绘单位", "数据产生日期=2026-11-20",
            "坐标系=2000国家大地坐标系", "几度分带=3", "投影类型=高斯克吕格",
            "计量单位=米", "带号=37", "精度=0.001", "转换参数=,,,,,,", "[地块坐标]"]  # fmt: skip
    for number, sample in enumerate(found, 1):
        ring = np.vstack([sample.corners, sample.corners[:1]]) + [37_000_000, 0]
        hectares = official_area_m2(ring, np.array([0, len(ring)]), "EPSG:4525") / 1e4
        head.append(f"{len(ring)},{hectares:.4f},{number},{sample.name},面,{_sheet(sample.corners)},{sample.use},,@")
        for k, (e, n) in enumerate(ring):
            head.append(f"J{k % (len(ring) - 1) + 1},1,{n:.3f},{e:.3f}")
    return "\r\n".join(head) + "\r\n"


def write_parcels(out: Path, g: Guide, ground: Ground, uses: Uses, made: Made) -> list[Sample]:
    """Write `demo/示例地块.txt` as the survey software does: GB18030, CRLF."""
    found = samples(g, ground, uses, made)
    (out / "demo").mkdir(exist_ok=True)
    (out / "demo" / "示例地块.txt").write_bytes(boundary_txt(found).encode("gb18030"))
    return found
