"""The tolerances that every result prints (DESIGN §6). One place; nobody else writes these numbers."""

from __future__ import annotations

CONTACT_M = 0.001  # an overlap of smaller mean width is contact: 0 m², the raw area stands in the trace
SLIVER_M2 = 1.0  # a patch of smaller area …
SLIVER_M = 0.2  # … or of smaller mean width is a suspected boundary error
SEARCH_RADIUS_M = 10_000.0  # distances are looked for within this
REPAIR_M2 = 0.1  # a repair that changes the area by more than this …
REPAIR_SHARE = 1e-4  # … and by more than this share leaves the parcel undetermined
NODE_M = 0.05  # a vertex this near to an edge was meant to lie on it (our own choice; no standard was read for it)
FOLLOWED_M = 0.2  # two drawings of one border are nowhere farther apart
MAPPING_MINIMUM_M2 = (200.0, 400.0, 600.0)  # construction, agricultural, other land
ALL = 1.0 - 1e-9  # of an area: the same area, added up in another order

TOLERANCES: tuple[tuple[str, float], ...] = (
    ("contact_m", CONTACT_M),
    ("sliver_area_m2", SLIVER_M2),
    ("sliver_width_m", SLIVER_M),
    ("search_radius_m", SEARCH_RADIUS_M),
    ("repair_m2", REPAIR_M2),
    ("repair_share", REPAIR_SHARE),
    ("mapping_minimum_construction_m2", MAPPING_MINIMUM_M2[0]),
    ("mapping_minimum_agricultural_m2", MAPPING_MINIMUM_M2[1]),
    ("mapping_minimum_other_m2", MAPPING_MINIMUM_M2[2]),
)
