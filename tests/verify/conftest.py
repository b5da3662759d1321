"""The desk is made once; a test that spoils something works on a copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.verify.desk import Desk, make


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return make(tmp_path_factory.mktemp("verify") / "desk")


@pytest.fixture
def desk(made: Desk, tmp_path: Path) -> Desk:
    """A copy with an atlas of its own."""
    return made.copy(tmp_path / "desk", atlas=True)


@pytest.fixture
def slip(made: Desk, tmp_path: Path) -> Desk:
    """A copy of the report and its input only."""
    return made.copy(tmp_path / "desk", atlas=False)
