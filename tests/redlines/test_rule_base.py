"""The rule base as data: shape, dates, sources and cases, checked with tomllib and an evaluator of its own, apart from the engine."""

from __future__ import annotations

import re
import string
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
RED = ROOT / "redlines"
SHARED = {"instruments.toml", "facts.toml", "uses.toml", "procedures.toml", "totals.toml", "lines.toml", "base.toml", "audit.toml"}
SHARED |= {"indicators.toml", "suspects.toml"}  # tested in test_indicators.py and tests/suspects/test_law.py
TERRAIN = {"elevation_min_m", "elevation_mean_m", "elevation_max_m", "slope_mean_deg", "slope_max_deg", "slope_share_above_25"}
MEASURED = {"overlap_m2", "overlap_share", "outside_m2", "distance_m", "patches", *TERRAIN}
TEMPLATE = {
    "overlap_m2",
    "overlap_ha",
    "overlap_mu",
    "share",
    "outside_m2",
    "outside_ha",
    "distance_m",
    "patches",
    "names",
    "strip_m",
    "title",
    *TERRAIN,
}
WORST_FIRST = ["prohibited", "undetermined", "approval", "justification", "notice", "compliant"]


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((RED / name).read_text("utf-8"))


RULES: list[dict[str, Any]] = [rule for path in sorted(RED.glob("*.toml")) if path.name not in SHARED for rule in read(path.name)["rule"]]
INSTRUMENTS: dict[tuple[str, str], dict[str, Any]] = {(i["name"], i["version"]): i for i in read("instruments.toml")["instrument"]}
FACTS: dict[str, dict[str, Any]] = {f["name"]: f for f in read("facts.toml")["fact"]}
USES: list[dict[str, Any]] = read("uses.toml")["use"]
PROCEDURES: list[dict[str, Any]] = read("procedures.toml")["procedure"]
PAIRS: list[dict[str, Any]] = read("lines.toml")["pair"]
LAYERS: dict[str, set[str]] = {
    layer["id"]: set(layer.get("fields", ())) for layer in tomllib.loads((ROOT / "layers" / "catalogue.toml").read_text("utf-8"))["layer"]
}
FOLLOWING: dict[str, set[str]] = {  # land and use, where the catalogue says from which code they follow
    layer["id"]: set(layer.get("crosswalk", ()))
    for layer in tomllib.loads((ROOT / "layers" / "catalogue.toml").read_text("utf-8"))["layer"]
}


def day(text: str) -> date:
    return date.fromisoformat(text)


def label(rule: dict[str, Any]) -> str:
    return f"{rule['code']} from {rule['effective']}"


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def alive(citation: dict[str, Any], on: date) -> bool:
    instrument = INSTRUMENTS[citation["instrument"], citation["version"]]
    return day(instrument["in_force"]) <= on and not (instrument.get("repealed") and day(instrument["repealed"]) <= on)


def verified(citation: dict[str, Any]) -> bool:
    return bool(citation.get("verified", INSTRUMENTS[citation["instrument"], citation["version"]]["read"] == "full"))


def days_of_change(item: dict[str, Any]) -> list[date]:
    """The first day of an item, and every later day of its life on which one of its sources comes or goes."""
    last = day(item["until"]) if "until" in item else date(2099, 12, 31)
    first = day(item["effective"])
    changes = {
        day(i[key])
        for c in item["basis"]
        for i in [INSTRUMENTS[c["instrument"], c["version"]]]
        for key in ("in_force", "repealed")
        if key in i
    }
    return sorted({first, *(d for d in changes if first <= d <= last)})


def implied(fact: dict[str, Any], use: str) -> Any:
    """What a use code says about a fact, else its default; None: nothing."""
    prefixes = sorted((p for p in fact.get("by_use", {}) if use.startswith(p)), key=len)
    return fact["by_use"][prefixes[-1]] if prefixes else fact.get("default")


def compares(text: str, value: float) -> bool:
    found = re.fullmatch(r"(>=|<=|>|<|=)(-?\d+(?:\.\d+)?)", text)
    assert found, text
    limit = float(found[2])
    return {">": value > limit, ">=": value >= limit, "<": value < limit, "<=": value <= limit, "=": value == limit}[found[1]]


def selects(patterns: Any, value: str | None) -> bool:
    """Any positive pattern must match, no negative one may; a prefix ends in *."""

    def one(pattern: str) -> bool:
        return value is not None and (value.startswith(pattern[:-1]) if pattern.endswith("*") else value == pattern)

    wanted = [p for p in as_list(patterns) if not p.startswith("!")]
    banned = [p[1:] for p in as_list(patterns) if p.startswith("!")]
    return value is not None and not any(map(one, banned)) and (not wanted or any(map(one, wanted)))


