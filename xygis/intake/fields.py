"""Which column of somebody's table is the name, the area, the use; and which are personal and never get in."""

from __future__ import annotations

import re
from collections.abc import Iterable

NAME = ("地块名称", "地块名", "DKMC", "XMMC", "项目名称", "项目名", "ZDMC", "名称", "NAME", "MC")
AREA = ("申报面积", "地块面积", "地块面", "DKMJ", "XMMJ", "YDMJ", "ZDMJ", "MJ", "面积", "AREA")
USE = ("地块用途", "地块用", "土地用途", "YDYT", "DKYT", "TDYT", "GHYT", "用途", "YT", "USE")

# Owner, applicant, contact, identity, telephone, address, account. Compared without case, spaces and digits at the end.
_PERSONAL_WORDS = """
权利人 权利人名 权利人名称 权利人姓名 使用权人 土地使用权人 所有权人 承包人 承包方 承包方代表 户主 姓名 联系人 经办人 法人 法定代表人 申请人
身份证 身份证号 身份证号码 证件号 证件号码 电话 联系电话 手机 手机号 联系方式 住址 家庭住址 通讯地址 通信地址 银行账号 银行卡号 邮箱
QLR QLRMC QLRXM TDSYZ TDSYQR TDQLR SYQR CBF CBFMC CBFDB CBFDBXM HZ HZXM XM LXR JBR FR FDDBR FDDBRXM SQR SFZ SFZH SFZHM
ZJH ZJHM QLRZJH DH LXDH DHHM SJ SJH SJHM LXFS ZZ TXDZ JTZZ YHZH YHKH EMAIL PHONE TEL MOBILE OWNER IDCARD
"""
_PERSONAL = frozenset(_PERSONAL_WORDS.split())


def pick(columns: Iterable[str], names: tuple[str, ...]) -> str | None:
    """The column that bears the first of the names that any bears; case and spaces do not matter."""
    known = {_plain(c): c for c in reversed(list(columns))}
    return next((known[n] for n in names if n in known), None)


def personal(columns: Iterable[str]) -> tuple[str, ...]:
    """The columns that hold personal data."""
    return tuple(c for c in columns if re.sub(r"[_\d]+$", "", _plain(c)) in _PERSONAL)


def _plain(name: str) -> str:
    return re.sub(r"\s", "", name).upper()
