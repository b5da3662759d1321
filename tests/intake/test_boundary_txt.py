"""The boundary-point TXT as planners really bring it: read whole, or refused with the number of the line."""

from __future__ import annotations

import locale
import subprocess
import sys
from pathlib import Path

import pytest
import shapely
from boundary_files import E0, ENVELOPE, N0, block, header, moved, square, write

from xygis.atlas.bundled import bundled_root
from xygis.errors import BadEncoding, BadGeometry, BadLine, FileEmpty, FileMissing, InputError, UnknownFormat
from xygis.intake.read import read_submission
from xygis.intake.submission import Submission

SQUARE = moved(square(0, 0, 100))


def read(path: Path, **options: object) -> Submission:
    return read_submission(path, envelope=ENVELOPE, **options)  # type: ignore[arg-type]


def codes(submission: Submission) -> set[str]:
    return {n.code for n in submission.notes}


def test_two_parcels_one_with_a_hole(tmp_path: Path) -> None:
    """Names, uses, declared areas and the hole of the official form; areas by hand."""
    path = write(
        tmp_path / "a.txt",
        block(SQUARE, name="地块1", area="0.9997"),
        block(moved(square(200, 0, 100)), moved(square(230, 30, 40)), name="地块2", area="0.8397"),
        encoding="gb18030",
    )
    got = read(path)
    assert (got.format, got.crs, got.encoding) == ("boundary_txt", "EPSG:4525", "gb18030")
    assert [p.name for p in got.parcels] == ["地块1", "地块2"]
    assert [p.geometry.area for p in got.parcels] == [10_000.0, 8_400.0]
    assert [p.declared_m2 for p in got.parcels] == [pytest.approx(9997), pytest.approx(8397)]
    assert got.parcels[0].use_text == "工业用地"
    assert got.parcels[1].point_labels == ("J1", "J2", "J3", "J4", "J1", "J5", "J6", "J7", "J8", "J5")
    assert shapely.get_coordinates(got.parcels[0].geometry)[0].tolist() == [E0, N0 + 100]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_p5_names_do_not_depend_on_the_encoding(tmp_path: Path, encoding: str) -> None:
    """P5: UTF-8 with and without BOM, GB18030 and UTF-16 give the same names."""
    got = read(write(tmp_path / "a.txt", block(SQUARE, name="岘山滨江㙟地块"), encoding=encoding))
    assert got.parcels[0].name == "岘山滨江㙟地块"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("J2,1,,37618100.000", "空"),
        ("J2,1,354118O.250,37618100.000", "字母 O"),
        ("J2,1,3541100.000", "4 项"),
        ("J2,1,3541100,000,37618100,000", "4 项"),
        ("J2,1,3.5411E6,37618100.000", "科学计数法"),
        ("J2,一,3541100.000,37618100.000", "圈号"),
        ("不是界址点", "4 项"),
    ],
)
def test_p4_a_line_that_does_not_fit_is_refused_by_number(tmp_path: Path, line: str, reason: str) -> None:
    """P4 and P43: the refusal names the line, shows it, and says what is wrong with it."""
    points = block(SQUARE)
    points[2] = line
    with pytest.raises(BadLine) as caught:
        read(write(tmp_path / "a.txt", points))
    assert caught.value.where.line == 9 + 1 + 3  # header, section head, then the third line of the block
    assert f"13 | {line}" in caught.value.where.excerpt
    assert reason in caught.value.what + caught.value.why


@pytest.mark.parametrize(
    "line",
    [
        "J2，1，3541100.000，37618100.000",
        "J2,1,3541100.000,37618100.000,67.5",
        "J2 1 3541100.000\t37618100.000",
        "J2,1,３５４１１００.000,37618100.000,",
    ],
)
def test_p4_a_line_that_can_be_read_keeps_its_vertex(tmp_path: Path, line: str) -> None:
    """P4: full-width commas and digits, a height column, blanks instead of commas: never a vertex less."""
    points = block(SQUARE)
    points[2] = line
    assert read(write(tmp_path / "a.txt", points)).parcels[0].geometry.area == 10_000.0


