"""This month's batch against last month's result: what is new, what is still there, what is gone. By place first, then by number."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from xygis.errors import FileMissing, InputError, Where, legible
from xygis.suspects.result import Gone

SCHEMA = "xygis/suspects/1"
SAME_SHARE = 0.5  # of both together that two outlines share, to be one patch
_MOST_BYTES = 500_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """One patch of the earlier result. geometry: lon/lat degrees."""

    label: str
    number: str | None
    county_name: str
    verdict: str
    area_m2: float
    geometry: shapely.Geometry


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierBatch:
    checked_on: str
    patches: tuple[Earlier, ...]
    file: str = ""  # as given
    sha256: str = ""


def read_earlier(path: Path) -> EarlierBatch:
    """The result of an earlier run, as `--json` or report.json has it. Raises FileMissing, InputError."""
    where = Where(file=legible(str(path)))
    fix = "请给出上期的 report.json（xygis suspects 用 --out 或 --json 写出的结果）"
    if not path.is_file():
        raise FileMissing(what="上期结果文件不存在", where=where, fix="请核对 --since 的路径")
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(what="上期结果文件过大", where=where, fix=fix)
        data = path.read_bytes()
        document = json.loads(data.decode("utf-8-sig"))
        if not isinstance(document, dict) or document.get("schema") != SCHEMA:
            raise InputError(what="不是控违拆违的结果文件", where=where, fix=fix)
        patches = tuple(_earlier(p) for p in document["patches"])
        sha256 = hashlib.sha256(data).hexdigest()
        return EarlierBatch(checked_on=str(document["checked_on"]), patches=patches, file=legible(str(path)), sha256=sha256)
    except (OSError, ValueError, KeyError, TypeError, RecursionError, shapely.errors.ShapelyError) as error:
        raise InputError(what="上期结果文件读不懂", where=where, why=str(error)[:200], fix=fix) from error


def _earlier(said: dict[str, object]) -> Earlier:
    shape = shapely.geometry.shape(said["geometry"])
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        raise ValueError("坐标不是数")
    number = said["number"]
    return Earlier(
        label=str(number or f"第{said['id']}个"),
        number=None if number is None else str(number),
        county_name=str(said["county"]["name"]),  # type: ignore[index]  # a mapping, or TypeError, which is caught
        verdict=str(said["verdict"]),
        area_m2=float(said["area_m2"]),  # type: ignore[arg-type]  # a number, or TypeError, which is caught
        geometry=shape if shape.is_valid else shapely.make_valid(shape),
    )


def same_patches(shapes: Sequence[shapely.Geometry], numbers: Sequence[str | None], batch: EarlierBatch) -> dict[int, int]:
    """patch of this batch → patch of the earlier one; each earlier one at most once.

    The same where the outlines share most of their ground, or bear one number and touch. A number alone proves nothing: offices
    begin each month at 001.
    """
    if not len(shapes) or not batch.patches:
        return {}
    here, there = np.array(shapes, object), np.array([p.geometry for p in batch.patches], object)
    left, right = shapely.STRtree(there).query(here, predicate="intersects")
    common = shapely.area(shapely.intersection(here[left], there[right]))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(common > 0.0, common / (shapely.area(here[left]) + shapely.area(there[right]) - common), 0.0)
    one_number = np.array(
        [numbers[i] is not None and numbers[i] == batch.patches[j].number for i, j in zip(left, right, strict=True)], bool
    )
    good = (share >= SAME_SHARE) | (one_number & (common > 0.0))
    found: dict[int, int] = {}
    taken: set[int] = set()
    for k in np.lexsort((right, left, -share)).tolist():
        i, j = int(left[k]), int(right[k])
        if good[k] and i not in found and j not in taken:
            found[i] = j
            taken.add(j)
    return found


def gone_of(batch: EarlierBatch, found: dict[int, int]) -> tuple[Gone, ...]:
    """What of the earlier batch is not in this one, largest first."""
    rest = [p for j, p in enumerate(batch.patches) if j not in set(found.values())]
    rows = [Gone(label=p.label, county_name=p.county_name, verdict=p.verdict, area_m2=p.area_m2) for p in rest]
    return tuple(sorted(rows, key=lambda g: (-g.area_m2, g.label)))
