"""The public surface is a sentence, and the README's example is true."""

from __future__ import annotations

import doctest
from datetime import date
from pathlib import Path

import pytest

import xygis

ROOT = Path(__file__).parents[1]


def test_readme_example_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the README shows in Python is what happens."""
    monkeypatch.chdir(ROOT)
    assert doctest.testfile(str(ROOT / "README.md"), module_relative=False).failed == 0


def test_package_example_runs() -> None:
    """So is what the package's own docstring shows."""
    assert doctest.testmod(xygis).failed == 0


def test_verbs_stay_verbs() -> None:
    """Loading the room of the same name hides neither check nor consistency nor verify."""
    import xygis.check.run
    import xygis.consistency.run
    import xygis.verify.run

    assert callable(xygis.check) and callable(xygis.consistency) and callable(xygis.verify)
    assert set(xygis.__all__) <= {*dir(xygis), "Atlas", "Assessment", "Consistency", "Verification"}


def test_an_assessment_becomes_a_table_of_parcels() -> None:
    """One row a parcel, in degrees, with the overlap of every layer."""
    atlas = xygis.Atlas.open()
    parcels = xygis.read_parcels(ROOT / "layers" / "demo" / "示例地块.txt", atlas)
    table = xygis.check(parcels, atlas, on=date(2026, 11, 24)).to_geodataframe()
    assert len(table) == 5
    assert table.crs.to_string() == "EPSG:4490"
    assert table["permanent_basic_farmland_m2"].iloc[1] > 0
