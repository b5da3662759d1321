"""HTML pages from templates: one environment with escaping always on, and what every page shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from xygis.atlas.verdict import DEMO_STAMP
from xygis.report.cells import RIGHT, PrintedCell
from xygis.report.contract import generator
from xygis.report.table import Column, Kind
from xygis.report.wording import shortened
from xygis.visible import tame

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
PORTRAIT = ("A4", "20mm 16mm 17mm 18mm")
_SHORT = 10  # characters of a text cell that is kept on one line
LANDSCAPE = ("A4 landscape", "15mm 14mm 12mm")


class _WholePage(str):
    """A page inside a page: escaped like any text, but its own signs are its own affair."""


def render(template: str, context: Mapping[str, object], *, title: str, demo: bool, foot: str, sheet: tuple[str, str] = PORTRAIT) -> str:
    """A whole page. `demo` stamps it; `foot` stands at the bottom of every printed sheet."""
    from markupsafe import Markup

    paper, margin = sheet
    shared = {
        "title": title,
        "stamp_text": DEMO_STAMP if demo else "",
        "foot": foot,
        "paper": paper,
        "margin": margin,
        "version": generator()["version"],
        "tokens_css": Markup(_text("tokens.css")),
        "report_css": Markup(_text("report.css")),
        "sprite": Markup(_text("symbols.svg")),
    }
    return _environment().get_template(template).render({**shared, **context})


def css_string(text: str) -> str:
    """Text made safe inside a quoted CSS string in a style element: whatever is not a letter, digit or plain mark is escaped."""
    return "".join(c if c.isalnum() or c in " ·，。、（）“”—-." else f"\\{ord(c):x} " for c in text)


def cell_class(column: Column, cell: PrintedCell) -> str:
    """CSS classes of a table cell."""
    if column.kind in RIGHT:
        return "n zero" if cell.blank else "n"
    if column.kind in (Kind.VERDICT, Kind.STATE):
        return "nb"
    return "mono" if column.kind == Kind.CODE else ("nb" if len(cell.text) <= _SHORT else "text")


def folded_text(columns: Sequence[Column], cells: Sequence[PrintedCell]) -> str:
    """What the columns that are folded away say, as one small line under the row."""
    return " · ".join(cell.text for column, cell in zip(columns, cells, strict=True) if column.under and cell.text and not cell.blank)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: tame(value) if type(value) is str else value,
    )
    environment.filters["css_string"] = lambda text: Markup(css_string(str(text)))
    environment.filters["shortened"] = shortened
    environment.filters["whole_page"] = _WholePage
    environment.filters["drawing"] = Markup  # only ever of SVG drawn by xygis.cartography, which escapes names
    environment.filters["drawings"] = lambda items: [(Markup(swatch), label) for swatch, label in items]
    environment.globals.update(
        cell_class=cell_class, is_right=lambda c: c.kind in RIGHT, column_index=lambda columns, c: columns.index(c), folded_text=folded_text
    )
    return environment


@lru_cache(maxsize=8)
def _text(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")
