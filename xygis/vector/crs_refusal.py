"""Why no reading of the coordinates holds, as one error that names the point, the zone or the claim at fault."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from xygis.errors import AmbiguousCrs, OutsideEnvelope, ReadAs, UnknownCrs, UnknownZone, Where, XygisError
from xygis.geodesy.crs import gauss_zone, is_geographic, title, to_geographic, zone_code
from xygis.geodesy.dms import spelled, unpacked
from xygis.vector.crs_claim import Claim
from xygis.vector.crs_reading import Bools, Numbers, Reading, fits, prefixes, readings_of_numbers, zones_of
from xygis.vector.crs_weighing import read_as

_TOLD = 5  # further points
_SOME = 0.25  # of the points: then a reading is meant, and the others are wrong


def odd_vertex(numbers: Numbers, readings: list[Reading]) -> None:
    """Raises OutsideEnvelope where a reading fits most vertices but not all: the first that does not is named."""
    best, good = None, None
    for reading in readings:
        mask = fits(numbers, reading)
        if good is None or mask.sum() > good.sum():
            best, good = reading, mask
    if best is None or good is None or 2 * good.sum() <= len(good):
        return
    raise _split(numbers, best, good)


def _split(numbers: Numbers, reading: Reading, good: Bools) -> OutsideEnvelope:
    """The points that a reading does not hold for, each with its place and what stands there; those it holds for are the measure."""
    odd = _each_once(numbers, ~good)
    at = odd[0]
    other = replace(reading, swapped=not reading.swapped)
    turned = bool(fits(_only_these(numbers, odd), other).all())
    place = _at(numbers, at, reading.swapped)
    first = f" {_as_written(numbers, at)}" if place.layer else f"第 {at + 1} 点 {_as_written(numbers, at)}"
    these = "这一点" if len(odd) == 1 else "这些点"
    why = f"{these}的两个坐标写反了" if turned else f"其余点按 {title(reading.code)} 都在范围内，{these}不在"
    return OutsideEnvelope(
        what=f"有 {len(odd)} 个点与其余 {len(_each_once(numbers, good))} 个点对不上，第一个是{first}",
        where=place,
        why="；".join(filter(None, (why, _others_told(numbers, odd[1:])))),
        fix=f"请对调{these}的两个坐标" if turned else f"请核对{these}的坐标",
        readings=(
            read_as(_only_these(numbers, np.flatnonzero(good)), reading),
            read_as(_only_these(numbers, odd), other if turned else reading),
        ),
    )


def _each_once(numbers: Numbers, mask: Bools) -> list[int]:
    """The vertices of a mask in their order, without the closing points that repeat one."""
    seen: dict[tuple[float, float], int] = {}
    for i in np.flatnonzero(mask).tolist():
        seen.setdefault((float(numbers.first[i]), float(numbers.second[i])), i)
    return list(seen.values())


def _only_these(numbers: Numbers, at: list[int] | NDArray[np.intp]) -> Numbers:
    return replace(numbers, first=numbers.first[at], second=numbers.second[at])


def _others_told(numbers: Numbers, at: list[int]) -> str:
    """The places of further points: by line where the file has lines."""
    if not at:
        return ""
    told = []
    for i in at[:_TOLD]:
        place = numbers.locate(i)
        told.append((f"第 {place.line} 行 " if place.line is not None else "") + _as_written(numbers, i))
    return f"还有{'、'.join(told)}{' 等' if len(at) > _TOLD else ''}"


def _as_written(numbers: Numbers, at: int) -> str:
    a, b = float(numbers.first[at]), float(numbers.second[at])
    places = 6 if max(abs(a), abs(b)) <= 360 else 3
    return f"({a:.{places}f}, {b:.{places}f})"


def not_as_ordered(numbers: Numbers, code: str, fitting: list[Reading]) -> XygisError:
    """The system given by --crs does not fit the numbers."""
    odd_vertex(numbers, [Reading(code=code, swapped=s) for s in (False, True)])
    return OutsideEnvelope(
        what=f"按指定的 {title(code)}，坐标不在图集范围内" if numbers.envelope else f"坐标数值与指定的 {title(code)} 不符",
        where=_at(numbers, 0, False),
        why=f"坐标数值像 {title(fitting[0].code)}"
        if fitting
        else _where_it_lands(numbers, Reading(code=code, swapped=False)) or _digits(numbers),
        fix="请核对 --crs；去掉它可以让程序自己判断",
        readings=tuple(read_as(numbers, r) for r in (Reading(code=code, swapped=False), *fitting[:1])),
    )


def claim_contradicted(numbers: Numbers, claim: Claim, fitting: list[Reading]) -> XygisError:
    """The file names a system, and its numbers do not fit it."""
    code = claim.code or ""
    if fitting:
        options = list(dict.fromkeys(r.code for r in fitting))
        return AmbiguousCrs(
            what=f"文件写明的坐标系与坐标数值矛盾：写的是 {title(code)}，数值像 {title(options[0])}",
            where=_place(claim.where, _at(numbers, 0, False)),
            why="；".join(claim.evidence),
            fix=f"请核对后用 --crs 指明，例如 --crs {options[0]}",
            readings=tuple(read_as(numbers, r) for r in (Reading(code=code, swapped=False), fitting[0])),
        )
    return OutsideEnvelope(
        what="坐标不在图集范围内" if numbers.envelope else f"坐标数值与写明的 {title(code)} 不符",
        where=_at(numbers, 0, False),
        why="；".join(filter(None, (*claim.evidence, _where_it_lands(numbers, Reading(code=code, swapped=False))))),
        fix="请核对坐标系和坐标；若写明的坐标系有误，用 --crs 指明",
        readings=(read_as(numbers, Reading(code=code, swapped=False)),),
    )


def zone_contradicted(numbers: Numbers, claim: Claim, prefix: int) -> UnknownZone:
    """The header says one zone, the eastings begin with another."""
    return UnknownZone(
        what=f"带号矛盾：文件头写第 {claim.zone} 带，横坐标以 {prefix} 开头",
        where=claim.where,
        why="同一组数字读在不同的带里，位置相差两三百公里",
        fix=f"核对带号：若坐标无误，把带号改为 {prefix}",
        readings=_by_prefix_and_by_header(numbers, claim.zone or prefix, prefix),
    )


def width_contradicted(numbers: Numbers, claim: Claim, prefix: int) -> UnknownZone:
    """The header says zones of six degrees, the eastings begin with a zone of three, or the other way round."""
    return UnknownZone(
        what=f"分带矛盾：文件头写 {claim.width_deg} 度分带，横坐标以 {prefix} 开头，那是 {3 if prefix >= 25 else 6} 度带的带号",
        where=_place(claim.where, numbers.locate(0)),
        why="3 度带带号为 25 至 45，6 度带带号为 13 至 23",
        fix=f"核对分带：若坐标无误，把分带改为 {3 if prefix >= 25 else 6}",
        readings=_by_prefix_and_by_header(numbers, prefix, prefix)[:1],
    )


def _by_prefix_and_by_header(numbers: Numbers, zone: int, prefix: int) -> tuple[ReadAs, ...]:
    """Where the numbers lie in the zone of their prefix, and where without it in the zone of the header."""
    swapped = prefix not in prefixes(numbers, False)
    mine = zone_code(prefix) if prefix >= 25 else f"EPSG:{4491 + prefix - 13}"
    stated = zone_code(zone, prefixed=False) if zone >= 25 else f"EPSG:{4502 + zone - 13}"
    return (
        read_as(numbers, Reading(code=mine, swapped=swapped)),
        read_as(numbers, Reading(code=stated, swapped=swapped), less_east=prefix * 1e6),
    )


def nothing_fits(numbers: Numbers, claim: Claim, readings: list[Reading]) -> XygisError:
    """No reading puts all vertices into the envelope; called when the numbers alone, or a zone, had to decide."""
    odd_vertex(numbers, readings)
    if (packed := _packed(numbers)) is not None:
        return packed
    if numbers.envelope is not None and claim.zone is not None:
        known = zones_of(numbers.envelope)
        others = [r for r in readings_of_numbers(numbers, Claim()) if fits(numbers, r).all()]
        zone = gauss_zone(others[0].code) if others else None
        if claim.zone not in known and not (claim.width_deg == 6 or claim.zone < 25):
            meridian = f"第 {claim.zone} 带的中央经线为 {3 * claim.zone}°"
            lands = _where_it_lands(numbers, readings[0]) if readings else ""
            return UnknownZone(
                what=f"坐标带号 {claim.zone} 不在图集范围内（第 {'、'.join(map(str, known))} 带）",
                where=claim.where,
                why="，".join(filter(None, (meridian, lands))),
                fix=f"核对带号，改为 {' 或 '.join(map(str, known))}；若坐标没有加带号，请删去这一行",
                readings=tuple(read_as(numbers, r) for r in (*readings[:1], *others[:1])),
            )
        if zone is not None:
            return UnknownZone(
                what=f"带号矛盾：文件头写第 {claim.zone} 带，坐标只有按第 {zone.zone} 带才在图集范围内",
                where=claim.where,
                why=_where_it_lands(numbers, readings[0]) if readings else "",
                fix=f"核对带号：若坐标无误，把带号改为 {zone.zone}",
                readings=tuple(read_as(numbers, r) for r in (*readings[:1], others[0])),
            )
    masks = [(r, fits(numbers, r)) for r in readings]
    if some := [(r, mask) for r, mask in masks if mask.mean() >= _SOME]:
        raise _split(numbers, *max(some, key=lambda one: int(one[1].sum())))
    if numbers.envelope is None or not any(_plausible(numbers, r) == 2 for r in readings):
        return UnknownCrs(
            what="从坐标数值看不出坐标系",
            where=_at(numbers, 0, False),
            why=_digits(numbers),
            fix="请核对坐标；若是地方独立坐标系，请先转换为 2000 国家大地坐标系；也可用 --crs 指明",
        )
    best = max(readings, key=lambda r: _plausible(numbers, r))
    return OutsideEnvelope(
        what="坐标不在图集范围内",
        where=_at(numbers, int(np.argmin(fits(numbers, best))), best.swapped),
        why=_where_it_lands(numbers, best),
        fix="请核对坐标、带号和轴序；若图集不对，用 --atlas 指定另一个图集",
        readings=tuple(shown for r in readings[:6] if (shown := read_as(numbers, r)).box is not None),
    )


def _packed(numbers: Numbers) -> UnknownCrs | None:
    """Where every number can be degrees, minutes and seconds run together: they can be metres as well, so the reading is only named."""
    both = [[unpacked(v) for v in column.tolist()] for column in (numbers.first, numbers.second)]
    if any(v is None for column in both for v in column):
        return None
    a, b = float(numbers.first[0]), float(numbers.second[0])
    return UnknownCrs(
        what="坐标像是度分秒连写，没有单位，不能确定",
        where=_at(numbers, 0, False),
        why=f"第一点 ({a:.3f}, {b:.3f}) 可读作 {spelled(both[0][0] or 0.0)}、{spelled(both[1][0] or 0.0)}，也可能是米",
        fix="请写成 112°08′23.45″ 的样子，或写成十进制度；点表也可把两列的表头改为“经度”“纬度”",
    )


def datum_unsaid(numbers: Numbers, reading: Reading) -> UnknownCrs:
    """Degrees of which nothing says the datum: numbers of map apps look the same and lie hundreds of metres away."""
    return UnknownCrs(
        what="坐标是经纬度，没有说明坐标基准",
        where=_at(numbers, 0, reading.swapped),
        why="同样的数字既有 CGCS2000、WGS84 的，也有经偏移的 GCJ-02（高德、腾讯等）和 BD-09（百度），相差三五百米以上，数字本身看不出来",
        fix="请问清来源软件和设置，再加 --datum cgcs2000（或 wgs84、gcj02、bd09）；测绘成果也可在表头上方或文件头写明“坐标系：2000国家大地坐标系”",
    )


def _plausible(numbers: Numbers, reading: Reading) -> int:
    """2 where the first vertex lands on the mainland of the system, 1 where it can be computed at all."""
    one = replace(numbers, first=numbers.first[:1], second=numbers.second[:1])
    if fits(replace(one, envelope=None), reading)[0]:
        return 2
    return int(fits(replace(one, envelope=(-180.0, -90.0, 180.0, 90.0)), reading)[0])


def _where_it_lands(numbers: Numbers, reading: Reading) -> str:
    for swapped in (reading.swapped, not reading.swapped):
        tried = replace(reading, swapped=swapped)
        if _plausible(numbers, tried):
            east, north = numbers.east_north(swapped)
            lon, lat = to_geographic(reading.code, east[:1], north[:1])
            verb = "位于" if is_geographic(reading.code) else f"按 {title(reading.code)}反算，位于"
            return f"第一点{verb}东经 {lon[0]:.4f}°、北纬 {lat[0]:.4f}°"
    return ""


def _digits(numbers: Numbers) -> str:
    return f"第一点是 ({numbers.first[0]:.3f}, {numbers.second[0]:.3f})，既不像经纬度，也不像带号加 500 公里的高斯坐标"


def _at(numbers: Numbers, index: int, swapped: bool) -> Where:
    east, north = numbers.east_north(swapped)
    return replace(numbers.locate(index), point=(float(east[index]), float(north[index])))


def _place(first: Where, second: Where) -> Where:
    return first if first != Where() else second
