"""Which columns hold personal data; they are dropped on reading, from every file, whatever else is said of them.

Owner, contractor, contact, identity, telephone, address, account: names seen in real databases, and words that any such name contains.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_NAMES_TEXT = """
CBF CBFDB CBFDBXM CBFMC CFZR DH DHHM EMAIL FDDBR FDDBRXM FR HZ HZXM IDCARD JBR JTZZ JZDZ LXDH LXFS LXR MOBILE
OWNER PHONE QLR QLRMC QLRXM QLRZJH SFZ SFZH SFZHM SJ SJH SJHM SQR SYQR TDQLR TDSYQR TDSYZ TEL TXDZ XM YHKH
YHZH ZJH ZJHM ZRR ZRRMC ZRRZJHM ZZ
"""
_NAMES = frozenset(_NAMES_TEXT.split())
_WORDS = (
    *(
        "电话",
        "手机",
        "身份证",
        "证件号",
        "联系人",
        "联系方式",
        "联系地址",
        "住址",
        "通讯地址",
        "通信地址",
        "户主",
        "姓名",
        "承包方",
        "承包人",
    ),
    *("权利人", "使用权人", "所有权人", "经办人", "申请人", "法定代表人", "法人", "银行账号", "银行卡", "邮箱"),
)


def personal(columns: Iterable[str]) -> tuple[str, ...]:
    """The columns that hold personal data; case, width, spaces and figures at the end do not matter."""
    return tuple(c for c in columns if _is_personal(re.sub(r"\s", "", unicodedata.normalize("NFKC", c)).upper()))


def _is_personal(name: str) -> bool:
    return re.sub(r"[_\d]+$", "", name) in _NAMES or any(word in name for word in _WORDS)
