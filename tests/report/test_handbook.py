"""The handbook: all rules in one file, offline under a strict policy, every link with its end, every name as text."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from xygis.atlas.atlas import Atlas
from xygis.errors import OutputFailed
from xygis.report.handbook import handbook_html
from xygis.report.rule_page import rule_page
from xygis.report.rule_words import vocabulary
from xygis.saving import save_handbook

DAY = date(2026, 11, 24)
ATLAS = Atlas.open(None)
HOSTILE = "<img src=x onerror=alert(1)>\"'{{7*7}}</script>"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class _Reader(HTMLParser):
    """Tags with attributes, the text outside script and style, and that of scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text, self.scripts = "", ""
        self._in = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._in = tag if tag in ("script", "style") else self._in

    def handle_endtag(self, tag):
        self._in = "" if tag == self._in else self._in

    def handle_data(self, data):
        if self._in == "script":
            self.scripts += data
        elif not self._in:
            self.text += data


@pytest.fixture(scope="module")
def book() -> _Reader:
    return _Reader(handbook_html(ATLAS, DAY))


def test_every_rule_is_in_the_book_whole(book: _Reader) -> None:
    """Each version: title, sentence, and every line and quotation of its page."""
    words = vocabulary(ATLAS)
    assert len(ATLAS.rules) == sum(tag == "article" for tag, _ in book.tags)
    for rule in ATLAS.rules:
        made = rule_page(ATLAS, words, rule, DAY)
        told = [rule.title, made.sentence, *(t for s in made.sections for line in s.lines for t in (line.text, line.note, *line.quotes))]
        assert not [text for text in told if text not in book.text], rule.code


def test_every_instrument_is_in_the_index(book: _Reader) -> None:
    """Each registered text with its day, and how far it was read."""
    index = book.text[book.text.rindex("法规文件索引") :]
    for instrument in ATLAS.law.instruments:
        assert (instrument.title or instrument.name) in index
        assert f"{instrument.in_force} 起" in index
    assert "未读到原文" in index


def test_what_changes_soon_is_listed(book: _Reader) -> None:
    """The farmland law of 2027 stands among the changes, with the rules that it brings."""
    ahead = book.text[book.text.rindex("将要变化") : book.text.rindex("法规文件索引")]
    assert "2027-01-01 起施行耕地保护和质量提升法" in ahead
    assert "PBF-01" in ahead and "不同：依据" in ahead


def test_every_link_has_its_end(book: _Reader) -> None:
    """Links lead only into the page, each to an id that there is once."""
    ids = [attrs["id"] for _, attrs in book.tags if attrs.get("id")]
    assert len(set(ids)) == len(ids)
    links = [str(attrs["href"]) for tag, attrs in book.tags if attrs.get("href") and tag != "use"]
    assert not [link for link in links if not link.startswith("#") or link[1:] not in ids]


def test_the_policy_lets_only_its_own_script_run(book: _Reader) -> None:
    """The policy names the script by its hash; no handler in an attribute, nothing fetched."""
    policy = next(str(a["content"]) for tag, a in book.tags if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy")
    digest = base64.b64encode(hashlib.sha256(book.scripts.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy and "default-src 'none'" in policy
    assert not [(tag, k) for tag, attrs in book.tags for k in attrs if k.startswith("on") or k == "src"]


def test_without_script_nothing_is_missing(book: _Reader) -> None:
    """Only the finder and the print button wait for the script: no rule is hidden in the file."""
    assert {"find", "print"} == {str(attrs.get("id")) for _, attrs in book.tags if "hidden" in attrs}


def test_hostile_names_stay_text() -> None:
    """Codes, titles, messages, words of the law, cases and subjects are shown as written."""
    rule = ATLAS.rules[0]
    bad = replace(
        rule,
        code=HOSTILE,
        title=HOSTILE,
        message=HOSTILE.replace("{", "").replace("}", ""),
        remedy=HOSTILE,
        penalty=HOSTILE,
        documents=(HOSTILE,),
        basis=(replace(rule.basis[0], says=(HOSTILE,)),),
        cases=(replace(rule.cases[0], note=HOSTILE),),
    )
    law = replace(ATLAS.law, rules=(bad,), subjects=((rule.path.name, HOSTILE),))
    reader = _Reader(handbook_html(replace(ATLAS, law=law, name=HOSTILE), DAY))
    assert not [tag for tag, _ in reader.tags if tag in ("img", "iframe", "link", "base", "form")]
    assert 1 == sum(tag == "script" for tag, _ in reader.tags)
    assert not [k for _, attrs in reader.tags for k in attrs if k.startswith("on")]
    assert reader.text.count(HOSTILE) >= 6
    assert "49" not in re.findall(r"onerror=alert\(1\)>\"'(..)", reader.text)


def test_an_empty_base_makes_a_book() -> None:
    """An atlas without rules: a page that says 0 rules, not a failure."""
    reader = _Reader(handbook_html(replace(ATLAS, law=replace(ATLAS.law, rules=(), subjects=(), procedures=(), pairs=())), DAY))
    assert "0条规则" in reader.text and "没有规则引用" in reader.text


def test_the_same_base_makes_the_same_bytes() -> None:
    """No clock, no order of sets."""
    assert handbook_html(ATLAS, DAY) == handbook_html(ATLAS, DAY)


def test_the_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    """Written into a folder that is made for it; refused where a file stands in the way, or for another format."""
    assert save_handbook(ATLAS, DAY, tmp_path / "手册" / "规则.html").read_text("utf-8").rstrip().endswith("</html>")
    assert ["规则.html"] == [p.name for p in (tmp_path / "手册").iterdir()]
    (tmp_path / "file").write_text("here lies a file")
    for path in (tmp_path / "file" / "规则.html", tmp_path / "规则.pdf"):
        with pytest.raises(OutputFailed):
            save_handbook(ATLAS, DAY, path)


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_the_finder_finds(tmp_path: Path) -> None:
    """In a browser under the page's own policy: words narrow the cards, a link into a hidden card shows all again, print holds all."""
    sync = pytest.importorskip("playwright.sync_api")
    path = save_handbook(ATLAS, DAY, tmp_path / "h.html")
    complaints: list[str] = []
    with sync.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.on("console", lambda message: complaints.append(message.text))
        page.on("request", lambda request: complaints.append(request.url) if not request.url.startswith("file:") else None)
        page.goto(path.as_uri())
        assert page.evaluate("document.querySelector('.subjects').getBoundingClientRect().top") < 900
        shown = "[...document.querySelectorAll('.rule')].filter(c => c.getBoundingClientRect().height > 0).map(c => c.id)"
        assert len(ATLAS.rules) == len(page.evaluate(shown))
        page.fill("#q", "高速公路 不少于30米")
        assert ["HW-01"] == page.evaluate(shown)
        assert "筛选出 1 个" in page.inner_text("#found")
        page.evaluate("location.hash = '#PBF-01'")
        page.wait_for_function("document.getElementById('q').value === ''")
        assert len(ATLAS.rules) == len(page.evaluate(shown))
        page.emulate_media(media="print")
        assert len(ATLAS.rules) == len(page.evaluate(shown))
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
        page.set_viewport_size({"width": 664, "height": 900})  # A4 without its margins: what may not be broken fits a sheet
        assert page.evaluate("Math.max(...[...document.querySelectorAll('.cols')].map(c => c.getBoundingClientRect().height))") < 900
        browser.close()
    assert complaints == []
