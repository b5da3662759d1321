"""The crosswalk of land classes: no code falls through, and what nobody knows is never taken for land that is not built on."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pyogrio
import pytest
from adopting import Write, adopt, square
from test_atlas_errors import refusal, slip

from xygis.atlas.atlas import Atlas
from xygis.atlas.attributes import Unlisted, our_values
from xygis.atlas.crosswalk import DERIVED, ClassList, entry_of, meets, parted, possible
from xygis.atlas.layer import Derived
from xygis.errors import BadCatalogue

ROOT = Path(__file__).resolve().parents[2]
CODES: dict[str, dict[str, str]] = tomllib.loads((ROOT / "maps" / "codes.toml").read_text("utf-8"))
USES: list[dict[str, Any]] = tomllib.loads((ROOT / "redlines" / "uses.toml").read_text("utf-8"))["use"]
BUILT = frozenset({"construction"})
# TD/T 1055-2019, table A.4: the three classes of 土地管理法 article 4, by working class.
FARM = "0101 0102 0103 0201 0202 0203 0204 0301 0302 0303 0304 0305 0306 0307 0401 0402 0403 1006 1103 1104 1104A 1107 1202 1203"
CONSTRUCTION = "05H1 0508 0601 0602 0603 0701 0702 08H1 08H2 08H2A 0809 0810 0810A 09 1001 1002 1003 1004 1005 1007 1008 1009 1109 1201"
UNUSED = "0404 1101 1102 1105 1106 1108 1110 1204 1205 1206 1207"


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return Atlas.open()


@pytest.fixture(scope="module")
def lists(atlas: Atlas) -> dict[str, ClassList]:
    return {found.id: found for found in atlas.crosswalk.lists}


def land(found: ClassList, code: str) -> frozenset[str]:
    entry = entry_of(found.codes, code)
    assert entry is not None, f"{found.id} {code}"
    return found.codes[entry].land


@pytest.mark.parametrize("name", CODES)
def test_every_code_of_a_list_has_an_entry(name: str, lists: dict[str, ClassList]) -> None:
    """Whatever maps/codes.toml can call by name, the crosswalk knows as land and use, by its own code or its beginning."""
    assert [code for code in CODES[name] if entry_of(lists[name].codes, code) is None] == []


def test_every_use_code_has_an_entry_and_agrees_on_construction(lists: dict[str, ClassList]) -> None:
    """All codes of 用地用海, 2020 and 2023: what uses.toml calls construction is construction, and nothing else surely is."""
    assert len([u for u in USES if u.get("class_version", "2023") == "2023"]) == 175, "24 + 111 + 40"
    for use in USES:
        for version in (use["class_version"],) if "class_version" in use else ("2020", "2023"):
            of = land(lists[f"ydyh{version}"], use["code"])
            assert (of == BUILT) is use["construction"], f"{version} {use['code']}"


def test_a_2020_code_is_the_land_that_it_became(lists: dict[str, ClassList]) -> None:
    """060102 was a village street, 2303 a field track, 2302 a field ridge: each is what its 2023 code says."""
    for use in USES:
        if "became" in use and use["code"] != "0601":
            old, new = land(lists["ydyh2020"], use["code"]), land(lists["ydyh2023"], use["became"])
            assert old == new, use["code"]


@pytest.mark.parametrize(("term", "codes"), [("farm", FARM), ("construction", CONSTRUCTION), ("unused", UNUSED)])
def test_survey_classes_are_of_the_class_of_the_standard(term: str, codes: str, lists: dict[str, ClassList]) -> None:
    """Every working class of the survey, in the class that table A.4 puts it in."""
    assert {code: land(lists["dlbm"], code) for code in codes.split()} == {code: frozenset({term}) for code in codes.split()}


def test_every_value_of_the_bundled_layers_has_an_entry(atlas: Atlas) -> None:
    """Plans, survey and farmland: no class or zone that occurs in them is without an entry."""
    without = []
    for layer in atlas.layers:
        for derived in layer.derived:
            alias = layer.alias(derived.field)
            assert alias is not None and layer.path is not None
            meta, _, _, columns = pyogrio.raw.read(layer.path, layer=layer.sublayer, read_geometry=False)
            theirs = next(name for name in alias.names if name in meta["fields"])
            values = our_values(layer, derived.field, list(columns[list(meta["fields"]).index(theirs)]))
            without += [f"{layer.id} {derived.attribute} {v}" for v in set(values) if entry_of(derived.codes, v) is None]
    assert without == []


def test_plans_and_survey_say_where_land_and_use_come_from(atlas: Atlas) -> None:
    """The four plan families, the territorial plan and the survey all have both."""
    missing = [
        (x.id, a) for x in atlas.layers if x.role in ("plan", "survey") and x.geometry == "polygon" for a in DERIVED if not x.derive(a)
    ]
    assert missing == []


def test_a_class_may_be_whatever_its_subclasses_are(lists: dict[str, ClassList]) -> None:
    """10 holds roads and 农村道路: a feature coded 10 is surely neither construction nor farm. Subclasses nobody knows carry a note."""
    wrong = []
    for found in lists.values():
        for code, meaning in found.codes.items():
            below = [
                m
                for c, m in found.codes.items()
                if re.fullmatch(re.escape(code) + r"[0-9H]+.*", c) and not c.startswith("20") and code.isascii()
            ]
            for attribute in DERIVED:
                for m in below:
                    terms = getattr(m, attribute)
                    if not terms <= getattr(meaning, attribute) and not (m.note and len(terms) > 3):
                        wrong.append(f"{found.id} {code} {attribute}")
    assert wrong == []


def test_a_code_is_found_by_its_beginning(atlas: Atlas) -> None:
    """0201K (可调整果园) is a 0201; a code that no list holds may be anything, and is not 非建设用地."""
    survey, plan = atlas.layer("current_land_use").derive("land"), atlas.layer("urban_rural_plan").derive("land")
    assert survey is not None and plan is not None
    assert possible(survey, "0201K") == {"farm"}
    assert possible(plan, "r21") == BUILT, "written small"
    for value in (None, "99", "", Unlisted("C2"), "E6"):
        assert meets(possible(plan, value), ("!construction",)) is None, value


def test_words_have_no_beginnings(atlas: Atlas) -> None:
    """允许建设区（远期） is no 允许建设区: only codes are cut short."""
    zones = atlas.layer("land_use_plan").derive("land")
    assert zones is not None
    assert possible(zones, "允许建设区") == BUILT
    assert possible(zones, Unlisted("允许建设区（远期）")) == zones.terms


@pytest.mark.parametrize(
    ("terms", "patterns", "expected"),
    [
        ({"construction"}, ("construction",), True),
        ({"construction"}, ("!construction",), False),
        ({"farm", "unused"}, ("!construction",), True),
        ({"farm", "unused"}, ("farm",), None),
        ({"farm", "unused"}, ("farm", "unused"), True),
        ({"construction", "farm"}, ("construction",), None),
        ({"conditional"}, ("construction",), False),
        (set(), ("construction",), None),
    ],
)
def test_a_rule_is_met_where_every_possibility_meets_it(terms: set[str], patterns: tuple[str, ...], expected: bool | None) -> None:
    """Sure where all terms that a code may be answer alike, open where they do not, and where there are none."""
    assert meets(frozenset(terms), patterns) is expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("居住", "工矿", True),
        ("居住", "居住", False),
        ("居住/商业服务业", "工矿", True),
        ("居住/商业服务业", "居住", None),
        ("居住/工矿", "居住/工矿", None),
    ],
)
def test_uses_differ_where_none_is_common(a: str, b: str, expected: bool | None) -> None:
    """The same one use is no difference; one of several may be."""
    assert parted(frozenset(a.split("/")), frozenset(b.split("/"))) is expected


@pytest.mark.parametrize(
    ("old", "new", "fix"),
    [
        ('"0101" = { land', '"0101" = { lnad', "land"),
        ('land = "farm", use = "耕地" }', 'land = "fram", use = "耕地" }', "farm"),
        ('land = "farm", use = "耕地" }', 'land = "farm", use = "农耕地" }', "耕地"),
        ('land = "farm", use = "耕地" }', 'land = ["unknown", "farm"], use = "耕地" }', "单独"),
        ('"01" = { land = "farm", use = "耕地" }', '"01" = "farm"', "land ="),
        ("verified = false\n", "verifed = false\n", "verified"),
        ('id = "ydyh2023"', 'id = "dlbm"', "一次"),
    ],
)
def test_a_slip_names_line_and_nearest(empty_atlas: Path, old: str, new: str, fix: str) -> None:
    """A misspelt key, term or list in the crosswalk: file, line and what it should be."""
    path = empty_atlas / "layers" / "crosswalk.toml"
    if '"0101"' in old:
        slip(path, '"02" = {', '"0101" = { land = "farm", use = "耕地" }\n"02" = {')
    before = path.read_text("utf-8")
    line = before[: before.index(old)].count("\n") + 1
    slip(path, old, new)
    error = refusal(empty_atlas, BadCatalogue)
    assert error.where.file == "crosswalk.toml"
    assert fix in error.fix
    assert error.where.line in (line, line - 1), "its own line, or that of its [[list]]"


@pytest.mark.parametrize(
    ("old", "new", "fix"),
    [
        ('land = ["class", "dlbm"]', 'land = ["clas", "dlbm"]', "class"),
        ('land = ["class", "dlbm"]', 'land = ["class", "dlmb"]', "dlbm"),
        ('land = ["class", "dlbm"]', 'land = "dlbm"', "class"),
        ('{ land = ["class", "dlbm"]', '{ lands = ["class", "dlbm"]', "land"),
    ],
)
def test_a_slip_of_the_catalogue_names_line_and_nearest(empty_atlas: Path, old: str, new: str, fix: str) -> None:
    """A field or list that a layer does not have: the line of its entry."""
    line = slip(empty_atlas / "layers" / "catalogue.toml", old, new)
    error = refusal(empty_atlas, BadCatalogue)
    assert (error.where.file, error.where.line) == ("catalogue.toml", line)
    assert fix in error.fix


def test_a_layer_without_crosswalk_has_no_land(atlas: Atlas) -> None:
    """Lines and reserves derive nothing."""
    assert atlas.layer("forest").derived == ()


def test_an_unknown_code_may_be_any_term() -> None:
    """Also where the list holds a single code."""
    derived = Derived(attribute="land", field="class", list="x", codes={"01": frozenset({"farm"})}, terms=frozenset({"farm", "unused"}))
    assert possible(derived, "02") == {"farm", "unused"} and possible(derived, "010") == {"farm"}


def test_adopting_data_keeps_a_list_of_ones_own(empty_atlas: Path, write: Write) -> None:
    """An atlas with a class list that no other has takes data for a layer that names it."""
    with (empty_atlas / "layers" / "crosswalk.toml").open("a", encoding="utf-8") as file:
        file.write(
            '\n[[list]]\nid = "gbj137"\ntitle = "旧城规"\nstandard = "GBJ 137-90"\n[list.codes]\n"E6" = { land = "construction", use = "居住" }\n'
        )
    slip(empty_atlas / "layers" / "catalogue.toml", 'land = ["class", "gb50137"]', 'land = ["class", "gbj137"]')
    adopt(empty_atlas, write("城规.gpkg", [square(0, 0)], {"YDDM": ["E6"]}), layer="urban_rural_plan")
    derived = Atlas.open(empty_atlas).layer("urban_rural_plan").derive("land")
    assert derived is not None and possible(derived, "E6") == BUILT


def test_adopting_tells_classes_that_nobody_knows(empty_atlas: Path, write: Write) -> None:
    """A 土规 with a class that the crosswalk does not hold: which column, which value, which rules it leaves open, where to enter it."""
    columns = {"GHDLDM": ["10", "33"], "GZQDM": ["010", "030"]}
    adoption = adopt(empty_atlas, write("土规.gpkg", [square(0, 0), square(100, 0)], columns), layer="land_use_plan")
    [note] = [n for n in adoption.notes if n.code == "class_unknown"]
    assert all(word in note.text for word in ("GHDLDM", "33", "PL-41", "layers/crosswalk.toml")) and "10、" not in note.text
