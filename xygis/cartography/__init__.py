"""Maps: static figures for reports, a map page that works offline, and printed sheets. Draws; computes no area and no verdict.

`frame` is a piece of the earth on paper, `scene` what stands in it, `legend` what the scene shows; `figure`, `leaflet_page`
and `sheet` are three renderings of a scene.
"""
