"""Pictures of a Word document: each stored once, however often it stands in the text; marks of verdicts and states with their word."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xygis.atlas.verdict import LayerState, Verdict
from xygis.report.pdf_data import colours, symbols
from xygis.report.rasters import Drawing, rasters
from xygis.report.word_xml import TEXT_WIDTH_CM, picture, run, sheet_picture

_SMALL_CM, _STATE_CM, _LARGE_CM = 0.33, 0.25, 1.0
_CLEAR = "#46515b"


def mark_drawings() -> list[Drawing]:
    """Every mark, in the sizes in which it is used."""
    sprite = {name.removesuffix(".svg"): data.decode("utf-8") for name, data in symbols().items()}
    verdicts = [Drawing(sprite[f"v-{v.value}"], cm) for v in Verdict for cm in (_SMALL_CM, _LARGE_CM)]
    return [*verdicts, *(Drawing(sprite[f"s-{s.value}"], _STATE_CM) for s in LayerState)]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapPage:
    """A printed map at its true size; caption: what it is called."""

    png: bytes
    caption: str
    width_mm: float
    height_mm: float


class Marks:
    """Puts pictures into the document and hands out their places. part: of the library's document; width_cm: of its text."""

    def __init__(self, part: Any, drawings: Sequence[Drawing], fonts: Sequence[Path], *, width_cm: float = TEXT_WIDTH_CM) -> None:
        self.width_cm = width_cm
        self._part = part
        self._images: Mapping[Drawing, bytes] = rasters([*mark_drawings(), *drawings], fonts)
        self._sprite = {name.removesuffix(".svg"): data.decode("utf-8") for name, data in symbols().items()}
        self._relations: dict[Drawing, str] = {}
        self._last = 0

    def number(self) -> int:
        """One that no other picture or bookmark has."""
        self._last += 1
        return self._last

    def picture(self, drawing: Drawing, alt: str, *, raised_pt: float = 0.0) -> str:
        """The drawing in the line."""
        if drawing not in self._relations:
            self._relations[drawing], _ = self._part.get_or_add_image(io.BytesIO(self._images[drawing]))
        return picture(
            self._relations[drawing], self.number(), width_cm=drawing.width_cm, height_cm=drawing.height_cm, alt=alt, raised_pt=raised_pt
        )

    def sheet(self, page: MapPage) -> str:
        """A printed map on its own paper."""
        relation, _ = self._part.get_or_add_image(io.BytesIO(page.png))
        return sheet_picture(relation, self.number(), width_cm=page.width_mm / 10, height_cm=page.height_mm / 10, alt=page.caption)

    def verdict(self, verdict: Verdict, *, size_pt: float = 0.0, word: str = "") -> str:
        """Shape, word and colour; size_pt of the word where it is large; word: where it is not the verdict's own."""
        width_cm, raised_pt = (_LARGE_CM, -4.0) if size_pt else (_SMALL_CM, -1.5)
        shape = self.picture(Drawing(self._sprite[f"v-{verdict.value}"], width_cm), "", raised_pt=raised_pt)
        return f"{shape}{run(f'{chr(0xA0)}{word or verdict.label}', bold=True, colour=colours()[f'v-{verdict.value}'], size_pt=size_pt)}"

    def state(self, state: LayerState, text: str) -> str:
        """Shape and word of a layer's state; `text` may be a mixed one."""
        shape = self.picture(Drawing(self._sprite[f"s-{state.value}"], _STATE_CM), "", raised_pt=-0.5)
        colour = {LayerState.NO_DATA: colours()["v-undetermined"], LayerState.CLEAR: _CLEAR}.get(state, "")
        return f"{shape}{run(f'{chr(0xA0)}{text}', bold=state is not LayerState.CLEAR, colour=colour)}"
