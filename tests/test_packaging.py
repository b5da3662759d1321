"""What is shipped: the same dependencies everywhere, no big files, nobody's machine, nobody's data."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAX_BYTES = 10_000_000
STUB_FROM_BYTES = 200_000


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """Every file that git keeps and that is there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [path for name in listed.decode("utf-8").split("\0") if name and (path := ROOT / name).is_file()]


def requirement(text: str) -> tuple[str, frozenset[str]]:
    """("numpy", {">=1.26"}) of a requirement as pip or conda writes it."""
    match = re.fullmatch(r"([A-Za-z0-9._-]+)\s*(.*)", text.strip())
    assert match is not None, text
    name = match.group(1).lower().replace("_", "-")
    return name, frozenset(part.strip() for part in match.group(2).split(",") if part.strip())


def conda_requirements() -> dict[str, frozenset[str]]:
    """The list under `dependencies:` of environment.yml, with the one under `pip:`, without Python, pip and the package itself."""
    lines = (ROOT / "environment.yml").read_text("utf-8").split("dependencies:\n")[1].splitlines()
    entries = [line.split("#")[0].strip().removeprefix("- ").strip("\"' ") for line in lines]
    entries = [e for e in entries if e and not e.endswith(":") and not e.startswith("-e ")]
    return {name: limits for name, limits in map(requirement, entries) if name not in ("python", "pip")}


def test_environment_and_project_name_the_same_dependencies() -> None:
    """environment.yml lists what pyproject.toml asks for: to run, to develop and to build, with the same limits."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    asked = [*project["project"]["dependencies"], *project["project"]["optional-dependencies"]["dev"], *project["build-system"]["requires"]]
    assert conda_requirements() == dict(map(requirement, asked))


def test_python_is_the_same_everywhere() -> None:
    """One lowest version of Python, for pip, for conda, for ruff and for mypy."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lowest = project["project"]["requires-python"]
    assert f"- python{lowest}\n" in (ROOT / "environment.yml").read_text("utf-8")
    assert project["tool"]["mypy"]["python_version"] == lowest.removeprefix(">=")
    assert project["tool"]["ruff"]["target-version"] == "py" + lowest.removeprefix(">=").replace(".", "")


def test_no_tracked_file_is_big(tracked: list[Path]) -> None:
    """No file over 10 MB, and the atlas as a whole within 30 MB."""
    assert not [(p.name, size) for p in tracked if (size := p.stat().st_size) > MAX_BYTES]
    assert sum(p.stat().st_size for p in tracked if p.is_relative_to(ROOT / "layers")) <= 30 * 2**20


def test_nothing_points_into_somebodys_machine(tracked: list[Path]) -> None:
    """No home, temporary or working folder of the machine that a file was made on, in text or in data."""
    folders = "|".join(("home", "root", "tmp", "work", "Users", "mnt", "workspace"))  # joined here, so that this file does not match itself
    machine = re.compile(rb"(?<![\w./:*-])/(?:" + folders.encode() + rb")/[\w.-]|[A-Z]:\\\\?Users\\|\.\./sha" + rb"red/")
    found = [
        f"{p.relative_to(ROOT)}: {match.group().decode(errors='replace')}" for p in tracked if (match := machine.search(p.read_bytes()))
    ]
    assert not found


def test_users_data_are_not_tracked(tracked: list[Path]) -> None:
    """layers/local belongs to whoever works here."""
    assert not [p for p in tracked if p.is_relative_to(ROOT / "layers" / "local")]
    assert "layers/local/" in (ROOT / ".gitignore").read_text("utf-8").splitlines()


def test_wheel_holds_the_atlas_and_nobodys_data(tracked: list[Path], tmp_path: Path) -> None:
    """The wheel carries layers, redlines and maps as xygis/_atlas, code and schemas, and never what lies in layers/local."""
    source = tmp_path / "source"
    for path in tracked:
        inside = path.relative_to(ROOT)
        if inside.parts[0] in ("tests", ".ci") or inside.name == ".gitignore":  # without it, only pyproject.toml keeps local data out
            continue
        target = source / inside
        target.parent.mkdir(parents=True, exist_ok=True)
        data = path.read_bytes()
        target.write_bytes(data if len(data) < STUB_FROM_BYTES else b"")
    (source / "layers" / "local").mkdir()
    (source / "layers" / "local" / "permanent_basic_farmland.gpkg").write_bytes(b"mine")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")]
    done = subprocess.run(build, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for path in tracked:
        inside = path.relative_to(ROOT)
        if inside.parts[0] in ("layers", "redlines", "maps"):
            assert f"xygis/_atlas/{inside.as_posix()}" in names
        elif inside.parts[0] == "xygis":
            assert inside.as_posix() in names
    assert not [n for n in names if "/local/" in n or n.startswith(("layers", "redlines", "maps", "tests"))]
