"""Builds boundary-point TXT texts for the tests, in the official form."""

from __future__ import annotations

from pathlib import Path

E0, N0 = 37618000.0, 3541000.0  # zone 37, in the middle of the city
ENVELOPE = (110.75, 31.23, 113.1, 32.62)
Ring = list[tuple[float, float]]  # (east, north)


def square(x: float, y: float, side: float) -> Ring:
    """Closed, clockwise from the north-west corner."""
    return [(x, y + side), (x + side, y + side), (x + side, y), (x, y), (x, y + side)]


def header(**changed: str | None) -> list[str]:
    values: dict[str, str | None] = {
        "格式版本号": "1.01版本",
        "坐标系": "2000国家大地坐标系",
        "几度分带": "3",
        "投影类型": "高斯克吕格",
        "计量单位": "米",
        "带号": "37",
        "精度": "0.001",
        "转换参数": ",,,,,,",
    } | changed
    return ["[属性描述]", *(f"{k}={v}" for k, v in values.items() if v is not None)]


def block(*rings: Ring, name: str = "地块1", area: str = "1.0", swap: bool = False, count: int | None = None) -> list[str]:
    """An @-line and its points, numbered through, the closing point labelled as the first one of its ring."""
    lines, number = [], 0
    for k, ring in enumerate(rings, start=1):
        start = number
        closed = ring[0] == ring[-1]
        for i, (x, y) in enumerate(ring):
            label = f"J{start + 1}" if closed and i == len(ring) - 1 else f"J{start + i + 1}"
            a, b = (x, y) if swap else (y, x)
            lines.append(f"{label},{k},{a:.3f},{b:.3f}")
        number = start + len(ring) - closed
    return [f"{len(lines) if count is None else count},{area},1,{name},面,,工业用地,,@", *lines]


def write(path: Path, *blocks: list[str], head: list[str] | None = None, encoding: str = "utf-8", end: str = "\r\n") -> Path:
    lines = [*(header() if head is None else head), "[地块坐标]", *(line for b in blocks for line in b)]
    path.write_bytes(end.join(lines).encode(encoding))
    return path


def moved(ring: Ring) -> Ring:
    """A ring given around (0, 0), in the city."""
    return [(E0 + x, N0 + y) for x, y in ring]
