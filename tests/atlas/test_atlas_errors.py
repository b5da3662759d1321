"""A slip in the catalogue or the rule base is told with file, line and the nearest word that exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from xygis.atlas.atlas import Atlas
from xygis.errors import AtlasError, BadCatalogue, BadRule, UnknownLayer

RULE = '[[rule]]\ncode = "PBF-01"'


def slip(path: Path, old: str, new: str) -> int:
    """Replaces the first `old` in the file and returns the line that now holds `new`."""
    text = path.read_text("utf-8")
    assert old in text
    text = text.replace(old, new, 1)
    path.write_text(text, "utf-8")
    return text[: text.index(new)].count("\n") + 1


def refusal(root: Path, error: type[AtlasError]) -> AtlasError:
    with pytest.raises(error) as caught:
        Atlas.open(root)
    return caught.value


def test_misspelt_key_names_the_nearest(empty_atlas: Path) -> None:
    """`titel` in the catalogue: file, line, and 是否应为“title”."""
    line = slip(empty_atlas / "layers" / "catalogue.toml", "title =", "titel =")
    error = refusal(empty_atlas, BadCatalogue)
    assert (error.where.file, error.where.line) == ("catalogue.toml", line)
    assert "titel" in error.what
    assert "title" in error.fix


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('status = "draft"', 'status = "final"', "statutory"),
        ('geometry = "polygon"', 'geometry = "point"', "polygon"),
        ('status = "draft"', 'status = "draft"\nversion = "2026-13-01"', "2026-11-24"),
        ('status = "draft"', 'status = "draft"\nsource = { file = "../a.gpkg" }', "layers/"),
        ('status = "draft"', 'status = "draft"\nextent = [[[1, 2]]]', "首尾"),
    ],
)
def test_wrong_value_says_what_is_possible(empty_atlas: Path, old: str, new: str, named: str) -> None:
    """A status, kind, date, path or extent that cannot be: the line, and how it is written right."""
    line = slip(empty_atlas / "layers" / "catalogue.toml", old, new)
    error = refusal(empty_atlas, BadCatalogue)
    assert error.where.line in (line, line + 1)
    assert named in error.fix


def test_layer_entered_twice(empty_atlas: Path) -> None:
    """Two entries of one id: the second one's line."""
    path = empty_atlas / "layers" / "catalogue.toml"
    entry = '\n[[layer]]\nid = "counties"\ntitle = "乙"\nrole = "survey"\ngeometry = "polygon"\nstatus = "draft"\n'
    text = path.read_text("utf-8")
    path.write_text(text + entry, "utf-8")
    error = refusal(empty_atlas, BadCatalogue)
    assert error.where.line == text.count("\n") + 2
    assert "counties" in error.what


def test_broken_toml_names_the_line(empty_atlas: Path) -> None:
    """A missing quotation mark: the line where reading stopped."""
    line = slip(empty_atlas / "layers" / "catalogue.toml", 'status = "draft"', 'status = "draft')
    assert refusal(empty_atlas, BadCatalogue).where.line == line


def test_misspelt_key_in_a_rule(empty_atlas: Path) -> None:
    """`verdickt` in a rule: the file of that rule, the line, and the nearest key."""
    path = next(p for p in sorted((empty_atlas / "redlines").glob("*.toml")) if re.search(r"^verdict =", p.read_text("utf-8"), re.M))
    line = slip(path, "\nverdict =", "\nverdickt =") + 1
    error = refusal(empty_atlas, BadRule)
    assert (error.where.file, error.where.line) == (path.name, line)
    assert "verdict" in error.fix


def test_rule_that_cites_nothing_known(empty_atlas: Path) -> None:
    """A law that instruments.toml does not have: the rule's file and line."""
    path = next(p for p in sorted((empty_atlas / "redlines").glob("[0-9]*.toml")) if "instrument = " in p.read_text("utf-8"))
    text = path.read_text("utf-8")
    name = re.search(r'instrument = "([^"]+)"', text)
    assert name is not None
    slip(path, f'instrument = "{name.group(1)}"', 'instrument = "没有这部法"')
    error = refusal(empty_atlas, BadRule)
    assert error.where.file == path.name
    assert error.where.line is not None
    assert "没有这部法" in str(error)


def test_unknown_layer_names_the_nearest(empty_atlas: Path) -> None:
    """`--as permanent_basic_farmlnd`: 是否应为 permanent_basic_farmland."""
    with pytest.raises(UnknownLayer) as caught:
        Atlas.open(empty_atlas).layer("permanent_basic_farmlnd")
    assert "permanent_basic_farmland" in caught.value.fix


def test_folder_that_is_no_atlas(tmp_path: Path) -> None:
    """An empty folder, or one that does not exist: said, with how to make an atlas."""
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(BadCatalogue) as caught:
            Atlas.open(folder)
        assert "xygis start" in caught.value.fix


def test_a_byte_order_mark_in_a_rule_file_does_no_harm(empty_atlas: Path) -> None:
    """Rules edited in Windows Notepad read as before; so does the catalogue."""
    before = Atlas.open(empty_atlas)
    paths = [empty_atlas / "layers" / "catalogue.toml", *sorted((empty_atlas / "redlines").glob("*.toml"))]
    for path in paths:
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    after = Atlas.open(empty_atlas)
    assert [r.code for r in after.rules] == [r.code for r in before.rules]
    assert [layer.id for layer in after.layers] == [layer.id for layer in before.layers]


def test_toml_is_refused_in_chinese(empty_atlas: Path) -> None:
    """`True` in a rule: the line, shown, and 写成 true 或 false."""
    path = next(p for p in sorted((empty_atlas / "redlines").glob("[0-9]*.toml")) if "verified = true" in p.read_text("utf-8"))
    line = slip(path, "verified = true", "verified = True")
    error = refusal(empty_atlas, BadRule)
    assert (error.where.file, error.where.line) == (path.name, line)
    assert "值读不懂" in error.what and "true 或 false" in error.fix and "verified = True" in error.where.excerpt[0]
    assert "nvalid" not in str(error)


@pytest.mark.parametrize("nested", ["x = " + "[" * 5000 + "]" * 5000, "a" + ".a" * 5000 + " = 1"])
def test_nesting_without_end_is_a_fault_of_the_file(empty_atlas: Path, nested: str) -> None:
    (empty_atlas / "redlines" / "99-deep.toml").write_text(nested, "utf-8")
    error = refusal(empty_atlas, BadRule)
    assert error.exit_code == 4 and error.where.file == "99-deep.toml"


def test_a_folder_called_like_a_rule_file(empty_atlas: Path) -> None:
    (empty_atlas / "redlines" / "99-folder.toml").mkdir()
    error = refusal(empty_atlas, BadRule)
    assert "是文件夹" in error.what and error.exit_code == 4
