"""合法合规性 to be pasted: the sentences of the report, nothing made up, as text that Word reads and as Word."""

import re

import pytest
from sample_assessment import assessment, compliant_parcel, empty_atlas, hostile, three_parcels
from word_reading import opened, part, text_of, whole_text

from xygis.atlas.bundled import bundled_root
from xygis.atlas.styles import font_files
from xygis.atlas.verdict import DEMO_STAMP
from xygis.report.assessment_document import assessment_document
from xygis.report.document import Paragraph
from xygis.report.legality import TO_FILL_IN, legality_chapter
from xygis.report.paragraphs import paragraphs_docx, paragraphs_text

FONTS = tuple(font_files(bundled_root()))


def chapter_of(made):
    return legality_chapter(made, assessment_document(made))


@pytest.fixture(scope="module")
def chapter():
    return chapter_of(three_parcels())


@pytest.fixture(scope="module")
def text(chapter):
    return paragraphs_text(chapter).decode("utf-8-sig")


def test_the_parts_are_those_of_the_template(text):
    """3.1 to 3.7 of a provincial 选址论证 template (domain/reports.md §5.1), in order."""
    heads = re.findall(r"^(3\.\d) (.+)\r$", text, re.MULTILINE)
    assert [n for n, _ in heads] == ["3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7"]
    for (_, title), words in zip(
        heads, ("法规政策", "三线和耕地", "国土空间总体规划", "专项规划", "其他规划", "过渡期", "小结"), strict=True
    ):
        assert words in title


def test_windows_reads_it_as_it_is(chapter):
    """UTF-8 with the mark that tells Word so, lines that end as on Windows."""
    data = paragraphs_text(chapter)
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\n") == data.count(b"\r\n")


def test_sentences_are_those_of_the_report(text):
    """Every sentence of the three lines, of the layout, of protected land and of the strips stands there word for word."""
    report = assessment_document(three_parcels())
    said = [b.text for s in report.sections if s.key in ("lines", "layout", "protected", "strips", "plans") for b in s.blocks if _spoken(b)]
    assert len(said) > 8
    assert [s for s in said if s not in text] == []
    assert next(b.text for b in report.section("method").blocks if isinstance(b, Paragraph)) in text


def _spoken(block):
    return isinstance(block, Paragraph) and block.role == "text" and block.about


def test_farmland_stands_under_the_three_lines(text):
    """0.9554 公顷 of permanent basic farmland, by hand 9554.331 m² of 269400.02, under 3.2 and not elsewhere."""
    parts = re.split(r"^3\.\d ", text, flags=re.MULTILINE)
    assert "占用永久基本农田 0.9554 公顷（14.33 亩），占项目用地 3.5 %" in parts[2]
    assert not [p for i, p in enumerate(parts) if i != 2 and "占用永久基本农田 0.9554" in p]


def test_what_is_not_known_is_to_be_filled_in(text):
    """产业政策 and 供地政策 are marked, each once, and nothing is said about them."""
    for what in ("产业政策的符合性", "供地政策的符合性"):
        assert text.count(what) == 1
        assert f"{what}：{TO_FILL_IN}。" in text


def test_an_empty_atlas_says_of_nothing_that_it_complies():
    """Without data no sentence says 不涉及 or 符合 of a layer, and the plans that the atlas lacks are to be filled in."""
    text = paragraphs_text(chapter_of(empty_atlas())).decode("utf-8-sig")
    assert "不涉及" not in text
    assert not re.search(r"(?<!不)(?<!项目)符合(?!性|的结论)", text)
    assert TO_FILL_IN in text


def test_the_source_of_the_numbers_is_told(chapter, text):
    """Day and fingerprint of the report stand below, the stamp above."""
    assert text.splitlines()[1] == DEMO_STAMP
    assert chapter.foot in text.splitlines()[-1]


def test_word_says_the_same(chapter, text):
    """Every paragraph of the text stands in the Word file, as a paragraph of its own; what is to be filled in is highlighted."""
    data = paragraphs_docx(chapter, FONTS)
    word = opened(data)
    shown = [text_of(p._p) for p in word.paragraphs]
    for section in chapter.sections:
        assert f"{section.number}　{section.title}" in shown
        assert [b.text for b in section.blocks if isinstance(b, Paragraph) and b.text not in shown] == []
    assert part(data, "word/document.xml").count('<w:rStyle w:val="ToFillIn"/>') == text.count(TO_FILL_IN)
    assert DEMO_STAMP in "".join(text_of(s.header._element) for s in word.sections)


def test_its_tables_have_numbers_of_their_own(chapter):
    """The chapter is pasted into another report: its tables begin with 表1."""
    captions = [text_of(p._p) for p in opened(paragraphs_docx(chapter, FONTS)).paragraphs if p.style.name == "Caption"]
    assert captions[0].startswith("表1　三条控制线占用情况")
    assert [int(re.match(r"表(\d+)", c)[1]) for c in captions] == list(range(1, len(captions) + 1))


def test_a_project_that_complies_is_told_so():
    """The conclusion is that of the report."""
    assert "综上，项目符合各项管控要求。" in paragraphs_text(chapter_of(assessment(compliant_parcel()))).decode("utf-8-sig")


def test_hostile_names_make_neither_lines_nor_markup():
    """A name cannot open a paragraph or a tag."""
    chapter = chapter_of(hostile())
    data = paragraphs_docx(chapter, FONTS)
    assert "onerror=alert(1)" in opened(data).core_properties.title
    assert "=1+1 J1—J4 段界址核实说明" in whole_text(data)
    lines = paragraphs_text(chapter).decode("utf-8-sig").split("\r\n")
    assert "\n" not in "".join(lines)
    assert "onerror=alert(1)" in lines[0]