def fires(rule: dict[str, Any], facts: dict[str, Any]) -> bool:
    """A plain reading of a rule over fully stated facts."""
    when = rule["when"]
    fields = {k: p for k, p in when.items() if k not in MEASURED and k != "strip_m"}
    selected = all(selects(patterns, facts.get(field)) for field, patterns in fields.items())
    for fact in MEASURED & set(when):
        value = float(facts.get(fact, 0.0))
        if not compares(when[fact], value if selected or fact != "overlap_m2" else 0.0):
            return False
    if not selected and "outside_m2" not in when:
        return False
    for name, accepted in rule.get("applies_to", {}).items():
        if facts.get(name, FACTS[name].get("default")) not in as_list(accepted):
            return False
    return not any(facts.get(name) in as_list(accepted) for name, accepted in rule.get("unless", {}).items())


def test_every_case_comes_out_as_it_says() -> None:
    """The examples under each rule hold when the rule is read plainly, and each rule has one that fires and one that does not."""
    wrong = []
    for rule in RULES:
        outcomes = [case["verdict"] for case in rule["case"]]
        if rule["verdict"] not in outcomes or "compliant" not in outcomes:
            wrong.append(f"{label(rule)}: needs a case that fires and one that does not")
        for case in rule["case"]:
            got = rule["verdict"] if fires(rule, case["facts"]) else "compliant"
            if got != case["verdict"]:
                wrong.append(f"{label(rule)} {case['note']}: {got}")
    assert wrong == []


def test_rules_ask_only_for_what_exists() -> None:
    """Every layer, field, project fact, value and template word that a rule names is known."""
    wrong = []
    for rule in RULES:
        asked = {k for k in rule["when"] if k not in MEASURED and k != "strip_m"}
        wrong += [f"{label(rule)}: {rule['layer']}.{field}" for field in asked - LAYERS.get(rule["layer"], set())]
        for name, accepted in (*rule.get("applies_to", {}).items(), *rule.get("unless", {}).items()):
            wrong += [f"{label(rule)}: {name} = {v}" for v in as_list(accepted) if name not in FACTS or v not in FACTS[name]["values"]]
        words = {field for _, field, _, _ in string.Formatter().parse(rule["message"]) if field is not None}
        wrong += [f"{label(rule)}: {{{word}}}" for word in words - TEMPLATE]
        if rule["verdict"] not in WORST_FIRST[:-1]:
            wrong.append(f"{label(rule)}: {rule['verdict']}")
        for name in rule.get("unless", {}):
            if FACTS[name]["kind"] != "claim":
                wrong.append(f"{label(rule)}: an exception must be claimed, {name} is {FACTS[name]['kind']}")
    for pair in PAIRS:
        for side in ("a", "b"):
            known = LAYERS.get(pair[side]["layer"], set()) | FOLLOWING.get(pair[side]["layer"], set())
            wrong += [f"{pair['code']}: {f}" for f in set(pair[side]) - {"layer"} - known]
    assert wrong == []


def test_every_layer_is_answered() -> None:
    """No layer of the atlas is measured without a rule that says something about it; permits are no business of a check."""
    assert set(LAYERS) - {rule["layer"] for rule in RULES} == {"land_permits"}


@pytest.mark.parametrize("items", [RULES, PAIRS], ids=["rules", "pairs"])
def test_versions_follow_each_other(items: list[dict[str, Any]]) -> None:
    """Versions of one code leave no day out and share none."""
    by_code: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        by_code.setdefault(item["code"], []).append(item)
    wrong = []
    for versions in by_code.values():
        versions.sort(key=lambda i: i["effective"])
        for earlier, later in zip(versions, versions[1:], strict=False):
            if "until" not in earlier or day(earlier["until"]) + timedelta(days=1) != day(later["effective"]):
                wrong.append(label(later))
        if "until" in versions[-1]:
            wrong.append(f"{label(versions[-1])} ends without a successor")
    # A rule may end for good where the law that it restated has gone.
    assert wrong == []


@pytest.mark.parametrize("items", [RULES, PAIRS, PROCEDURES], ids=["rules", "pairs", "procedures"])
def test_something_in_force_carries_it_every_day(items: list[dict[str, Any]]) -> None:
    """On each day that it counts, an item has a source in force; a verified one has a source in force that somebody has read."""
    wrong = []
    for item in items:
        for on in days_of_change(item):
            live = [c for c in item["basis"] if alive(c, on)]
            if not live:
                wrong.append(f"{item.get('code', item.get('act'))} on {on}: nothing in force")
            elif item.get("verified") and not any(map(verified, live)):
                wrong.append(f"{item['code']} on {on}: called verified, but nothing read is in force")
    assert wrong == []