@pytest.mark.parametrize(
    ("rings", "area", "code"),
    [
        ([square(0, 0, 100), square(30, 30, 40)], 8_400.0, None),
        ([square(0, 0, 100), square(200, 0, 100)], 20_000.0, "ring_outside"),
        ([square(0, 0, 100), square(20, 20, 40), square(30, 30, 10)], 8_500.0, "ring_outside"),
        ([square(30, 30, 40), square(0, 0, 100)], 8_400.0, None),
        ([square(0, 0, 100), square(0, 0, 100)], 10_000.0, "ring_repeated"),
    ],
)
def test_p6_rings_are_told_apart_by_containment(
    tmp_path: Path, rings: list[list[tuple[float, float]]], area: float, code: str | None
) -> None:
    """P6: hole in the shell's direction, second part, island in a hole, hole first, a ring twice."""
    got = read(write(tmp_path / "a.txt", block(*map(moved, rings))))
    assert got.parcels[0].geometry.area == area
    assert code is None or code in codes(got)


def test_p6_parts_that_all_carry_ring_number_one(tmp_path: Path) -> None:
    """Exporters that number every ring 1 give the same parcel: a new ring begins where the last one has closed."""
    lines = block(SQUARE, moved(square(200, 0, 100)))
    path = write(tmp_path / "a.txt", [line.replace(",2,", ",1,", 1) for line in lines])
    assert read(path).parcels[0].geometry.area == 20_000.0


@pytest.mark.parametrize(
    ("text", "m2"), [("0.9997公顷", 9997), ("9997平方米", 9997), ("14.9955 亩", 9997), ("9997", 9997), ("0.9997", 9997), ("14.9955", 9997)]
)
def test_p8_unit_in_or_beside_the_area_field(tmp_path: Path, text: str, m2: float) -> None:
    """P8: a written unit is understood, a missing one found by size; everything but plain 公顷 is noted."""
    got = read(write(tmp_path / "a.txt", block(SQUARE, area=text)))
    assert got.parcels[0].declared_m2 == pytest.approx(m2)
    assert (text == "0.9997") == (not codes(got) & {"area_unit_written", "area_unit_guessed"})


def test_p8_the_result_does_not_depend_on_the_locale(tmp_path: Path) -> None:
    """P8: a machine that writes 3,5 reads the same numbers."""
    path = write(tmp_path / "a.txt", block(SQUARE))
    before = locale.setlocale(locale.LC_NUMERIC)
    for name in ("de_DE.UTF-8", "de_DE", ""):
        try:
            locale.setlocale(locale.LC_NUMERIC, name)
            break
        except locale.Error:
            continue
    try:
        assert read(path).parcels[0].geometry.area == 10_000.0
    finally:
        locale.setlocale(locale.LC_NUMERIC, before)


def test_p11_two_parcels_of_one_name_stay_two(tmp_path: Path) -> None:
    """P11: names are no keys."""
    got = read(write(tmp_path / "a.txt", block(SQUARE), block(moved(square(300, 0, 50)))))
    assert [p.geometry.area for p in got.parcels] == [10_000.0, 2_500.0]
    assert "duplicate_name" in codes(got)


def test_p15_a_bow_tie_keeps_both_lobes_and_is_doubtful(tmp_path: Path) -> None:
    """P15: 5000 m², not 2500 and not 0; the boundary must be verified, unless the repair was accepted."""
    path = write(tmp_path / "a.txt", block(moved([(0, 0), (100, 100), (100, 0), (0, 100), (0, 0)])))
    got = read(path)
    assert got.parcels[0].geometry.area == pytest.approx(5_000.0)
    assert got.parcels[0].doubtful
    note = next(n for n in got.notes if n.code == "self_crossing_repaired")
    assert note.level == "warning"
    assert note.where.point == (E0 + 50, N0 + 50)
    assert not read(path, accept_repairs=True).parcels[0].doubtful


def test_the_outline_before_a_repair_is_kept_as_it_was_written(tmp_path: Path) -> None:
    """A bow-tie keeps its five points beside the repaired shape, accepted or not; a sound parcel has nothing to keep."""
    bow_tie = moved([(0, 0), (100, 100), (100, 0), (0, 100), (0, 0)])
    for accept in (False, True):
        got = read(write(tmp_path / "a.txt", block(bow_tie), block(moved(square(300, 0, 50)))), accept_repairs=accept)
        assert [tuple(c) for c in shapely.get_coordinates(got.parcels[0].drawn)] == bow_tie
        assert ["自相交" in text for text in got.parcels[0].repairs] == [True]
        assert (got.parcels[1].drawn, got.parcels[1].repairs) == (None, ())


