"""The HTML page: whole, escaped, offline, and with the same numbers as the JSON."""

import re
from html.parser import HTMLParser

import pytest
from sample_assessment import ESR, HOSTILE, PBF, UGB, VARIANTS, assessment, layer_record, three_parcels, with_refused

from xygis import numbers
from xygis.atlas.verdict import DEMO_STAMP, DataState
from xygis.report.contract import assessment_dict
from xygis.report.html import assessment_html
from xygis.report.pages import css_string

FIGURE = '<svg viewBox="0 0 76 49" role="img" aria-label="示意"><rect width="76" height="49" fill="#c3e0f2"/></svg>'
MAP = "<!doctype html><html><body><script>document.title='<\"&'</script></body></html>"


def page(made) -> str:
    figures = {("1", PBF): FIGURE, ("3", ESR): FIGURE}
    return assessment_html(made, map_page=MAP, main_figure=FIGURE, finding_figures=figures)


class _Reader(HTMLParser):
    """Tags with attributes, tables as rows of texts by caption, and the text of the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.text = ""
        self._caption, self._in = "", ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "table":
            self._caption = f"?{len(self.tables)}"
        if tag in ("caption", "script", "style"):
            self._in = tag
            self._caption = "" if tag == "caption" else self._caption
        if tag == "tr":
            self.tables.setdefault(self._caption, []).append([])
        if tag in ("td", "th"):
            self._in = "cell"
            self.tables[self._caption][-1].append("")

    def handle_endtag(self, tag):
        if tag in ("caption", "td", "th", "small", "script", "style"):
            self._in = ""

    def handle_data(self, data):
        if self._in not in ("script", "style"):
            self.text += data
        if self._in == "caption":
            self._caption += data
            self._in = ""
        if self._in == "cell":
            self.tables[self._caption][-1][-1] += data


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_makes_a_whole_page(variant):
    """One parcel, forty, hostile names, an empty atlas, refused files: a page with verdict, table and map."""
    text = page(VARIANTS[variant]())
    reader = _Reader(text)
    assert text.rstrip().endswith("</html>")
    assert "表1 管控图层套合结果" in reader.tables
    assert [t for t, _ in reader.tags].count("iframe") == 1


def test_html_and_json_show_the_same_numbers():
    """Read back from the page: overlaps by layer and the three areas are those of the JSON, rounded once."""
    made = three_parcels()
    document = assessment_dict(made)
    tables = _Reader(page(made)).tables
    overlays = {row[0]: row for row in tables["表1 管控图层套合结果"]}
    head = overlays["管控图层"]
    for total in document["totals"]["by_layer"]:
        title = f"{total['title']}以外" if total["layer"] == UGB else total["title"]
        value = total["outside_m2"] if total["layer"] == UGB else total["overlap_m2"]
        if title in overlays and value:
            assert overlays[title][head.index("合计")] == numbers.hectares(value)
            assert overlays[title][head.index("亩")] == numbers.mu(value)
    areas = {row[0]: row for row in next(rows for caption, rows in tables.items() if "三种面积对照" in caption)}
    for parcel in document["parcels"]:
        area = parcel["area"]
        expected = [numbers.square_metres(area[k]) for k in ("ellipsoidal_m2", "planar_m2", "declared_m2")]
        assert areas[parcel["name"]][1:4] == expected
    assert areas["合计"][1] == numbers.square_metres(document["totals"]["area"]["ellipsoidal_m2"])


def test_hostile_names_stay_text():
    """Names with tags, quotes and template marks are shown as written: no element, no handler, no evaluation."""
    reader = _Reader(page(VARIANTS["hostile"]()))
    handlers = [(tag, k, v) for tag, attrs in reader.tags for k, v in attrs.items() if k.startswith("on")]
    assert handlers == [("button", "onclick", "print()")]
    assert not [tag for tag, _ in reader.tags if tag in ("img", "script", "base", "form", "link")]
    assert HOSTILE in reader.text
    assert "49" not in re.findall(r"onerror=alert\(1\)>(..)", reader.text)


def test_a_name_cannot_leave_the_style_sheet():
    """The running header of the printed page escapes quotes, brackets, backslashes and line ends."""
    assert re.fullmatch(r'[^"<>\n{};]*', css_string('</style>"}\n;\\x'))


def test_the_page_needs_no_network():
    """A strict policy, and nothing that points outside the file."""
    text = page(three_parcels())
    assert "default-src 'none'" in text
    outside = [v for _, attrs in _Reader(text).tags for k, v in attrs.items() if k in ("src", "href") and v and not v.startswith("#")]
    assert outside == []
    assert "url(" not in text.replace("url(#", "")


def test_the_map_is_shut_in_a_sandbox():
    """The map page may run its scripts and nothing else, and arrives unchanged."""
    frame = next(attrs for tag, attrs in _Reader(page(three_parcels())).tags if tag == "iframe")
    assert (frame["sandbox"], frame["srcdoc"]) == ("allow-scripts", MAP)


def test_demo_data_are_stamped_and_statutory_data_are_not():
    """The stamp stands on the page and on every printed sheet, exactly when demo data took part."""
    made = three_parcels()
    assert page(made).count(DEMO_STAMP) == 2
    none = assessment(made.parcels[0], layers=(layer_record(PBF, state=DataState.MISSING),))
    assert DEMO_STAMP not in page(none)


def test_refused_files_are_told_before_the_verdict():
    """What could not be read stands on top, with the lines around it and the cure."""
    text = _Reader(page(with_refused())).text
    assert text.index("1 个文件未能读取") < text.index("综合结论")
    assert "9 | 带号=40" in text


def test_articles_nobody_has_read_are_marked():
    """条文待核 stands behind such a citation."""
    assert "城镇开发边界划定要求（2019-06-01）条文待核" in _Reader(page(three_parcels())).text


def test_a_figure_is_shown_once():
    """Each conflict figure stands on one card; the sheet is there for print."""
    assert page(three_parcels()).count(FIGURE) == 3


def test_the_same_assessment_gives_the_same_page():
    """No clock, no order of sets: byte for byte the same."""
    assert page(three_parcels()) == page(three_parcels())


def test_the_legend_stands_under_the_sheet():
    """Every symbol of the sheet with its word."""
    text = assessment_html(three_parcels(), map_page=None, main_figure=FIGURE, finding_figures={}, legend=[(FIGURE, "永久基本农田")])
    assert f'<ul class="legend"><li>{FIGURE}永久基本农田</li></ul>' in text
