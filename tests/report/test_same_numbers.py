"""One number, read back from HTML, PDF, Word, Excel and JSON: identical, rounded as DESIGN §6 says, in columns that close (PITFALLS P45).

The rounding here is the decimal module's, and shares no line with the program.
"""

from __future__ import annotations

import html
import re
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import pytest
from face_reading import bare, excel_tables, html_tables, pdf_lines, word_tables
from pdf_reading import needs_poppler, pages
from sample_assessment import three_parcels
from word_reading import lines_of, whole_text

from xygis.atlas.bundled import bundled_root
from xygis.atlas.styles import font_files
from xygis.report.assessment_document import assessment_document
from xygis.report.contract import assessment_dict
from xygis.report.document import Card, Paragraph, TableBlock
from xygis.report.document_workbook import document_xlsx
from xygis.report.html import document_html
from xygis.report.legality import legality_chapter
from xygis.report.paragraphs import paragraphs_text
from xygis.report.pdf import document_pdf
from xygis.report.word import document_docx

FONTS = tuple(font_files(bundled_root()))
HA, MU, M2, METRE, PERCENT = (Decimal(1) / 10_000, 4), (Decimal(3) / 2000, 2), (Decimal(1), 2), (Decimal(1), 2), (Decimal(100), 1)
NUMBER = re.compile(r"[<>]?[+−]?\d[\d,]*(?:\.\d+)?%?")


@pytest.fixture(scope="module")
def made():
    """The sample, with distances that have more places than are printed, some to be rounded up and some down."""
    sample = three_parcels()
    moved = []
    for parcel in sample.parcels:
        measures = tuple(replace(m, distance_m=m.distance_m and m.distance_m * 1.0000171 + 0.0057) for m in parcel.measures)
        moved.append(replace(parcel, measures=measures))
    return replace(sample, parcels=tuple(moved))


@pytest.fixture(scope="module")
def json_(made):
    return assessment_dict(made)


@pytest.fixture(scope="module")
def model(made):
    return assessment_document(made)


@pytest.fixture(scope="module")
def page(model):
    return document_html(model, map_page=None)


@pytest.fixture(scope="module")
def word(model):
    return document_docx(model, FONTS)


@pytest.fixture(scope="module")
def pdf(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("same") / "report.pdf"
    path.write_bytes(document_pdf(model, FONTS))
    return path


def same(a, b):
    assert len(a) == len(b) > 10
    for one, other in zip(a, b, strict=True):
        assert one == other


def test_word_prints_what_the_page_prints(page, word):
    """Every cell of every table, in the same place."""
    same(html_tables(page), word_tables(word))


@needs_poppler
def test_the_pdf_prints_what_the_page_prints(page, pdf):
    """Every row of every table, cell by cell in its order, one row after the other."""
    text, at = bare("".join(pdf_lines(pdf))), 0
    for table in html_tables(page):
        for row in table:
            found = text.find("".join(row), at)
            assert found >= at, row
            at = found


def test_a_spreadsheet_shows_what_the_page_prints(page, model):
    """Every cell: the number with its format, or the text; what other faces set small has columns of its own."""
    blocks = [model.overview, *(b for s in model.sections for b in s.blocks if isinstance(b, TableBlock))]
    kept = []
    for rows, block in zip(excel_tables(document_xlsx(model)), blocks, strict=True):
        shown = [j for j, c in enumerate(block.printed.table.columns) if c.under is None]
        kept.append([[row[j] for j in shown] for row in rows])
    same(html_tables(page), kept)


@needs_poppler
def test_every_sentence_stands_in_every_face(page, word, pdf, model):
    """Whatever is said with a number is said in the same words on the page, on paper, in Word; the cards in Excel too."""
    said = [model.box.sentence, model.box.second, model.overview_note, *(v for _, v in model.facts), *(s.text for s in model.steps)]
    blocks = [b for s in model.sections for b in s.blocks]
    said += [b.text for b in blocks if isinstance(b, Paragraph)]
    said += [text for b in blocks if isinstance(b, Card) for _, text in b.lines]
    faces = {"html": bare(_text(page)), "word": bare(whole_text(word)), "pdf": _without_breaks(pages(pdf))}
    for name, text in faces.items():
        missing = [s for s in said if NUMBER.search(s) and bare(s) not in text]
        assert (name, []) == (name, missing)


def _without_breaks(sheets: list[str]) -> str:
    """The sheets one after another, without what stands at the head and the foot of each."""
    stamped = re.compile(r"^.*?示意数据，非法定成果|基准日[\d-]+·报告指纹.{8}第\d+页，共\d+页$")
    return "".join(stamped.sub("", sheet) for sheet in sheets)


@needs_poppler
def test_no_face_has_a_number_of_its_own(page, word, pdf):
    """The numbers of Word and of the PDF are those of the page."""
    on_page = numbers(_text(page))
    in_pdf = numbers("\n".join(line for line in pdf_lines(pdf) if "页，共" not in line))
    assert {n for n in in_pdf if "." in n} - on_page == set()
    assert {n for n in numbers("\n".join(lines_of(word))) if "." in n} - on_page == set()


def numbers(text: str) -> set[str]:
    """Every number with its sign and its percent, line by line."""
    return {n for line in text.splitlines() for n in NUMBER.findall(line.replace("\xa0", " ").replace(" %", "%"))}


def _text(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "\n", re.sub(r"(?s)<style>.*?</style>|<script>.*?</script>", " ", page)))