def test_no_source_is_cited_in_vain() -> None:
    """Every citation is registered and in force on at least one day of its rule; every instrument is cited."""
    cited, wrong = set(), []
    for item in (*RULES, *PAIRS, *PROCEDURES):
        for c in item["basis"]:
            key = (c["instrument"], c["version"])
            cited.add(key)
            if not any(alive({"instrument": key[0], "version": key[1]}, on) for on in days_of_change(item)):
                wrong.append(f"{item.get('code', item.get('act'))}: {key}")
    assert wrong == []
    assert set(INSTRUMENTS) - cited == set()


def test_what_nobody_read_is_not_called_verified() -> None:
    """An instrument that is unread, or seen only in quotation, is never cited as verified."""
    wrong = [
        f"{item.get('code', item.get('act'))}: {c['instrument']}"
        for item in (*RULES, *PAIRS, *PROCEDURES)
        for c in item["basis"]
        if INSTRUMENTS[c["instrument"], c["version"]]["read"] in ("unread", "quoted") and verified(c)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("code", "before", "after", "change"),
    [
        ("PBF-01", "土地管理法", "耕地保护和质量提升法", "2027-01-01"),
        ("GD-04", "土地管理法", "耕地保护和质量提升法", "2027-01-01"),
        ("WS-01", "水污染防治法", "生态环境法典", "2026-08-15"),
        ("WS-04", "水污染防治法", "生态环境法典", "2026-08-15"),
    ],
)
def test_the_law_changes_on_its_day(code: str, before: str, after: str, change: str) -> None:
    """The day before a law comes into force the old article is cited, on the day itself the new one."""

    def cited(on: date) -> set[str]:
        (rule,) = [r for r in RULES if r["code"] == code and day(r["effective"]) <= on and ("until" not in r or on <= day(r["until"]))]
        return {c["instrument"] for c in rule["basis"] if alive(c, on)}

    eve = day(change) - timedelta(days=1)
    assert before in cited(eve) and after not in cited(eve)
    assert after in cited(day(change))


def test_reserve_law_of_2026_replaces_that_of_2017() -> None:
    """自然保护区条例: the 2017 text counts to 2026-03-14, the 2026 text from 2026-03-15."""
    ends = {r["until"] for r in RULES if r["code"] == "NR-01" and "until" in r}
    assert ends == {"2026-03-14"}
    assert INSTRUMENTS["自然保护区条例", "2017-10-07"]["repealed"] == "2026-03-15"


def test_expropriation_thresholds_are_strict() -> None:
    """土地管理法 Art 46: more than 35 ha of other cultivated land or 70 ha of other land goes to the State Council, else the province.

    A major project of the State in the red line goes there whatever its size.
    """
    acts = [p for p in PROCEDURES if p["act"] == "土地征收"]
    assert [(p["level"], *p["when"].values()) for p in acts] == [
        ("国务院", ">0"),
        ("国务院", ">350000"),
        ("国务院", ">700000"),
        ("国务院", ">0", ">0"),
        ("省", ">0"),
    ]


@pytest.mark.parametrize("use", ["1401", "0803", "0701"])
def test_an_ordinary_city_project_leaves_no_question_open(use: str) -> None:
    """For a park, a museum or housing, the use settles every open fact but discharges, which only water sources ask about."""
    unsettled = {name for name, fact in FACTS.items() if fact["kind"] == "open" and implied(fact, use) is None}
    assert unsettled <= {"discharges"}
    asking = {r["layer"] for r in RULES if "discharges" in r.get("applies_to", {})}
    assert asking == {"water_source_protection"}


@pytest.mark.parametrize("use", ["1401", "0803"])
def test_inside_the_concentrated_zone_on_built_land_nothing_stands_in_the_way(use: str) -> None:
    """On existing construction land in 集中建设区 and the right city, no rule of boundary, layout or land cover says worse than 提示."""
    where = {
        "urban_growth_boundary": {"zone": "集中建设区"},
        "one_heart_four_cities": {"name": "襄城", "class": "城"},
        "current_land_use": {"class": "0801"},
    }
    facts = {name: implied(fact, use) for name, fact in FACTS.items()}
    facts = {name: value for name, value in facts.items() if value is not None}
    hits = [
        rule["verdict"]
        for rule in RULES
        if rule["layer"] in where
        and "until" not in rule
        and fires(rule, {**facts, **where[rule["layer"]], "overlap_m2": 5000.0, "outside_m2": 0.0})
    ]
    assert all(WORST_FIRST.index(v) >= WORST_FIRST.index("notice") for v in hits)


