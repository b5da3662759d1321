"""The PDF: every page stamped and counted, fonts in the file, tagged, names as written, the same bytes for the same input."""

from dataclasses import replace
from pathlib import Path

import pytest
from pdf_reading import facts, fonts, needs_poppler, page_sizes_pt, pages, structure
from sample_assessment import HOSTILE, PBF, VARIANTS, assessment, compliant_parcel, layer_record, many_parcels, three_parcels

from xygis.atlas.bundled import bundled_root
from xygis.atlas.styles import font_files
from xygis.atlas.verdict import DEMO_STAMP, DataState
from xygis.check.assessment import Assessment
from xygis.report.assessment_document import assessment_document
from xygis.report.brief import brief_document
from xygis.report.document import Figure, MapBook, Pictures
from xygis.report.pdf import brief_pdf, document_pdf
from xygis.report.pdf_data import Drawings, table_data

FONTS = tuple(font_files(bundled_root()))
SVG = '<svg viewBox="0 0 76 49"><rect width="76" height="49" fill="#c3e0f2"/><text x="9" y="20" font-size="8">汉江</text></svg>'
PICTURES = Pictures(main=Figure(svg=SVG, caption="图1 套合图。", alt="套合图", legend=((SVG, "永久基本农田"),)), findings={("1", PBF): SVG})
WILD = ("#set page()", "*bold* _em_ $x$", "`raw` @ref <label>", "=HYPERLINK(1)", "../../x", "滚河😀岘山", "A" * 500, "很长" * 250)


def written(made: Assessment, folder: Path, *, brief: bool = False) -> Path:
    document = assessment_document(made, pictures=PICTURES)
    path = folder / "report.pdf"
    path.write_bytes(brief_pdf(brief_document(document), FONTS) if brief else document_pdf(document, FONTS))
    return path


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(three_parcels(), tmp_path_factory.mktemp("pdf"))


@needs_poppler
def test_every_page_is_stamped_counted_and_fingerprinted(report):
    """No page can be taken out and passed for a statutory one."""
    found = pages(report)
    assert len(found) > 3
    for i, text in enumerate(found, start=1):
        assert DEMO_STAMP in text
        assert f"第{i}页，共{len(found)}页" in text
        assert "基准日2026-11-24·报告指纹" in text


@needs_poppler
def test_statutory_data_are_not_stamped(tmp_path):
    """Where no demo layer took part, no page says so."""
    made = assessment(compliant_parcel(), layers=(layer_record(PBF, state=DataState.MISSING),))
    assert not [p for p in pages(written(made, tmp_path)) if DEMO_STAMP in p]


@needs_poppler
def test_the_answer_stands_on_the_first_page(report):
    """Verdict, sentence, 表1, next steps, figure: page 1; the chapters follow in order."""
    first, *rest = pages(report)
    for words in (
        "综合结论",
        "地块1压占永久基本农田0.9554公顷（14.33亩），现方案不能报批。",
        "表1管控图层套合结果",
        "下一步",
        "图1套合图",
    ):
        assert words in first
    text = "".join(rest)
    heads = (
        "审查意见",
        "尚需材料",
        "一项目与输入",
        "二数据与规则",
        "三三条控制线",
        "九审批权限与材料",
        "十冲突清单",
        "十二复核说明",
        "附附表",
    )
    places = [text.index(head) for head in heads]
    assert places == sorted(places)


@needs_poppler
def test_fonts_are_in_the_file_and_only_what_is_used(report):
    """Every font is embedded as a subset, with a table back to text; Chinese is set in the atlas's own font."""
    found = fonts(report)
    assert all((f["emb"], f["sub"], f["uni"]) == ("yes", "yes", "yes") for f in found)
    assert (
        {"NotoSansSC-Regular", "NotoSansSC-Bold"}
        <= {f["name"] for f in found}
        <= {*("NotoSansSC-Regular", "NotoSansSC-Bold", "DejaVuSansMono", "DejaVuSansMono-Bold")}
    )


