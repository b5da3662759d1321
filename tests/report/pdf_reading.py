"""What a reader of the PDF gets: its pages as text, its fonts, its structure; read by poppler, which knows nothing of typst."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no poppler on this machine")


def _run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, check=True, text=True, encoding="utf-8", errors="replace").stdout


def pages(path: Path) -> list[str]:
    """The text of each page, without any white space: where lines break is no matter of content."""
    text = _run("pdftotext", "-enc", "UTF-8", str(path), "-")
    return [re.sub(r"[\s\u200b]+", "", page) for page in text.split("\f")[:-1]]


def fonts(path: Path) -> list[dict[str, str]]:
    """name, emb (embedded) and sub (subset) of every font."""
    lines = _run("pdffonts", str(path)).splitlines()[2:]
    return [dict(zip(("emb", "sub", "uni"), line.split()[-5:-2], strict=True), name=line.split()[0].split("+")[-1]) for line in lines]


def facts(path: Path) -> dict[str, str]:
    """Title, Tagged, Pages, CreationDate, …"""
    lines = [line.split(":", 1) for line in _run("pdfinfo", str(path)).splitlines() if ":" in line]
    return {key: value.strip() for key, value in lines}


def page_sizes_pt(path: Path) -> list[tuple[float, float]]:
    """Width and height of each page."""
    sizes = re.findall(r"Page +\d+ size: +([\d.]+) x ([\d.]+) pts", _run("pdfinfo", "-l", "9999", str(path)))
    return [(float(w), float(h)) for w, h in sizes]


def structure(path: Path) -> str:
    """The tree of tags."""
    return _run("pdfinfo", "-struct", str(path))


def raw_text(path: Path, *, between_pages: tuple[str, str]) -> str:
    """All text in the order in which it was set, without white space, headers and footers: (running title, foot)."""
    title, foot = (re.sub(r"\s+", "", words) for words in between_pages)
    whole = ""
    for page in _run("pdftotext", "-raw", "-enc", "UTF-8", str(path), "-").split("\f")[:-1]:
        plain = re.sub(r"[\s\u200b]+", "", page)
        plain = re.sub(rf"{re.escape(foot)}第\d+页，共\d+页", "", plain)
        whole += re.sub(rf"^{re.escape(title)}(示意数据，非法定成果)?", "", plain)
    return whole


def words(path: Path) -> list[str]:
    """Every run of signs between white space, in the order of the file."""
    return _run("pdftotext", "-enc", "UTF-8", "-raw", str(path), "-").replace("\u200b", "").split()
