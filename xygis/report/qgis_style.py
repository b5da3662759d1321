"""How QGIS draws a table of patches: verdict colours, a hatch for each verdict, labels. The style travels inside the GeoPackage.

QGIS reads the table `layer_styles` of a GeoPackage by itself. Colours are those of maps/styles.toml; the hatches differ in
direction and form, so that a grey print or a colour-blind reader still tells them apart.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as Xml

from xygis.atlas.bundled import bundled_root
from xygis.atlas.style import Style
from xygis.atlas.styles import read_styles
from xygis.atlas.verdict import Verdict

_TABLE = "layer_styles"
# The table as QGIS itself makes it; its names are QGIS's.
_COLUMNS = (
    "id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),"
    " f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,"
    " owner TEXT(30), ui TEXT(30), update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))"
)
# Verdict → angles in degrees of the lines that fill it, their distance in mm, and the pen of its edge.
_HATCHES: dict[Verdict, tuple[tuple[int, ...], float, str]] = {
    Verdict.PROHIBITED: ((45, 135), 2.0, "solid"),
    Verdict.UNDETERMINED: ((135,), 2.4, "dash"),
    Verdict.APPROVAL: ((45,), 2.2, "solid"),
    Verdict.JUSTIFICATION: ((0,), 2.2, "solid"),
    Verdict.NOTICE: ((90,), 3.2, "dot"),
    Verdict.COMPLIANT: ((), 0.0, "solid"),
}


def add_styles(file: Path, labels: Sequence[tuple[str, str]], stamp: str, root: Path | None = None) -> None:
    """Puts `layer_styles` into the GeoPackage `file`. labels: (table, QGIS expression that labels its features), of tables with a `verdict`.

    stamp: time of change, as ISO text; the same patches give the same bytes. root: the atlas whose styles count, else the bundled one's.
    """
    styles = {style.id: style for style in read_styles(root or bundled_root())}
    with closing(sqlite3.connect(file)) as db, db:
        db.execute(f"CREATE TABLE {_TABLE} ({_COLUMNS})")
        db.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id) VALUES (?, ?, ?, ?, ?, ?)",
            (_TABLE, "attributes", _TABLE, "", stamp, 0),
        )
        for table, label in labels:
            (column,) = db.execute("SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (table,)).fetchone()
            row = ("", "", table, column, "结论", _qml(styles, label), _sld(styles, table), 1, "按结论着色，附注记", "xygis", None, stamp)
            db.execute(
                f"INSERT INTO {_TABLE} (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML, styleSLD,"
                " useAsDefault, description, owner, ui, update_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )


def _qml(styles: dict[str, Style], label: str) -> str:
    root = Xml.Element("qgis", version="3.28.0", styleCategories="Symbology|Labeling", labelsEnabled="1")
    renderer = Xml.SubElement(
        root, "renderer-v2", type="categorizedSymbol", attr="verdict", symbollevels="0", enableorderby="0", forceraster="0"
    )
    categories = Xml.SubElement(renderer, "categories")
    symbols = Xml.SubElement(renderer, "symbols")
    for i, verdict in enumerate(Verdict):
        Xml.SubElement(categories, "category", value=verdict.value, type="string", label=verdict.label, symbol=str(i), render="true")
        symbol = Xml.SubElement(symbols, "symbol", type="fill", name=str(i), alpha="1", clip_to_extent="1", force_rhr="0")
        _fill(symbol, i, verdict, styles[f"verdict/{verdict.value}"])
    _labels(root, label, styles["text"])
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + Xml.tostring(root, encoding="unicode")


def _fill(symbol: Xml.Element, number: int, verdict: Verdict, style: Style) -> None:
    """Tint and edge, and over them a line fill for each angle."""
    line, tint = style.line or "#000000", style.fill or "#ffffff"
    angles, distance_mm, pen = _HATCHES[verdict]
    edge = {"outline_color": _rgba(line), "outline_style": pen, "outline_width": "0.46", "outline_width_unit": "MM", "joinstyle": "miter"}
    _layer(symbol, "SimpleFill", {"color": _rgba(tint, 150), "style": "solid", **edge})
    for j, angle in enumerate(angles, start=1):
        pattern = {"angle": str(angle), "color": _rgba(line), "distance": f"{distance_mm:g}", "distance_unit": "MM", "offset": "0"}
        layer = _layer(symbol, "LinePatternFill", {**pattern, "line_width": "0.3", "line_width_unit": "MM"})
        stroke = Xml.SubElement(layer, "symbol", type="line", name=f"@{number}@{j}", alpha="1", clip_to_extent="1", force_rhr="0")
        _layer(stroke, "SimpleLine", {"line_color": _rgba(line), "line_style": "solid", "line_width": "0.3", "line_width_unit": "MM"})


def _layer(symbol: Xml.Element, kind: str, options: dict[str, str]) -> Xml.Element:
    layer = Xml.SubElement(symbol, "layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"})
    table = Xml.SubElement(layer, "Option", type="Map")
    for name, value in options.items():
        Xml.SubElement(table, "Option", type="QString", name=name, value=value)
    return layer


def _labels(root: Xml.Element, expression: str, text: Style) -> None:
    ink, halo = text.text or "#000000", text.casing or "#ffffff"
    settings = Xml.SubElement(Xml.SubElement(root, "labeling", type="simple"), "settings", calloutType="simple")
    letters = Xml.SubElement(
        settings, "text-style", fieldName=expression, isExpression="1", fontSize="8", fontSizeUnit="Point", textColor=_rgba(ink)
    )
    Xml.SubElement(letters, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM", bufferColor=_rgba(halo))
    Xml.SubElement(settings, "placement", placement="1", centroidInside="1")
    Xml.SubElement(settings, "rendering", drawLabels="1", obstacle="1", displayAll="0")


def _sld(styles: dict[str, Style], table: str) -> str:
    """Fill and edge of each verdict, for programs that read SLD; hatches are left to QGIS."""
    ogc = "http://www.opengis.net/ogc"
    root = Xml.Element("StyledLayerDescriptor", {"version": "1.0.0", "xmlns": "http://www.opengis.net/sld", "xmlns:ogc": ogc})
    layer = Xml.SubElement(root, "NamedLayer")
    Xml.SubElement(layer, "Name").text = table
    rules = Xml.SubElement(Xml.SubElement(layer, "UserStyle"), "FeatureTypeStyle")
    for verdict in Verdict:
        style = styles[f"verdict/{verdict.value}"]
        rule = Xml.SubElement(rules, "Rule")
        Xml.SubElement(rule, "Name").text = verdict.label
        equal = Xml.SubElement(Xml.SubElement(rule, "ogc:Filter"), "ogc:PropertyIsEqualTo")
        Xml.SubElement(equal, "ogc:PropertyName").text = "verdict"
        Xml.SubElement(equal, "ogc:Literal").text = verdict.value
        symbol = Xml.SubElement(rule, "PolygonSymbolizer")
        Xml.SubElement(Xml.SubElement(symbol, "Fill"), "CssParameter", name="fill").text = style.fill
        stroke = Xml.SubElement(symbol, "Stroke")
        Xml.SubElement(stroke, "CssParameter", name="stroke").text = style.line
        Xml.SubElement(stroke, "CssParameter", name="stroke-width").text = "1.5"
    return Xml.tostring(root, encoding="unicode")


def _rgba(colour: str, alpha: int = 255) -> str:
    """#9f1717 as QGIS writes it: 159,23,23,255."""
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + f",{alpha}"
