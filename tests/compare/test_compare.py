"""Two files of polygons laid over each other: the matrix is what paper says, whatever the format, the system or the machine."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from tests.compare.maps import CORNER, CRS, LAND, MATRIX, PLAN, PLANE, as_dict, town, write
from tests.overlay.laid import plain_kernel
from xygis.compare.groups import read_groups
from xygis.compare.pairing import matrix, part_pairs
from xygis.compare.run import Comparison, compare
from xygis.compare.side import read_side
from xygis.errors import InputError, UsageError, XygisError
from xygis.geodesy.plane import Plane
from xygis.report.comparison import write_comparison_patches


def laid(folder: Path, suffix: str = ".gpkg", **more: object) -> Comparison:
    """The land use laid over the plan."""
    a, b = write(folder / f"a{suffix}", *LAND), write(folder / f"b{suffix}", *PLAN)
    return compare(a, b, by=("DLBM", "YDDM"), plane=PLANE, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".geojson"])
def test_the_matrix_is_what_paper_says(tmp_path: Path, suffix: str) -> None:
    """GeoPackage, shapefile and GeoJSON: the area of every pair of classes, and one patch for each pair of features."""
    degrees = suffix == ".geojson"  # which knows no other system
    a = write(tmp_path / f"a{suffix}", *LAND, crs="EPSG:4490" if degrees else CRS)
    b = write(tmp_path / f"b{suffix}", *PLAN, crs="EPSG:4490" if degrees else CRS)
    result = compare(a, b, by=("DLBM", "YDDM"), plane=PLANE, crs={str(a): "EPSG:4490", str(b): "EPSG:4490"} if degrees else None)
    assert as_dict(result) == pytest.approx(MATRIX, abs=1e-4 if degrees else 1e-6)
    assert [1] * 5 == result.matrix.patches.tolist()
    assert 20_000 == pytest.approx(result.overlap_m2, abs=1e-3)
    assert (3, 2) == (result.a.features, result.b.features)
    assert 40_000 == pytest.approx(result.a.part_m2.sum(), abs=1e-3)


def test_without_classes_everything_is_one(tmp_path: Path) -> None:
    """No --by: one row, the overlap of everything with everything."""
    a, b = write(tmp_path / "a.gpkg", *LAND), write(tmp_path / "b.gpkg", *PLAN)
    assert {("全部", "全部"): 20_000} == pytest.approx(as_dict(compare(a, b, plane=PLANE)), abs=1e-6)


def test_the_sides_may_have_different_systems(tmp_path: Path) -> None:
    """Metres of zone 37 on one side, degrees on the other: the same areas to a tenth of a square centimetre."""
    a, b = write(tmp_path / "a.gpkg", *LAND), write(tmp_path / "b.gpkg", *PLAN, crs="EPSG:4490")
    assert as_dict(compare(a, b, by=("DLBM", "YDDM"), plane=PLANE)) == pytest.approx(MATRIX, abs=1e-4)


@pytest.mark.parametrize("crs", [CRS, "EPSG:4490", "EPSG:4546"])
def test_by_default_areas_are_official_ones(tmp_path: Path, crs: str) -> None:
    """Without a plane the areas are those on the ellipsoid, as geographiclib has them, not planar ones."""
    a = write(tmp_path / "a.gpkg", [box(0, 0, 1000, 1000)], {"DLBM": ["0101"]}, crs=crs)
    b = write(tmp_path / "b.gpkg", [box(250, -9, 2000, 2000)], {"YDDM": ["R"]}, crs=crs)
    edge = shapely.segmentize(shapely.transform(box(250, 0, 1000, 1000), lambda c: c + CORNER), 10.0)
    lon, lat = pyproj.Transformer.from_crs(CRS, "EPSG:4490", always_xy=True).transform(*shapely.get_coordinates(edge).T)
    official = abs(pyproj.Geod(a=6378137, rf=298.257222101).polygon_area_perimeter(lon, lat)[0])
    result = compare(a, b, by=("DLBM", "YDDM"))
    assert official == pytest.approx(result.overlap_m2, rel=2e-7)
    assert abs(official - 750_000) > 10 * abs(official - result.overlap_m2)


def test_values_are_classes_as_they_are_written(tmp_path: Path) -> None:
    """Numbers, blanks round a code and empty values: a class each; what says nothing is the class without a name."""
    a = write(tmp_path / "a.gpkg", [box(0, 0, 9, 9), box(10, 0, 19, 9), box(20, 0, 29, 9)], {"DLBM": ["0101 ", None, "0101"]})
    b = write(tmp_path / "b.gpkg", [box(0, 0, 99, 9)], {"YDDM": [12]})
    assert {("0101", "12"): 162, ("", "12"): 81} == pytest.approx(as_dict(compare(a, b, by=("DLBM", "YDDM"), plane=PLANE)), abs=1e-6)


def test_the_field_is_found_whatever_its_case(tmp_path: Path) -> None:
    """dlbm is DLBM."""
    a, b = write(tmp_path / "a.gpkg", *LAND), write(tmp_path / "b.gpkg", *PLAN)
    assert as_dict(compare(a, b, by=("dlbm", "Yddm"), plane=PLANE)) == pytest.approx(MATRIX, abs=1e-6)


def test_multiparts_holes_and_contact(tmp_path: Path) -> None:
    """A feature of two parts is one patch; a hole is not land; neighbours that only touch do not appear."""
    ring = box(0, 0, 30, 30).difference(box(10, 10, 20, 20))
    a = write(tmp_path / "a.gpkg", [MultiPolygon([ring, box(50, 0, 60, 10)])], {"DLBM": ["0101"]})
    b = write(tmp_path / "b.gpkg", [box(5, 5, 55, 25), box(60, 0, 70, 10), box(12, 12, 18, 18)], {"YDDM": ["R", "G", "W"]})
    result = compare(a, b, by=("DLBM", "YDDM"), plane=PLANE, geometry=True)
    assert {("0101", "R"): 25 * 20 - 100 + 5 * 5} == pytest.approx(as_dict(result), abs=1e-6)
    assert [1] == result.matrix.patches.tolist()
    assert result.patches is not None and 425 == pytest.approx(shapely.area(result.patches.geometry).sum(), abs=1e-6)
    assert 2 == shapely.get_num_geometries(result.patches.geometry[0])


def test_features_that_lie_on_each_other_count_each_and_it_is_said(tmp_path: Path) -> None:
    """A file that overlaps itself: each feature counts, and the double area stands beside the result."""
    a = write(tmp_path / "a.gpkg", [box(0, 0, 10, 10), box(5, 0, 15, 10)], {"DLBM": ["0101", "0101"]})
    b = write(tmp_path / "b.gpkg", [box(0, 0, 99, 99)], {"YDDM": ["R"]})
    result = compare(a, b, by=("DLBM", "YDDM"), plane=PLANE)
    assert 200 == pytest.approx(result.overlap_m2) and 50 == pytest.approx(result.a.doubled_m2)
    assert 0 == result.b.doubled_m2


def test_an_invalid_polygon_is_mended_and_it_is_said(tmp_path: Path) -> None:
    """A bow tie of two triangles of 25 m²: both count, and a sentence names the feature."""
    a = write(tmp_path / "a.gpkg", [box(20, 0, 30, 10), Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])], {"DLBM": ["0101", "0201"]})
    b = write(tmp_path / "b.gpkg", [box(0, 0, 99, 99)], {"YDDM": ["R"]})
    result = compare(a, b, by=("DLBM", "YDDM"), plane=PLANE)
    assert {("0101", "R"): 100, ("0201", "R"): 50} == pytest.approx(as_dict(result), abs=1e-6)
    assert 1 == len(result.a.repairs) and "第 2 个要素" in result.a.repairs[0]


def test_a_town_agrees_with_shapely(tmp_path: Path) -> None:
    """200 × 200 ragged features, cut and whole: the matrix is that of shapely's intersections."""
    (left, of_left), (right, of_right) = town(1, 200), town(2, 200)
    a, b = write(tmp_path / "a.gpkg", left, of_left), write(tmp_path / "b.gpkg", right, of_right)
    result = compare(a, b, by=("LB", "LB"), plane=PLANE, geometry=True)
    i, j = shapely.STRtree(right).query(left, predicate="intersects")
    area = shapely.area(shapely.intersection(np.array(left, object)[i], np.array(right, object)[j]))
    expected: dict[tuple[str, str], float] = {}
    for p, q, m in zip(i.tolist(), j.tolist(), area.tolist(), strict=True):
        key = (of_left["LB"][p], of_right["LB"][q])
        expected[key] = expected.get(key, 0.0) + m
    assert as_dict(result) == pytest.approx(expected, rel=1e-9, abs=1e-3)
    assert result.patches is not None
    assert (np.abs(shapely.area(result.patches.geometry) - result.patches.overlap_m2) <= 1e-3 + 1e-8 * result.patches.overlap_m2).all()


