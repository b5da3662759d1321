"""All refusals as a set: each says which file, what was found and what to do, and none changes unseen."""

from __future__ import annotations

import re

import pytest
import refusals


def test_the_words_of_all_refusals() -> None:
    """As in refusals.txt, which is read by eye; `python tests/intake/refusals.py` writes it anew."""
    assert refusals.GOLDEN.read_text("utf-8") == refusals.all_told()


@pytest.mark.parametrize("name", refusals.CASES)
def test_each_refusal_has_a_place_and_a_mend_in_chinese(name: str) -> None:
    """A file, Chinese sentences for what and mend, no path of ours, no English left over but names and codes."""
    said = refusals.told(name)
    assert "没有拒绝" not in said
    what, mend = re.search(r"\] (.*)", said), re.search(r"怎么改：(.*)", said)
    assert what and mend and re.search(r"[\u4e00-\u9fff]{2}", what.group(1)) and re.search(r"[\u4e00-\u9fff]{2}", mend.group(1))
    assert not re.search(r"Traceback|Error:|/tmp/|xygis-", said)
    if not name.startswith("指定的"):
        assert re.search(r"位置：\S", said)
