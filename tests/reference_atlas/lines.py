"""Roads, railways, power lines and pipelines between real places, as smooth lines with the width of their land."""

# ruff: noqa: E501 — the tables below read better in long rows
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import scipy.sparse
import shapely

from tests.reference_atlas.fabric import waves
from tests.reference_atlas.plane import smooth_line, to_plane

# way points in zone 37, km
ROADS = [
    ("福银高速", "G70", "高速公路", [(691, 3549), (676, 3551), (660, 3550.2), (645, 3552.5), (632, 3557), (621.5, 3562.4), (611.5, 3563.2), (603, 3560.4), (595.8, 3557.2),
                                (585, 3558.0), (574.5, 3563.5), (566.3, 3574), (556, 3577.5), (543, 3575.5), (531, 3578), (520, 3581)]),
    ("二广高速", "G55", "高速公路", [(607.5, 3598), (605.3, 3583), (602, 3572), (596.6, 3562), (593.6, 3556), (591.0, 3551), (590.6, 3546), (592.5, 3535), (595.0, 3523),
                                (597.5, 3508), (598.5, 3492), (602, 3478)]),
    ("麻安高速", "G4213", "高速公路", [(672, 3518), (655, 3521.5), (640, 3518.5), (627, 3515.8), (614, 3514.2), (600, 3513.4), (587, 3514.5), (573, 3514.7), (558, 3521.5), (543, 3524.5),
                                  (530, 3525.8), (516, 3524), (503, 3519.5), (486, 3521)]),
    ("呼北高速", "G59", "高速公路", [(569, 3602), (563.5, 3593), (556.7, 3586), (553.6, 3574), (549, 3563.8), (541, 3553.5), (530, 3544), (526.6, 3531), (531.5, 3518), (536, 3503), (534, 3485), (531, 3470)]),
    ("襄阳绕城高速", "G7021", "高速公路", [(621.5, 3562.4), (627.8, 3556.6), (629.3, 3548), (627.6, 3538.5), (621.5, 3528.2), (612.5, 3523.4), (603, 3523.9), (595.0, 3523)]),
    ("福银高速谷城至竹溪支线", "G4218", "高速公路", [(556, 3577.5), (549, 3563.8), (533, 3560), (519, 3558), (506, 3553)]),
    ("207国道", "G207", "国道", [(603, 3597), (606.2, 3582), (605.6, 3570), (606.9, 3560.5), (606.4, 3553), (605.6, 3546.6), (604.9, 3543), (602.3, 3539), (601.9, 3533), (606.5, 3524.5),
                             (610.5, 3517), (617, 3511), (621.7, 3503), (622.5, 3490)]),
    ("316国道", "G316", "国道", [(694, 3558), (680, 3554.5), (666, 3555.4), (651, 3550.4), (636, 3553.0), (625, 3552.8), (616.9, 3553.4), (611, 3552.6), (606.4, 3553), (597, 3553.6), (588, 3556.5),
                             (577, 3558.6), (568.8, 3570), (563.9, 3581), (560.5, 3573.5), (551, 3574), (542, 3573.2), (530, 3574.5), (519, 3577)]),
    ("346国道", "G346", "国道", [(676, 3521), (661, 3525), (645, 3516.5), (632, 3510.5), (620, 3508.2), (605, 3510.5), (592, 3515.8), (579.5, 3519.4), (565, 3521.8), (552, 3520), (537, 3523),
                             (525, 3527.3), (511, 3524.6), (497, 3517), (484, 3516)]),
    ("328国道", "G328", "国道", [(700, 3581), (684, 3579), (666, 3576.2), (648, 3570), (634, 3574.2), (616, 3572.8), (604, 3576), (592, 3579), (580, 3580.8), (568, 3584.5), (560.7, 3588), (548, 3590)]),
    ("234国道", "G234", "国道", [(671, 3596), (667, 3576), (664.5, 3559), (667.8, 3545), (664, 3530), (661, 3518)]),
    ("内环南线", "S316", "省道", [(598, 3543.7), (604, 3543.7), (609.6, 3542.8), (614.3, 3541.2), (618.4, 3542.6), (622.5, 3544.6), (629, 3545.5)]),
    ("303省道", "S303", "省道", [(592, 3543), (586, 3537), (583.4, 3529), (579.4, 3519), (577.8, 3509), (574, 3497), (572.5, 3485), (577, 3475), (579.5, 3466)]),
    ("305省道", "S305", "省道", [(524.5, 3528), (519, 3515), (516.6, 3500), (523, 3493.5), (530.5, 3491), (536, 3483), (547, 3477), (558, 3474.3), (570, 3470), (579.5, 3466)]),
    ("218省道", "S218", "省道", [(618.6, 3548), (622, 3542), (628, 3534), (634, 3523), (638, 3512), (638.5, 3496)]),
    ("217省道", "S217", "省道", [(630, 3572), (630.6, 3563), (634.8, 3554.5), (637.7, 3541), (643, 3529), (643.6, 3515), (641, 3500)]),
    ("302省道", "S302", "省道", [(585, 3603), (582.2, 3590), (581.2, 3581), (586.7, 3573), (591, 3565.5), (592.6, 3557.5)]),
    ("335省道", "S335", "省道", [(686, 3580), (683, 3571), (685, 3560.5), (680, 3549), (683, 3538), (678, 3528)]),
]  # fmt: skip
LAND_M = {"高速公路": 52.0, "国道": 32.0, "省道": 22.0, "县道": 12.0, "乡道": 8.0}
RAILS = [
    ("汉丹铁路", "普速铁路", [(690, 3542), (676, 3546), (664, 3552.6), (650, 3549.8), (636, 3555.2), (624, 3557.0), (614, 3555.2), (609.4, 3551.9), (607.6, 3549.6), (602, 3550.4), (592, 3555.4),
                         (580, 3559.6), (569.2, 3567.8), (561.5, 3574.6), (562.0, 3586), (552, 3594)]),
    ("襄渝铁路", "普速铁路", [(607.6, 3549.6), (600.5, 3551.2), (590, 3555.9), (578, 3560.6), (568.2, 3567.0), (556, 3573.0), (543, 3571.7), (530, 3573.4), (516, 3576)]),
    ("汉十高铁", "高速铁路", [(623.8, 3548.3), (619.2, 3557.6), (611.2, 3562.6), (600, 3563.4), (586, 3562.6), (574, 3567.6), (564.5, 3577.2), (556, 3583.6), (543, 3586.5)]),
    ("浩吉铁路", "普速铁路", [(592, 3600), (593.5, 3585), (598.4, 3570), (601.6, 3561), (594.2, 3556.5), (588.0, 3550), (588.8, 3540), (592, 3528), (602, 3516), (610.6, 3508), (613.5, 3492), (617, 3480)]),
]  # fmt: skip
POWER = [
    ("卧龙—樊城500千伏线路", 500, [(588, 3598), (593.0, 3580), (588.6, 3566), (586.0, 3553.5), (586.8, 3544.5), (584.2, 3531), (586, 3510), (592, 3489)]),
    ("襄阳电厂—卧龙500千伏线路", 500, [(610.4, 3528.8), (603.4, 3526.6), (594.0, 3528.4), (586.4, 3538.6)]),
    ("十堰—襄阳500千伏线路", 500, [(527, 3580.5), (543, 3578.4), (560, 3569.4), (575, 3565.2), (588.6, 3566)]),
    ("襄阳—随州500千伏线路", 500, [(610.4, 3528.8), (628, 3531.2), (645, 3533.2), (664, 3535.8), (680, 3536.4)]),
    ("襄阳电厂—东津220千伏线路", 220, [(610.4, 3528.8), (618.8, 3538.2), (626.4, 3542.2), (626.8, 3552.5), (624.6, 3560.8)]),
    ("樊城—枣阳220千伏线路", 220, [(598, 3560), (610.3, 3566.8), (624.6, 3560.8), (641, 3558), (658, 3561.5), (668.5, 3560.2)]),
    ("谷城—老河口220千伏线路", 220, [(552, 3566.8), (558.5, 3576.4), (557.5, 3589.5), (566.8, 3590.8)]),
    ("宜城—南漳220千伏线路", 220, [(610.4, 3528.8), (606.5, 3518), (614.5, 3507), (600.3, 3508.6), (584, 3515.4)]),
    ("南漳—保康220千伏线路", 220, [(584, 3515.4), (566, 3512), (547, 3516.4), (529, 3531.4)]),
    ("米庄110千伏线路", 110, [(610.3, 3566.8), (615.6, 3563.2), (621.9, 3562.6)]),
    ("隆中110千伏线路", 110, [(586.8, 3544.5), (595, 3546.2), (598.0, 3545.2)]),
    ("尹集110千伏线路", 110, [(603.4, 3526.6), (601.2, 3536.2), (597.4, 3542.0)]),
    ("太平店110千伏线路", 110, [(586.0, 3553.5), (579, 3553.2), (574.4, 3556.0)]),
    ("双沟35千伏线路", 35, [(624.6, 3560.8), (628.6, 3563.9), (634.5, 3571.4)]),
    ("吴店35千伏线路", 35, [(668.5, 3560.2), (671.4, 3548.4), (667.8, 3542.2)]),
]  # fmt: skip
PIPES = [
    ("西气东输二线樊城支干线", "天然气", [(600, 3597), (600.6, 3584), (595.0, 3574), (594.2, 3564.5), (592.0, 3556.6)]),
    ("忠武线襄樊支线", "天然气", [(607, 3479), (608.4, 3496), (603.4, 3510), (599.6, 3524), (594.6, 3534), (588.8, 3543), (588.5, 3551), (592.0, 3556.6)]),
    ("襄阳至枣阳输气管道", "天然气", [(592.0, 3556.6), (598, 3561), (608, 3568.6), (622, 3564.4), (638, 3560.2), (654, 3559.8), (668, 3561.4)]),
    ("襄阳至谷城输气管道", "天然气", [(592.0, 3556.6), (582, 3561), (571.6, 3563.6), (564, 3569.2), (560.2, 3568.8)]),
    ("荆门至襄阳成品油管道", "成品油", [(612, 3480), (613.5, 3497), (605, 3513), (602.6, 3524), (606.6, 3529.0)]),
    ("魏岗至荆门输油管道", "原油", [(620.5, 3594), (624, 3578), (627.2, 3566), (628.6, 3550), (631.5, 3536), (633, 3520), (634.5, 3503), (632, 3486)]),
]  # fmt: skip