@needs_poppler
def test_it_is_tagged_titled_and_dated(report):
    """Headings, tables with heads, and drawings with words, for those who listen to it (PDF/UA); the date is the day of the check."""
    found = facts(report)
    assert (found["Tagged"], found["Title"]) == ("yes", "东津智能装备产业园一期用地合规性审查报告")
    assert "Nov 24" in found["CreationDate"] and "2026" in found["CreationDate"]
    tree = structure(report)
    assert all(tag in tree for tag in ("H1", "H2", "Table", "TH", "TD", "Figure"))
    assert b"<pdfuaid:part>1</pdfuaid:part>" in report.read_bytes()


@needs_poppler
def test_names_are_text_whatever_they_hold(tmp_path):
    """Marks of typst, HTML and spreadsheets, 500 letters, a sign that no font here has: shown, not obeyed."""
    made = three_parcels()
    named = replace(made, parcels=tuple(replace(p, id=str(i), name=n) for i, n in enumerate((HOSTILE, *WILD)) for p in made.parcels[:1]))
    text = "".join(pages(written(named, tmp_path)))
    for name in (HOSTILE, *WILD[:5], WILD[6], WILD[7]):
        assert name.replace(" ", "") in text
    assert "滚河〔U+1F600〕岘山" in text


def test_the_same_input_gives_the_same_bytes(report):
    """No clock, no chance: a report can be made again."""
    assert document_pdf(assessment_document(three_parcels(), pictures=PICTURES), FONTS) == report.read_bytes()


@needs_poppler
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_brief_is_one_page(tmp_path, variant):
    """结论单: verdict, table, next steps, fingerprint and room to sign on one A4 sheet, whatever the parcels."""
    (only,) = pages(written(VARIANTS[variant](), tmp_path, brief=True))
    for words in ("综合结论", "表1", "下一步", "经办：", "签发：", "报告指纹"):
        assert words in only


@needs_poppler
def test_the_brief_of_wild_names_is_one_page(tmp_path):
    """Long names cut the table, and the sheet says so; nothing runs on to a second one."""
    made = many_parcels(4)
    parcels = tuple(replace(p, name=n) for p, n in zip(made.parcels, ("很长" * 250, "长" * 400, "A" * 500, "短"), strict=True))
    (only,) = pages(written(replace(made, parcels=parcels), tmp_path, brief=True))
    assert "签发：" in only


def test_a_sign_without_a_glyph_is_written_as_its_number():
    """Two names that differ in such a sign stay two names."""
    drawings = Drawings(lambda c: c in "地块")
    assert ("地块〔U+1F600〕", "地块〔U+1F601〕") == (drawings.text("地块😀"), drawings.text("地块😁"))


def test_long_figures_leave_room_for_the_words_beside_them():
    """Four parcels of 100 km² set 表1 in smaller letters, never under 6 pt of 8.8; four of 10 ha in the usual ones."""
    small = many_parcels(4)
    large = tuple(
        replace(p, measures=tuple(replace(m, overlap_m2=m.overlap_m2 and m.overlap_m2 * 700, outside_m2=0.0) for m in p.measures))
        for p in small.parcels
    )
    scales = [
        table_data(assessment_document(replace(small, parcels=parcels)).overview, Drawings(lambda c: True))["scale"]
        for parcels in (small.parcels, large)
    ]
    assert scales[0] == 1.0
    assert 6 / 8.8 - 0.01 < scales[1] < 1.0


@needs_poppler
def test_maps_are_bound_behind_at_their_true_size(report, tmp_path):
    """A sheet of 300 × 200 mm stays one, so that its ratio holds; it is named, counted and fingerprinted like every other page."""
    book = MapBook(pdf=report.read_bytes(), captions=("位置图",), sizes_mm=((300.0, 200.0),))  # any PDF of a page or more will do
    path = tmp_path / "report.pdf"
    path.write_bytes(document_pdf(assessment_document(three_parcels()), FONTS, book))
    found = pages(path)
    assert "附图1" in found[-1] and "位置图" in found[-1] and f"第{len(found)}页，共{len(found)}页" in found[-1]
    assert "报告指纹" in found[-1] and "生态保护红线" in found[-1]
    width_pt, height_pt = 300 / 25.4 * 72, 200 / 25.4 * 72
    assert page_sizes_pt(path)[-1] == pytest.approx((width_pt, height_pt), abs=0.1)
