"""The land survey's own area formula, written down a second time from its source, to hold the code against.

国土调查办发〔2008〕32号 with CGCS2000 constants: vertices in the Gauss plane, edges over 70 m split into ⌊length/70⌋ + 1
pieces, inverse projection, signed trapezoids between each piece and a meridian L0. Two roundings of the source are left
out on purpose: step 3 rounds B and L to 1e-6″ (0.03 mm on the ground), which by itself moves the area of a 20 m parcel by
about 1e-7 of it, and step 2 rounds inserted points to 1e-6 m, up to 2e-8 on a 100 m parcel. Both would drown the 1e-8 asked for.
"""

from __future__ import annotations

import math

import numpy as np
import pyproj
import shapely

B_M = 6356752.314140356
COEFFICIENTS = (1.00336408983, 1.12418938193e-3, 1.69945947e-6, 2.717857846e-9, 4.358419e-12)


def standard_area_m2(polygon: shapely.Polygon, code: str) -> float:
    """Area of a polygon given in a Gauss-Krüger zone; inverse projection by PROJ."""
    to_degrees = pyproj.Transformer.from_crs(code, "EPSG:4490", always_xy=True)
    outer, *inner = [_ring_m2(np.array(r.coords), to_degrees) for r in (polygon.exterior, *polygon.interiors)]
    return outer - math.fsum(inner)


def _ring_m2(ring: np.ndarray, to_degrees: pyproj.Transformer) -> float:
    lon, lat = (np.radians(c) for c in to_degrees.transform(*_split(ring).T))
    lon0 = lon.mean()  # any meridian gives the same area; a near one loses no digits
    d_lon = (lon[:-1] + lon[1:]) / 2 - lon0
    d_lat, mean_lat = lat[1:] - lat[:-1], (lat[1:] + lat[:-1]) / 2
    series = np.zeros(len(d_lat))
    for k, (c, sign) in enumerate(zip(COEFFICIENTS, (1, -1, 1, -1, 1), strict=True)):
        odd = 2 * k + 1
        series += sign * c * np.sin(odd * d_lat / 2) * np.cos(odd * mean_lat)
    return abs(math.fsum(2 * B_M**2 * d_lon * series))


def _split(ring: np.ndarray) -> np.ndarray:
    points = [ring[0]]
    for start, end in zip(ring[:-1], ring[1:], strict=True):
        length = math.dist(start, end)
        pieces = math.floor(length / 70) + 1 if length > 70 else 1
        points += [start + (end - start) * (i / pieces) for i in range(1, pieces)]
        points.append(end)
    return np.array(points)
