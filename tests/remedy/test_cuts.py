"""The smallest cut: what is lost, by hand; what is left is checked again; what cannot be cut is said, never promised."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from tests.remedy.town import DAY, placed, remedied, remedies, submission, town, unplaced
from xygis.atlas.verdict import Verdict
from xygis.check.run import check
from xygis.overlay.store import LayerStore
from xygis.remedy import one_parcel
from xygis.remedy.cutting import Rest
from xygis.remedy.run import with_remedies
from xygis.remedy.shifting import Way

SQUARE = shapely.box(0, 0, 100, 100)
EAST = shapely.box(90, -3000, 3000, 3000)
NORTH = shapely.box(-3000, 95, 3000, 3000)
WALLS = {"farmland": EAST, "red_line": NORTH}


def near(m2: float) -> object:
    """Grid and official area differ by less than 0.01 m² here."""
    return pytest.approx(m2, abs=0.05)


@pytest.mark.parametrize("margin_m", [0.0, 1.0, 2.5])
def test_a_half_plane_ten_metres_in_costs_ten_metres_and_the_margin(tmp_path: Path, margin_m: float) -> None:
    """100 m × (10 m + margin) are lost, the rest is one rectangle, and it complies."""
    found = remedies(town(tmp_path, {"farmland": EAST}), SQUARE, margin_m=margin_m)
    (cut,) = found.cuts
    assert near(100 * (10 + margin_m)) == cut.lost_m2
    assert shapely.box(0, 0, 90 - margin_m, 100).equals(shapely.normalize(unplaced(cut.changed.geometry)))
    assert (1, 0) == (cut.parts, cut.crumbs)
    assert (("farmland",), ("T-01",), Verdict.COMPLIANT) == (cut.layers, cut.clears, cut.changed.after)
    assert found.combined is cut


def test_each_layer_has_its_cut_and_all_prohibitions_one(tmp_path: Path) -> None:
    """Farmland alone 1100 m², red line alone 600 m², both 1100 + 600 − 66; one alone leaves the parcel forbidden."""
    found = remedies(town(tmp_path, {"farmland": EAST, "red_line": NORTH}), SQUARE)
    lost = {c.layers: c.lost_m2 for c in found.cuts}
    assert {("farmland",): near(1100), ("red_line",): near(600)} == lost
    assert [Verdict.PROHIBITED] * 2 == [c.changed.after for c in found.cuts]
    assert found.combined is not None
    assert near(1100 + 600 - 66) == found.combined.lost_m2
    assert Verdict.COMPLIANT is found.combined.changed.after


def test_what_needs_approval_can_be_cut_too_but_is_no_prohibition(tmp_path: Path) -> None:
    """A forest is cut away for whoever wants to; no shift and no combined cut are looked for."""
    found = remedies(town(tmp_path, {"forest": EAST}), SQUARE)
    (cut,) = found.cuts
    assert (Verdict.APPROVAL, Verdict.COMPLIANT) == (cut.level, cut.changed.after)
    assert (None, None, ()) == (found.combined, found.shift, found.unsolved)


def test_what_must_lie_inside_is_cut_to_the_inside(tmp_path: Path) -> None:
    """The parcel reaches 30 m out of the growth boundary: 100 × (30 + 1) m² go."""
    found = remedies(town(tmp_path, {"growth": shapely.box(-3000, -3000, 70, 3000)}), SQUARE)
    (cut,) = found.cuts
    assert near(3100) == cut.lost_m2
    assert Verdict.COMPLIANT is cut.changed.after


def test_a_border_between_two_features_inside_is_no_border(tmp_path: Path) -> None:
    """Two zones of the boundary that meet under the parcel, one drawn 0.2 mm short, lose nothing along their seam."""
    west, east = shapely.box(-3000, -3000, 40, 3000), shapely.box(40.0002, -3000, 70, 3000)
    found = remedies(town(tmp_path, {"growth": [(west, "甲区"), (east, "乙区")]}), SQUARE)
    (cut,) = found.cuts
    assert near(3100) == cut.lost_m2
    assert 1 == cut.parts


def test_holes_and_several_parts_are_kept(tmp_path: Path) -> None:
    """A courtyard stays a hole, a second part is not touched, a strip through the middle leaves two pieces more."""
    yard = shapely.box(0, 0, 100, 100).difference(shapely.box(10, 10, 30, 30))
    other = shapely.box(200, 0, 250, 50)
    strip = shapely.box(60, -100, 70, 200)
    found = remedies(town(tmp_path, {"farmland": strip}), shapely.MultiPolygon([yard, other]))
    (cut,) = found.cuts
    assert near(100 * (10 + 2)) == cut.lost_m2
    left = unplaced(cut.changed.geometry)
    assert 3 == cut.parts == len(left.geoms)
    assert 1 == sum(len(p.interiors) for p in left.geoms)
    assert Verdict.COMPLIANT is cut.changed.after


def test_crumbs_are_given_up_and_counted(tmp_path: Path) -> None:
    """A strip 1.5 m wide beyond the road is of no use: 150 m² more are lost, and said."""
    found = remedies(town(tmp_path, {"farmland": shapely.box(87.5, -100, 97.5, 200)}), SQUARE)
    (cut,) = found.cuts
    assert (1, 1) == (cut.parts, cut.crumbs)
    assert near(150) == cut.crumbs_m2
    assert near(100 * (10 + 2) + 150) == cut.lost_m2


def test_a_parcel_that_lies_inside_has_no_cut(tmp_path: Path) -> None:
    """Nothing would be left: that is said with the reason."""
    found = remedies(town(tmp_path, {"farmland": shapely.box(-3000, -3000, 3000, 3000)}), SQUARE)
    assert ((), None, None) == (found.cuts, found.combined, found.shift)
    reasons = {u.kind: u.reason for u in found.unsolved}
    assert "没有可保留的部分" in reasons["cut"]
    assert "500 米以内没有" in reasons["shift"]


def test_a_sharp_corner_keeps_the_margin_all_around(tmp_path: Path) -> None:
    """However the corner is drawn, nothing of the cut parcel comes nearer than the margin."""
    spike = shapely.Polygon([(50, 40), (140, 38), (140, 42)])
    found = remedies(town(tmp_path, {"farmland": spike}), SQUARE, margin_m=3.0)
    assert found.combined is not None
    assert 3.0 - 0.002 <= shapely.distance(unplaced(found.combined.changed.geometry), spike)


def test_the_cut_is_whole_millimetres(tmp_path: Path) -> None:
    """What was checked again is exactly what is written: every coordinate of a slanting cut at a millimetre."""
    found = remedies(town(tmp_path, {"farmland": shapely.Polygon([(90, -300), (3000, -300), (3000, 300), (73.3, 300)])}), SQUARE)
    assert found.combined is not None
    for value in shapely.get_coordinates(found.combined.changed.geometry).ravel().tolist():
        assert value == round(value, 3)


def test_nothing_is_promised_where_the_layer_is_open(tmp_path: Path) -> None:
    """An overlap 3 cm wide is 疑似边界误差 and undetermined: no cut, no shift, and a word why."""
    found = remedies(town(tmp_path, {"farmland": shapely.box(99.97, -3000, 3000, 3000)}), SQUARE)
    assert ((), None, None, ()) == (found.cuts, found.combined, found.shift, found.unsolved)
    assert any("无法判定" in n for n in found.notes)


def test_features_that_do_not_say_their_zone_are_kept_clear_of_too(tmp_path: Path) -> None:
    """The rule asks for 甲区; a feature without zone might be one, so a cut that left it would not be sure."""
    known, unknown = shapely.box(90, -500, 500, 500), shapely.box(-500, 95, 80, 500)
    atlas = town(tmp_path, {"farmland": [(known, "甲区"), (unknown, None)]}, when={"farmland": 'zone = "甲区", overlap_m2 = ">0"'})
    found = remedies(atlas, SQUARE)
    assert found.combined is not None
    assert Verdict.COMPLIANT is found.combined.changed.after
    assert 1.0 - 0.002 <= shapely.distance(unplaced(found.combined.changed.geometry), unknown)


def test_a_boundary_in_doubt_has_no_remedy(tmp_path: Path) -> None:
    """What was repaired beyond the limit is verified first."""
    atlas = town(tmp_path, {"farmland": EAST})
    store = LayerStore(tmp_path / "cache")
    found = with_remedies(check(submission(SQUARE, doubtful=("界址自相交",)), atlas, on=DAY, store=store), atlas, store=store)
    assert found.parcels[0].remedies is not None
    assert ((), None) == (found.parcels[0].remedies.cuts, found.parcels[0].remedies.shift)
    assert any("界址存疑" in n for n in found.parcels[0].remedies.notes)


def test_the_changed_parcel_says_the_same_when_it_is_submitted(tmp_path: Path) -> None:
    """The verdict and the rules of the second look are those of a check of its own."""
    atlas = town(tmp_path, {"farmland": EAST, "red_line": NORTH})
    found = remedied(atlas, SQUARE).parcels[0].remedies
    assert found is not None
    for cut in found.cuts:
        again = check(submission(unplaced(cut.changed.geometry)), atlas, on=DAY, store=LayerStore(tmp_path / "cache")).parcels[0]
        assert cut.changed.after is again.verdict
        assert [f.rule for f in cut.changed.left] == [f.rule for f in again.findings]


def test_corrections_count_as_they_did_in_the_check(tmp_path: Path) -> None:
    """The applicant says that a field is not of the zone that forbids: confirmed, there is nothing to cut; else it is cut."""
    atlas = town(tmp_path, {"farmland": EAST}, when={"farmland": 'zone = "甲区", overlap_m2 = ">0"'})
    store = LayerStore(tmp_path / "cache")

    def cuts(parcel: str, **said: str) -> int:
        override = {"layer": "farmland", "field": "zone", "value": "乙区", "reason": "已调出", "parcel": parcel, **said}
        assessment = check(submission(SQUARE, names=("地块2",)), atlas, on=DAY, project={"override": [override]}, store=store)
        found = with_remedies(assessment, atlas, store=store).parcels[0].remedies
        assert found is not None
        return len(found.cuts)

    confirmed = {"confirmed_by": "市局", "document": "襄自然资函〔2026〕1号"}
    assert (1, 0, 0) == (cuts("地块2"), cuts("地块2", **confirmed), cuts("1", **confirmed))


def test_a_correction_for_the_worse_is_cut_by_too(tmp_path: Path) -> None:
    """Somebody says of the red line's other part that it forbids too: what is cut clears both values."""
    features = [(EAST, "甲区"), (NORTH, "乙区")]
    atlas = town(tmp_path, {"red_line": features}, when={"red_line": 'zone = "甲区", overlap_m2 = ">0"'})
    store = LayerStore(tmp_path / "cache")
    override = {"layer": "red_line", "field": "zone", "value": "甲区", "instead_of": "乙区", "reason": "现场为核心区"}
    assessment = check(submission(SQUARE), atlas, on=DAY, project={"override": [override]}, store=store)
    found = with_remedies(assessment, atlas, store=store).parcels[0].remedies
    assert found is not None and found.combined is not None
    assert near(1100 + 600 - 66) == found.combined.lost_m2
    assert Verdict.COMPLIANT is found.combined.changed.after


