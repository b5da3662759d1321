"""The move from an old datum while a file is read: done with the parameters given, said, and left to be verified."""

from __future__ import annotations

from dataclasses import dataclass, field

from xygis.errors import Where
from xygis.geodesy.datum_shift import DatumShift, shifted
from xygis.geodesy.ellipsoid import Floats
from xygis.vector.crs_decision import CrsDecision
from xygis.vector.notes import Note


@dataclass(slots=True, kw_only=True)
class DatumMove:
    """Moves the coordinates of one parcel or layer, and remembers how far; without parameters it leaves them as they are."""

    shift: DatumShift | None
    decision: CrsDecision
    farthest_m: float = field(default=0.0, init=False)

    def moved(self, east: Floats, north: Floats) -> tuple[Floats, Floats]:
        """Raises UsageError where the parameters cannot be those of the old datum."""
        if self.shift is None or self.decision.old is None:
            return east, north
        x, y, moved_m = shifted(self.shift, self.decision.old, self.decision.code, east, north)
        self.farthest_m = max(self.farthest_m, moved_m)
        return x, y

    def notes(self, name: str, where: Where) -> list[Note]:
        return [Note(code="datum_shifted", level="warning", text=f"{name} {d}".strip(), where=where) for d in self.doubts()]

    def doubts(self) -> tuple[str, ...]:
        """Why the boundary must be verified: nobody here knows whether the parameters are right."""
        if self.shift is None or self.decision.old is None:
            return ()
        how = "平面四参数（横坐标去掉带号）" if len(self.shift.numbers) == 4 else "布尔沙七参数（坐标框架旋转，大地高取 0）"
        said = f"坐标由{self.decision.old}按给定的{how}转换为 2000 国家大地坐标系，最多移动 {self.farthest_m:,.3f} 米；参数未经核实"
        return (said,)
