"""The page in a real browser, from a file, under its own policy."""

import re
import shutil
from datetime import date

import pytest
from pdf_reading import needs_poppler, pages
from sample_assessment import VARIANTS, three_parcels
from sample_consistency import plain

from xygis.atlas.atlas import Atlas
from xygis.atlas.bundled import bundled_root
from xygis.check.run import check
from xygis.intake.read import read_submission
from xygis.report.assessment_document import assessment_document
from xygis.report.brief import brief_document
from xygis.report.consistency_html import consistency_html
from xygis.report.document import Figure, Pictures
from xygis.report.html import assessment_html, document_html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")]
ATLAS = Atlas.open()
MAP = "<!doctype html><html><body><p id=p>no</p><script>document.getElementById('p').textContent='ran'</script></body></html>"
FIGURE = '<svg viewBox="0 0 76 49"><rect width="76" height="49" fill="#c3e0f2"/></svg>'


@pytest.fixture(scope="module")
def browser():
    sync = pytest.importorskip("playwright.sync_api")
    with sync.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


def _open(browser, made, tmp_path, complaints):
    path = tmp_path / "report.html"
    path.write_text(assessment_html(made, map_page=MAP, main_figure=FIGURE, finding_figures={}), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.on("console", lambda message: complaints.append(message.text))
    page.on("dialog", lambda dialog: (complaints.append("dialog"), dialog.dismiss()))
    page.on("request", lambda request: complaints.append(request.url) if not request.url.startswith(("file:", "data:", "about:")) else None)
    page.goto(path.as_uri())
    return page


def test_verdict_table_and_map_are_on_the_first_screen(browser, tmp_path):
    """At 1440 × 900 nothing of them lies below the fold, the map's script has run, and nothing was asked of the network."""
    complaints = []
    page = _open(browser, three_parcels(), tmp_path, complaints)
    bottoms = page.evaluate("['.verdict', '.first table', '.live'].map(s => document.querySelector(s).getBoundingClientRect().bottom)")
    assert max(bottoms) <= 900
    assert page.frames[1].inner_text("#p") == "ran"
    assert complaints == []
    page.close()


@pytest.mark.parametrize("variant", ["hostile", "five", "empty", "refused"])
def test_no_variant_runs_or_overflows_anything(browser, tmp_path, variant):
    """Hostile names open no dialog, and no page is wider than its window."""
    complaints = []
    page = _open(browser, VARIANTS[variant](), tmp_path, complaints)
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440
    page.close()


@pytest.mark.parametrize("width", [1280, 1265, 1000, 420])
def test_no_page_scrolls_sideways(browser, tmp_path, width):
    """Wide tables scroll within themselves; the title is whole on a telephone."""
    sample = read_submission(bundled_root() / "layers" / "demo" / "示例地块.txt", envelope=ATLAS.envelope)
    name = "襄阳至某某高速公路新建工程及其连接线、服务区、养护工区"
    checked = check(sample, ATLAS, on=date(2026, 11, 24), project={"use": "1207", "name": name})
    for made in (checked, *(variant() for variant in VARIANTS.values())):
        page = _open(browser, made, tmp_path, [])
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("(h => h.scrollHeight - h.clientHeight)(document.querySelector('h1'))") < 12
        page.close()


def test_print_shows_the_sheet_instead_of_the_map(browser, tmp_path):
    """On paper the interactive map gives way to the drawn one."""
    page = _open(browser, three_parcels(), tmp_path, [])
    page.emulate_media(media="print")
    shown = page.evaluate("['.live', '.sheet'].map(s => document.querySelector(s).getBoundingClientRect().height > 10)")
    assert shown == [False, True]
    page.close()


@pytest.mark.parametrize("variant", ["three", "forty", "refused"])
def test_the_brief_prints_on_one_sheet(browser, tmp_path, variant):
    """结论单 from the browser is one A4 page, as its PDF is."""
    brief = brief_document(assessment_document(VARIANTS[variant](), pictures=Pictures(main=Figure(svg=FIGURE, caption="图1", alt="图"))))
    path = tmp_path / "brief.html"
    path.write_text(document_html(brief, map_page=None), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1
    page.close()


@needs_poppler
def test_a_head_is_never_left_alone_at_the_foot_of_a_sheet(browser, tmp_path):
    """However far down a long table begins, caption, head and the first row are printed on one sheet; the head again on the next."""
    page = consistency_html(plain(tmp_path), county_figure=None, map_page=None)
    start, end = page.split("<body>")[0] + "<body>", "</body></html>"
    row = "<td>{}" + "<br>很长的一行" * 8 + "</td></tr>"
    tables = "".join(
        f'<section><div style="height:{mm}mm"></div><table class="t3 long"><caption>CAPTION{mm}.</caption><thead><tr><th>HEAD{mm}.</th></tr></thead>'
        f"<tbody>{''.join('<tr>' + row.format(f'ROW{mm}-{i}.') for i in range(4))}</tbody></table></section>"
        for mm in range(90, 180, 10)
    )
    path = tmp_path / "tables.html"
    path.write_text(start + tables + end, encoding="utf-8")
    opened = browser.new_page()
    opened.goto(path.as_uri())
    opened.pdf(path=tmp_path / "tables.pdf", prefer_css_page_size=True)
    opened.close()
    sheets = pages(tmp_path / "tables.pdf")
    for mm in range(90, 180, 10):
        (first,) = [s for s in sheets if f"CAPTION{mm}." in s]
        assert f"HEAD{mm}." in first and f"ROW{mm}-0." in first, mm
        assert all(f"HEAD{mm}." in s for s in sheets if f"ROW{mm}-" in s), mm
