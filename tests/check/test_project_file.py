"""A project file that is written wrong is told so in Chinese, with the line and the mend; what editors add to it does no harm."""

from __future__ import annotations

from pathlib import Path

import pytest

from xygis.atlas.atlas import Atlas
from xygis.check.project import ProjectStatement, project_statement, read_project, use_of
from xygis.errors import InputError, UsageError

LAW = Atlas.open().law


def read(folder: Path, content: str | bytes) -> ProjectStatement:
    path = folder / "项目.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_project(path)


def refusal(folder: Path, content: str | bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        read(folder, content)
    return caught.value


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    """Windows Notepad saves UTF-8 with one."""
    assert read(tmp_path, b"\xef\xbb\xbf" + 'name = "厂房"\nuse = "1001"\n'.encode()) == read(tmp_path, 'name = "厂房"\nuse = "1001"\n')


def test_gbk_is_refused_with_the_mend(tmp_path: Path) -> None:
    error = refusal(tmp_path, 'name = "厂房"\n'.encode("gb18030"))
    assert "不是 UTF-8 编码" in error.what and "另存为 UTF-8" in error.fix


@pytest.mark.parametrize(
    ("line", "what", "fix"),
    [
        ("major_project = True", "值读不懂", "true 或 false"),
        ("major_project = 是", "值读不懂", "true 或 false"),
        ("use = “1001”", "值读不懂", "引号改用半角"),
        ("use ＝ 1001", "键的后面缺等号", "等号、逗号和括号改用半角"),
        ('use = "1001', "文字没有写完就换行", "引号不成对"),
        ("用途 = 1001", "这一行读不懂", "中文键要加引号"),
        ("[项目]", "这一行读不懂", "中文键要加引号"),
        ("use =", "值读不懂", "缺值"),
        ("use = 0604", "值的后面多了内容", "代码是文字"),
        ("use = 工业用地", "值读不懂", "文字要加引号"),
        ('name = "乙"', "同一个键写了两次", "只写一次"),
        (r'use = "C:\工厂"', "反斜杠后面的字符不对", "反斜杠写两次"),
        ("use = [1001", "括号没有闭合", "名称 = 值"),
        ("just words", "键的后面缺等号", "名称 = 值"),
    ],
)
def test_a_slip_is_told_in_chinese_with_its_line(tmp_path: Path, line: str, what: str, fix: str) -> None:
    """What the parser says in English never reaches the planner; the line is shown and the mend fits the slip."""
    error = refusal(tmp_path, f'name = "甲"\n\n{line}\n')
    assert what in error.what and fix in error.fix
    assert error.where.line == 3
    assert error.where.excerpt == (f"  3 | {line}",)
    assert not any(word in str(error) for word in ("nvalid", "line ", "xpected", "annot"))


def test_a_folder_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_project(tmp_path)
    assert "是文件夹" in caught.value.what and caught.value.exit_code == 4


@pytest.mark.parametrize("content", ["use = " + "[" * 5000 + "]" * 5000, "use = " + "{a=" * 5000 + "1" + "}" * 5000, "use = " + "9" * 5000])
def test_what_no_parser_can_take_is_an_input_error(tmp_path: Path, content: str) -> None:
    """Nested thousands deep, or a number of thousands of digits: the file is at fault, not the program."""
    error = refusal(tmp_path, content)
    assert error.exit_code == 4 and ("太深" in error.what or "太长" in error.what)


def test_a_deep_key_is_refused_without_being_printed(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, "a" + ".a" * 5000 + " = 1\n")
    assert "一张表" in caught.value.what


@pytest.mark.parametrize(("key", "near"), [("usee", "use"), ("uses", "use"), ("naem", "name"), ("class_verison", "class_version")])
def test_a_misspelt_key_of_the_project_hints_at_it(key: str, near: str) -> None:
    """`usee` is no unknown fact: 是否应为“use”."""
    with pytest.raises(UsageError) as caught:
        use_of(LAW, project_statement({key: "1001"}), None)
    assert f"“{near}”" in caught.value.fix


def test_a_misspelt_section_hints_at_it() -> None:
    with pytest.raises(UsageError) as caught:
        project_statement({"fact": {"chemical": True}})
    assert "facts" in caught.value.fix


def test_facts_are_not_taken_for_misspelt_keys() -> None:
    """Every fact of the rule base may be stated."""
    for fact in LAW.facts:
        use_of(LAW, project_statement({fact.name: fact.values[0]}), None)
