"""The use of the land: two class versions that must not be mixed up, and words that mean more than one thing."""

from __future__ import annotations

import pytest

from xygis.atlas.atlas import Atlas
from xygis.check.project import ProjectStatement, project_statement, use_of
from xygis.errors import UsageError
from xygis.judge.facts import resolve_facts

LAW = Atlas.open().law


def stated(use: str, version: str | None = None) -> ProjectStatement:
    return ProjectStatement(use=use, class_version=version)


def test_a_2020_code_is_judged_as_what_it_became() -> None:
    """0603 of 2020 is 畜禽养殖设施建设用地, 060202 today: it discharges, as by_use says of 060202; both codes are shown."""
    use = use_of(LAW, stated("2020:0603"), None)
    assert (use.code, use.name, use.class_version, use.rule_code) == ("0603", "畜禽养殖设施建设用地", "2020", "060202")
    facts = resolve_facts(LAW.facts, {}, use.rule_code)
    kind, discharges = facts.get("use_kind"), facts.get("discharges")
    assert kind is not None and kind.value == "breeding"
    assert discharges is not None and discharges.value is True
    assert use_of(LAW, stated("0603", "2020"), None) == use == use_of(LAW, stated("2020：0603"), None)


def test_the_same_code_in_each_version() -> None:
    """2303 is 田间道 in 2020 and 田坎 in 2023, 0602 one facility in 2020 and all of them in 2023: the version decides, and says nothing."""
    old, new = use_of(LAW, stated("2303", "2020"), None), use_of(LAW, stated("2303", "2023"), None)
    assert (old.name, old.rule_code, old.note) == ("田间道", "060102", None)
    assert (new.name, new.rule_code, new.note) == ("田坎", "2303", None)
    assert use_of(LAW, stated("2020:0602"), None).rule_code == "060201"
    assert use_of(LAW, stated("2023:0602"), None).rule_code == "0602"


@pytest.mark.parametrize("code", ["0204", "060102", "0602", "1312", "2302", "2303"])
def test_a_code_of_two_meanings_without_a_version_is_told(code: str) -> None:
    """2023 is taken, and the note says so and how to say otherwise; from a boundary file too."""
    for use in (use_of(LAW, stated(code), None), use_of(LAW, ProjectStatement(), code)):
        assert use.class_version == "2023" and use.note is not None
        assert "按 2023 版计" in use.note and f"2020:{code}" in use.note


def test_a_code_of_one_meaning_needs_no_version() -> None:
    """1001 is 工业用地 in both."""
    for version in (None, "2020", "2023"):
        use = use_of(LAW, stated("1001", version), None)
        assert (use.name, use.rule_code, use.note, use.class_version) == ("工业用地", "1001", None, version or "2023")


@pytest.mark.parametrize(
    ("use", "version", "says"),
    [
        ("0604", None, "2023 版为 060203 水产养殖设施建设用地"),
        ("1313", "2023", "2023 版为 1312 其他公用设施用地"),
        ("2023:0603", None, "2023 版为 060202"),
        ("1311", "2020", "2020 版为 1312 水工设施用地"),
        ("2020:060201", None, "2020 版为 0602 种植设施建设用地"),
        ("2020:070301", None, ""),
    ],
)
def test_a_code_of_the_other_version_only_is_refused_with_what_it_became(use: str, version: str | None, says: str) -> None:
    """The planner reads which version has it, and what it is called in the other; 070301 is in both, and is no error."""
    if not says:
        assert use_of(LAW, stated(use, version), None).name == "一类农村宅基地"
        return
    with pytest.raises(UsageError, match="版没有用途代码") as error:
        use_of(LAW, stated(use, version), None)
    assert says in error.value.fix


def test_versions_that_do_not_agree_or_exist() -> None:
    """--use 2020:… with class_version 2023, and the year 2018, are refused."""
    with pytest.raises(UsageError, match="2023 版"):
        use_of(LAW, stated("2020:0603", "2023"), None)
    with pytest.raises(UsageError, match="2018 版"):
        use_of(LAW, stated("2018:0603"), None)
    with pytest.raises(UsageError, match="2018 版"):
        project_statement({"use": "1001", "class_version": 2018})


def test_a_word_that_means_several_classes_stays_an_assumption() -> None:
    """商住用地 is 0701 or 09: the check says which, and assumes as if nothing were stated; the same as a stated use is refused."""
    use = use_of(LAW, ProjectStatement(), "商住用地")
    assert (use.code, use.assumed) == (None, True)
    assert use.note is not None and "0701 城镇住宅用地、09 商业服务业用地" in use.note
    with pytest.raises(UsageError, match="0701 城镇住宅用地"):
        use_of(LAW, stated("商住用地"), None)


def test_a_2020_only_code_in_a_boundary_file_is_no_use() -> None:
    """The file cannot be asked back: nothing is assumed of the code, and the note says what it may be."""
    use = use_of(LAW, ProjectStatement(), "0604")
    assert use.assumed and use.code is None and use.note is not None and "060203" in use.note
    assert use_of(LAW, ProjectStatement(class_version="2020"), "0604").rule_code == "060203"


def test_names_and_words() -> None:
    """A name of 2020 that 2023 dropped is that class; a word of uses.toml is its code; case, width and blanks do not matter."""
    assert use_of(LAW, ProjectStatement(), "村庄内部道路用地").rule_code == "1207"
    assert use_of(LAW, ProjectStatement(), " 污水处理厂 ").code == "1302"
    assert use_of(LAW, stated("１００１"), None).code == "1001"
