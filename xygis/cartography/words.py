"""Numbers as they stand on maps: m² with two decimals, 公顷 with four, shares with one. A real overlap is never 0."""

from __future__ import annotations


def area_text(area_m2: float) -> str:
    """9,554.33 m²."""
    return "<0.01 m²" if 0 < area_m2 < 0.005 else f"{area_m2:,.2f} m²"


def square_metres(area_m2: float | None) -> str:
    """9,554.33, without the unit; – where there is none."""
    return "–" if not area_m2 else area_text(area_m2).removesuffix(" m²")


def hectares(area_m2: float | None) -> str:
    """0.9554."""
    if not area_m2:
        return "–"
    return "<0.0001" if area_m2 < 0.5 else f"{area_m2 / 10_000:,.4f}"


def percent(share: float | None) -> str:
    """3.5 %."""
    if not share:
        return "–"
    return "<0.1 %" if share < 0.0005 else f"{share * 100:.1f} %"
