"""May this parcel be built on? Measures parcels against a planning atlas and says what the law makes of it.

>>> import xygis
>>> atlas = xygis.Atlas.open()
>>> atlas.plane.code
'official'
"""
