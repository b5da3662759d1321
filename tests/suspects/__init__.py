"""Patches of suspected illegal building: squares on a planar town, every area by hand."""
