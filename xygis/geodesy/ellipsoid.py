"""CGCS2000 in closed form: Gauss-Krüger to geographic and back, and the equal-area cylinder of the official area.

Pure numpy, because a cold check must not wait for a projection library; tests hold every function against PROJ.
Angles are degrees at the doors and radians inside. Arrays of any shape, float64, are mapped element by element.
Sources: GB 22021-2008 (CGCS2000 constants); L. Krüger 1912 with the n-series of Karney 2011, order 6.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from xygis.geodesy.blocks import in_blocks

Floats = NDArray[np.float64]

A_M = 6378137.0  # semi-major axis
F = 1 / 298.257222101  # flattening
E2 = F * (2 - F)
E = math.sqrt(E2)
N = F / (2 - F)

# Rectifying radius and the series between conformal and transverse Mercator coordinates, powers of n to the sixth.
_RADIUS_M = A_M / (1 + N) * (1 + N**2 / 4 + N**4 / 64 + N**6 / 256)
_ALPHA = (
    N / 2 - 2 * N**2 / 3 + 5 * N**3 / 16 + 41 * N**4 / 180 - 127 * N**5 / 288 + 7891 * N**6 / 37800,
    13 * N**2 / 48 - 3 * N**3 / 5 + 557 * N**4 / 1440 + 281 * N**5 / 630 - 1983433 * N**6 / 1935360,
    61 * N**3 / 240 - 103 * N**4 / 140 + 15061 * N**5 / 26880 + 167603 * N**6 / 181440,
    49561 * N**4 / 161280 - 179 * N**5 / 168 + 6601661 * N**6 / 7257600,
    34729 * N**5 / 80640 - 3418889 * N**6 / 1995840,
    212378941 * N**6 / 319334400,
)
_BETA = (
    N / 2 - 2 * N**2 / 3 + 37 * N**3 / 96 - N**4 / 360 - 81 * N**5 / 512 + 96199 * N**6 / 604800,
    N**2 / 48 + N**3 / 15 - 437 * N**4 / 1440 + 46 * N**5 / 105 - 1118711 * N**6 / 3870720,
    17 * N**3 / 480 - 37 * N**4 / 840 - 209 * N**5 / 4480 + 5569 * N**6 / 90720,
    4397 * N**4 / 161280 - 11 * N**5 / 504 - 830251 * N**6 / 7257600,
    4583 * N**5 / 161280 - 108847 * N**6 / 3991680,
    20648693 * N**6 / 638668800,
)


def gauss_to_geographic(x_m: Floats, y_m: Floats, *, meridian_deg: float, false_easting_m: float) -> tuple[Floats, Floats]:
    """(longitude, latitude) in degrees of Gauss-Krüger coordinates x = east, y = north."""
    return in_blocks(lambda x, y: _gauss_inverse(x, y, meridian_deg, false_easting_m), x_m, y_m)


def _gauss_inverse(x_m: Floats, y_m: Floats, meridian_deg: float, false_easting_m: float) -> tuple[Floats, Floats]:
    xi0, eta0 = y_m / _RADIUS_M, (x_m - false_easting_m) / _RADIUS_M
    xi, eta = xi0.copy(), eta0.copy()
    for k, b in enumerate(_BETA, start=1):
        xi -= b * np.sin(2 * k * xi0) * np.cosh(2 * k * eta0)
        eta -= b * np.cos(2 * k * xi0) * np.sinh(2 * k * eta0)
    sin_chi = np.sin(xi) / np.cosh(eta)
    lon = np.degrees(np.arctan2(np.sinh(eta), np.cos(xi))) + meridian_deg
    # Conformal to geodetic latitude: isometric latitude is known, Newton-free fixed point (converges as e² each step).
    psi = np.arctanh(sin_chi)
    sin_phi = sin_chi
    for _ in range(8):
        sin_phi = np.tanh(psi + E * np.arctanh(E * sin_phi))
    return lon, np.degrees(np.arcsin(sin_phi))


def geographic_to_gauss(lon: Floats, lat: Floats, *, meridian_deg: float, false_easting_m: float) -> tuple[Floats, Floats]:
    """Gauss-Krüger x = east, y = north, in metres, of longitude and latitude in degrees."""
    return in_blocks(lambda a, b: _gauss_forward(a, b, meridian_deg, false_easting_m), lon, lat)


def _gauss_forward(lon: Floats, lat: Floats, meridian_deg: float, false_easting_m: float) -> tuple[Floats, Floats]:
    lam, sin_phi = np.radians(lon - meridian_deg), np.sin(np.radians(lat))
    psi = np.arctanh(sin_phi) - E * np.arctanh(E * sin_phi)
    xi0 = np.arctan2(np.sinh(psi), np.cos(lam))
    eta0 = np.arctanh(np.sin(lam) / np.cosh(psi))
    xi, eta = xi0.copy(), eta0.copy()
    for k, a in enumerate(_ALPHA, start=1):
        xi += a * np.sin(2 * k * xi0) * np.cosh(2 * k * eta0)
        eta += a * np.cos(2 * k * xi0) * np.sinh(2 * k * eta0)
    return false_easting_m + _RADIUS_M * eta, _RADIUS_M * xi


def _authalic_q(sin_phi: Floats) -> Floats:
    return (1 - E2) * (sin_phi / (1 - E2 * sin_phi**2) + np.arctanh(E * sin_phi) / E)


def geographic_to_equal_area(lon: Floats, lat: Floats, *, meridian_deg: float, true_lat_deg: float) -> tuple[Floats, Floats]:
    """(x, y) in metres on the cylindrical equal-area plane: `+proj=cea +lat_ts +lon_0` on CGCS2000, exact."""
    return in_blocks(lambda a, b: _equal_area_forward(a, b, meridian_deg, true_lat_deg), lon, lat)


def _equal_area_forward(lon: Floats, lat: Floats, meridian_deg: float, true_lat_deg: float) -> tuple[Floats, Floats]:
    k0 = _true_scale(true_lat_deg)
    x = A_M * k0 * np.radians(lon - meridian_deg)
    return x, A_M * _authalic_q(np.sin(np.radians(lat))) / (2 * k0)


def equal_area_to_geographic(x_m: Floats, y_m: Floats, *, meridian_deg: float, true_lat_deg: float) -> tuple[Floats, Floats]:
    """Inverse of `geographic_to_equal_area`; Newton's method, exact to rounding below 80° of latitude."""
    return in_blocks(lambda x, y: _equal_area_inverse(x, y, meridian_deg, true_lat_deg), x_m, y_m)


def _equal_area_inverse(x_m: Floats, y_m: Floats, meridian_deg: float, true_lat_deg: float) -> tuple[Floats, Floats]:
    k0 = _true_scale(true_lat_deg)
    q = 2 * k0 * y_m / A_M
    sin_phi = q / _authalic_q(np.asarray(1.0))
    for _ in range(6):
        # dq/ds = 2 (1 - e²) / (1 - e² s²)²
        sin_phi = sin_phi + (q - _authalic_q(sin_phi)) * (1 - E2 * sin_phi**2) ** 2 / (2 * (1 - E2))
    return np.degrees(x_m / (A_M * k0)) + meridian_deg, np.degrees(np.arcsin(sin_phi))


def _true_scale(true_lat_deg: float) -> float:
    s = math.sin(math.radians(true_lat_deg))
    return math.cos(math.radians(true_lat_deg)) / math.sqrt(1 - E2 * s * s)
