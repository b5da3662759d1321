"""report.xlsx: a sheet for every table, numbers as numbers that show what the other faces print, text that stays text."""

import io
import re
import zipfile
from dataclasses import replace

import openpyxl
import pytest
from sample_assessment import VARIANTS, assessment, parcel_on_farmland, three_parcels

from xygis.atlas.verdict import DEMO_STAMP, LayerState
from xygis.report.assessment_document import assessment_document
from xygis.report.cells import PrintedCell
from xygis.report.document import TableBlock
from xygis.report.document_workbook import document_xlsx, sheets
from xygis.report.sheet_cells import number_of
from xygis.report.table import Kind


@pytest.fixture(scope="module")
def model():
    return assessment_document(three_parcels())


@pytest.fixture(scope="module")
def data(model):
    return document_xlsx(model)


@pytest.fixture(scope="module")
def book(data):
    return openpyxl.load_workbook(io.BytesIO(data))


def test_there_is_a_sheet_for_every_table(model, book):
    """结论 first, 审查意见 second, then each table of the document under its number, in its order."""
    tables = [model.overview, *(b for s in model.sections for b in s.blocks if isinstance(b, TableBlock))]
    assert book.sheetnames[:2] == ["结论", "审查意见"]
    assert book.sheetnames[2:] == [f"{t.label} {t.printed.table.title}".strip()[:31].strip() for t in tables]


def test_the_first_sheet_answers(model, book):
    """Verdict, sentence, parcels, next steps, day and fingerprint, stamp."""
    shown = [str(c.value) for row in book["结论"].iter_rows() for c in row if c.value is not None]
    for text in (model.title, "■ 禁止", model.box.sentence, model.foot, DEMO_STAMP, model.steps[0].text, model.disclaimer):
        assert text in shown


def test_numbers_are_numbers_that_show_what_is_printed(book):
    """0.9554 公顷 of 永久基本农田 in 地块1, by hand 9554.331 m²; 3.5 % of the project; 14.33 亩: values, not text."""
    sheet = book["表1 管控图层套合结果"]
    heads = [c.value for c in sheet[3]]
    row = dict(zip(heads, next(r for r in sheet.iter_rows(min_row=4) if r[0].value == "永久基本农田"), strict=True))
    assert (0.9554, "#,##0.0000") == (row["合计"].value, row["合计"].number_format)
    assert (14.33, "#,##0.00") == (row["亩"].value, row["亩"].number_format)
    assert (0.035, '#,##0.0" "%') == (row["占项目"].value, row["占项目"].number_format)


def test_not_known_is_no_number(book):
    """无数据 is text and looks like it; 不涉及 is a dash; neither is 0 or empty."""
    sheet = book["表1 管控图层套合结果"]
    flood = next(r for r in sheet.iter_rows(min_row=4) if r[0].value == "洪涝风险控制线")
    assert [c.value for c in flood[2:5]] == ["–", "–", LayerState.NO_DATA.label]
    assert flood[4].font.i


def test_totals_are_sums_of_what_stands_above(book):
    """三种面积对照: each column adds up to its total, to the last printed place."""
    sheet = book["表2 三种面积对照"]
    rows = [r for r in sheet.iter_rows(min_row=4, values_only=True) if r[1] is not None]
    for column in range(1, 5):
        assert round(sum(r[column] for r in rows[:-1]), 2) == rows[-1][column]


@pytest.mark.parametrize(
    ("kind", "text", "raw", "value", "form"),
    [
        (Kind.HA, "1,234.5678", 12_345_678.4, 1234.5678, "#,##0.0000"),
        (Kind.LIMIT_HA, "35.00001", 350_000.1, 35.00001, "#,##0.00000"),
        (Kind.M2, "<0.01", 0.0004, 0.0004, '"<0.01"'),
        (Kind.HA, "<0.0001", 0.4, 0.4e-4, '"<0.0001"'),
        (Kind.SHARE, "<0.1 %", 0.0002, 0.0002, '"<0.1 %"'),
        (Kind.SHARE, "100.0 %", 1.0, 1.0, '#,##0.0" "%'),
        (Kind.DIFFERENCE, "−26.32", -26.32, -26.32, "+#,##0.00;−#,##0.00;#,##0.00"),
        (Kind.COUNT, "1,866", 1866, 1866.0, "#,##0"),
        (Kind.FIGURE, "37604733.835", "37604733.835", 37604733.835, "0.000"),
    ],
)
def test_what_a_printed_number_is_in_a_workbook(kind, text, raw, value, form):
    """The printed number, with a format that prints it again; what is printed as <0.01 keeps its own value."""
    found = number_of(PrintedCell(text=text, kind=kind), raw)
    assert found is not None
    assert (pytest.approx(value, rel=1e-12), form) == found


