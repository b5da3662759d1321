"""Where on the ellipsoid a coordinate lies, and how large a piece of it is. Knows no layer.

`ellipsoid` holds CGCS2000 and its two exact maps (Gauss-Krüger, equal-area cylinder); `crs` names coordinate systems
and recognises them; `plane` is the plane that areas are measured in; `edges` splits edges as the land survey does.
"""
