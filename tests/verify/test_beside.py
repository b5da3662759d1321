"""Without a signature only report.json is worked out again: whoever asks is told which files beside it nobody has looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.verify.desk import Desk, kinds, said
from xygis.cli.verify_text import verify_text
from xygis.errors import FileMissing
from xygis.verify.result import CauseKind


@pytest.fixture
def unsigned(slip: Desk) -> Desk:
    (slip.out / "report.sig").unlink()
    return slip


def test_an_unsigned_folder_names_what_was_not_checked(unsigned: Desk) -> None:
    """✓ is said of report.json only; an altered map and page are named as not checked, with the way to have them covered."""
    page = unsigned.out / "report.html"
    page.write_text(page.read_text("utf-8").replace("禁止", "允许"), "utf-8")
    (unsigned.out / "conflicts.geojson").write_text("{}", "utf-8")
    text = verify_text(unsigned.verify())
    first, second, *_ = text.splitlines()
    assert "✓" in first and "report.json（数据）已重新计算" in first
    assert second.startswith("没有核对") and "地块.txt" not in text and "conflicts.geojson" in text and "measures.csv" in text
    assert "其中 report.html 印的报告指纹与 report.json 相同，但数字没有逐个核对" in text
    assert "--sign" in text


def test_a_signed_folder_names_nothing_as_unchecked(made: Desk) -> None:
    """The signature covers every file."""
    assert "没有核对" not in verify_text(made.verify(key=made.public))


@pytest.mark.parametrize("name", ["conflicts.geojson", "report.html", "附件.dat"])
def test_a_file_that_nothing_covers_gets_no_tick(unsigned: Desk, name: str) -> None:
    """Asked about a file other than report.json without a signature: that it cannot be checked, and how report.json came out."""
    (unsigned.out / "附件.dat").write_bytes(b"x")
    result = unsigned.verify(unsigned.out / name)
    text = verify_text(result)
    assert not result.same and [CauseKind.SIGNATURE] == kinds(result)
    assert "✓" not in text and "✗ 无法核对" in text and f"报告没有签名，{name} 无法核对" in text
    assert "report.json 已重新计算，结果与报告相同" in said(result)


def test_report_json_itself_is_checked_without_a_signature(unsigned: Desk) -> None:
    """Data are what is worked out again."""
    assert unsigned.verify(unsigned.report).same


def test_a_file_that_the_signature_does_not_list_gets_no_tick(slip: Desk) -> None:
    """In a signed folder, asked about a file that was laid there later, of whatever kind."""
    (slip.out / "附件.dat").write_bytes(b"x")
    assert slip.verify(key=slip.public).same
    result = slip.verify(slip.out / "附件.dat", key=slip.public)
    assert not result.same and "附件.dat 不在签名之内" in said(result)


def test_an_unsigned_quality_result_gets_no_tick(unsigned: Desk) -> None:
    """Nothing was recomputed and nothing signed: that is said, not ✓."""
    unsigned.report.unlink()
    (unsigned.out / "quality.json").write_text('{"schema": "xygis/quality/1"}', "utf-8")
    text = verify_text(unsigned.verify())
    assert "✓" not in text and "没有核对" in text


def test_a_batch_folder_has_only_its_signature(slip: Desk) -> None:
    """No report.json: signed, the signature is checked and that nothing was recomputed is said; unsigned, it is refused. So say the READMEs."""
    slip.report.unlink()
    with pytest.raises(FileMissing, match=r"没有 report\.json"):
        (slip.out / "report.sig").unlink()
        slip.verify()
    slip.sign()
    result = slip.verify(key=slip.public)
    assert result.same and not result.recomputed and "没有重新计算" in verify_text(result)
    root = Path(__file__).parents[2]
    assert "不能重新计算，只能核对签名" in (root / "README.zh-CN.md").read_text("utf-8")
    assert "only its signature is checked" in (root / "README.md").read_text("utf-8").replace("\n", " ")
