"""The standards as data: what does not fit together is refused with its place; what nobody has read is never severe."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.consistency.quality.survey import COLUMNS, counts, examined, with_null
from xygis.atlas.atlas import Atlas
from xygis.atlas.bundled import bundled_root
from xygis.atlas.standard import FAMILIES, LEVELS
from xygis.atlas.standards import read_standards
from xygis.consistency.quality.run import IN_LAYER
from xygis.errors import BadCatalogue

SOURCE = (bundled_root() / "layers" / "standards.toml").read_text("utf-8")


def edited(folder: Path, old: str, new: str) -> Path:
    """An atlas whose standards differ in one place."""
    assert old in SOURCE
    (folder / "layers").mkdir()
    (folder / "layers" / "standards.toml").write_text(SOURCE.replace(old, new, 1), "utf-8")
    return folder


def test_every_vector_layer_of_the_atlas_has_its_table() -> None:
    """No bundled layer goes unchecked because nobody wrote its table down, and no table is for a layer that is not there."""
    standards = read_standards(bundled_root())
    tables = {layer.table for layer in Atlas.open(None).layers if layer.geometry != "raster"}
    assert tables == set(standards.tables)


def test_every_rule_is_run_by_a_step_or_between_layers() -> None:
    """A rule that no step knows would never be run, and never be missed."""
    standards = read_standards(bundled_root())
    assert set(standards.checks) == {*IN_LAYER, *(b.code for b in standards.between), "Q610", "Q611"}
    assert len(IN_LAYER) == len(set(IN_LAYER))


def test_rules_are_numbered_by_family_and_named() -> None:
    """Q4xx is family 4; each has a level and a title of its own."""
    checks = read_standards(bundled_root()).checks.values()
    assert all(c.code[1] == str(c.family) and c.family in FAMILIES and c.level in LEVELS for c in checks)
    assert len({c.title for c in checks}) == len(checks)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "图层没有要素"', 'titel = "图层没有要素"', "不认识的键“titel”"),
        ('level = "severe"', 'level = "serious"', "不认识的level“serious”"),
        ('code = "Q102"', 'code = "Q101"', "检查项 Q101 写了两次"),
        ('list = "dlbm"', 'list = "dlmb"', "不认识的代码表“dlmb”"),
        ('domain = "dlbm"', 'domain = "dlmb"', "不认识的值域“dlmb”"),
        ('must = ["BSM", "YSDM", "XZQDM", "XZQMC"]', 'must = ["BSM", "YSMD", "XZQDM", "XZQMC"]', "不认识的字段“YSMD”"),
        ('area = "TBMJ"', 'area = "MJ"', "属性表 DLTB 没有字段 MJ"),
        ('severe = ["Q406", "Q407", "Q408"]', 'severe = ["Q499"]', "不认识的检查项“Q499”"),
        ('unit = "free"', 'unit = "whole"', "不认识的unit“whole”"),
        ("area_m2 = 0.1 ", "area_m2 = -0.1 ", "容差 area_m2 应为正数"),
        ('read = "quoted"', 'read = "maybe"', "不认识的read“maybe”"),
        ('must = ["ZRBHDFQ"]', 'must = ["KCXS"]', "不认识的字段“KCXS”"),
        ('name = "CZKFBJ"', 'name = "STBHHX"', "属性表 STBHHX 写了两次"),
        ('relation = "inside"', 'relation = "within"', "不认识的relation“within”"),
        ("own = true\nmust", "own = false\nmust", "要么写 standard，要么写 own = true"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    """A misspelt key, a code list or field that is not there, a word that is none: the file, the line and what was meant."""
    with pytest.raises(BadCatalogue) as error:
        read_standards(edited(tmp_path, old, new))
    assert said in error.value.what and "standards.toml" in str(error.value.where)


def test_an_atlas_without_its_own_standards_takes_the_bundled_ones(tmp_path: Path) -> None:
    """An older atlas is checked too."""
    assert read_standards(tmp_path).fingerprint == read_standards(bundled_root()).fingerprint


def test_what_nobody_has_read_is_said_and_never_severe(tmp_path: Path) -> None:
    """The obligation of DLTB's fields is quoted, so a null is severe; the width of CZCSXM was read by nobody, and says so."""
    severe = examined(tmp_path, with_null("QSDWMC")).quality.faults[0]
    assert (severe.rule, severe.level, severe.read) == ("Q602", "severe", True)
    found = examined(tmp_path, lambda rows: [{**r, "CZCSXM": "2039"} if r["CZCSXM"] == "203" else r for r in rows])
    assert {(f.rule, f.read) for f in found.quality.faults} == {("Q206", False)}
    assert all(c in COLUMNS for c in ("CZCSXM", "QSDWMC")) and counts(found) == {"Q206": 2}