@pytest.mark.parametrize(
    ("kind", "text"), [(Kind.CODE, "0101"), (Kind.TEXT, "30"), (Kind.FIGURE, "2022-11-07"), (Kind.FIGURE, "007"), (Kind.METRES, ">10,000")]
)
def test_what_is_no_number(kind, text):
    """Codes, dates, names and bounds stay text."""
    assert number_of(PrintedCell(text=text, kind=kind), text) is None


def test_sheets_can_be_worked_with(data):
    """Heads stay in view, every table has a filter over its rows, prints on one page's width with its heads repeated."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        names = sorted(
            (n for n in package.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", n)), key=lambda n: int(re.sub(r"\D", "", n))
        )
        xml = [package.read(n).decode() for n in names]
        workbook = package.read("xl/workbook.xml").decode()
    for sheet in xml[1:]:
        assert 'state="frozen"' in sheet and "<autoFilter" in sheet and 'fitToHeight="0"' in sheet
        assert DEMO_STAMP in sheet[sheet.index("<headerFooter>") :]
    assert workbook.count("_xlnm.Print_Titles") == len(xml) - 1


@pytest.mark.parametrize("variant", sorted(VARIANTS))
def test_every_kind_of_report_opens(variant):
    """One parcel, forty, none with data, a refused file: no sheet is lost, none is named twice."""
    model = assessment_document(VARIANTS[variant]())
    book = openpyxl.load_workbook(io.BytesIO(document_xlsx(model)), read_only=True)
    assert [n for n, _ in sheets(model)] == [n for n in book.sheetnames if n not in ("结论", "审查意见")]


def test_nothing_is_computed_and_nothing_is_a_link():
    """A name like a formula or an address is text; the only links lead to sheets of the book."""
    names = ('=HYPERLINK("http://x")', "+1", "@SUM(A1)", "http://x.example", "-1", "\t=1")
    made = assessment(*(replace(parcel_on_farmland(n), id=str(i)) for i, n in enumerate(names, start=1)), name="=1+1")
    data = document_xlsx(assessment_document(made))
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert not [n for n in package.namelist() if "<f>" in package.read(n).decode("utf-8", "replace")]
        assert "TargetMode" not in "".join(package.read(n).decode() for n in package.namelist() if n.endswith(".rels"))
    shown = {c.value for sheet in openpyxl.load_workbook(io.BytesIO(data)) for row in sheet.iter_rows() for c in row if c.data_type == "s"}
    assert {n.strip() for n in names} <= {str(v).strip() for v in shown}


def test_the_same_document_gives_the_same_bytes(model, data):
    """No clock in the properties, none in the zip."""
    assert document_xlsx(model) == data


def test_sheet_names_that_clash_or_are_forbidden_are_mended(model):
    """A layer of a user's atlas may be called anything; Excel allows 31 letters, none of []:*?/\\, and each name once."""
    block = next(b for b in model.section("lines").blocks if isinstance(b, TableBlock))
    table = replace(block.printed.table, title="[甲]:*?/\\'" + "很长" * 30)
    twins = tuple(TableBlock(printed=replace(block.printed, table=table)) for _ in range(3))
    made = replace(model, sections=(replace(model.section("lines"), blocks=twins),))
    names = [n for n, _ in sheets(made)][1:]
    assert len({n.lower() for n in names}) == 3
    assert not [n for n in names if len(n) > 31 or re.search(r"[\[\]:*?/\\]", n)]
    openpyxl.load_workbook(io.BytesIO(document_xlsx(made)))
