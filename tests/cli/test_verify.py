"""`xygis verify` and `--sign` as a person calls them: keys, exit codes, what is printed."""

from __future__ import annotations

import os
import stat

import pytest

from tests.cli.conftest import boundary_txt

SQUARE = ((3548903.235, 37604733.835), (3548682.554, 37604693.151), (3548700.829, 37604594.022))
DAY = ("--on", "2026-11-24")


def test_signed_filed_and_verified(xygis, tmp_path) -> None:
    """A key is made once; check signs, verify is green; a touched table, a lost signature and a moved point are exit 1, in words."""
    (tmp_path / "地块.txt").write_bytes(boundary_txt(*SQUARE))
    made = xygis("verify", "--new-key", "张工.key")
    assert 0 == made.code and "张工.pub" in made.out
    assert os.name != "posix" or 0o600 == stat.S_IMODE((tmp_path / "张工.key").stat().st_mode)
    assert 4 == xygis("verify", "--new-key", "张工.key").code
    run = xygis("check", "地块.txt", *DAY, "--out", "结果", "--format", "json,csv", "--sign", "张工.key", "--signer", "张工")
    assert run.code in (0, 1, 3) and "report.sig" in run.out, run.err
    green = xygis("verify", "结果", "--key", "张工.pub")
    assert 0 == green.code and "一致" in green.out and "张工" in green.out and "与给定的公钥一致" in green.out
    table = tmp_path / "结果" / "summary.csv"
    table.write_text(table.read_text("utf-8-sig").replace("1", "2"), "utf-8")
    red = xygis("verify", "结果/report.json", "--key", "张工.pub")
    assert 1 == red.code and "summary.csv 签名后被改过" in red.out
    (tmp_path / "结果" / "report.sig").unlink()
    assert 1 == xygis("verify", "结果", "--key", "张工.pub").code
    (tmp_path / "地块.txt").write_bytes(boundary_txt((SQUARE[0][0], SQUARE[0][1] + 2.0), *SQUARE[1:]))
    moved = xygis("verify", "结果")
    assert 1 == moved.code and "J1 移动 2.000 m（向东 2.000 m）" in moved.out
    assert moved.out.index("原因") < moved.out.index("后果")


def test_a_locked_key_takes_its_password_from_the_environment(xygis, tmp_path, monkeypatch) -> None:
    """XYGIS_KEY_PASSWORD locks a new key and opens it; without it the run is refused before any work."""
    (tmp_path / "地块.txt").write_bytes(boundary_txt(*SQUARE))
    monkeypatch.setenv("XYGIS_KEY_PASSWORD", "口令")
    assert 0 == xygis("verify", "--new-key", "我.key").code
    assert b"ENCRYPTED" in (tmp_path / "我.key").read_bytes()
    monkeypatch.delenv("XYGIS_KEY_PASSWORD")
    run = xygis("check", "地块.txt", *DAY, "--out", "结果", "--sign", "我.key")
    assert 2 == run.code and "XYGIS_KEY_PASSWORD" in run.err and not (tmp_path / "结果").exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("verify",), 2),
        (("verify", "没有"), 4),
        (("check", "地块.txt", "--sign", "没有.key", "--out", "结果"), 4),
        (("check", "地块.txt", "--sign", "没有.key"), 2),
        (("check", "地块.txt", "--signer", "张工", "--out", "结果"), 2),
    ],
)
def test_what_cannot_be_signed_or_verified_is_one_message(xygis, tmp_path, arguments, code) -> None:
    """Wrong usage 2, what cannot be read 4, never a traceback."""
    (tmp_path / "地块.txt").write_bytes(boundary_txt(*SQUARE))
    run = xygis(*arguments)
    assert code == run.code and run.err and "Traceback" not in run.err


def test_a_file_beside_an_unsigned_report_is_exit_1(xygis, tmp_path) -> None:
    """The folder is green for its data; a table of it that nothing vouches for is not, and what to do is said."""
    (tmp_path / "地块.txt").write_bytes(boundary_txt(*SQUARE))
    xygis("check", "地块.txt", *DAY, "--out", "结果", "--format", "json,csv")
    green = xygis("verify", "结果")
    assert 0 == green.code and "没有核对  measures.csv、summary.csv：" in green.out and "--sign" in green.out
    red = xygis("verify", "结果/summary.csv")
    assert 1 == red.code and "✓" not in red.out and "summary.csv 无法核对" in red.out
