"""How much a map page can carry and stay smooth, and what to do with the rest."""

from __future__ import annotations

from collections.abc import Sequence

from xygis.atlas.layer import Layer
from xygis.cartography.offline_page import dumps
from xygis.cartography.page_data import Json
from xygis.errors import UsageError

MOST_FEATURES = 20_000
MOST_BYTES = 8_000_000  # of data
TOO_MUCH = "网页地图最多载入 2 万个要素。可导出 GeoPackage 在 QGIS 等软件中查看，或少选几个图层。"


def lightened(data: Json) -> tuple[Json, dict[str, int]]:
    """(the data of a check without its heaviest layers where they are too much; layer id → features of each that was left out).

    Layers that start switched off go first; where that is not enough, only the worst conflicts stay, and their heading says so.
    Raises UsageError where the parcels alone are too many.
    """
    weights: dict[str, list[int]] = {}
    quiet: dict[str, bool] = {}
    for style in data["styles"]:
        weight = weights.setdefault(style["layer"], [0, 0])
        weight[0] += len(style["features"])
        weight[1] += _bytes(style)
        quiet[style["layer"]] = quiet.get(style["layer"], True) and not style["on"]
    features, size = _total(data), _bytes(data)
    left_out: dict[str, int] = {}
    for layer in sorted(weights, key=lambda one: (not quiet[one], -weights[one][0], -weights[one][1])):
        if features <= MOST_FEATURES and size <= MOST_BYTES:
            break
        left_out[layer] = weights[layer][0]
        features -= weights[layer][0]
        size -= weights[layer][1]
    if features > MOST_FEATURES or size > MOST_BYTES:
        data = _worst_only(data, features - len(data["conflicts"]), size - sum(_bytes(c) for c in data["conflicts"]))
    if not left_out:
        return data, left_out
    styles = [s for s in data["styles"] if s["layer"] not in left_out]
    kept = {s["key"] for s in styles}
    return data | {"styles": styles, "names": [n for n in data["names"] if n["layer"] in kept]}, left_out


def _worst_only(data: Json, features: int, size: int) -> Json:
    """The data with as many conflicts as fit beside so many other features and bytes, the worst first."""
    conflicts = sorted(data["conflicts"], key=lambda c: int(c["rank"]))
    kept = []
    for one in conflicts:
        features, size = features + 1, size + _bytes(one) + 1
        if features > MOST_FEATURES or size > MOST_BYTES:
            break
        kept.append(one)
    if not kept:
        raise UsageError(what=f"{len(data['parcels']):,} 个地块，网页地图载不下", fix="请分批审查，或只输出 gpkg，在 QGIS 等软件中查看")
    title = f"{data['conflictTitle']}（只载入最重的，共 {len(conflicts):,} 处，全部见 conflicts.gpkg）"
    return data | {"conflicts": kept[::-1], "conflictTitle": title}


def refuse_too_much(data: Json, layers: Sequence[Layer], *, last: bool) -> bool:
    """True where the outlines are too fine to be carried. Raises UsageError where the features are too many, or with `last` too heavy."""
    features = _total(data)
    heavy = _bytes(data) > MOST_BYTES
    if features > MOST_FEATURES or (heavy and last):
        counts: dict[str, int] = {}
        for style in data["styles"]:
            counts[style["layer"]] = counts.get(style["layer"], 0) + len(style["features"])
        most = sorted(((counts.get(one.id, 0), one.title) for one in layers), reverse=True)[:4]
        raise UsageError(
            what=f"所选图层共 {features:,} 个要素，网页地图最多流畅显示 {MOST_FEATURES:,} 个",
            why=f"其中 {'、'.join(f'{title} {count:,} 个' for count, title in most if count)}",
            fix="请少选几个图层；或在 QGIS 等软件中打开图集的 GeoPackage；要一张图，可输出 .png 或 .pdf",
        )
    return heavy


def _total(data: Json) -> int:
    return sum(len(s["features"]) for s in data["styles"]) + len(data["parcels"]) + len(data["conflicts"])


def _bytes(data: Json) -> int:
    return len(dumps(data).encode())
