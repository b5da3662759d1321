"""Layers that are missing, cut off, expired or out of extent end in "undetermined", never in "clear" (acceptance 5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import shapely
from adopting import FARMLAND, RED_LINE, Write, adopt, degrees, run, square

from xygis.atlas.verdict import DataState, LayerState, Verdict
from xygis.check.assessment import Assessment
from xygis.overlay.measure import Measure

Damage = Callable[[Path], object]


@pytest.fixture
def small_atlas(empty_atlas: Path, write: Write) -> Path:
    """Counties of 20 km, one square of farmland with its corner at the origin, a red line 5 km away."""
    adopt(empty_atlas, write("县.gpkg", [square(-10_000, -10_000, 20_000)], {"XZQDM": ["1"], "XZQMC": ["甲县"]}), "counties")
    adopt(empty_atlas, write("永农.gpkg", [square(0, 0)], {"BSM": ["1"], "DLBM": ["0101"]}))
    adopt(empty_atlas, write("红线.gpkg", [square(5000, 5000)], {"BSM": ["1"], "ZRBHDFQ": ["核心保护区"]}), RED_LINE)
    return empty_atlas


def of(assessment: Assessment, layer: str) -> tuple[Measure, set[Verdict], DataState]:
    """(measure, verdicts of the findings, data state) of one layer."""
    (parcel,) = assessment.parcels
    (measure,) = [m for m in parcel.measures if m.layer == layer]
    (record,) = [r for r in assessment.layers if r.layer.id == layer]
    return measure, {f.verdict for f in parcel.findings if f.layer == layer}, record.state


def test_whole_atlas_prohibits_and_clears(small_atlas: Path, tmp_path: Path) -> None:
    """Before anything is broken: farmland forbids the parcel, the red line is clear of it."""
    assessment = run(small_atlas, tmp_path / "cache", square(50, 50))
    assert of(assessment, FARMLAND)[0].state is LayerState.CONCERNED
    assert Verdict.PROHIBITED in of(assessment, FARMLAND)[1]
    measure, verdicts, state = of(assessment, RED_LINE)
    assert (measure.state, state) == (LayerState.CLEAR, DataState.READY)
    assert Verdict.UNDETERMINED not in verdicts


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda p: p.unlink(), DataState.MISSING),
        (lambda p: p.write_bytes(p.read_bytes()[: p.stat().st_size // 2]), DataState.BROKEN),
        (lambda p: p.write_bytes(b""), DataState.BROKEN),
        (lambda p: p.write_bytes(b"\0" * p.stat().st_size), DataState.BROKEN),
    ],
    ids=["deleted", "cut in half", "empty", "zeroed"],
)
@pytest.mark.parametrize("layer", [FARMLAND, RED_LINE])
@pytest.mark.parametrize("warm", [False, True], ids=["cold", "cached"])
def test_damaged_layer_is_undetermined(
    small_atlas: Path, tmp_path: Path, damage: Damage, expected: DataState, layer: str, warm: bool
) -> None:
    """Acceptance 5, P35: deleted or damaged behind the catalogue's back, with or without a cache: no numbers, undetermined."""
    parcel = square(3000, 0)  # clear of both
    if warm:
        assert of(run(small_atlas, tmp_path / "cache", parcel), layer)[0].state is LayerState.CLEAR
    damage(small_atlas / "layers" / "local" / f"{layer}.gpkg")
    assessment = run(small_atlas, tmp_path / "cache", parcel)
    measure, verdicts, state = of(assessment, layer)
    assert state is expected
    assert measure.state is LayerState.NO_DATA
    assert (measure.overlap_m2, measure.outside_m2, measure.distance_m) == (None, None, None)
    assert verdicts == {Verdict.UNDETERMINED}
    assert assessment.verdict is Verdict.UNDETERMINED


def test_prohibition_survives_the_loss_of_another_layer(small_atlas: Path, tmp_path: Path) -> None:
    """Losing the red line does not soften what the farmland forbids."""
    (small_atlas / "layers" / "local" / f"{RED_LINE}.gpkg").unlink()
    assert run(small_atlas, tmp_path / "cache", square(50, 50)).verdict is Verdict.PROHIBITED


def test_data_of_another_layer_under_the_name_is_broken(small_atlas: Path, tmp_path: Path) -> None:
    """A file put in place by hand, with another table in it, is not taken for the layer."""
    local = small_atlas / "layers" / "local"
    (local / f"{FARMLAND}.gpkg").write_bytes((local / "counties.gpkg").read_bytes())
    measure, verdicts, state = of(run(small_atlas, tmp_path / "cache", square(50, 50)), FARMLAND)
    assert (measure.state, state, verdicts) == (LayerState.NO_DATA, DataState.BROKEN, {Verdict.UNDETERMINED})


def test_expired_layer_shows_its_overlap_and_decides_nothing(small_atlas: Path, tmp_path: Path) -> None:
    """P38: valid to 2026-12-31 – the last day still counts; the day after is `expired`, undetermined, overlap still shown."""
    _enter(small_atlas, FARMLAND, 'valid_until = "2026-12-31"')
    parcel = square(50, 50)
    last = of(run(small_atlas, tmp_path / "cache", parcel, on=date(2026, 12, 31)), FARMLAND)
    after = of(run(small_atlas, tmp_path / "cache", parcel, on=date(2027, 1, 1)), FARMLAND)
    assert last[2] is DataState.READY
    assert Verdict.PROHIBITED in last[1]
    assert after[2] is DataState.EXPIRED
    assert after[1] == {Verdict.UNDETERMINED}
    assert after[0].overlap_m2 == pytest.approx(2500, rel=1e-3)
    assert after[0].overlap_m2 == last[0].overlap_m2


def test_parcel_half_outside_the_extent_is_no_data(small_atlas: Path, tmp_path: Path) -> None:
    """P36: the layer claims to be complete only to the west of the parcel's middle: no_data, with the area that nobody mapped."""
    parcel = square(3000, 0)
    west, south, east, north = shapely.transform(square(-9000, -9000, 18_000), degrees).bounds
    middle = float(degrees(shapely.get_coordinates(parcel.centroid))[0, 0])
    ring = [[west, south], [middle, south], [middle, north], [west, north], [west, south]]
    _enter(small_atlas, FARMLAND, f"extent = {[ring]}")
    measure, verdicts, state = of(run(small_atlas, tmp_path / "cache", parcel), FARMLAND)
    assert state is DataState.READY
    assert measure.state is LayerState.NO_DATA
    assert measure.unmapped_m2 == pytest.approx(5000, rel=0.02)
    assert verdicts == {Verdict.UNDETERMINED}
    assert east > middle


def test_empty_layer_is_clear_only_inside_its_extent(small_atlas: Path, tmp_path: Path, write: Write) -> None:
    """Outside the counties a layer without an extent of its own has no data either."""
    outside = square(15_000, 0)
    measure, verdicts, _ = of(run(small_atlas, tmp_path / "cache", outside), FARMLAND)
    assert measure.state is LayerState.NO_DATA
    assert measure.unmapped_m2 == pytest.approx(10_000, rel=1e-2)
    assert verdicts == {Verdict.UNDETERMINED}


def _enter(root: Path, layer: str, line: str) -> None:
    """Writes one more line into the layer's catalogue entry, as a person with an editor would."""
    path = root / "layers" / "catalogue.toml"
    path.write_text(path.read_text("utf-8").replace(f'id = "{layer}"\n', f'id = "{layer}"\n{line}\n'), "utf-8")
