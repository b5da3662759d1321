"""Reads `layers/catalogue.toml`. Nobody else opens that folder's catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xygis.atlas.codes import read_codes
from xygis.atlas.crosswalk import Crosswalk, derived_of, read_crosswalk
from xygis.atlas.layer import Alias, Layer
from xygis.atlas.toml_text import TomlText
from xygis.atlas.verdict import DataStatus
from xygis.errors import BadCatalogue

PERMIT = "permit"  # what was allowed to somebody: asked of what was built, not of what is planned
ROLES = ("control", "layout", "plan", "survey", "reference", PERMIT)
RASTER = "raster"
GEOMETRIES = ("polygon", "line", RASTER)
MEASURES = ("elevation", "slope", "class")
_LAYER_KEYS = (
    *("id", "title", "group", "role", "table", "source", "crs", "geometry", "status", "version", "valid_from", "valid_until"),
    *("authority", "provenance", "accuracy_m", "extent", "fields", "synonyms", "sensitive", "codes", "crosswalk", "repairs"),
)
_RASTER_KEYS = (  # a GeoTIFF says itself where it lies, how far it reaches and where it has no data
    *("id", "title", "group", "role", "source", "geometry", "measure", "status", "version", "valid_from", "valid_until"),
    *("authority", "provenance"),
)
_ATLAS_KEYS = ("name", "plane", "envelope")


def read_catalogue(root: Path) -> tuple[dict[str, Any], tuple[Layer, ...]]:
    """(the [atlas] table, the layers in order) of the atlas at `root`."""
    text = TomlText(root / "layers" / "catalogue.toml", BadCatalogue)
    head = text.data.get("atlas", {})
    text.check_keys(head, _ATLAS_KEYS, 1, required=("name",))
    envelope = head.get("envelope")
    if envelope is not None and not (
        isinstance(envelope, list) and len(envelope) == 4 and envelope[0] < envelope[2] and envelope[1] < envelope[3]
    ):
        raise text.fail(text.line_of("envelope", 1), "envelope 应为 [西, 南, 东, 北] 四个经纬度", "例如 [110.7, 31.2, 113.2, 32.7]")
    lists = read_codes(root) if any("codes" in table for _, table in text.tables("layer")) else {}
    crosswalk = read_crosswalk(root) if any("crosswalk" in table for _, table in text.tables("layer")) else Crosswalk()
    layers = tuple(_layer(text, line, table, root / "layers", lists, crosswalk) for line, table in text.tables("layer"))
    seen: set[str] = set()
    for (line, _), layer in zip(text.tables("layer"), layers, strict=True):
        if layer.id in seen:
            raise text.fail(line, f"图层 {layer.id} 登记了两次", "每个图层只登记一次")
        seen.add(layer.id)
    return head, layers


def _layer(text: TomlText, line: int, table: dict[str, Any], folder: Path, lists: dict[str, dict[str, str]], crosswalk: Crosswalk) -> Layer:
    raster = table.get("geometry") == RASTER
    required = ("id", "title", "role", "geometry", "status", *(("measure",) if raster else ()))
    text.check_keys(table, _RASTER_KEYS if raster else _LAYER_KEYS, line, required=required)
    words = [("role", ROLES), ("geometry", GEOMETRIES), ("status", tuple(s.value for s in DataStatus)), ("measure", MEASURES)]
    for key, allowed in words:
        if key in table and table[key] not in allowed:
            raise text.fail(text.line_of(key, line), f"{key} 不能是“{table[key]}”", f"可用：{'、'.join(allowed)}")
    source = table.get("source", {})
    text.check_keys(source, ("file",) if raster else ("file", "layer"), line)
    file = source.get("file")
    if file is not None and (Path(file).is_absolute() or ".." in Path(file).parts or "://" in file):
        raise text.fail(text.line_of("source", line), f"数据文件“{file}”不在图集目录内", "source.file 应为 layers/ 下的相对路径")
    synonyms: dict[str, dict[str, list[str]]] = table.get("synonyms", {})
    fields: dict[str, list[str]] = table.get("fields", {})
    for name in synonyms:
        if name not in fields:
            raise text.fail(line, f"synonyms.{name} 没有对应的字段", f"请在 fields 中登记 {name}")
    if "codes" in table and table["codes"] not in lists:
        raise text.fail(text.line_of("codes", line), f"没有代码表“{table['codes']}”", f"maps/codes.toml 有：{'、'.join(lists)}")
    codes = frozenset(lists[table["codes"]]) if "codes" in table else frozenset()
    return Layer(
        id=table["id"],
        title=table["title"],
        group=table.get("group", "其他"),
        role=table["role"],
        table=table.get("table"),
        path=folder / file if file else None,
        sublayer=source.get("layer"),
        crs=table.get("crs", "EPSG:4490"),
        geometry=table["geometry"],
        status=DataStatus(table["status"]),
        version=text.day(table, "version", line),
        valid_from=text.day(table, "valid_from", line),
        valid_until=text.day(table, "valid_until", line),
        authority=table.get("authority", ""),
        provenance=table.get("provenance", ""),
        accuracy_m=float(table["accuracy_m"]) if "accuracy_m" in table else None,
        extent=_extent(text, table, line),
        fields=tuple(
            Alias(
                field=ours,
                names=tuple(theirs),
                synonyms=tuple((value, tuple(words)) for value, words in synonyms.get(ours, {}).items()),
                codes=codes if ours == "class" else frozenset(),
            )
            for ours, theirs in fields.items()
        ),
        sensitive=tuple(table.get("sensitive", ())),
        measure=table.get("measure"),
        codes=table.get("codes"),
        repairs=tuple(str(sentence) for sentence in table.get("repairs", ())),
        derived=derived_of(text, line, table, crosswalk),
    )


def _extent(text: TomlText, table: dict[str, Any], line: int) -> tuple[tuple[tuple[float, float], ...], ...] | None:
    rings = table.get("extent")
    if rings is None:
        return None
    try:
        extent = tuple(tuple((float(x), float(y)) for x, y in ring) for ring in rings)
    except (TypeError, ValueError) as cause:
        raise text.fail(text.line_of("extent", line), "extent 不是环的列表", "写成 [[[经度, 纬度], …], …]") from cause
    if not extent or any(len(ring) < 4 or ring[0] != ring[-1] for ring in extent):
        raise text.fail(text.line_of("extent", line), "extent 的环不足四点或未闭合", "首尾点应相同")
    return extent
