"""Ways to damage a file: bytes, numbers, lines, members of a zip. Each draw depends on its generator alone."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable

from corpus import Seed, zipped

_NUMBERS = (
    *(struct.pack("<d", v) for v in (float("nan"), float("inf"), -float("inf"), 1e300, -1e300, 0.0, 37_618_000.0)),
    *(struct.pack("<i", v) for v in (-1, 0, 1, 2**31 - 1, -(2**31), 65_536, 5, 15, 3)),
    *(struct.pack(">i", v) for v in (-1, 2**31 - 1, 50, 9994)),
)
_WORDS = (
    *(
        "@",
        ",",
        "，",
        ";",
        "\t",
        " ",
        "面",
        "线",
        "点",
        "J1",
        "0",
        "O",
        "1e6",
        "-",
        ".",
        "NaN",
        "inf",
        "37",
        "38",
        "19",
        "40",
        "[地块坐标]",
        "[属性描述]",
    ),
    *(
        "带号=38",
        "带号=",
        "几度分带=6",
        "坐标系=1980西安坐标系",
        "\n",
        "\r",
        "\x00",
        "\u2028",
        "\ufeff",
        "９",
        "null",
        "{",
        "[",
        "]",
        "}",
        '"',
        "<",
        ">",
    ),
    *(
        "99999999999999999999",
        "3541180.250",
        "37618012.345",
        "112.4",
        "公顷",
        "亩",
        "𠮷",
        "=cmd()",
        "../../etc/passwd",
        "/vsicurl/http://x/",
    ),
)


def mutated(seed: Seed, draw: random.Random) -> bytes:
    """The seed's bytes with one to four changes; of a zip mostly inside one of its members."""
    if seed.members and draw.random() < 0.8:
        members = list(seed.members)
        at = draw.randrange(len(members))
        members[at] = (members[at][0], _one(members[at][1], seed.encoding, draw))
        if draw.random() < 0.1:
            del members[draw.randrange(len(members))]
        return zipped(tuple(members))
    return _one(seed.data, "" if seed.members else seed.encoding, draw)


def _one(data: bytes, encoding: str, draw: random.Random) -> bytes:
    """A text is changed as a text two times out of three: otherwise most changes only break its encoding."""
    if not encoding or draw.random() < 0.33:
        return _changed(data, draw)
    plain = data.decode(encoding).encode("utf-8")
    for _ in range(draw.choice((1, 1, 2, 3))):
        plain = draw.choice(_TEXT_CHANGES)(plain, draw)
    return plain.decode("utf-8", "ignore").encode(encoding, "ignore")


def _changed(data: bytes, draw: random.Random) -> bytes:
    for _ in range(draw.choice((1, 1, 1, 2, 3, 4))):
        data = draw.choice(_CHANGES)(data, draw)
    return data


def _flip(data: bytes, draw: random.Random) -> bytes:
    i = draw.randrange(len(data) or 1)
    return data[:i] + bytes([(data[i] if data else 0) ^ (1 << draw.randrange(8))]) + data[i + 1 :]


def _noise(data: bytes, draw: random.Random) -> bytes:
    i = draw.randrange(len(data) or 1)
    noise = draw.randbytes(draw.choice((1, 2, 4, 8, 32)))
    return data[:i] + noise + data[i + len(noise) :]


def _insert(data: bytes, draw: random.Random) -> bytes:
    i = draw.randrange(len(data) + 1)
    return data[:i] + draw.randbytes(draw.choice((1, 2, 8, 100))) + data[i:]


def _cut_out(data: bytes, draw: random.Random) -> bytes:
    i = draw.randrange(len(data) + 1)
    return data[:i] + data[i + draw.choice((1, 2, 8, 100, 1000)) :]


def _cut_off(data: bytes, draw: random.Random) -> bytes:
    return data[: draw.randrange(len(data) + 1)]


def _twice(data: bytes, draw: random.Random) -> bytes:
    i = draw.randrange(len(data) + 1)
    piece = data[i : i + draw.choice((1, 8, 100, 1000))]
    return data[:i] + piece * draw.choice((2, 3, 50)) + data[i + len(piece) :]


def _zeroed(data: bytes, draw: random.Random) -> bytes:
    i = draw.randrange(len(data) + 1)
    length = min(draw.choice((4, 16, 200)), len(data) - i)
    return data[:i] + bytes(length) + data[i + length :]


def _number(data: bytes, draw: random.Random) -> bytes:
    new = draw.choice(_NUMBERS)
    i = draw.randrange(max(1, len(data) - len(new))) // draw.choice((1, 4)) * draw.choice((1, 4))
    return data[:i] + new + data[i + len(new) :]


def _word(data: bytes, draw: random.Random) -> bytes:
    i = draw.randrange(len(data) + 1)
    word = draw.choice(_WORDS).encode(draw.choice(("utf-8", "gb18030", "utf-16-le")), "replace")
    return data[:i] + word + data[i + draw.choice((0, 0, 1, len(word))) :]


def _digit(data: bytes, draw: random.Random) -> bytes:
    places = [i for i, b in enumerate(data[:20_000]) if 48 <= b <= 57]
    if not places:
        return data
    i = draw.choice(places)
    return data[:i] + bytes([draw.randrange(48, 58)]) + data[i + 1 :]


def _lines(data: bytes, draw: random.Random) -> bytes:
    lines = data.split(b"\n")
    i, j = draw.randrange(len(lines)), draw.randrange(len(lines))
    match draw.randrange(4):
        case 0:
            del lines[i]
        case 1:
            lines.insert(j, lines[i])
        case 2:
            lines[i], lines[j] = lines[j], lines[i]
        case _:
            lines[i] = lines[i][: draw.randrange(len(lines[i]) + 1)]
    return b"\n".join(lines)


def _written(data: bytes, draw: random.Random) -> bytes:
    """A word of the format where another character stood, or between two."""
    i = draw.randrange(len(data) + 1)
    return data[:i] + draw.choice(_WORDS).encode("utf-8") + data[i + draw.choice((0, 0, 1, 3)) :]


def _field(data: bytes, draw: random.Random) -> bytes:
    """A field lost, doubled, or exchanged with its neighbour."""
    lines = data.split(b"\n")
    i = draw.randrange(len(lines))
    fields = lines[i].split(b",")
    j = draw.randrange(len(fields))
    match draw.randrange(3):
        case 0:
            del fields[j]
        case 1:
            fields.insert(j, fields[j])
        case _:
            fields[j - 1], fields[j] = fields[j], fields[j - 1]
    lines[i] = b",".join(fields)
    return b"\n".join(lines)


_TEXT_CHANGES = (_digit, _digit, _lines, _lines, _field, _field, _written, _written, _cut_out, _twice)
_CHANGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(_flip, _noise, _insert, _cut_out, _cut_off, _twice, _zeroed, _number, _word, _word, _digit, _digit, _lines, _lines),
)
