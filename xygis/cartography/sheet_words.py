"""Words of a sheet that come from the check or the catalogue: its name, and how old and how good its layers are."""

from __future__ import annotations

from collections.abc import Sequence

from xygis.atlas.sheets import SheetEntry
from xygis.cartography.scene import Scene
from xygis.check.assessment import Assessment

_LONGEST = 24


def check_name(assessment: Assessment) -> str:
    """What a check is called on a sheet: the project, or its parcels; a long name is cut."""
    first, more = assessment.parcels[0].name, len(assessment.parcels) - 1
    return short(assessment.project.name or first) + ("" if assessment.project.name or not more else f"等 {more + 1} 个地块")


def short(name: str) -> str:
    """A name on one line: at most 24 characters, no line breaks."""
    name = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"


def missing_words(entry: SheetEntry) -> tuple[str, ...]:
    """What maps/sheets.toml names and the atlas does not have: a slip of the pen, or a layer that was taken away."""
    return (f"图集没有图层 {'、'.join(entry.missing)}，未绘（maps/sheets.toml）。",) if entry.missing else ()


def data_lines(scenes: Sequence[Scene], first: Sequence[str] = ()) -> tuple[str, ...]:
    """One line per layer drawn: 生态保护红线 2022-11-07，±0.5 m，市自然资源和规划局. Layers hit, and those named in `first`, come first."""
    drawn = {d.layer.id: d.layer for scene in scenes for d in scene.drawn}
    hit = {d.layer.id for scene in scenes for d in scene.drawn if d.hit} | set(first)
    order = {name: i for i, name in enumerate(first)}
    out = []
    for layer in sorted(drawn.values(), key=lambda layer: (layer.id not in hit, order.get(layer.id, len(order)))):
        parts = [f"{layer.title} {layer.version or '版本不详'}"]
        parts.append(f"±{layer.accuracy_m:g} m" if layer.accuracy_m is not None else "精度不详")
        if layer.id in hit and layer.authority:
            parts.append(layer.authority)
        out.append("，".join(parts))
    return tuple(out)
