"""Degrees, minutes, seconds as people write them: 112°08′23.45″, E112-08-23.45, 112度8分23.45秒; and run together, 1120823.45."""

from __future__ import annotations

import re
import unicodedata

# Degree signs, primes, quotation marks and accents that stand for them on somebody's keyboard. What NFKC makes of some is here too.
_MARKS = str.maketrans("°º˚\u030a度′'’‘´`\u0301＇分″\"”“＂秒", "dddddmmmmmmmmmssssss")
_MARKED = re.compile(r"(\d{1,3})d(?:(\d{1,2})m(?:(\d{1,2}(?:\.\d*)?)s?)?|(\d{1,2}\.\d+)m)?|(\d{1,3}\.\d+)d")
_SPACED = re.compile(r"(\d{1,3})([-: ])(\d{1,2})\2(\d{1,2}(?:\.\d*)?)")
_SIDED = re.compile(r"(?:(东经|北纬|[EN东北]):? ?)?(.*?) ?(?:([EN东北]))?")
_CHINA_DEG = ((3, 54), (73, 136))


def degrees_of(text: str) -> float | None:
    """The angle that a text spells in a way that can be read in no other, in degrees; None for all others, plain numbers too."""
    if len(text) > 40:
        return None
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text.translate(_MARKS)).translate(_MARKS)).strip()
    plain = re.sub(r"(?<=\d)o(?= ?\d{1,2}(\.\d+)?m)", "d", plain.replace("−", "-"))  # what NFKC makes of º
    found = _SIDED.fullmatch(plain)
    if found is None:
        return None
    before, inner, after = found.groups()
    if before and after and _side(before) != _side(after):
        return None
    if spaced := _SPACED.fullmatch(inner):
        return _angle(spaced.group(1), spaced.group(3), spaced.group(4))
    marked = _MARKED.fullmatch(inner.replace(" ", "").replace("mm", "s"))
    if marked is None:
        sided = re.fullmatch(r"\d{1,3}\.\d+", inner) and (before or after)
        return float(inner) if sided and float(inner) <= 180 else None
    whole, minutes, seconds, minutes_only, decimal = marked.groups()
    return float(decimal) if decimal else _angle(whole, minutes_only or minutes, seconds)


def unpacked(value: float) -> float | None:
    """Degrees of a number in which degrees, minutes and seconds are run together (1120823.45), where it can be one in China."""
    whole = int(value)
    degrees, minutes, seconds = whole // 10_000, whole // 100 % 100, value - whole // 100 * 100
    if not any(low <= degrees <= high for low, high in _CHINA_DEG) or minutes > 59 or seconds >= 60:
        return None
    return degrees + minutes / 60 + seconds / 3600


def split_fraction(value: float) -> float | None:
    """Degrees of a number whose decimals are minutes and seconds (112.082345 for 112°08′23.45″), where they can be."""
    seconds = round((value - int(value)) * 1e4, 6)
    minutes, rest = int(seconds // 100), seconds % 100
    return int(value) + minutes / 60 + rest / 3600 if minutes < 60 and rest < 60 else None


def spelled(degrees: float) -> str:
    """As 112°08′23.45″."""
    hundredths = round(degrees * 360_000)
    whole, rest = divmod(hundredths, 360_000)
    minutes, seconds = divmod(rest, 6_000)
    return f"{whole}°{minutes:02d}′{seconds / 100:05.2f}″"


def _angle(degrees: str, minutes: str | None, seconds: str | None) -> float | None:
    d, m, s = float(degrees), float(minutes or 0), float(seconds or 0)
    return d + m / 60 + s / 3600 if d <= 180 and m < 60 and s < 60 else None


def _side(word: str) -> str:
    return "E" if word in ("东经", "E", "东") else "N"
