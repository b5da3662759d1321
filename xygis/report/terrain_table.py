"""附表 地形 and 附表 分类栅格占比: what raster layers hold under each parcel, where the atlas has such layers."""

from __future__ import annotations

from collections.abc import Iterator

from xygis.atlas.layer import Layer
from xygis.check.assessment import Assessment, ParcelAssessment
from xygis.numbers import percent, tenths
from xygis.overlay.measure import Measure, Zonal
from xygis.report.table import Cell, Column, Kind, Table
from xygis.report.wording import row_name

MOST_ROWS = 200
_NO_DATA = "无数据"


def terrain_table(assessment: Assessment) -> Table | None:
    """Elevation and slope of every parcel; None where the atlas has no such layer."""
    rows = [(layer, parcel, m.zonal) for layer, parcel, m in _measured(assessment) if layer.measure != "class"]
    if not rows:
        return None
    several = len({layer.id for layer, _, _ in rows}) > 1
    body: list[tuple[Cell, ...]] = []
    for layer, parcel, z in rows[:MOST_ROWS]:
        heights = _heights(layer, z)
        slopes = (_NO_DATA,) * 3 if z is None else (_tenths(z.slope_mean_deg), _tenths(z.slope_max_deg), _percent(z.slope_share_above_25))
        body.append((row_name(parcel), *((layer.title,) if several else ()), *heights, *slopes, _lacking(z)))
    columns = (
        Column(key="parcel", title="地块", kind=Kind.NAME),
        *((Column(key="layer", title="图层"),) if several else ()),
        Column(key="min", title="最低（m）", kind=Kind.FIGURE),
        Column(key="mean", title="平均（m）", kind=Kind.FIGURE),
        Column(key="max", title="最高（m）", kind=Kind.FIGURE),
        Column(key="slope_mean", title="平均坡度（°）", kind=Kind.FIGURE),
        Column(key="slope_max", title="最大坡度（°）", kind=Kind.FIGURE),
        Column(key="steep", title="25°以上", kind=Kind.FIGURE),
        Column(key="lacking", title="无数据", kind=Kind.FIGURE),
    )
    notes = ("按栅格单元被地块覆盖的面积加权；坡度由相邻八个单元的高程计算（Horn 法），取实地距离。",)
    return Table(title="地形", columns=columns, rows=tuple(body), unit_note="高程与坡度", notes=notes + _rest(len(rows)))


def classes_table(assessment: Assessment) -> Table | None:
    """Shares of classes of every parcel, largest first; None where the atlas has no raster of classes."""
    rows: list[tuple[Cell, ...]] = []
    for layer, parcel, m in _measured(assessment):
        if layer.measure != "class":
            continue
        if m.zonal is None:
            rows.append((row_name(parcel), layer.title, _NO_DATA, ""))
            continue
        rows += [(row_name(parcel), layer.title, name, percent(share)) for name, share in m.zonal.classes]
        if m.zonal.unmapped_share:
            rows.append((row_name(parcel), layer.title, _NO_DATA, percent(m.zonal.unmapped_share)))
    if not rows:
        return None
    columns = (
        Column(key="parcel", title="地块", kind=Kind.NAME),
        Column(key="layer", title="图层"),
        Column(key="class", title="分类", kind=Kind.CODE),
        Column(key="share", title="占地块", kind=Kind.FIGURE),
    )
    return Table(title="分类栅格占比", columns=columns, rows=tuple(rows[:MOST_ROWS]), notes=_rest(len(rows)))


def _measured(assessment: Assessment) -> Iterator[tuple[Layer, ParcelAssessment, Measure]]:
    layers = {r.layer.id: r.layer for r in assessment.layers if r.layer.geometry == "raster"}
    for layer in layers.values():
        for parcel in assessment.parcels:
            yield from ((layer, parcel, m) for m in parcel.measures if m.layer == layer.id)


def _heights(layer: Layer, z: Zonal | None) -> tuple[Cell, Cell, Cell]:
    if layer.measure == "slope":
        return None, None, None
    return (_NO_DATA,) * 3 if z is None else (_tenths(z.elevation_min_m), _tenths(z.elevation_mean_m), _tenths(z.elevation_max_m))


def _lacking(z: Zonal | None) -> Cell:
    """The share without data; of slope where that is more."""
    if z is None:
        return percent(1.0)
    return percent(share) if (share := max(z.unmapped_share, z.slope_unmapped_share or 0.0)) else None


def _tenths(value: float | None) -> str:
    return _NO_DATA if value is None else tenths(value)


def _percent(share: float | None) -> str:
    return _NO_DATA if share is None else percent(share)


def _rest(count: int) -> tuple[str, ...]:
    return (f"另有 {count - MOST_ROWS} 行，见 report.json。",) if count > MOST_ROWS else ()
