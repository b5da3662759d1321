"""What a name may do on a page: be read. Signs that steer a printer, a reader or the direction of writing are shown as their number."""

from __future__ import annotations

import re

# C0 and C1 controls (no XML file may hold most of them), marks and overrides of direction (a name with one would turn round the
# figures behind it), halves of surrogate pairs (no UTF-8 can say them), non-characters.
_STEERING = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_SPACE = re.compile("[\t\n\r\x85\u2028\u2029]+")


def tame(text: str) -> str:
    """The text with 〔U+202E〕 for a sign that would steer; line ends and everything else as they are."""
    return _STEERING.sub(lambda m: f"〔U+{ord(m[0]):04X}〕", text)


def visible(text: str) -> str:
    """The same on one line."""
    return tame(_SPACE.sub(" ", text))
