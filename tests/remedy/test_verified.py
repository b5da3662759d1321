"""`xygis verify` repeats the search for remedies by what the report says of it, and finds a figure of a remedy that was altered."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from tests.remedy.town import CRS, DAY, placed, town
from xygis.atlas.atlas import Atlas
from xygis.check.remedies import RemedyOptions
from xygis.check.run import check
from xygis.convert.run import convert
from xygis.intake.read import read_submission
from xygis.intake.submission import Parcel, Submission
from xygis.overlay.store import LayerStore
from xygis.remedy.run import with_remedies
from xygis.saving import save_assessment
from xygis.verify.run import verify


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Results of a check with a margin of 2 m, beside the submission."""
    atlas = town(tmp_path, {"farmland": shapely.box(90, -3000, 3000, 3000)})
    parcel = Parcel(name="地块1", geometry=placed(shapely.box(0, 0, 100, 100)), crs=CRS, declared_m2=None)
    given = Submission(path="t", sha256="", format="gpkg", encoding=None, crs=CRS, evidence=(), notes=(), parcels=(parcel,))
    convert((given,), tmp_path / "地块.txt", to="boundary-txt", on=DAY)
    store = LayerStore(tmp_path / "cache")
    found = check(read_submission(tmp_path / "地块.txt", envelope=None), atlas, on=DAY, store=store)
    save_assessment(with_remedies(found, atlas, options=RemedyOptions(margin_m=2.0), store=store), tmp_path / "结果", ("json",))
    return tmp_path


def test_an_untouched_report_with_remedies_is_the_same(folder: Path) -> None:
    """The margin of 2 m stands in the report, so the same cut and shift are found again."""
    assert verify(folder / "结果", town_again(folder)).same


@pytest.mark.parametrize(("old", "new"), [('"distance_m": 12.0', '"distance_m": 11.0'), ('"margin_m": 2.0', '"margin_m": 1.0')])
def test_an_altered_figure_of_a_remedy_is_found(folder: Path, old: str, new: str) -> None:
    """A shorter shift, or another margin than was searched with."""
    report = folder / "结果" / "report.json"
    text = report.read_text("utf-8")
    assert old in text
    report.write_text(text.replace(old, new), "utf-8")
    assert not verify(folder / "结果", town_again(folder)).same


def town_again(folder: Path) -> Atlas:
    """Opened anew, as a later day would."""
    return Atlas.open(folder / "atlas")