def test_uses_and_words() -> None:
    """In each class version codes are unique and parents are listed; every word of a boundary file leads to a listed code of 2023."""
    for version in ("2020", "2023"):
        codes = [u["code"] for u in USES if u.get("class_version", version) == version]
        assert len(codes) == len(set(codes))
        assert all(c[:2] in codes and c[: len(c) - 2] in (*codes, "") for c in codes)
    words = read("uses.toml")
    assert set(words["synonyms"].values()) <= set(codes)
    assert {code for meant in words["ambiguous"].values() for code in meant} <= set(codes)
    assert all(len(set(meant)) > 1 for meant in words["ambiguous"].values())
    assert not set(words["ambiguous"]) & {*words["synonyms"], *(u["name"] for u in USES)}
    assert {u["code"]: u["construction"] for u in USES if len(u["code"]) == 2 and u["construction"]}.keys() == {
        f"{i:02d}" for i in range(7, 17)
    }


def test_what_changed_between_the_class_versions() -> None:
    """2020 → 2023, as a public conversion table has it; a 2020 code leads to one of 2023, and counts as construction as that does."""
    changed = {u["code"]: u["became"] for u in USES if u.get("class_version") == "2020"}
    assert changed == {
        **{"0204": "0205", "060102": "1207", "0602": "060201", "0603": "060202", "0604": "060203", "090301": "0903", "090302": "0903"},
        **{"1312": "1311", "1313": "1312", "2202": "2206", "2302": "2303", "2303": "060102"},
        **{"0601": "0601", "0903": "0903"},  # another name only
    }
    latest = {u["code"]: u for u in USES if u.get("class_version", "2023") == "2023"}
    for use in USES:
        if use.get("class_version") == "2020":
            assert latest[use["became"]]["construction"] == use["construction"], use["code"]


def test_facts_speak_chinese_and_are_asked() -> None:
    """Every fact has a Chinese title and a label for each value, allows what it implies, and is asked by some rule or procedure."""
    asked = {name for item in (*RULES, *PROCEDURES) for key in ("applies_to", "unless") for name in item.get(key, {})}
    for name, fact in FACTS.items():
        assert re.search("[\u4e00-\u9fff]", fact["title"]), name
        assert set(fact["labels"]) == {str(v).lower() if isinstance(v, bool) else str(v) for v in fact["values"]}, name
        assert set(fact.get("by_use", {}).values()) <= set(fact["values"]), name
        assert name in asked, f"{name} is asked by nobody"


def test_the_pairs_of_the_difference_report_are_there() -> None:
    """Line against line and plan against plan: D1 to D9 each have at least one pair."""
    assert {f"D{i}" for i in range(1, 10)} <= {p.get("difference") for p in PAIRS}


def test_every_plan_family_meets_the_lines_and_the_other_plans() -> None:
    """城乡建设、土地利用、经济社会发展 and the territorial plan stand against farmland, red line, woods, waters and 生态环境; each other too."""
    met = {frozenset((p["a"]["layer"], p["b"]["layer"])) for p in PAIRS}
    plans = ["urban_rural_plan", "land_use_plan", "territorial_plan", "development_plan_projects"]
    lines = ["permanent_basic_farmland", "ecological_red_line", "forest", "river_management_zone", "wetlands", "water_source_protection"]
    lines += ["nature_reserves", "ecological_environment_zones", "one_river_nine_tributaries", "three_hills_one_upland"]
    missing = [(a, b) for a in plans for b in lines if frozenset((a, b)) not in met]
    missing += [(a, b) for i, a in enumerate(plans) for b in plans[i + 1 :] if frozenset((a, b)) not in met]
    missing += [("current_land_use", b) for b in plans[:3] if frozenset(("current_land_use", b)) not in met]
    assert missing == []


def test_every_difference_has_a_path_and_somebody_to_settle_it() -> None:
    """Each pair names the departments and which side gives way, in every version alike."""
    wrong = [p["code"] for p in PAIRS if not p.get("departments") or p.get("yields") not in ("a", "b", "both", "undecided")]
    said: dict[str, set[str]] = {}
    for p in PAIRS:
        said.setdefault(p["code"], set()).add(f"{p.get('yields')} {p.get('departments')} {p.get('differ')}")
    assert wrong + [code for code, versions in said.items() if len(versions) > 1] == []
