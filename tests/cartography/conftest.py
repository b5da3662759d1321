"""The toy city, its check, and a browser, for every test of this room."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.cartography.toy import make_check, write_atlas
from xygis.atlas.atlas import Atlas
from xygis.check.assessment import Assessment


@pytest.fixture(scope="session")
def toy_atlas(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    root = tmp_path_factory.mktemp("toy") / "atlas"
    write_atlas(root)
    return Atlas.open(root)


@pytest.fixture(scope="session")
def toy_check(toy_atlas: Atlas) -> Assessment:
    return make_check(toy_atlas)


@pytest.fixture(scope="session")
def browser_path() -> str:
    """A Chromium on this machine. Without one the test is skipped, but not where CI says that it must run."""
    found = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
    if found is None:
        message = "没有找到 Chromium，网页测试未运行"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return found
