"""Loading the library for drawings leaves nothing behind and is not led astray by the folder one works in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import ezdxf

READ = "import sys; from pathlib import Path; from xygis.vector.dxf import read_dxf; print(read_dxf(Path(sys.argv[1]))[0].name)"


def run(folder: Path, home: Path) -> subprocess.CompletedProcess[str]:
    drawing = ezdxf.new("R2010")
    drawing.modelspace().add_lwpolyline([(0, 0), (9, 0), (9, 9)], close=True, dxfattribs={"layer": "HX"})
    drawing.saveas(folder / "a.dxf")
    home.mkdir(exist_ok=True)
    environment = {**os.environ, "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    return subprocess.run(
        [sys.executable, "-c", READ, "a.dxf"], capture_output=True, text=True, encoding="utf-8", cwd=folder, env=environment, check=False
    )


def test_nothing_is_written_into_the_cache(tmp_path: Path) -> None:
    """No list of fonts in anybody's home."""
    done = run(tmp_path, tmp_path / "home")
    assert ("HX\n", "") == (done.stdout, done.stderr)
    assert not [p for p in (tmp_path / "home").rglob("*") if "ezdxf" in str(p)]


def test_settings_in_the_working_folder_that_cannot_be_read(tmp_path: Path) -> None:
    """The library would print and end the process; here it is one error that names the file."""
    (tmp_path / "ezdxf.ini").write_bytes("[CORE]\n".encode("utf-16"))
    done = run(tmp_path, tmp_path / "home")
    assert "" == done.stdout
    assert "UnsafeFile" in done.stderr
    assert "ezdxf.ini" in done.stderr
