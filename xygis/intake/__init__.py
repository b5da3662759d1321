"""A file somebody brought becomes a `Submission`: sniffed, read, its coordinate system decided, repaired, or refused. Knows no rule."""

from __future__ import annotations

from xygis.intake.read import read_submission as read_submission
from xygis.intake.submission import Parcel as Parcel
from xygis.intake.submission import Submission as Submission
