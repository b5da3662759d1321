"""The report of three parcels, word for word, as it was read and found right; and every word of it in HTML and PDF."""

import html
import re

import pytest
from document_text import GOLDEN, lines, text
from pdf_reading import needs_poppler, raw_text
from sample_assessment import three_parcels

from xygis.atlas.bundled import bundled_root
from xygis.atlas.styles import font_files
from xygis.report.assessment_document import assessment_document
from xygis.report.html import document_html
from xygis.report.pdf import document_pdf


@pytest.fixture(scope="module")
def document():
    return assessment_document(three_parcels())


def _missing(document, shown: str) -> list[str]:
    """Pieces of the document that are not shown; white space is no matter of content."""
    return [piece for line in lines(document) for piece in line if re.sub(r"\s", "", piece) not in shown]


def test_the_report_reads_as_it_was_approved(document):
    """Any change of a word or a number is seen in review (`python tests/report/document_text.py` writes it anew)."""
    assert GOLDEN.read_text("utf-8") == text(document)


def test_the_page_says_all_of_it(document):
    """Every sentence, cell and note of the document stands on the HTML page."""
    page = re.sub(r"<(style|script)\b.*?</\1>", "", document_html(document, map_page=None), flags=re.DOTALL)
    assert _missing(document, re.sub(r"\s", "", html.unescape(re.sub(r"<[^>]+>", "", page)))) == []


@needs_poppler
def test_the_pdf_says_all_of_it(document, tmp_path):
    """Every sentence, cell and note of the document stands in the PDF, also where a page ends in the middle of it."""
    path = tmp_path / "report.pdf"
    path.write_bytes(document_pdf(document, tuple(font_files(bundled_root()))))
    assert _missing(document, raw_text(path, between_pages=(document.title, document.foot))) == []
