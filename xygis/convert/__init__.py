"""Parcels that were read, written again in another form: boundary TXT, point tables, GIS files, a drawing. Judges nothing."""

from __future__ import annotations

from xygis.convert.run import FORMATS as FORMATS
from xygis.convert.run import Conversion as Conversion
from xygis.convert.run import convert as convert
