"""What each layer says of the territory: its rows add up to the counties, gaps and double places included."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.consistency.city import DAY, make_atlas, rule, square, write_layer, zone
from xygis.atlas.atlas import COUNTIES, Atlas
from xygis.atlas.verdict import Verdict
from xygis.check.layers import open_layers
from xygis.consistency.ground_plan import ground_plan
from xygis.consistency.groups import groups_on
from xygis.consistency.run import consistency
from xygis.consistency.territory import NOT_COVERED, SEVERAL, UNSAID, territory_of
from xygis.overlay.store import LayerStore

PLAN, LAND = "land_use_plan", "current_land_use"


def test_classes_gaps_and_double_places_add_up_to_each_county(tmp_path: Path) -> None:
    """The counties are 1050 × 2000 and 950 × 2000 m. A plan of two fields that lie double on 20 × 100 m, one without a class."""
    plan = write_layer(
        tmp_path,
        PLAN,
        [
            square(0, 0, 40, 100, **{"class": "0101"}),
            square(20, 0, 100, 100, **{"class": "0201"}),
            square(200, 0, 210, 10, **{"class": None}),
        ],
    )
    land = write_layer(tmp_path, LAND, [square(-1000, -1000, 1000, 1000, **{"class": "0103"})])
    found = consistency(
        make_atlas(tmp_path, [plan, land], [rule("PL-01", zone(PLAN), zone(LAND), Verdict.NOTICE)]),
        on=DAY,
        store=LayerStore(tmp_path / "cache"),
    )
    tables = {t.layer: {r.key: r.by_county for r in t.rows} for t in found.territory.layers}
    east, west = 950 * 2000.0, 1050 * 2000.0
    assert [c.name for c in found.counties] == ["东县", "西县", "市域外"]
    assert tables[LAND] == {"0103": pytest.approx((east, west, 0.0))}
    assert tables[PLAN] == {
        "0101": pytest.approx((0.0, 2000.0, 0.0)),
        SEVERAL: pytest.approx((0.0, 2000.0, 0.0)),
        "0201": pytest.approx((5000.0, 1000.0, 0.0)),
        UNSAID: pytest.approx((100.0, 0.0, 0.0)),
        NOT_COVERED: pytest.approx((east - 5100.0, west - 5000.0, 0.0)),
    }


def test_the_bundled_atlas_closes_county_by_county() -> None:
    """P44: on real borders, the rows of every layer add up to each county's own area within 0.01 m², and so do the cells."""
    atlas = Atlas.open()
    asked = {name for g in groups_on(atlas, DAY, None) for name in (g.a, g.b)} | {COUNTIES}
    layers = tuple(layer for layer in atlas.layers if layer.id in asked)
    plan = ground_plan({o.layer.id: o for o in open_layers(replace(atlas, layers=layers), DAY, LayerStore())})
    found, own = territory_of(plan), plan.counties.areas_m2.tolist()
    assert list(found.cells_m2[:-1]) == pytest.approx(own, rel=0, abs=0.01)
    assert len(found.layers) >= 10
    for table in found.layers:
        sums = [sum(row.by_county[i] for row in table.rows) for i in range(len(own))]
        assert sums == pytest.approx(own, rel=0, abs=0.01), table.layer
