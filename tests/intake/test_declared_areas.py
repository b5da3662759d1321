"""A stated area that is not the boundary's by far means the same in every format: the boundary is to be verified."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from boundary_files import ENVELOPE, block, moved, square, write
from parcel_files import write_csv

from xygis.intake.read import read_submission
from xygis.intake.submission import Submission

RING = moved(square(0, 0, 100))  # a hectare


def read(folder: Path, kind: str, hectares: float, **options: bool) -> Submission:
    m2 = hectares * 1e4
    if kind == "txt":
        path = write(folder / "a.txt", block(RING, area=f"{hectares}"))
    elif kind == "csv":
        path = write_csv(
            folder / "a.csv", [["点号", "X", "Y", "面积（公顷）"], *([f"J{i}", y, x, hectares] for i, (x, y) in enumerate(RING[:4]))]
        )
    else:
        feature = {"type": "Feature", "properties": {"MJ": m2}, "geometry": {"type": "Polygon", "coordinates": [RING]}}
        path = folder / "a.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return read_submission(path, envelope=ENVELOPE, **options)


@pytest.mark.parametrize("kind", ["txt", "csv", "geojson"])
@pytest.mark.parametrize(
    ("hectares", "code", "doubtful"),
    [(1.0, None, False), (1.03, "declared_area_off", False), (1.2, "declared_area_off", True)],
)
def test_an_area_far_off_leaves_the_boundary_to_be_verified(
    tmp_path: Path, kind: str, hectares: float, code: str | None, doubtful: bool
) -> None:
    """Up to a twentieth a remark, beyond it a doubt, which a person may accept."""
    got = read(tmp_path, kind, hectares)
    found = {n.code for n in got.notes if n.code.startswith("declared_area")}
    assert ({code} if code else set()) == found
    assert doubtful == any("申报面积" in d and "超过 5%" in d for d in got.parcels[0].doubtful)
    assert not any("申报面积" in d for d in read(tmp_path, kind, hectares, accept_repairs=True).parcels[0].doubtful)