def test_threads_tiles_and_kernels_give_the_same(tmp_path: Path) -> None:
    """One thread or two, tiles of 1, 50 or all pieces: equal to the bit. The plain kernel: equal to a billionth."""
    a, b = write(tmp_path / "a.gpkg", *town(3, 150)), write(tmp_path / "b.gpkg", *town(4, 150))
    results = [compare(a, b, by=("LB", "LB"), plane=PLANE, geometry=True, jobs=jobs) for jobs in (1, 2)]
    one, two = results
    assert one.matrix.overlap_m2.tobytes() == two.matrix.overlap_m2.tobytes() and (one.matrix.a, one.matrix.b) == (
        two.matrix.a,
        two.matrix.b,
    )
    assert one.patches is not None and two.patches is not None
    assert shapely.to_wkb(one.patches.geometry).tolist() == shapely.to_wkb(two.patches.geometry).tolist()
    left, right = read_side(a, "LB", PLANE), read_side(b, "LB", PLANE)
    for tile in (1, 50, 10**9):
        tiled = matrix(left, right, part_pairs(left, right, tile=tile))
        assert tiled.overlap_m2.tobytes() == one.matrix.overlap_m2.tobytes() and tiled.patches.tobytes() == one.matrix.patches.tobytes()
    with plain_kernel():
        plain = compare(a, b, by=("LB", "LB"), plane=PLANE, geometry=True)
    assert as_dict(plain) == pytest.approx(as_dict(one), rel=1e-9, abs=1e-6)
    assert plain.matrix.patches.tolist() == one.matrix.patches.tolist()


