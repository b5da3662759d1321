"""Parcels against layers: prepared layers, areas, distances, slivers. Knows no law."""
