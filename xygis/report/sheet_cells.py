"""What a printed cell is in a workbook: a number with the format that shows it as printed, or text."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from xygis.atlas.verdict import Verdict
from xygis.report.cells import RIGHT, PrintedCell
from xygis.report.pdf_data import colours
from xygis.report.table import Cell, Kind
from xygis.visible import visible

TITLE_PT = 24.0
_LINE_PT, _MOST_PT = 13.0, 400.0  # a spreadsheet shows no row that is higher
_LOOSE = 1.08  # lines are not filled to the last letter
_MOST = 32_000  # characters that a cell can hold
Number = tuple[float, str]
_FIGURE = re.compile(r"([+−-]?)(\d[\d,]*)(?:\.(\d+))?( %)?")
_SMALLER = re.compile(r"<(\d[\d,]*(?:\.\d+)?)( %)?")
_SCALES = {Kind.HA: 1e-4, Kind.LIMIT_HA: 1e-4, Kind.MU: 1.5e-3, Kind.SHARE: 1.0}


def number_of(printed: PrintedCell, raw: Cell) -> Number | None:
    """(value, format that shows it as printed); None for what is text. raw: the unrounded value.

    <0.01 keeps its unrounded value, for the printed one is no number.
    """
    if printed.kind not in RIGHT:
        return None
    if _SMALLER.fullmatch(printed.text) and isinstance(raw, (int, float)):
        return float(raw) * _SCALES.get(printed.kind, 1.0), f'"{printed.text}"'
    found = _FIGURE.fullmatch(printed.text)
    if found is None:
        return None
    sign, whole, decimals, percent = found[1], found[2].replace(",", ""), found[3] or "", found[4]
    if printed.kind == Kind.FIGURE and len(whole) > 1 and whole.startswith("0"):
        return None  # a code
    value = float(f"{'-' if sign in ('−', '-') else ''}{whole}{'.' if decimals else ''}{decimals}")
    grouped = "#,##0" if printed.kind != Kind.FIGURE or "," in found[2] else "0"
    form = grouped + (f".{'0' * len(decimals)}" if decimals else "")
    if percent:
        return round(value / 100, len(decimals) + 2), f'{form}" "%'
    if printed.kind == Kind.DIFFERENCE:
        return value, f"+{form};−{form};{form}"
    return value, form


def display_width(text: str) -> int:
    """In the width of a Latin letter; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def put(sheet: Any, row: int, column: int, text: str, look: Any, *, lines: bool = False) -> None:
    """Text stays text, whatever it looks like; with `lines`, it may have several."""
    plain = "\n".join(map(visible, text.split("\n"))) if lines else visible(text)
    sheet.write_string(row, column, plain[:_MOST], look)


def row_pt(texts: Sequence[tuple[str, float]]) -> float:
    """How high a row must be for texts in columns of these widths: not every program works that out for itself."""
    lines = [sum(max(1, math.ceil(display_width(line) * _LOOSE / max(width, 1.0))) for line in text.split("\n")) for text, width in texts]
    return min(max(lines, default=1) * _LINE_PT + 2.0, _MOST_PT)


class Formats:
    """The looks of cells, each made once. book: the library's."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[str, str], Any] = {}
        thin = {"bottom": 1, "bottom_color": "#E0E4E8"}
        ink, quiet = "#1A2027", "#5F6B76"
        self._looks: dict[str, dict[str, object]] = {
            "title": {"bold": True, "font_size": 14},
            "stamp": {"bold": True, "font_size": 11, "font_color": colours()["v-prohibited"]},
            "quiet": {"font_color": quiet},
            "line": {},
            "link": {"font_color": colours()["accent"], "underline": 1},
            "head": {"bold": True, "text_wrap": True, "valign": "bottom", "top": 5, "top_color": ink, "bottom": 1, "bottom_color": ink},
            "headright": {"bold": True, "text_wrap": True, "valign": "bottom", "align": "right", "top": 5, "top_color": ink, "bottom": 1,
                          "bottom_color": ink},
            "text": {"text_wrap": True, **thin},
            "name": {"bold": True, "text_wrap": True, **thin},
            "right": {"align": "right", **thin},
            "blank": {"align": "right", "font_color": quiet, **thin},
            "unknown": {"italic": True, "bold": True, "font_color": colours()["v-undetermined"], **thin},
            "total": {"bold": True, "top": 1, "top_color": ink, "bottom": 5, "bottom_color": ink},
            "totalright": {"bold": True, "align": "right", "top": 1, "top_color": ink, "bottom": 5, "bottom_color": ink},
        }  # fmt: skip

    def named(self, name: str, number: str = "") -> Any:
        """A look by its name, with a number format."""
        if (name, number) not in self._made:
            base: dict[str, object] = {"font_name": "Microsoft YaHei", "font_size": 9, "valign": "top"}
            shown: dict[str, object] = {"num_format": number} if number else {}
            self._made[(name, number)] = self._book.add_format(base | self._looks[name] | shown)
        return self._made[(name, number)]

    def verdict(self, verdict: Verdict) -> Any:
        """Ink and tint of a verdict; its mark and word stand in the cell."""
        name = verdict.value
        if name not in self._looks:
            ink, tint = colours()[f"v-{name}"], colours()[f"v-{name}-bg"]
            self._looks[name] = {"bold": True, "font_color": ink, "bg_color": tint, "indent": 1, "bottom": 1, "bottom_color": "#E0E4E8"}
        return self.named(name)
