"""Law texts as articles: 第一百二十三条 → "123", 一、…(一) → "一(一)", 15.… → "15". Reads tests/redlines/laws/."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LAWS = Path(__file__).parent / "laws"
UNSEEN = "〔以下未见〕"  # the copy breaks off here
SUMMARY = "〔摘要〕"  # a reader's summary, not the words of the article
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_CHINESE = "零〇一二三四五六七八九十百千"
_ARTICLE = re.compile(rf"第([{_CHINESE}]+)条(?=[\s\u3000]|$)[\s\u3000]*(.*)")
_HEADING = re.compile(rf"#+\s|第[{_CHINESE}]+[编章节](?:[\s\u3000]|$)")
_PART = re.compile(rf"([{_CHINESE}]+)、(.*)")
_SECTION = re.compile(rf"[（(]([{_CHINESE}]+)[）)](.*)")
_NUMBERED = re.compile(r"(\d+)\.(.*)")
_ITEM = re.compile(rf"[（(]([{_CHINESE}]+)[）)]|(\d+)\.")
_CITED = re.compile(
    r"(附件\d+|\d+|[一二三四五六七八九十]+(?:\([一二三四五六七八九十]+\))?)(?:\((\d+)\))?(?:\(([一二三四五六七八九十]+)\))?"
)


def number(words: str) -> int:
    """一千二百四十二 → 1242."""
    total = digit = 0
    for char in words:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit


@dataclass(frozen=True, slots=True, kw_only=True)
class LawText:
    """One text: what its articles say, in paragraphs without blanks; an item belongs to the paragraph that announces it."""

    name: str
    articles: dict[str, tuple[str, ...]]

    @property
    def whole(self) -> bool:
        """Whether every article from the first to the last stands here, unabridged."""
        numbers = [int(a) for a in self.articles if a.isdigit()]
        text = "".join(p for paragraphs in self.articles.values() for p in paragraphs)
        return numbers == list(range(1, len(self.articles) + 1)) and UNSEEN not in text and SUMMARY not in text

    def words(self, cited: str) -> str:
        """The text at "26", "26(2)" (second paragraph), "26(2)(三)" or "26(三)" (item), "一(一)". KeyError: there is none."""
        match = _CITED.fullmatch(cited)
        if match is None or match[1] not in self.articles:
            raise KeyError(f"{self.name}: no article {cited}")
        paragraphs = self.articles[match[1]]
        if match[2] is not None:
            if not 1 <= int(match[2]) <= len(paragraphs):
                raise KeyError(f"{self.name}: {cited}: {len(paragraphs)} paragraphs")
            paragraphs = paragraphs[int(match[2]) - 1 : int(match[2])]
        text = "\n".join(paragraphs)
        return _item(text, match[3], f"{self.name}: {cited}") if match[3] else text


def _item(text: str, wanted: str, where: str) -> str:
    lines = [line for line in text.splitlines() if (found := _ITEM.match(line)) and found[1] and number(found[1]) == number(wanted)]
    if not lines:
        raise KeyError(f"{where}: no such item")
    return "\n".join(lines)


def parse(name: str, text: str) -> LawText:
    """Articles of a text: of 第…条 where it has them, else of 一、(一), else of numbered points. An article twice is an error."""
    lines = [line.strip() for line in text.splitlines()]
    starts = _by_article if any(map(_ARTICLE.match, lines)) else _by_section if any(map(_SECTION.match, lines)) else _by_number
    articles: dict[str, list[str]] = {}
    current: list[str] | None = None
    part = ""
    for line in lines:
        if not line or _HEADING.match(line):
            continue
        found = starts(line, part)
        if found is not None:
            key, rest, part = found
            if key in articles:
                raise ValueError(f"{name}: article {key} twice")
            current = articles[key] = [joined(rest)] if rest.strip() else []
        elif current:
            if _ITEM.match(line):
                current[-1] += "\n" + joined(line)
            else:
                current.append(joined(line))
        elif current is not None:
            current.append(joined(line))
    return LawText(name=name, articles={n: tuple(p) for n, p in articles.items() if p})


def joined(line: str) -> str:
    """Copies differ in blanks and brackets, the law does not."""
    return re.sub(r"[\s\u3000]", "", line).replace("（", "(").replace("）", ")").replace(",", "，")


def _by_article(line: str, part: str) -> tuple[str, str, str] | None:
    found = _ARTICLE.match(line)
    return (str(number(found[1])), found[2], part) if found else None


def _by_section(line: str, part: str) -> tuple[str, str, str] | None:
    if found := _PART.match(line):
        return found[1], "", found[1]
    found = _SECTION.match(line)
    return (f"{part}({found[1]})", found[2], part) if found else None


def _by_number(line: str, part: str) -> tuple[str, str, str] | None:
    if _PART.match(line):
        return None
    found = _NUMBERED.match(line)
    return (found[1], found[2], part) if found else None


@cache
def texts() -> dict[tuple[str, str], LawText]:
    """Every text held: (name, version) as the file is called, e.g. 土地管理法(2019-08-26).txt."""
    out = {}
    for path in sorted(LAWS.glob("*.txt")):
        name, version = path.stem[:-1].rsplit("(", 1)
        out[name, version] = parse(path.stem, path.read_text("utf-8"))
    return out
