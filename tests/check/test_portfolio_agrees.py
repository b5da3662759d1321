"""Many parcels at once get what each of them would get alone: every fact, every verdict, every rule, on the reference atlas."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
import shapely

from xygis.atlas.atlas import Atlas
from xygis.check.layer_column import NUMBERS, row_of
from xygis.check.portfolio import screen_parcels
from xygis.check.run import check
from xygis.intake.submission import Parcel, Submission

DAY = date(2026, 11, 24)


USES = (None, "工业用地", "城镇住宅用地", "农村道路", "化工厂")


def parcels(seed: int, count: int, uses: tuple[str | None, ...] = (None,)) -> Submission:
    """Stars of 20 m to 2 km all over the city and a little beyond."""
    rng = np.random.default_rng(seed)
    made = []
    for i in range(count):
        corners = int(rng.integers(4, 12))
        angle, reach = np.sort(rng.uniform(0, 2 * np.pi, corners)), np.exp(rng.normal(np.log(0.0015), 1.0)) * rng.uniform(0.4, 1, corners)
        middle = rng.uniform((111.3, 31.3), (112.9, 32.4))
        shape = shapely.Polygon(middle + np.c_[reach * np.cos(angle), reach * np.sin(angle)])
        if shape.is_valid and shape.area > 0:
            made.append(Parcel(name=f"地块{i}", geometry=shape, crs="EPSG:4490", declared_m2=None, use_text=uses[i % len(uses)]))
    return Submission(
        path="x.geojson", sha256="", format="geojson", encoding=None, crs="EPSG:4490", evidence=(), notes=(), parcels=tuple(made)
    )


@pytest.mark.parametrize("seed, uses", [(1, (None,)), (2, (None,)), (3, USES)])
def test_a_portfolio_says_what_single_checks_say(seed: int, uses: tuple[str | None, ...]) -> None:
    """State, areas, distance, patches, slivers, verdict and rules of every pair, whatever the parcels are to be used for."""
    atlas, given = Atlas.open(), parcels(seed, 30, uses)
    single, many = check(given, atlas, on=DAY), screen_parcels((given,), atlas, on=DAY, jobs=1)
    assert [p.verdict for p in single.parcels] == list(many.verdicts)
    assert [p.ellipsoidal_m2 for p in single.parcels] == pytest.approx(many.ellipsoidal_m2.tolist(), rel=1e-9)
    for i, parcel in enumerate(single.parcels):
        for measure, column in zip(parcel.measures, many.columns, strict=True):
            expected = row_of(measure, tuple(f for f in parcel.findings if f.layer == measure.layer))
            for name, value in zip(NUMBERS, expected, strict=True):
                found = getattr(column, name)[i]
                where = f"{parcel.name} {measure.layer} {name}"
                if isinstance(value, float):
                    assert math.isnan(value) == math.isnan(found), where
                    assert math.isnan(value) or value == pytest.approx(found, abs=1e-6, rel=1e-9), where
                else:
                    assert value == found, where
