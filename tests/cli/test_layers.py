"""`xygis layers`: what is prepared, from what, how large; `--prepare` with progress on a terminal and silence elsewhere."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import subprocess
import sys

import pytest

from tests.overlay.beds import declare
from xygis.atlas.bundled import bundled_root
from xygis.cli.progress import LayersProgress


@pytest.fixture
def layers(tmp_path):
    """Runs `xygis layers` with a cache of its own."""

    def run(*arguments, **more):
        command = [sys.executable, "-m", "xygis.cli.main", "layers", *arguments]
        environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
        return subprocess.run(
            command, capture_output=True, env=environment, cwd=tmp_path, check=True, timeout=300, encoding="utf-8", **more
        )

    return run


def test_prepared_layers_are_listed_with_source_size_and_pieces(layers):
    """--prepare prepares all; JSON then says from which source, how many bytes and pieces; a second call finds it all there."""
    first = json.loads(layers("--prepare", "--json").stdout)
    vector = [layer for layer in first["layers"] if layer["state"] == "ready" and layer["features"] is not None]
    assert len(vector) > 20 and first["kernel"] in ("compiled", "plain")
    assert all(layer["prepared"] and not layer["prepared"]["before"] for layer in vector)
    for layer in vector:
        assert layer["prepared"]["source_sha256"] == layer["sha256"] and layer["prepared"]["bytes"] > 500
        assert layer["prepared"]["pieces"] >= (layer["features"] > 0)
    counties = next(layer for layer in vector if layer["id"] == "counties")
    assert hashlib.sha256((bundled_root() / "layers" / "counties.gpkg").read_bytes()).hexdigest() == counties["prepared"]["source_sha256"]
    again = json.loads(layers("--json").stdout)
    assert all(layer["prepared"]["before"] for layer in again["layers"] if layer["id"] in {v["id"] for v in vector})


def test_the_table_says_it_too(layers):
    """One line on the kernel, for each layer cache size, pieces and the first digits of its source; nothing on stderr."""
    run = layers("--prepare")
    assert "" == run.stderr
    assert "计算内核    " in run.stdout and "MB" in run.stdout and "本次新整理" in run.stdout
    digest = hashlib.sha256((bundled_root() / "layers" / "counties.gpkg").read_bytes()).hexdigest()[:8]
    assert digest in next(line for line in run.stdout.splitlines() if " counties " in line)
    assert "本次新整理 0 个" in layers().stdout


def test_on_a_terminal_the_progress_is_shown(layers):
    """stderr a terminal: number and total, title, features read, time; the line is gone at the end."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "xygis.cli.main", "layers", "--prepare"]
    environment = {**os.environ, "XDG_CACHE_HOME": os.devnull}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs, env=environment)
    os.close(theirs)
    shown = b""
    while True:
        try:
            block = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not block:
            break
        shown += block
    os.close(ours)
    assert 0 == process.wait(300)
    text = shown.decode("utf-8")
    assert "整理图层 1/" in text and "个要素，已用" in text and "约剩" in text
    assert text.endswith("\r\x1b[K")


def test_time_left_goes_by_bytes():
    """A quarter of the bytes took 10 seconds: 30 are left. Before the first layer is done nobody knows."""
    a, b = declare(None, layer_id="a"), declare(None, layer_id="b")
    progress = LayersProgress({"a": 100, "b": 300})
    assert "整理图层 1/2：试验图层，已读 2,048 个要素，已用 4 秒" == progress.line(a, 2048, 4.2)
    progress.told(a, None)
    assert "整理图层 2/2：试验图层，已读 5 个要素，已用 10 秒，约剩 30 秒" == progress.line(b, 5, 10.0)
    progress.told(b, None)
    assert "整理图层 2/2：试验图层，已整理，已用 11 秒，约剩 0 秒" == progress.line(b, None, 11.0)