def _path(points: Any, seed: int, *, rounds: int = 4) -> Any:
    line = shapely.segmentize(shapely.LineString(np.array(points) * 1000), 4000)
    line = shapely.transform(line, lambda xy: xy + waves(xy, np.random.default_rng(seed), [(9000, 180)]))
    return shapely.simplify(smooth_line(shapely.get_coordinates(line), rounds=rounds), 2.0)


def _clipped(line: Any, prefecture: Any) -> list[Any]:
    merged = shapely.get_parts(shapely.line_merge(shapely.intersection(line, prefecture)))
    return [p for p in merged if p.geom_type == "LineString" and p.length > 300]


def highways(prefecture: Any, han: Any, towns: list[tuple[str, str, float, float]]) -> list[dict[str, Any]]:
    """Rows name, number, class, width_m, shape: trunk roads by way points, county and township roads between neighbouring towns."""
    rows = []
    for name, number, kind, points in ROADS:
        for part in _clipped(_path(points, 31), prefecture):
            rows.append({"name": name, "number": number, "class": kind, "width_m": LAND_M[kind], "shape": part})
    xy = np.array([t[2:] for t in towns])
    legs = shapely.linestrings(np.stack(np.broadcast_arrays(xy[:, None], xy[None, :]), axis=2).reshape(-1, 2, 2))
    cost = (shapely.length(legs) * np.where(shapely.intersects(han, legs), 4, 1)).reshape(len(xy), len(xy))
    tree = scipy.sparse.csgraph.minimum_spanning_tree(cost).tocoo()
    county = {(min(i, j), max(i, j)) for i, j in zip(tree.row, tree.col, strict=True)}
    near = {(min(i, int(j)), max(i, int(j))) for i in range(len(xy)) for j in np.argsort(cost[i])[1:4]} - county
    for kind, letter, pairs in (("县道", "X", county), ("乡道", "Y", near)):
        for n, (i, j) in enumerate(sorted(pairs), 1):
            if kind == "乡道" and cost[i, j] > 24000:
                continue
            a, b = xy[i], xy[j]
            t = np.linspace(0, 1, max(3, int(np.hypot(*(b - a)) / 2200)))[:, None]
            points = a * (1 - t) + b * t
            points[1:-1] += waves(points[1:-1], np.random.default_rng(33), [(7000, 900), (2500, 260)])
            line = shapely.simplify(smooth_line(points, rounds=3), 2.0)
            for part in _clipped(line, prefecture):
                name = f"{towns[i][0].removesuffix('街道').removesuffix('镇')}至{towns[j][0].removesuffix('街道').removesuffix('镇')}公路"
                rows.append({"name": name, "number": f"{letter}{n:03d}", "class": kind, "width_m": LAND_M[kind], "shape": part})
    return rows


