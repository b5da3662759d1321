"""Runs `xygis` as a person would: a process of its own, its exit code, its two streams."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from xygis.atlas.bundled import bundled_root


@dataclass(frozen=True, slots=True)
class Run:
    code: int
    out: str
    err: str


@pytest.fixture
def xygis(tmp_path: Path) -> Callable[..., Run]:
    """Calls the command line in an empty folder."""

    def call(*arguments: str | Path) -> Run:
        command = [sys.executable, "-m", "xygis.cli.main", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, cwd=tmp_path, text=True, encoding="utf-8", check=False, timeout=300)
        return Run(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture
def sample() -> Path:
    """The bundled boundary TXT of five parcels."""
    return bundled_root() / "layers" / "demo" / "示例地块.txt"


def boundary_txt(*points: tuple[float, float], zone: str = "带号=37", use: str = "工业用地", name: str = "地块1") -> bytes:
    """A boundary-point TXT with one ring; points are (north, east)."""
    closed = [*points, points[0]]
    lines = ["[属性描述]", "坐标系=2000国家大地坐标系", "几度分带=3", "投影类型=高斯克吕格", "计量单位=米", zone, "精度=0.001"]
    lines += ["转换参数=,,,,,,", "[地块坐标]", f"{len(closed)},,1,{name},面,,{use},,@"]
    lines += [f"J{i % len(points) + 1},1,{n:.3f},{e:.3f}" for i, (n, e) in enumerate(closed)]
    return ("\r\n".join(line for line in lines if line) + "\r\n").encode("gb18030")