def test_turned_round_the_matrix_is_turned_round(tmp_path: Path) -> None:
    """B over A is A over B."""
    a, b = write(tmp_path / "a.gpkg", *town(5, 80)), write(tmp_path / "b.gpkg", *town(6, 80))
    here, there = (as_dict(compare(*sides, by=("LB", "LB"), plane=PLANE)) for sides in ((a, b), (b, a)))
    assert {(y, x): m for (x, y), m in there.items()} == pytest.approx(here, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("plane", [PLANE, Plane()], ids=["planar", "official"])
def test_patches_add_up_to_the_matrix(tmp_path: Path, plane: Plane) -> None:
    """patches.gpkg, read back: its areas by pair of classes are the matrix; planar ones can be measured on the spot."""
    a, b = write(tmp_path / "a.gpkg", *LAND), write(tmp_path / "b.gpkg", *PLAN)
    result = compare(a, b, by=("DLBM", "YDDM"), plane=plane, geometry=True)
    write_comparison_patches(result, tmp_path / "patches.gpkg")
    found = gpd.read_file(tmp_path / "patches.gpkg")
    assert ("EPSG:4525" if plane is PLANE else "EPSG:4490") == found.crs.to_string()
    assert as_dict(result) == pytest.approx(found.groupby(["class_a", "class_b"]).overlap_m2.sum().to_dict(), rel=1e-12)
    assert {(1, 1), (2, 1), (2, 2), (3, 1), (3, 2)} == set(zip(found.feature_a, found.feature_b, strict=True))
    measured = found.to_crs(CRS).area if plane is not PLANE else found.area
    assert list(MATRIX.values()) == pytest.approx(measured[[0, 1, 2, 3, 4]].tolist(), rel=1e-6)


GROUPS = "side,class,group\na,01*,农用地\na,03*,农用地\na,0701,建设用地\nb,R,建设用地\nb,G,农用地\n"


def grouped(folder: Path, text: str) -> Comparison:
    (folder / "groups.csv").write_text(text, "utf-8-sig")
    return laid(folder, geometry=True, groups=read_groups(folder / "groups.csv"))


def test_only_patches_whose_groups_differ(tmp_path: Path) -> None:
    """Farmland that becomes housing and housing that becomes green are drawn; farmland under green is not. The matrix has all."""
    result = grouped(tmp_path, GROUPS)
    assert result.patches is not None
    pairs = list(zip(result.patches.a.tolist(), result.patches.b.tolist(), result.patches.overlap_m2.tolist(), strict=True))
    assert [(0, 0), (1, 0), (2, 1)] == [p[:2] for p in pairs] and [2500, 2500, 5000] == pytest.approx([p[2] for p in pairs], abs=1e-6)
    assert as_dict(result) == pytest.approx(MATRIX, abs=1e-6)


def test_the_longest_pattern_counts(tmp_path: Path) -> None:
    """01* and 0101: the class itself is said, so it counts."""
    result = grouped(tmp_path, GROUPS.replace("a,01*,农用地", "a,0101,建设用地\na,01*,农用地\na,*,农用地"))
    assert result.patches is not None and [1, 2] == result.patches.a.tolist()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (GROUPS.replace("a,03*,农用地\n", ""), "0301"),
        (GROUPS.replace("b,G,农用地\n", ""), "b 方的类别 G"),
        ("", "表头"),
        ("side,class\na,0101\n", "表头"),
        (GROUPS + "c,1,组\n", "c,1,组"),
        (GROUPS + "a,1\n", "a,1"),
    ],
)
def test_a_table_of_groups_with_a_gap_is_refused(tmp_path: Path, text: str, word: str) -> None:
    """A class without a group, a wrong head, a line that nobody understands: an error that names it, never a patch left out."""
    with pytest.raises(XygisError) as refused:
        grouped(tmp_path, text)
    assert word in refused.value.what


