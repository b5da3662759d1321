"""The law of patches as data: its cases hold, its articles exist, wrong edits are refused with their line; dates as files write them."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from xygis.atlas.atlas import Atlas
from xygis.atlas.bundled import bundled_root
from xygis.atlas.law import counts_on
from xygis.atlas.suspect_law import FACTS, SuspectVerdict, read_suspect_law
from xygis.errors import BadRule
from xygis.suspects.facts import NOTHING, Beyond, PatchFacts, PermitHit, PlaceFact, Range, Standing
from xygis.suspects.judging import Bench
from xygis.suspects.permits import Permit, kind_of
from xygis.suspects.spans import Span, span_of

ATLAS = Atlas.open()
LAW = read_suspect_law(ATLAS)
BENCH = Bench(law=LAW, instruments=ATLAS.law.instruments, complete_from=ATLAS.law.complete_from)
DAY = Span(first=date(2026, 10, 18), last=date(2026, 10, 18))
NAMES = [k.name for k in LAW.kinds]
WHOLE = Range(low=600.0, point=600.0, high=600.0)


def facts_of(said: dict[str, Any]) -> PatchFacts:
    """A patch of 600 m² as a case tells it."""
    hits = [
        PermitHit(
            permit=Permit(
                key=str(i),
                number=str(i),
                kind=next(k for k in LAW.kinds if k.name == name),
                kind_text=name,
                use_text=None,
                issued=None,
                until=None,
                open_end=True,
            ),
            standing=standing,
            overlap_m2=600.0,
        )
        for standing in (Standing.VALID, Standing.LATER, Standing.EXPIRED)
        for i, name in enumerate(said.get(standing.value, []))
    ]
    valid = {name: Beyond(valid=NOTHING, unsure=NOTHING, ever=NOTHING) for name in said.get("valid", [])}
    late = {h.permit.kind.name: Beyond(valid=WHOLE, unsure=WHOLE, ever=NOTHING) for h in hits if h.permit.kind}
    places = tuple(PlaceFact(code=c, overlap=WHOLE if c in said.get("places", []) else NOTHING) for c in LAW.place_codes)
    return PatchFacts(
        area_m2=600.0,
        width_m=12.0,
        image=DAY,
        on=date(2026, 11, 24),
        situation=said.get("situation"),
        use_code=None,
        hits=tuple(hits),
        beside=(),
        beyond={**late, **valid},
        permits_reason="",
        permits_as_of=None,
        places=places,
        built=WHOLE if said.get("built_before") else NOTHING,
        built_before=True,
        growth=NOTHING,
        outside_city_m2=0.0,
        doubtful=(),
    )


@pytest.mark.parametrize("case", LAW.cases, ids=lambda c: c.note)
def test_case_of_the_law_file(case: Any) -> None:
    """Facts in, verdict out, as the file itself says."""
    assert case.verdict == BENCH.judge(facts_of(dict(case.facts))).verdict


def test_every_circumstance_has_words_for_every_situation() -> None:
    """No fact that the engine may find is without an answer on the days from 2025 on, whatever was built."""
    for day in (date(2025, 3, 1), date(2026, 8, 14), date(2026, 8, 15), date(2026, 12, 31), date(2027, 1, 1)):
        for fact in FACTS:
            for s in LAW.situations:
                fit = [
                    c for c in LAW.circumstances if c.fact == fact and counts_on(c, day) and (not c.situations or s.code in c.situations)
                ]
                assert len(fit) == 1, (day, fact, s.code)


def test_every_verdict_to_be_verified_names_what_is_needed() -> None:
    """待核 without a way out helps nobody."""
    assert [c.code for c in LAW.circumstances if c.verdict is SuspectVerdict.VERIFY and not c.needs] == []


def test_every_accusation_cites_an_article_in_force() -> None:
    """疑似违法 rests on at least one article, and each instrument is in force when the version begins or later."""
    for c in LAW.circumstances:
        if c.verdict is SuspectVerdict.SUSPECTED:
            assert c.basis and all(b.article for b in c.basis), c.code


def test_every_cited_article_stands_in_a_text_that_was_read() -> None:
    """Each article marked verified is found in the text of its law under tests/redlines/laws."""
    folder = Path(__file__).parents[1] / "redlines" / "laws"
    for entry in (*LAW.circumstances, *LAW.places):
        for b in entry.basis:
            if not b.verified or not (b.article or "").isdigit():
                continue
            (text,) = [p.read_text("utf-8") for p in folder.glob(f"{b.instrument}({b.version.isoformat()}).txt")]
            assert re.search(rf"第{_chinese(int(b.article or 0))}条", text), (entry.code, b)


def test_versions_of_a_place_follow_each_other() -> None:
    """No day is left out and none is twice, from the first version on."""
    for code in LAW.place_codes:
        versions = [p for p in LAW.places if p.code == code]
        for a, b in zip(versions[:-1], versions[1:], strict=True):
            assert a.until is not None and (b.effective - a.until).days == 1, code
        assert versions[-1].until is None


def test_the_strictest_place_stands_first() -> None:
    """Levels never fall along the file."""
    levels = [p.level for p in LAW.places]
    assert levels == sorted(levels)


def test_every_word_of_a_kind_is_understood() -> None:
    """Whatever an office calls a permit, in whatever width of letters."""
    for kind in LAW.kinds:
        assert all(kind_of(f" {word} ", LAW.kinds) == kind for word in (kind.name, *kind.words))
    assert kind_of("采矿许可证", LAW.kinds) is None


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('verdict = "suspected"', 'verdict = "guilty"', "guilty"),
        ('fact = "none"', 'fact = "nothing"', "nothing"),
        ('term = "dated"', 'term = "ever"', "ever"),
        (
            'fact = "history"\ntitle = "原来就是建设用地"\nverdict = "verify"',
            'fact = "history"\ntitle = "x"\nverdict = "legal"',
            "不能得出合法",
        ),
        ('legal = [["临时用地批准"]]', "legal = [[]]", "空的一组"),
        ('legal = [["临时用地批准"]]', 'legal = [["口头同意"]]', "口头同意"),
        ('article = "77"', 'artcle = "77"', "artcle"),
        ("level = 1", "level = 9", "level"),
        ("accuracy_m = 2.0", "accuracy_m = -1", "accuracy_m"),
        ('"level", "verdict"', '"level", "colour"', "colour"),
    ],
)
def test_a_wrong_edit_is_refused_with_its_place(tmp_path: Path, old: str, new: str, what: str) -> None:
    """Whoever edits the file is told what is wrong and where; above all, nothing but permits may make lawful."""
    (tmp_path / "redlines").mkdir()
    text = (bundled_root() / "redlines" / "suspects.toml").read_text("utf-8")
    assert old in text
    (tmp_path / "redlines" / "suspects.toml").write_text(text.replace(old, new, 1), "utf-8")
    from dataclasses import replace

    with pytest.raises(BadRule) as refused:
        read_suspect_law(replace(ATLAS, root=tmp_path))
    assert what in str(refused.value) and "suspects.toml" in str(refused.value.where)


def test_an_atlas_without_the_file_is_told_so(tmp_path: Path) -> None:
    """An atlas of another city starts without it: one error that says what to copy."""
    from dataclasses import replace

    with pytest.raises(BadRule, match="控违拆违"):
        read_suspect_law(replace(ATLAS, root=tmp_path))


@pytest.mark.parametrize(
    "text",
    ["2026-10-18", "2026/10/18", "2026.10.18", "20261018", "2026年10月18日", "２０２６－１０－１８", "2026-10-18T08:00:00", "20261018.0"],
)
def test_days_as_files_write_them(text: str) -> None:
    """The same day in eight hands."""
    assert DAY == span_of(text)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("2026-02", Span(first=date(2026, 2, 1), last=date(2026, 2, 28))),
        ("2024年2月", Span(first=date(2024, 2, 1), last=date(2024, 2, 29))),
        ("2026", Span(first=date(2026, 1, 1), last=date(2026, 12, 31))),
        *((bad, None) for bad in ("", "十月", "2026-02-30", "18/10/2026", "0000-00-00", "2026-13", "1026-01-01", "99999999", None)),
    ],
)
def test_days_that_leave_something_open(text: str | None, span: Span | None) -> None:
    """A month may be any of its days; what is no day is none."""
    assert span == span_of(text)


def _chinese(n: int) -> str:
    """An article number as laws write it."""
    digits = "零一二三四五六七八九"
    out = ""
    for unit, word in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        d, n = divmod(n, unit)
        if d:
            out += ("" if unit == 10 and d == 1 and not out else digits[d]) + word
        elif out and n and not out.endswith("零"):
            out += "零"
    return out