def test_what_does_not_pass_the_second_check_is_not_told_as_a_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the search ever wrong – here it leaves the parcel where it is – the check would find out and the report say so."""
    monkeypatch.setattr(one_parcel, "cut_away", lambda parcel, *_, **__: Rest(geometry=parcel, parts=1, crumbs=0, crumbs_m2=0.0))
    monkeypatch.setattr(one_parcel, "smallest_shift", lambda *_, **__: Way(east_m=-1.0, north_m=0.0, exact=True))
    found = remedies(town(tmp_path, WALLS), SQUARE)
    assert ((), None, None) == (found.cuts, found.combined, found.shift)
    assert {"cut", "all", "shift"} == {u.kind for u in found.unsolved}
    assert all("复核仍有" in u.reason and "占用或超出" in u.reason for u in found.unsolved)


def test_a_cut_may_not_bring_a_prohibition_that_was_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A boundary that came to lie in the red line instead would be no cure for the farmland."""
    elsewhere = placed(shapely.box(0, 200, 50, 250))
    monkeypatch.setattr(one_parcel, "cut_away", lambda *_, **__: Rest(geometry=elsewhere, parts=1, crumbs=0, crumbs_m2=0.0))
    found = remedies(town(tmp_path, {"farmland": EAST, "red_line": shapely.box(-50, 150, 80, 300)}), SQUARE)
    assert found.cuts == ()
    assert any(u.kind == "cut" and "生态保护红线" in u.reason for u in found.unsolved)


def test_a_confirmed_correction_holds_for_the_changed_parcel_too(tmp_path: Path) -> None:
    """The field in the north is confirmed to be of a harmless zone: only the eastern one is cut and avoided, and the rest complies."""
    features = [(EAST, "甲区"), (NORTH, "丙区")]
    atlas = town(tmp_path, {"farmland": features}, when={"farmland": 'zone = ["甲区", "丙区"], overlap_m2 = ">0"'})
    store = LayerStore(tmp_path / "cache")
    override = {"layer": "farmland", "field": "zone", "value": "乙区", "instead_of": "丙区", "reason": "已调出", "parcel": "1"}
    override |= {"confirmed_by": "市局", "document": "襄自然资函〔2026〕1号"}
    assessment = check(submission(SQUARE), atlas, on=DAY, project={"override": [override]}, store=store)
    found = with_remedies(assessment, atlas, store=store).parcels[0].remedies
    assert found is not None and found.combined is not None and found.shift is not None
    assert near(1100) == found.combined.lost_m2
    assert (11.0, Verdict.COMPLIANT) == (round(found.shift.distance_m, 2), found.shift.changed.after)
    assert Verdict.COMPLIANT is found.combined.changed.after
