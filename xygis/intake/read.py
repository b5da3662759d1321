"""The door of the room: one file in, one `Submission` out, or one error that says what to mend."""

from __future__ import annotations

import hashlib
from pathlib import Path

from xygis.errors import UnknownFormat, Where
from xygis.intake.boundary_parcels import parcels_of
from xygis.intake.boundary_txt import looks_like_boundary_txt, parse
from xygis.intake.submission import Submission
from xygis.intake.text import decode
from xygis.vector.crs_reading import Envelope
from xygis.vector.safe import read_bytes


def read_submission(
    path: str | Path,
    *,
    envelope: Envelope | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    datum: str | None = None,
    accept_repairs: bool = False,
) -> Submission:
    """The parcels in a file. Raises a subclass of InputError for whatever cannot be understood, never anything else."""
    file = str(path)
    data = read_bytes(Path(path))
    text = decode(data, file=file, encoding=encoding)
    if not looks_like_boundary_txt(text):
        raise UnknownFormat(what="不认识的文件格式", where=Where(file=file), fix="请给出坐标交换文件（TXT）、Shapefile 压缩包或 GeoPackage")
    document = parse(text, file=file)
    parcels, decision, notes = parcels_of(document, envelope=envelope, crs=crs, accept_repairs=accept_repairs)
    return Submission(
        path=file,
        sha256=hashlib.sha256(data).hexdigest(),
        format="boundary_txt",
        encoding=text.encoding,
        crs=decision.code,
        evidence=decision.evidence,
        notes=notes,
        parcels=parcels,
    )
