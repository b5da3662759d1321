"""The whole application: sums over parcels, and which act goes to which level."""

from __future__ import annotations

import pytest

from tests.judge.desk import DAY, IN_FORCE, absent, facts, measured, part, procedure, total, when
from xygis.atlas.law import Procedure, Scalar, Total
from xygis.atlas.verdict import DataState
from xygis.judge.application import Act, acts_of, totals_of
from xygis.judge.truth import Interval
from xygis.overlay.measure import Measure

HA = 10_000.0
FARM = total("farm_m2", "zones")
LEVELS = (procedure("国务院", when("farm_m2", ">", 35 * HA)), procedure("省", when("farm_m2", ">", 0.0)))


def hits(*areas_m2: float, **changes: object) -> list[tuple[float, list[Measure]]]:
    """One parcel for each area, ten times as large."""
    return [(10 * a, [measured(part(a, outside_m2=9 * a, **changes))]) for a in areas_m2]


def acts(
    procedures: tuple[Procedure, ...], parcels: list[tuple[float, list[Measure]]], totals: tuple[Total, ...] = (FARM,), **given: Scalar
) -> tuple[Act, ...]:
    sums = totals_of(totals, parcels)
    exact = {name: None if value is None else value.high for name, value in sums.items()}
    return acts_of(procedures, sums, exact, facts(**given), [IN_FORCE], DAY)


@pytest.mark.parametrize(("hectares", "level"), [(34.9999, "省"), (35.0, "省"), (35.0001, "国务院")])
def test_the_threshold_of_the_application_is_strict(hectares: float, level: str) -> None:
    """超过 35 公顷 over the whole application: 34.9999 and 35.0000 province, 35.0001 State Council (PITFALLS P32)."""
    (act,) = acts(LEVELS, hits(hectares * HA))
    assert act.level == level
    assert act.counted_m2 == pytest.approx(hectares * HA)


def test_parcels_are_summed_before_they_are_compared() -> None:
    """Two parcels of 20 ha in one project are 40 ha; a hundred of 1 m² are 100 m² (PITFALLS P31)."""
    assert acts(LEVELS, hits(20 * HA, 20 * HA))[0].level == "国务院"
    assert totals_of([FARM], hits(*[1.0] * 100))["farm_m2"] == Interval(low=100.0, high=100.0)


def test_the_margin_is_the_distance_to_the_next_level() -> None:
    """30 ha: province, 5 ha below the State Council's threshold; above it there is no margin."""
    assert acts(LEVELS, hits(30 * HA))[0].margin_ha == pytest.approx(5.0)
    assert acts(LEVELS, hits(36 * HA))[0].margin_ha is None


def test_a_threshold_already_passed_is_no_margin() -> None:
    """Over the area but failing on another condition: no negative margin."""
    both = procedure("国务院", when("farm_m2", ">", 35 * HA), when("total_m2", ">", 1000 * HA))
    (act,) = acts((both, procedure("省")), hits(40 * HA), (FARM, total("total_m2")))
    assert (act.level, act.margin_ha) == ("省", pytest.approx(600.0))


def test_another_way_to_the_level_that_decides_is_no_limit() -> None:
    """Beyond 70 ha in all the State Council decides: that its 35 ha of farmland are not reached says nothing any more."""
    by_area = procedure("国务院", when("total_m2", ">", 70 * HA))
    procedures = (LEVELS[0], by_area, procedure("省"))
    totals = (FARM, total("total_m2"))
    assert [(a.level, a.margin_ha) for a in acts(procedures, hits(8 * HA), totals)] == [("国务院", None)]
    assert acts(procedures, hits(6 * HA), totals)[0].margin_ha == pytest.approx(10.0)


def test_a_range_around_a_limit_shows_on_which_side_it_ends() -> None:
    """临界: 34.99999 至 35.00001 公顷, not 35.0000 至 35.0000."""
    low, high = 35 * HA - 0.1, 35 * HA + 0.1
    (act,) = acts(LEVELS, [(100 * HA, [measured(part(35 * HA, outside_m2=65 * HA, overlap_range_m2=(low, high)))])])
    assert "34.99999 至 35.00001 公顷" in act.reason


def test_the_first_procedure_that_holds_decides_and_acts_keep_their_order() -> None:
    """Acts come in the order of the rule base, each once, each by its first match."""
    procedures = (
        procedure("国务院", when("farm_m2", ">", 1e9), act="用地预审"),
        procedure("县", act="用地预审"),
        procedure("省", act="土地征收"),
        procedure("市", act="用地预审"),
        procedure("市", when("farm_m2", ">", 1e9), act="临时用地"),
    )
    assert [(a.act, a.level) for a in acts(procedures, hits(HA))] == [("用地预审", "县"), ("土地征收", "省")]


