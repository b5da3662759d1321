"""Vector files from outside, read safely: format by content, system decided on all vertices, repairs on record.

`foreign` is the door (zip, shapefile, GeoJSON, GeoPackage, what GDAL reads), `layers` settles the system, `repair` makes
polygons valid, `gpkg` is the quick reader that a cold check uses. Shared by intake and by adopting a layer.
"""
