"""The changed parcels as boundary-point TXT, one file each: what was checked again, to the millimetre.

Named after the parcel's running number, never after its name: remedy-4-cut.txt, remedy-4-shift.txt; where no one cut clears all
prohibitions, or there are none, one a layer: remedy-4-cut-forest.txt.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from xygis.check.assessment import Assessment
from xygis.check.remedies import Changed, Remedies
from xygis.convert.boundary_text import boundary_text
from xygis.convert.outline import outlines_of
from xygis.convert.placing import put
from xygis.convert.target import moved
from xygis.geodesy.crs import gauss_zone, zone_code
from xygis.intake.submission import Parcel, Submission

DECIMALS = 3  # remedies lie at whole millimetres


def write_remedies(assessment: Assessment, folder: Path) -> list[Path]:
    """Every file written. Raises OutputFailed."""
    submitted = [p for s in assessment.sources if isinstance(s, Submission) for p in s.parcels]
    out = []
    for parcel, result in zip(submitted, assessment.parcels, strict=True):
        if result.remedies is None:
            continue
        for kind, word, changed in _changed(result.remedies):
            path = folder / f"remedy-{result.id}-{kind}.txt"
            put(path, remedy_text(parcel, changed, word, result.remedies.crs, on=assessment.checked_on))
            out.append(path)
    return out


def remedy_text(parcel: Parcel, changed: Changed, word: str, crs: str, *, on: date) -> bytes:
    """The boundary TXT of one changed parcel; its name says what was done to it."""
    new = replace(parcel, name=f"{parcel.name}（{word}）", geometry=changed.geometry, crs=crs, declared_m2=None, point_labels=())
    written, _ = moved((new,), _prefixed(crs))
    outlines, _ = outlines_of(written, decimals=DECIMALS)
    data, _ = boundary_text(outlines, decimals=DECIMALS, producer="", on=on)
    return data


def _changed(remedies: Remedies) -> list[tuple[str, str, Changed]]:
    """(end of the file's name, word, changed parcel)."""
    cuts = [("cut", "退让后", remedies.combined.changed)] if remedies.combined is not None else []
    if not cuts:
        level = {c.layers[0]: c for c in remedies.cuts}  # the last of a layer clears the most of it
        cuts = [(f"cut-{layer}", "退让后", c.changed) for layer, c in level.items()]
    return [*cuts, *([("shift", "平移后", remedies.shift.changed)] if remedies.shift is not None else [])]


def _prefixed(crs: str) -> str:
    """The same zone with its number in front of the eastings, as the form wants it."""
    zone = gauss_zone(crs)
    assert zone is not None  # remedies are made in a Gauss-Krüger zone
    if zone.prefixed:
        return crs
    return zone_code(zone.zone) if zone.width_deg == 3 else f"EPSG:{4491 + zone.zone - 13}"
