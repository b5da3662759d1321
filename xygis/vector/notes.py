"""`Note`: something that was seen or done while reading a file, with a stable code and a place. A repair is a note, never silent."""

from __future__ import annotations

from dataclasses import dataclass

from xygis.errors import Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """level "info": as it should be, said for the record; "warning": a person should look."""

    code: str  # axes_swapped, ring_closed, self_crossing_repaired, …
    level: str  # info | warning
    text: str
    where: Where = Where()
    areas_m2: tuple[float, float] | None = None  # of a repair: before and after

    def to_dict(self) -> dict[str, str]:
        return {"code": self.code, "level": self.level, "text": self.text, "where": str(self.where)}