def test_a_procedure_for_others_is_passed_over() -> None:
    """A procedure that does not apply to this project is skipped; one that hangs on an open fact leaves the level open."""
    guarded = procedure("国务院", applies_to=(("chemical", (True,)),))
    assert acts((guarded, procedure("县")), hits(HA), chemical=False)[0].level == "县"
    assert acts((guarded, procedure("县")), hits(HA), chemical=True)[0].level == "国务院"
    (open_,) = acts((guarded, procedure("县")), hits(HA))
    assert open_.level == "无法判定"
    assert "待定" in open_.reason


@pytest.mark.parametrize(
    "measure",
    [
        absent(),
        absent(DataState.BROKEN),
        measured(part(HA), data=DataState.EXPIRED),
        measured(part(HA), unmapped_m2=1.0),
        measured(part(0.0), data=DataState.EXPIRED),
    ],
    ids=["missing", "broken", "expired", "partly unmapped", "expired and clear"],
)
def test_a_total_that_a_layer_cannot_answer_leaves_the_level_open(measure: Measure) -> None:
    """Missing, broken, expired or partly unmapped data: no sum, and the level is 无法判定, never the lower one."""
    assert totals_of([FARM], [(HA, [measure])]) == {"farm_m2": None}
    (act,) = acts(LEVELS, [(HA, [measure])])
    assert act.level == "无法判定"


def test_one_parcel_without_an_answer_leaves_the_whole_sum_open() -> None:
    """What is not known of one parcel is not known of the application."""
    assert totals_of([FARM], [*hits(HA), (HA, [absent()])]) == {"farm_m2": None}


def test_sums_carry_their_range() -> None:
    """30 ± 6 ha: whether 35 ha are passed is open (临界)."""
    parcels = [(100 * HA, [measured(part(30 * HA, outside_m2=70 * HA, overlap_range_m2=(24 * HA, 36 * HA)))])]
    assert totals_of([FARM], parcels)["farm_m2"] == Interval(low=24 * HA, high=36 * HA)
    assert acts(LEVELS, parcels)[0].level == "无法判定"


def test_a_border_that_passes_within_its_accuracy_adds_nothing() -> None:
    """A parcel that is not touched adds nothing to the sum, as it fires no rule."""
    parcels = [(HA, [measured(part(0.0, overlap_range_m2=(0.0, 50.0)))])]
    assert totals_of([FARM], parcels)["farm_m2"] == Interval(low=0.0, high=0.0)
    assert acts(LEVELS, parcels) == ()


def test_nothing_but_slivers_does_not_raise_the_level_for_certain() -> None:
    """A parcel that only grazes farmland leaves the level open, as it leaves the finding; beside real farmland it changes nothing."""
    graze = (HA, [measured(part(0.4, sliver_m2=0.4, sliver_count=1))])
    assert acts(LEVELS, [graze])[0].level == "无法判定"
    assert acts(LEVELS, [graze, *hits(HA)])[0].level == "省"


def test_land_of_unknown_class_may_count_or_must() -> None:
    """2 ha surely, 3 ha of unknown class: between 2 and 5, or 5 where a gap in the data must not lower the level."""
    parcels = [(10 * HA, [measured(part(2 * HA, outside_m2=8 * HA, possible_m2=5 * HA))])]
    assert totals_of([FARM], parcels)["farm_m2"] == Interval(low=2 * HA, high=5 * HA)
    assert totals_of([total("farm_m2", "zones", unknown_counts=True)], parcels)["farm_m2"] == Interval(low=5 * HA, high=5 * HA)


def test_what_is_subtracted_widens_and_never_goes_below_nothing() -> None:
    """Other land is all less farmland; the range turns round; below zero is zero."""
    rest = total("rest_m2", minus=("farm_m2",))
    parcels = [(10 * HA, [measured(part(3 * HA, outside_m2=7 * HA, overlap_range_m2=(2 * HA, 4 * HA)))])]
    assert totals_of([FARM, rest], parcels)["rest_m2"] == Interval(low=6 * HA, high=8 * HA)
    more = total("less_m2", "zones", minus=("all_m2",))
    assert totals_of([total("all_m2"), more], parcels)["less_m2"] == Interval(low=0.0, high=0.0)
    assert totals_of([FARM, rest], [(HA, [absent()])])["rest_m2"] is None


def test_rounding_leaves_no_rest() -> None:
    """Farmland that two layers measure alike but for the last digits leaves no other farmland to be approved."""
    other = total("other_m2", "soil", minus=("farm_m2",))
    area = 12_345.678901
    parcels = [(area, [measured(part(area, outside_m2=0.0)), measured(_soil(area * (1 + 2e-14) + 3e-9), layer_id="soil")])]
    assert totals_of([FARM, other], parcels)["other_m2"] == Interval(low=0.0, high=0.0)


def _soil(area_m2: float) -> object:
    from xygis.atlas.law import Selection

    return part(area_m2, Selection(layer="soil"), outside_m2=0.0)


def test_many_small_parcels_lose_nothing() -> None:
    """A hundred thousand tenths add up to what they add up to."""
    sums = totals_of([total("total_m2")], [(0.1, [])] * 100_000)["total_m2"]
    assert sums == Interval(low=10_000.0, high=10_000.0)