def test_a_missing_field_is_wrong_usage(tmp_path: Path) -> None:
    """The error names the field and those that there are."""
    for suffix in (".gpkg", ".shp"):
        a, b = write(tmp_path / f"a{suffix}", *LAND), write(tmp_path / f"b{suffix}", *PLAN)
        with pytest.raises(UsageError) as refused:
            compare(a, b, by=("DLBM", "DLBM"), plane=PLANE)
        assert "DLBM" in refused.value.what and "YDDM" in refused.value.fix


def bad_file(folder: Path, kind: str) -> Path:
    path = folder / "bad.gpkg"
    match kind:
        case "empty":
            path.write_bytes(b"")
        case "no features":
            write(path, [], {"YDDM": []})
        case "points":
            write(path, [Point(1, 1)], {"YDDM": ["R"]})
        case "lines":
            write(path, [LineString([(0, 0), (1, 1)])], {"YDDM": ["R"]})
        case "two layers":
            write(path, *PLAN, layer="一")
            write(path, *PLAN, layer="二")
        case "cut in half":
            data = write(path, *PLAN).read_bytes()
            path.write_bytes(data[: len(data) // 2])
        case "a feature without geometry":
            gpd.GeoDataFrame(
                {"YDDM": ["R", "G"]}, geometry=[shapely.transform(box(0, 0, 9, 9), lambda c: c + CORNER), None], crs=CRS
            ).to_file(path)
        case "degrees called metres":
            gpd.GeoDataFrame({"YDDM": ["R"]}, geometry=[box(112, 32, 113, 33)], crs=CRS).to_file(path)
    return path


@pytest.mark.parametrize(
    "kind",
    [
        "missing",
        "empty",
        "no features",
        "points",
        "lines",
        "two layers",
        "cut in half",
        "a feature without geometry",
        "degrees called metres",
    ],
)
def test_what_cannot_be_compared_is_refused(tmp_path: Path, kind: str) -> None:
    """No file, an empty one, no polygons, several layers, damage: an error with exit code 4 on either side, never an empty matrix."""
    good, bad = write(tmp_path / "good.gpkg", *LAND), bad_file(tmp_path, kind)
    for a, b, by in ((good, bad, ("DLBM", "YDDM")), (bad, good, ("YDDM", "DLBM"))):
        with pytest.raises(XygisError) as refused:
            compare(a, b, by=by, plane=PLANE)
        assert 4 == refused.value.exit_code and refused.value.fix
    if kind == "two layers":
        assert "一" in refused.value.what and "二" in refused.value.what


def test_a_table_of_groups_that_is_not_there(tmp_path: Path) -> None:
    """The error says so."""
    with pytest.raises(InputError):
        read_groups(tmp_path / "none.csv")