def test_a_ring_that_touches_itself_is_repaired_without_doubt(tmp_path: Path) -> None:
    """Two triangles that meet in a vertex: same area, a note with the place, nothing to verify."""
    got = read(write(tmp_path / "a.txt", block(moved([(0, 0), (100, 0), (100, 100), (50, 0), (0, 100), (0, 0)]), area="0.5")))
    assert got.parcels[0].geometry.area == pytest.approx(5_000.0)
    assert not got.parcels[0].doubtful
    assert "self_touch_repaired" in codes(got)


def test_missing_and_wrong_closing_points(tmp_path: Path) -> None:
    """Missing: closed and noted. Written as (X, X): corrected and noted. Half a metre off: refused by line."""
    assert "ring_closed" in codes(read(write(tmp_path / "a.txt", block(SQUARE[:-1]))))
    twice = [*block(SQUARE[:-1]), f"J1,1,{N0 + 100:.3f},{N0 + 100:.3f}"]
    got = read(write(tmp_path / "b.txt", twice))
    assert got.parcels[0].geometry.area == 10_000.0
    assert "closing_point_corrected" in codes(got)
    with pytest.raises(BadLine) as caught:
        read(write(tmp_path / "c.txt", [*block(SQUARE[:-1]), f"J1,1,{N0 + 100:.3f},{E0 + 0.5:.3f}"]))
    assert caught.value.where.line == 16


def test_repeated_points_and_a_wrong_count_are_noted(tmp_path: Path) -> None:
    """The geometry is the same, and a person is told."""
    ring = moved([(0, 0), (0, 0), (0, 100), (100, 100), (100, 100), (100, 0), (0, 0)])
    got = read(write(tmp_path / "a.txt", block(ring, count=40)))
    assert got.parcels[0].geometry.area == 10_000.0
    assert {"point_repeated", "point_count"} <= codes(got)


def test_a_spike_is_named_with_its_place(tmp_path: Path) -> None:
    """P43: a boundary that turns back upon itself is pointed at."""
    got = read(write(tmp_path / "a.txt", block(moved([(0, 0), (0, 100), (100, 100), (100, 50), (180, 50), (100, 49.9), (100, 0), (0, 0)]))))
    spike = next(n for n in got.notes if n.code == "spike")
    assert spike.where.point == (E0 + 180, N0 + 50)
    assert spike.where.line == 16


@pytest.mark.parametrize("fields", [9, 12, 13])
def test_block_lines_of_nine_twelve_and_thirteen_fields(tmp_path: Path, fields: int) -> None:
    """All forms give name and use; what is more becomes attributes."""
    lines = block(SQUARE)
    extra = [f"值{i}" for i in range(fields - 9)]
    lines[0] = ",".join(["5", "1.0", "7", "一号地", "面", "I49", "工业用地", "0601", *extra, "@"])
    got = read(write(tmp_path / "a.txt", lines))
    assert (got.parcels[0].name, got.parcels[0].use_text) == ("一号地", "工业用地")
    assert dict(got.parcels[0].attributes)["地块编号"] == "7"
    assert len([k for k, _ in got.parcels[0].attributes if k.startswith("附加字段")]) == fields - 9
    assert "field_count" not in codes(got)


def test_header_with_colons_blanks_and_an_unknown_section(tmp_path: Path) -> None:
    """Tolerant keys: full-width colon, leading blank, 3度带, an extension section."""
    head = ["【属性描述】", " 坐标系：CGCS2000", "分带=3度带", "带号：３７", "[扩展信息]", "甲=乙"]
    got = read(write(tmp_path / "a.txt", block(SQUARE), head=head, end="\n"))
    assert got.crs == "EPSG:4525"
    assert any("带号=37" in e for e in got.evidence)
    assert "fullwidth_normalised" in codes(got)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_any_line_end(tmp_path: Path, end: str) -> None:
    """Windows, Unix and old Macintosh line ends."""
    assert read(write(tmp_path / "a.txt", block(SQUARE), end=end)).parcels[0].geometry.area == 10_000.0


