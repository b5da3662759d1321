"""Every citation of the rule base held against the text of the law: tests/redlines/laws, split into articles by law_text."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.redlines import law_text
from tests.redlines.law_text import SUMMARY, LawText, parse, texts

RED = Path(__file__).resolve().parents[2] / "redlines"
TABLES = {path.name: tomllib.loads(path.read_text("utf-8")) for path in sorted(RED.glob("*.toml"))}
INSTRUMENTS: dict[tuple[str, str], dict[str, Any]] = {(i["name"], i["version"]): i for i in TABLES["instruments.toml"]["instrument"]}
ITEMS: list[dict[str, Any]] = [
    item for table in TABLES.values() for kind in ("rule", "procedure", "pair") for item in table.get(kind, ()) if "basis" in item
]
DAY = re.compile(r"自(\d+)年(\d+)月(\d+)日起施行")
NAMED = re.compile("《中华人民共和国(.+?)》")
# The tool's own range, not a distance of the law; the remedy of the rule says so.
NO_LEGAL_DISTANCE = {"OG-04"}


def label(item: dict[str, Any]) -> str:
    return f"{item.get('code', item.get('act'))} from {item['effective']}"


def held(citation: dict[str, Any]) -> str | None:
    """The words that a citation points at; None where we hold no text of that article."""
    text = texts().get((citation["instrument"], citation["version"]))
    if text is None or "article" not in citation:
        return None
    try:
        return text.words(citation["article"])
    except KeyError:
        assert not text.whole, f"{citation['instrument']} ends before article {citation['article']}"
        return None


def proven(citation: dict[str, Any]) -> bool:
    """The citation says words of its article, and we hold them."""
    return bool(citation.get("says")) and held(citation) is not None


def closing(text: LawText) -> str:
    return "".join(list(text.articles.values())[-1])


def iso(found: re.Match[str]) -> str:
    return f"{int(found[1])}-{int(found[2]):02d}-{int(found[3]):02d}"


def spoken(metres: int) -> set[str]:
    """How a law may write a distance: 30米, 三十米, 一公里."""
    digits = "零一二三四五六七八九"
    thousands, hundreds, tens, ones = metres // 1000, metres // 100 % 10, metres // 10 % 10, metres % 10
    words = (digits[thousands] + "千" if thousands else "") + (digits[hundreds] + "百" if hundreds else "")
    words += ("" if tens == 1 and not words else digits[tens]) + "十" if tens else ""
    words += digits[ones] if ones else ""
    return {f"{metres}米", f"{words}米"} | ({f"{digits[thousands]}公里"} if thousands and metres % 1000 == 0 else set())


def test_the_texts_are_split_into_articles() -> None:
    """Known last articles, a known paragraph, a known item, a known section of a notice."""
    held_texts = texts()
    assert list(held_texts["生态环境法典", "2026-03-12"].articles)[-1] == "1242"
    assert list(held_texts["耕地保护和质量提升法", "2026-08-28"].articles)[-1] == "72"
    land = held_texts["土地管理法", "2019-08-26"]
    assert land.words("46(1)(二)") == "(二)永久基本农田以外的耕地超过三十五公顷的；"
    assert land.words("57(3)") == "临时使用土地期限一般不超过二年。"
    assert held_texts["鄂自然资发〔2024〕2号", "2024-01-01"].words("一(二)").startswith("加强有限人为活动管理")
    assert "鱼梁洲城市中央公园" in held_texts["襄阳市委绿色增长极决定", "2017-12-03"].words("15")


@pytest.mark.parametrize("cited", ["73", "0", "46(9)", "46(1)(九)", "附件1", "第3条"])
def test_what_is_not_there_is_not_found(cited: str) -> None:
    """A dead article, paragraph or item is an error, not an empty text."""
    text = parse("试", "\n".join(f"第{n}条 甲" for n in ("一", "二")) + "\n第四十六条 乙：\n（一）丙\n")
    with pytest.raises(KeyError):
        text.words(cited)


def test_an_article_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        parse("试", "第一条 甲\n第一条 乙\n")


def test_every_text_is_complete_or_says_where_it_breaks_off() -> None:
    """`articles` is the last article of a whole text; a text with gaps is not called read in full."""
    wrong = []
    for key, text in texts().items():
        instrument = INSTRUMENTS.get(key)
        if instrument is None:
            continue  # lies ready for rules to come
        if text.whole and instrument.get("articles") != len(text.articles):
            wrong.append(f"{key}: {len(text.articles)} articles, registered {instrument.get('articles')}")
        if text.whole and instrument.get("title", key[0]) not in (law_text.LAWS / f"{key[0]}({key[1]}).txt").read_text("utf-8"):
            wrong.append(f"{key}: the text is not headed {instrument.get('title', key[0])}")
        if not text.whole and instrument["read"] == "full" and key[0] != "襄阳市委绿色增长极决定":
            wrong.append(f"{key}: called full, but the text has gaps")
    assert wrong == []


def test_every_law_read_in_full_is_held() -> None:
    """What is graded full lies here, so that everybody can look."""
    assert {key for key, i in INSTRUMENTS.items() if i["read"] == "full"} - set(texts()) == set()


def test_every_cited_article_exists() -> None:
    """No citation points beyond the text or at a paragraph that is not there."""
    for item in ITEMS:
        for citation in item["basis"]:
            held(citation)


def test_every_citation_of_a_held_article_says_its_words() -> None:
    """Each citation of an article that we hold names words of it, and they stand there; a summary proves nothing."""
    wrong = []
    for item in ITEMS:
        for citation in item["basis"]:
            words = held(citation)
            where = f"{label(item)}: {citation['instrument']} {citation.get('article')}"
            says = citation.get("says", [])
            if words is None or SUMMARY in words:
                wrong += [f"{where} says {says}, but its text is not here"] if says else []
            elif not says:
                wrong.append(f"{where} says nothing")
            else:
                wrong += [f"{where} does not say {term}" for term in says if law_text.joined(term) not in words]
    assert wrong == []


def test_words_are_more_than_a_word() -> None:
    """A term that any article might hold (two characters) proves nothing, unless others stand beside it."""
    wrong = [f"{label(i)}: {c['says']}" for i in ITEMS for c in i["basis"] if "says" in c and max(map(len, c["says"])) < 4]
    assert wrong == []


def test_a_verified_rule_has_words_of_its_law() -> None:
    """verified = true: some citation is proven by words that we hold, or the instrument's note says which copy was read."""
    wrong = []
    for item in ITEMS:
        if item.get("verified") and not any(map(proven, item["basis"])):
            notes = [INSTRUMENTS[c["instrument"], c["version"]].get("note", "") for c in item["basis"] if c.get("verified")]
            if not any(re.search("读的是|转载|镜像", note) for note in notes):
                wrong.append(label(item))
    assert wrong == []


