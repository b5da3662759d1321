"""Filled faces are no closed outline, but they may be how a parcel was drawn: what is not read is said."""

from __future__ import annotations

from pathlib import Path

import ezdxf
import pytest

from xygis.vector.dxf import read_dxf

E, N = 37_600_000.0, 3_541_000.0
QUAD = [(E + 300, N), (E + 500, N), (E + 300, N + 150), (E + 500, N + 150)]


@pytest.mark.parametrize("kind", ["SOLID", "TRACE", "3DFACE"])
def test_a_face_that_is_not_read_is_told(tmp_path: Path, kind: str) -> None:
    drawing = ezdxf.new("R2010")
    space = drawing.modelspace()
    space.add_lwpolyline([(E, N), (E + 200, N), (E + 200, N + 150), (E, N + 150)], close=True)
    {"SOLID": space.add_solid, "TRACE": space.add_trace, "3DFACE": space.add_3dface}[kind](QUAD)
    path = tmp_path / "面.dxf"
    drawing.saveas(path)
    notes = [n for layer in read_dxf(path) for n in layer.notes]
    assert any(n.code == "entities_unread" and n.level == "warning" and f"有 1 个 {kind} 没有读取" in n.text for n in notes)