@pytest.mark.parametrize("word", ["线", "点"])
def test_lines_and_points_are_refused(tmp_path: Path, word: str) -> None:
    """Only areas can be checked."""
    lines = block(SQUARE)
    lines[0] = lines[0].replace("面", word)
    with pytest.raises(BadGeometry) as caught:
        read(write(tmp_path / "a.txt", lines))
    assert caught.value.where.line == 11


@pytest.mark.parametrize(
    ("ring", "what"),
    [
        ([(0, 0), (50, 50), (100, 100), (0, 0)], "没有面积"),
        ([(0, 0), (50, 50)], "围不成面"),
        ([(0, 0), (0, 0), (0, 0), (0, 0)], "围不成面"),
    ],
)
def test_a_ring_without_area_is_refused(tmp_path: Path, ring: list[tuple[float, float]], what: str) -> None:
    """Zero area, two points, one point."""
    with pytest.raises(BadGeometry, match=what):
        read(write(tmp_path / "a.txt", block(moved(ring))))


def test_no_block_and_no_points(tmp_path: Path) -> None:
    """A file without geometry is an error, with its line."""
    with pytest.raises(BadGeometry):
        read(write(tmp_path / "a.txt"))
    with pytest.raises(BadGeometry) as caught:
        read(write(tmp_path / "b.txt", ["5,1,1,空地块,面,,,,@"]))
    assert caught.value.where.line == 11


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", FileEmpty),
        (bytes(range(256)) * 8, InputError),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), InputError),
        (b"\xff\xfe[", BadEncoding),
        (b"\xef\xbb\xbf\xff\xff", BadEncoding),
        ("随便写的几句话。".encode(), UnknownFormat),
        (b"%PDF-1.7 ...", UnknownFormat),
        (b"AC1032 ...", UnknownFormat),
    ],
)
def test_files_that_are_no_boundary_txt(tmp_path: Path, data: bytes, error: type[InputError]) -> None:
    """Empty, binary, half a UTF-16 text, a false BOM, prose, PDF, DWG."""
    (tmp_path / "a.txt").write_bytes(data)
    with pytest.raises(error) as caught:
        read(tmp_path / "a.txt")
    assert caught.value.where.file == str(tmp_path / "a.txt")
    assert caught.value.fix


def test_a_missing_file(tmp_path: Path) -> None:
    """Not there is a refusal of its own."""
    with pytest.raises(FileMissing):
        read(tmp_path / "没有.txt")


def test_the_ordered_encoding_is_taken_or_refused(tmp_path: Path) -> None:
    """--encoding decides; what it cannot decode is an error."""
    path = write(tmp_path / "a.txt", block(SQUARE, name="岘山"), encoding="gb18030")
    assert read(path, encoding="gbk").parcels[0].name == "岘山"
    for wrong in ("utf-8", "ascii", "没有这种"):
        with pytest.raises(BadEncoding):
            read(path, encoding=wrong)


def test_reading_a_txt_loads_no_projection_library(tmp_path: Path) -> None:
    """The cold path: neither pyproj nor pyogrio, fiona, pandas."""
    path = write(tmp_path / "a.txt", block(SQUARE), head=header())
    code = (
        "import sys; from xygis.intake import read_submission; "
        f"read_submission({str(path)!r}, envelope={ENVELOPE!r}); "
        "print([m for m in ('pyproj', 'pyogrio', 'fiona', 'pandas', 'geopandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_file_that_contradicts_its_own_count_or_area_is_to_be_verified(tmp_path: Path) -> None:
    """A corner line deleted from the sample's first parcel: seven points stated, six written, the area a fifth off."""
    whole = (bundled_root() / "layers" / "demo" / "示例地块.txt").read_bytes().decode("gb18030").splitlines()
    third = next(i for i, line in enumerate(whole) if line.startswith("J3,"))
    (tmp_path / "少一点.txt").write_bytes("\r\n".join(whole[:third] + whole[third + 1 :]).encode("gb18030"))
    doubts = read(tmp_path / "少一点.txt").parcels[0].doubtful
    assert any("界址点可能丢失" in text for text in doubts) and any("相差超过 5%" in text for text in doubts)
    (tmp_path / "完整.txt").write_bytes("\r\n".join(whole).encode("gb18030"))
    assert all(p.doubtful == () for p in read(tmp_path / "完整.txt").parcels)
