"""What a reader of the page gets: its tables and its big numbers, read by the standard library's parser."""

from __future__ import annotations

from html.parser import HTMLParser


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.top: list[str] = []
        self._text: list[str] | None = None
        self._rows: list[list[str]] = []
        self._caption = ""
        self._depth = 0  # of div in the band of big numbers

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").split()
        if tag == "div":
            self._depth += 1 if self._depth or "kpi" in classes else 0
        elif tag == "table":
            self._rows, self._caption = [], ""
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th", "caption") or (self._depth and tag in ("strong", "em", "small", "p")):
            self._text = []
        elif tag in ("small", "br") and self._text is not None:
            self._text.append(" ")

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "div" and self._depth:
            self._depth -= 1
        elif tag == "table":
            self.tables[self._caption] = [row for row in self._rows if row]
        elif self._text is None:
            return
        elif tag in ("td", "th"):
            self._rows[-1].append("".join(self._text).strip())
            self._text = None
        elif tag == "caption":
            self._caption, self._text = "".join(self._text).strip(), None
        elif self._depth and tag in ("strong", "em", "small", "p"):
            self.top.append("".join(self._text).strip())
            self._text = None


def read_page(html: str) -> tuple[dict[str, list[list[str]]], list[str]]:
    """(caption → rows of cells, texts of the band at the top)."""
    reader = _Reader()
    reader.feed(html)
    return reader.tables, reader.top
