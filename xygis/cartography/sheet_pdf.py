"""Plans as one PDF: a page each at its own size, a bookmark each, no time of day in it, so that the same sheets give the same bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from xygis.atlas.atlas import Atlas
from xygis.cartography.plan import Plan
from xygis.cartography.sheet_draw import draw_plan, plain_figure


def pdf_of(plans: Sequence[Plan], atlas: Atlas) -> bytes:
    """The file's content."""
    from matplotlib.backends import backend_pdf

    out = io.BytesIO()
    with plain_figure(atlas, 10, 10, 72):  # settings of fonts hold for the whole file
        pages: Any = backend_pdf.PdfPages(
            out, metadata={"Title": plans[0].title, "Creator": "xygis", "Producer": "xygis", "CreationDate": None}
        )
        for plan in plans:
            with plain_figure(atlas, plan.layout.width, plan.layout.height, 200) as figure:
                draw_plan(figure, plan, atlas)
                pages.savefig(figure)
        if len(plans) > 1:
            _bookmarks(pages, [plan.title for plan in plans])
        pages.close()
    return out.getvalue()


def _bookmarks(pages: Any, titles: Sequence[str]) -> None:
    """An outline with an entry a page. matplotlib writes none itself, but lets objects be added before the file is closed."""
    from matplotlib.backends import backend_pdf

    name: Any = backend_pdf.Name
    file = pages._ensure_file()
    root = file.reserveObject("outlines")
    items = [file.reserveObject(f"outline {i}") for i in range(len(titles))]
    for i, (item, title) in enumerate(zip(items, titles, strict=True)):
        entry = {"Title": title, "Parent": root, "Dest": [file.pageList[i], name("Fit")]}
        if i:
            entry["Prev"] = items[i - 1]
        if i + 1 < len(items):
            entry["Next"] = items[i + 1]
        file.writeObject(item, entry)
    file.writeObject(root, {"Type": name("Outlines"), "First": items[0], "Last": items[-1], "Count": len(items)})
    catalogue = {"Type": name("Catalog"), "Pages": file.pagesObject, "Outlines": root, "PageMode": name("UseOutlines")}
    file.writeObject(file.rootObject, catalogue)  # a later entry for the same object takes the place of the first