def corridors(rows: list[dict[str, Any]]) -> tuple[Any, list[Any]]:
    """Land of the trunk roads as one surface, and short lines that cut it into pieces of some 5 km."""
    main = [r for r in rows if r["class"] in ("高速公路", "国道", "省道")]
    lines = [shapely.simplify(r["shape"], 6) for r in main]
    surface = shapely.union_all(
        [shapely.buffer(g, r["width_m"] / 2, quad_segs=2, cap_style="flat", join_style="mitre") for g, r in zip(lines, main, strict=True)]
    )
    cuts = []
    for g, r in zip(lines, main, strict=True):
        for at in np.arange(2500, g.length - 500, 5000):
            p, q = (shapely.get_coordinates(shapely.line_interpolate_point(g, at + d))[0] for d in (0, 2))
            d = (q - p) / np.hypot(*(q - p)) * (r["width_m"] / 2 + 3)
            cuts.append(shapely.LineString([p + [-d[1], d[0]], p + [d[1], -d[0]]]))
    return surface, cuts


def railways(prefecture: Any, odbl: Path, city: Any, built: Any) -> list[dict[str, Any]]:
    """Rows name, class, setting, source, shape: the OpenStreetMap lines as they are, and schematic ones where there is none."""
    meta, _, wkb, columns = pyogrio.raw.read(odbl, layer="railways_osm")
    table = dict(zip(meta["fields"], columns, strict=True))
    lines = [(str(n).split("(")[0].split("（")[0], "高速铁路" if "高铁" in str(n) else "普速铁路", "© OpenStreetMap contributors, ODbL 1.0", g)
             for n, g in zip(table["name"], to_plane(shapely.force_2d(shapely.from_wkb(wkb))), strict=True)]  # fmt: skip
    lines += [(n, k, "示意", _path(p, 37)) for n, k, p in RAILS]
    villages, suburbs = shapely.buffer(built, 200), shapely.buffer(city, 2500)
    rows = []
    for name, kind, source, line in lines:
        rest = shapely.intersection(line, prefecture)
        for setting, zone in (("市区", city), ("郊区", suburbs), ("村镇", villages), ("其他", None)):
            piece = rest if zone is None else shapely.intersection(rest, zone)
            if zone is not None:
                rest = shapely.difference(rest, zone)
            for part in _clipped(piece, prefecture):
                rows.append({"name": name, "class": kind, "setting": setting, "source": source, "shape": part})
    return rows


def clipped_path(points: Any, prefecture: Any) -> list[Any]:
    """A pipeline through way points, inside the prefecture."""
    return _clipped(_path(points, 35, rounds=2), prefecture)
