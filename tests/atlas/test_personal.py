"""Personal columns never get in, however they are spelt."""

from __future__ import annotations

import pytest

from xygis.atlas.personal import personal


@pytest.mark.parametrize(
    "column", ["电话", "联系电话", "手机号码", "身份证号", "承包方代表姓名", "ZRRZJHM", "lxdh", "LXDH_1", "ＱＬＲＭＣ", "家庭住址"]
)
def test_personal_columns_are_known(column: str) -> None:
    """Names seen in real databases, in any case and width, and whatever contains such a word."""
    assert (column,) == personal([column])


@pytest.mark.parametrize("column", ["BSM", "DLBM", "QSDWMC", "MC", "XZQMC", "YJJBNTMJ", "地类名称", "权属单位名称"])
def test_the_standard_s_columns_stay(column: str) -> None:
    """Codes, classes, areas and the names of villages are no personal data."""
    assert () == personal([column])
