"""Without the compiled kernel a whole check says the same, slower."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

SAMPLE = Path(__file__).resolve().parents[2] / "layers" / "demo" / "示例地块.txt"


def _checked(**environment: str) -> Any:
    command = [sys.executable, "-m", "xygis.cli.main", "check", str(SAMPLE), "--on", "2026-11-28", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | environment, check=False)
    assert done.returncode in (1, 3), done.stderr
    return json.loads(done.stdout)


def _same(a: Any, b: Any, where: str) -> None:
    if isinstance(a, dict):
        assert a.keys() == b.keys(), where
        for key in a:
            _same(a[key], b[key], f"{where}/{key}")
    elif isinstance(a, list):
        assert len(a) == len(b), where
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            _same(x, y, f"{where}/{i}")
    elif isinstance(a, float) and isinstance(b, float):
        assert abs(a - b) <= 1e-6 + 1e-9 * abs(b), f"{where}: {a} {b}"
    else:
        assert a == b, where


def test_a_check_with_the_plain_kernel() -> None:
    """The demonstration parcels on the bundled atlas: every number within 1e-6 + 1e-9 of its value, every word the same."""
    _same(_checked(XYGIS_KERNEL="plain"), _checked(), "")
