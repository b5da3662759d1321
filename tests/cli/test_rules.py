"""`xygis rules CODE`: a page a rule, the nearest codes for a slip, one JSON object, and the handbook as one file."""

from __future__ import annotations

import json

from xygis.cli.terminal import width, wrapped

DAY = ("--on", "2026-11-24")
HW_01 = """\
HW-01  公路建筑控制区（高速公路）  ■ 禁止
修建建筑物、构筑物的项目，用地进入公路（高速公路）外侧 30 米以内的，禁止；申报为
“公路保护需要的设施”的除外。

主题      公路、铁路、电力、管道
要点      项目有一部分位于高速公路建筑控制区内，控制区自公路用地外缘起向外不少于
          30米。除公路保护需要外，禁止修建建筑物和地面构筑物。
图层      公路（highways）〔基础设施，示意数据，市交通运输局〕
条件      · 类型：高速公路〔图层属性〕
          · 要素向外扩 30 米〔控制区〕
          · 重叠面积大于 0 m²〔量算〕
          · 是否修建建筑物、地面构筑物：修建建筑物、构筑物〔项目〕
例外      公路保护需要的设施：公路保护需要〔须申报，申报后本条不适用〕
依据      · 公路安全保护条例（2011-03-07，国务院令第593号）第十一条〔现行有效〕
              “高速公路”
              “不少于30米”
"""


def test_a_rule_is_explained(xygis) -> None:
    """One sentence, conditions in words, the article and its words; two codes give two pages, in the order asked."""
    run = xygis("rules", "hw-01", "PBF-01", *DAY)
    assert 0 == run.code
    assert run.out.startswith(HW_01)
    assert run.out.index("HW-01  ") < run.out.index("PBF-01  ")
    assert all(width(line) <= 80 for line in run.out.splitlines())


def test_a_code_nobody_knows_gets_the_nearest(xygis) -> None:
    """A slip is exit 2 with near codes; a word of a title finds the rules that have it."""
    slip, word = xygis("rules", "PBF-91"), xygis("rules", "风景名胜区")
    assert (2, 2) == (slip.code, word.code)
    assert "是否应为 PBF-" in slip.err and "SC-01" in word.err


def test_json_is_one_object(xygis) -> None:
    """`--json` with codes prints the pages as data, in the frame of the list."""
    (rule,) = json.loads(xygis("rules", "HW-01", *DAY, "--json").out)["rules"]
    assert ("HW-01", "current", ["高速公路", "不少于30米"]) == (rule["code"], rule["standing"], rule["basis"][0]["says"])


def test_an_ended_version_says_so(xygis) -> None:
    """Asked before a rule begins, the page shows the version to come and says that it does not count yet."""
    run = xygis("rules", "HR-02", "--on", "2020-01-01")
    assert 0 == run.code and "（尚未施行）" in run.out.splitlines()[0]


def test_lines_are_broken_by_width() -> None:
    """Chinese counts two columns; a closing mark never begins a line; numbers are not torn."""
    lines = wrapped("重叠面积 1520.4 m²，非农业建设，永久用地。", 20, hanging=2)
    assert all(width(line) <= 20 for line in lines)
    assert not [line for line in lines if line.strip()[0] in "，。"]
    assert any("1520.4" in line for line in lines)
    assert "重叠面积1520.4m²，非农业建设，永久用地。" == "".join("".join(lines).split())
