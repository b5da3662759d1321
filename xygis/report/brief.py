"""结论单: the first page of a report as a sheet of its own, to be signed and filed."""

from __future__ import annotations

from dataclasses import replace

from xygis.report.document import Document


def brief_document(document: Document) -> Document:
    """The same first page under its own title, without chapters."""
    note = document.overview_note.replace("，见附表", "").replace("见附表1", "见审查报告")
    return replace(document, title=f"{document.title.removesuffix('报告')}结论单", overview_note=note, sections=())
