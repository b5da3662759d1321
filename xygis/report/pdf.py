"""A document as PDF: set by typst, tagged, with bookmarks, the atlas's own fonts embedded, the same bytes for the same input."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from xygis.errors import OutputFailed
from xygis.report.document import Document, MapBook
from xygis.report.pdf_data import Drawings, document_data, maps_data, symbols, typst_sources

_STANDARD: Literal["ua-1"] = "ua-1"  # PDF/UA: tagged, titled, with words for every drawing
_SPARE = frozenset("−✓\u200b\n")  # not in the atlas's font: typst's own has them, or they leave no mark


def document_pdf(document: Document, fonts: tuple[Path, ...], maps: MapBook | None = None) -> bytes:
    """The whole report, with the maps behind it. fonts: the files of `maps/fonts`. Raises OutputFailed where it cannot be set."""
    return _set("report.typ", document, fonts, maps)


def brief_pdf(document: Document, fonts: tuple[Path, ...]) -> bytes:
    """结论单: the first page alone."""
    return _set("brief.typ", document, fonts, None)


def _set(template: str, document: Document, fonts: tuple[Path, ...], maps: MapBook | None) -> bytes:
    import typst

    drawings = Drawings(_known(fonts[0]))
    data = json.dumps(document_data(document, drawings) | {"maps": maps_data(maps, drawings)}, ensure_ascii=False).encode("utf-8")
    sources = {**typst_sources(), **symbols(), **drawings.files, "data.json": data}
    if maps is not None:
        sources["maps.pdf"] = maps.pdf
    sources["main.typ"] = sources.pop(template)
    folders = list(dict.fromkeys(str(f.parent) for f in fonts))
    with TemporaryDirectory(prefix="xygis-pdf-") as root:  # a PDF among the sources can only be read from a file
        for name, content in sources.items():
            (Path(root) / name).write_bytes(content)
        given: dict[str, Any] = {
            "input": Path(root) / "main.typ",
            "root": root,
            "format": "pdf",
            "font_paths": folders,
            "ignore_system_fonts": True,
        }
        try:
            return _one_file(typst.compile(**given, pdf_standards=_STANDARD))
        except typst.TypstError:  # a report that cannot be read aloud is better than none
            try:
                return _one_file(typst.compile(**given))
            except typst.TypstError as error:
                fix = "请把这份送审文件和这条消息发给维护者；其他格式不受影响"
                raise OutputFailed(what=f"PDF 排版失败：{error}", fix=fix) from error


def _one_file(made: object) -> bytes:
    """What typst gives back for one file that is to be one PDF."""
    assert isinstance(made, bytes)
    return made


@lru_cache(maxsize=2)
def _characters(font: Path) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(str(font)).get_charmap())


def _known(font: Path) -> Callable[[str], bool]:
    have = _characters(font)
    return lambda c: ord(c) in have or c in _SPARE