def rounded(value: float | Decimal, unit: tuple[Decimal, int]) -> Decimal:
    """By the decimal module, halves up."""
    scale, places = unit
    exact = Decimal(value) * scale
    return (exact + Decimal("1e-9").scaleb(-places)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def says(text: str, value: float, unit: tuple[Decimal, int], *, closed: bool = False) -> None:
    """The cell prints the value; in a column that closes, it may be its value rounded the other way."""
    step = Decimal(1).scaleb(-unit[1])
    want = rounded(value, unit)
    if want == 0 and value:
        assert text.rstrip("%") in {f"<{step}"} | ({str(step)} if closed else set())
        return
    got = Decimal(text.rstrip("%").replace(",", "").replace("−", "-").replace("+", ""))
    assert abs(got - want) <= (step if closed else 0)
    assert abs(got - Decimal(value) * unit[0]) < (step if closed else step / 2 + step / 1000)


def table_of(page, *heads):
    """Rows as {head: cell} of the first table with these heads."""
    for rows in html_tables(page):
        if set(heads) <= set(rows[0]):
            return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    raise AssertionError(heads)


def overlap(json_, parcel, layer):
    return next(m for p in json_["parcels"] if p["name"] == parcel for m in p["measures"] if m["layer"] == layer)


def test_the_overview_is_the_json_rounded(page, json_):
    """表1: each parcel's 公顷 are overlap_m2 / 10 000, the total is theirs, 亩 are m² / (2000/3), the share is of the whole project."""
    titles = {layer["title"]: layer["id"] for layer in json_["atlas"]["layers"]}
    whole = sum(Decimal(p["area"]["ellipsoidal_m2"]) for p in json_["parcels"])
    seen = 0
    for row in table_of(page, "管控图层", "合计"):
        outside = row["管控图层"].endswith("以外")
        layer = titles.get(row["管控图层"].removesuffix("以外").split("（")[0])
        if layer is None:
            continue  # a zone: its layer stands above
        key = "outside_m2" if outside else "overlap_m2"
        found = {p: overlap(json_, p, layer)[key] for p in ("地块1", "地块2", "地块3")}
        for parcel, value in found.items():
            if value is None:
                assert row[parcel] == "无数据"
            elif value == 0:
                assert row[parcel] == "–"
            else:
                says(row[parcel], value, HA, closed=True)
                seen += 1
        total = sum((Decimal(v) for v in found.values() if v), Decimal(0))
        if total:
            says(row["合计"], total, HA)
            says(row["亩"], total, MU)
            says(row["占项目"], total / whole, PERCENT)
    assert seen == 7


def test_rows_and_columns_of_the_overview_close(page):
    """The printed parcels add up to the printed total."""
    for row in table_of(page, "管控图层", "合计"):
        parts = [Decimal(row[p]) for p in ("地块1", "地块2", "地块3") if re.fullmatch(r"\d+\.\d{4}", row[p])]
        if parts:
            assert Decimal(row["合计"]) == sum(parts)


def test_areas_are_the_json_rounded_and_close(page, json_):
    """三种面积对照: official, planar and declared m² to two decimals; each column adds up to its total, printed."""
    rows = table_of(page, "椭球面积", "平面面积")
    *parcels, total = rows
    keys = (("椭球面积", "ellipsoidal_m2"), ("平面面积", "planar_m2"), ("申报面积", "declared_m2"))
    for head, key in keys:
        for row, parcel in zip(parcels, json_["parcels"], strict=True):
            says(row[head], parcel["area"][key], M2, closed=True)
        says(total[head], sum(Decimal(p["area"][key]) for p in json_["parcels"]), M2)
        assert Decimal(total[head].replace(",", "")) == sum(Decimal(r[head].replace(",", "")) for r in parcels)


def test_land_use_closes_in_every_unit(page, json_):
    """现状地类: classes summed over the parcels from the JSON; m², 亩 and percent each add up to their total, 100.0 %."""
    *rows, total = table_of(page, "编码", "地类")
    sums: dict[str, Decimal] = {}
    for parcel in json_["parcels"]:
        for hit in overlap(json_, parcel["name"], "current_land_use")["features"]:
            code = hit["attributes"]["class"]
            sums[code] = sums.get(code, Decimal(0)) + Decimal(hit["overlap_m2"])
    assert {r["编码"] for r in rows} == set(sums)
    for row in rows:
        says(row["合计"], sums[row["编码"]], M2, closed=True)
        says(row["亩"], sums[row["编码"]], MU, closed=True)
        says(row["占比"], sums[row["编码"]] / sum(sums.values()), PERCENT, closed=True)
    for head in ("地块1", "地块2", "地块3", "合计", "亩", "占比"):
        printed = [Decimal(r[head].replace(",", "").rstrip("%").replace("–", "0")) for r in (*rows, total)]
        assert sum(printed[:-1]) == printed[-1]
    assert total["占比"] == "100.0%"


def test_distances_and_thresholds_are_the_json_rounded(page, json_):
    """Nearest distances in m, areas counted for a procedure and the margin to its limit in 公顷: none closes, all are exact."""
    titles = {layer["title"]: layer["id"] for layer in json_["atlas"]["layers"]}
    clear = next(t for t in html_tables(page) if t[0] == ["图层", "地块1", "地块2", "地块3"])
    for name, *cells in clear[1:]:
        for parcel, cell in zip(("地块1", "地块2", "地块3"), cells, strict=True):
            says(cell, overlap(json_, parcel, titles[name])["distance_m"], METRE)
    acts = {a["act"]: a for a in json_["totals"]["procedures"]}
    rows = table_of(page, "计入面积（公顷）", "距限额（公顷）")
    for row in rows:
        act = acts[row["事项"]]
        if act["margin_ha"] is not None:
            says(row["距限额（公顷）"], act["margin_ha"], (Decimal(1), 4))
    assert len(rows) == len(acts) == 3


def test_patches_are_the_json_rounded(page, json_):
    """压占图斑: each area is that of its feature."""
    rows = table_of(page, "图斑标识码", "压占面积（m²）")
    for row in rows:
        parcel = next(p for p in json_["parcels"] if p["name"] == row["地块"])
        hits = {h["id"]: h["overlap_m2"] for m in parcel["measures"] for h in m["features"]}
        if row["图斑标识码"] in hits:
            says(row["压占面积（m²）"], hits[row["图斑标识码"]], M2)
    assert rows


def test_the_remainder_is_told_wherever_it_is_dealt_out(page, word, made, model):
    """尾差 has its sentence on the page, in Word and beside the tables of classes."""
    note = "尾差：面积由未取整的平方米换算，合计先取整，各项按最大余数法归整，表内各项之和等于合计。"
    assert note in page
    assert note in whole_text(word)
    assert "尾差按最大余数法归整" in bare(whole_text(word))


def test_the_paragraphs_have_no_number_of_their_own(page, made, model):
    """What is pasted into another report carries the numbers of this one."""
    text = paragraphs_text(legality_chapter(made, model)).decode("utf-8-sig")
    decimals = {n for n in numbers(text) if "." in n and not n.startswith("3.")}
    assert len(decimals) > 20
    assert decimals - numbers(_text(page)) == set()
