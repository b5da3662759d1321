"""A report document as one HTML page that works offline, puts the answer first and prints on A4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xygis.check.assessment import Assessment
from xygis.report.assessment_document import assessment_document
from xygis.report.document import Document, Figure, Pictures
from xygis.report.pages import render

_FIGURE_ALT = "送审地块与管控图层套合图"
_SHORTCUTS = ("opinions", "lines", "approvals", "input", "annex")  # what the bar at the top leads to


def assessment_html(
    assessment: Assessment,
    *,
    map_page: str | None,
    main_figure: str | None,
    finding_figures: Mapping[tuple[str, str], str],
    legend: Sequence[tuple[str, str]] = (),
    figure_caption: str = "图1 送审地块与管控图层套合图。",
) -> str:
    """The report. map_page: a whole HTML document for the screen; figures: SVG of our own making, for screen and paper.

    finding_figures: (parcel id, layer id) → SVG. legend: (swatch as SVG, label) of the main figure.
    """
    main = Figure(svg=main_figure, caption=figure_caption, alt=_FIGURE_ALT, legend=tuple(legend)) if main_figure else None
    document = assessment_document(assessment, pictures=Pictures(main=main, findings=finding_figures))
    return document_html(document, map_page=map_page)


def document_html(document: Document, *, map_page: str | None) -> str:
    """The page. map_page: a whole HTML document that stands in a sandbox beside the overview, on the screen only."""
    context = {"doc": document, "map_page": map_page, "shortcuts": [s for s in document.sections if s.key in _SHORTCUTS]}
    return render("assessment.html.j2", context, title=document.title, demo=document.demo, foot=document.foot)