def test_nothing_is_called_verified_that_nobody_holds() -> None:
    """A verified citation of an article is one whose text lies here, or its instrument's note names the copy that was read."""
    wrong = []
    for item in ITEMS:
        for citation in item["basis"]:
            instrument = INSTRUMENTS[citation["instrument"], citation["version"]]
            verified = citation.get("verified", instrument["read"] == "full")
            if verified and held(citation) is None and not re.search("读的是|转载|镜像", instrument.get("note", "")):
                wrong.append(f"{label(item)}: {citation['instrument']} {citation.get('article')}")
    assert wrong == []


def test_distances_are_those_of_the_article() -> None:
    """A strip of so many metres stands as such in an article that the rule cites."""
    wrong = []
    for item in ITEMS:
        strip = item.get("when", {}).get("strip_m")
        if strip is not None and item["code"] not in NO_LEGAL_DISTANCE:
            words = "".join(held(c) or "" for c in item["basis"])
            if not any(re.search(rf"(?<![\d一二三四五六七八九十百千]){form}", words) for form in spoken(strip)):
                wrong.append(f"{label(item)}: {strip} m")
    assert wrong == []


@pytest.mark.parametrize(
    ("metres", "word"), [(5, "五米"), (10, "十米"), (15, "十五米"), (30, "三十米"), (50, "五十米"), (200, "二百米"), (1000, "一公里")]
)
def test_distances_as_the_law_writes_them(metres: int, word: str) -> None:
    assert word in spoken(metres)


def test_laws_enter_into_force_on_the_day_they_say() -> None:
    """自X年X月X日起施行 of the last article: that day for a new law, not later than its version for one amended since."""
    wrong = []
    for key, text in texts().items():
        found = DAY.search(closing(text))
        if key in INSTRUMENTS and found is not None:
            day, in_force = iso(found), INSTRUMENTS[key]["in_force"]
            if in_force != day and not (day < key[1] <= in_force):
                wrong.append(f"{key}: says {day}, registered {in_force}")
    assert wrong == []


def test_repealed_is_what_a_later_law_repeals() -> None:
    """同时废止 of a last article ends what it names on that day, and nothing else is said to be replaced by that law."""
    wrong = []
    for key, text in texts().items():
        if key not in INSTRUMENTS:
            continue
        own, last = INSTRUMENTS[key], closing(text)
        names = set(NAMED.findall(last)) if "同时废止" in last else set()
        for (name, version), other in INSTRUMENTS.items():
            earlier = name == key[0] and version < key[1]
            if name in names and not earlier and (other.get("repealed"), other.get("replaced_by")) != (own["in_force"], own["code"]):
                wrong.append(f"{name} ({version}) should end on {own['in_force']}")
            if other.get("replaced_by") == own["code"] and not earlier and name not in names:
                wrong.append(f"{name} ({version}) is not repealed by {key[0]}")
    assert wrong == []


def test_the_code_repeals_ten_laws() -> None:
    """生态环境法典第1242条 names ten laws; 长江保护法, 水土保持法, 湿地保护法 and 水法 are not among them and stay."""
    names = NAMED.findall(texts()["生态环境法典", "2026-03-12"].words("1242"))
    assert len(names) == 10
    for name in ("长江保护法", "水土保持法", "湿地保护法", "水法"):
        assert name not in names
        assert all("repealed" not in i for (n, _), i in INSTRUMENTS.items() if n == name)
    assert all(INSTRUMENTS[k]["repealed"] == "2026-08-15" for k in INSTRUMENTS if k[0] in names)


def test_the_farmland_law_repeals_nothing() -> None:
    """耕地保护和质量提升法 ends with its day alone: 土地管理法 and 基本农田保护条例 go on beside it."""
    assert closing(texts()["耕地保护和质量提升法", "2026-08-28"]) == "本法自2027年1月1日起施行。"
    assert all(i.get("replaced_by") != "GDBH" for i in INSTRUMENTS.values())


def test_versions_of_one_law_follow_each_other() -> None:
    """A version of a law ends on the day the next one enters into force."""
    by_name: dict[str, list[dict[str, Any]]] = {}
    for instrument in INSTRUMENTS.values():
        by_name.setdefault(instrument["name"], []).append(instrument)
    for versions in by_name.values():
        versions.sort(key=lambda i: i["version"])
        for earlier, later in zip(versions, versions[1:], strict=False):
            assert (earlier.get("repealed"), earlier.get("replaced_by")) == (later["in_force"], later["code"]), earlier["name"]
