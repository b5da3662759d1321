"""The house stands as DESIGN §3 draws it: imports go one way, modules stay small, the cold road stays light."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from xygis.atlas.bundled import bundled_root
from xygis.atlas.start import start_atlas
from xygis.atlas.styles import read_styles
from xygis.atlas.verdict import DataState, DataStatus, LayerState, Verdict

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "xygis"
MODULES = sorted(PACKAGE.rglob("*.py"))

# From the ground up; a room may import those before its own line. Rooms on one line do not know each other.
STOREYS = (
    ("errors", "numbers", "visible", "version", "whole_file", "office_seal", "cache_folder"),
    ("geodesy",),
    ("vector",),
    ("atlas",),
    ("intake",),
    ("overlay",),
    ("judge",),
    ("check", "compare"),
    ("consistency", "suspects", "remedy"),
    ("report", "cartography"),
    ("convert", "outputs"),
    ("consistency_outputs",),
    ("saving",),
    ("verify",),
    ("cli", "web"),
)
RANK = {room: rank for rank, rooms in enumerate(STOREYS) for room in rooms}

# The results carry `to_dict()` and `save()` for people who call xygis from Python (DESIGN §3, public API). Their two modules
# reach up to the renderings, inside those methods only: importing a result loads no rendering.
REACHING_UP = {
    "check/assessment.py": {"report", "cartography", "saving"},
    "consistency/result.py": {"report", "cartography", "saving"},
    "suspects/result.py": {"report"},
}
WRITERS = ("cryptography", "docx", "ezdxf", "typst", "xlsxwriter")
HEAVY = (*WRITERS, "pandas", "geopandas", "folium", "matplotlib", "pyogrio", "fiona", "pyproj", "jinja2", "rasterio", "scipy", "openpyxl")


def imports(tree: ast.Module) -> Iterator[tuple[str, int, bool]]:
    """(module, line, inside a function) of every import, wherever it stands."""
    inside = {id(n) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef | ast.AsyncFunctionDef) for n in ast.walk(f)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno, id(node) in inside
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or ""), node.lineno, id(node) in inside
            if node.module == "xygis":
                for alias in node.names:
                    yield f"xygis.{alias.name}", node.lineno, id(node) in inside


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def test_imports_go_down_only() -> None:
    """Every import, also those inside functions, leads to a lower room; upward only where a result renders itself."""
    wrong = []
    for path in MODULES:
        here = path.relative_to(PACKAGE).as_posix()
        if here in ("__init__.py", "__main__.py"):
            continue  # the public names and the command, above all rooms
        room = room_of(path)
        assert room in RANK, f"{here}: a room that STOREYS does not know"
        for name, line, inside in imports(ast.parse(path.read_text("utf-8"))):
            parts = name.split(".")
            if name.startswith("."):
                wrong.append(f"{here}:{line} relative import")
            if parts[0] != "xygis" or len(parts) < 2 or parts[1] == room:
                continue
            if inside and parts[1] in REACHING_UP.get(here, ()):
                continue
            if parts[1] not in RANK or RANK[parts[1]] >= RANK[room]:
                wrong.append(f"{here}:{line} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_heavy_libraries_are_imported_inside_functions() -> None:
    """pandas and the like stand at the top of no module."""
    wrong = []
    for path in MODULES:
        tree = ast.parse(path.read_text("utf-8"))
        typing_only = {
            id(n)
            for block in ast.walk(tree)
            if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
            for n in ast.walk(block)
        }
        lines = {n.lineno for n in ast.walk(tree) if id(n) in typing_only and isinstance(n, ast.Import | ast.ImportFrom)}
        for name, line, inside in imports(tree):
            if name.split(".")[0] in HEAVY and not inside and line not in lines:
                wrong.append(f"{path.relative_to(ROOT)}:{line} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_no_python_in_the_data_folders() -> None:
    """layers/, redlines/ and maps/ are data that a planner can read; no code in them."""
    found = [p for room in ("layers", "redlines", "maps") for p in (ROOT / room).rglob("*") if p.suffix in (".py", ".pyc", ".ipynb", ".so")]
    assert not found


def test_modules_are_small_and_say_what_they_are() -> None:
    """At 400 lines stop and split; the first docstring sentence says whether to read on."""
    long = [f"{p.relative_to(ROOT)}: {n} lines" for p in MODULES if (n := len(p.read_text("utf-8").splitlines())) >= 400]
    silent = [
        str(p.relative_to(ROOT)) for p in MODULES if (text := p.read_text("utf-8")).strip() and not ast.get_docstring(ast.parse(text))
    ]
    assert not long
    assert not silent


def test_no_module_is_a_drawer() -> None:
    """No utils, helpers, common: a module is called after its idea."""
    drawers = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
    assert not [p for p in MODULES if p.stem in drawers or p.parent.name in drawers]


def test_cold_check_loads_nothing_heavy(tmp_path: Path) -> None:
    """Acceptance 6: one parcel, from the command line to JSON, without cache: none of the heavy libraries is loaded."""
    start_atlas(tmp_path / "atlas", empty=True, plane=None, template=bundled_root())
    catalogue = tmp_path / "atlas" / "layers" / "catalogue.toml"
    source = 'id = "counties"\nsource = { file = "counties.gpkg" }\n'
    catalogue.write_text(catalogue.read_text("utf-8").replace('id = "counties"\n', source), "utf-8")
    (tmp_path / "atlas" / "layers" / "counties.gpkg").write_bytes((bundled_root() / "layers" / "counties.gpkg").read_bytes())
    (parcels,) = (bundled_root() / "layers" / "demo").glob("*.txt")
    program = f"""
import sys
import xygis.check.run, xygis.report.contract
from xygis.cli.main import main
sys.argv = ["xygis", "check", {str(parcels)!r}, "--json", "--atlas", {str(tmp_path / "atlas")!r}]
try:
    main()
except SystemExit as stop:
    print(stop.code, [m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)
"""
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment, encoding="utf-8")
    assert done.stderr.splitlines()[-1] == "3 []", done.stderr
    assert '"xygis/assessment/1"' in done.stdout


def test_public_package_is_light() -> None:
    """`import xygis` alone loads no numpy: help and version answer at once."""
    program = f"import sys, xygis; print([m for m in ('numpy', 'shapely', *{HEAVY!r}) if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("words", [Verdict, LayerState, DataState, DataStatus])
def test_every_word_has_a_chinese_label(words: type[Verdict | LayerState | DataState | DataStatus]) -> None:
    """A closed set has a label for each of its words, all different."""
    labels = [word.label for word in words]
    assert len(set(labels)) == len(labels)
    assert all(any("\u4e00" <= c <= "\u9fff" for c in label) for label in labels)


def test_every_verdict_has_rank_mark_and_colour() -> None:
    """Worst first as DESIGN §5 lists them; each with a sign of its own and a colour of its own in maps/styles.toml."""
    listed = ["prohibited", "undetermined", "approval", "justification", "notice", "compliant"]
    assert [v.value for v in sorted(Verdict, key=lambda v: v.rank)] == listed
    assert len({v.mark for v in Verdict}) == len(Verdict)
    styles = {style.id: style for style in read_styles(bundled_root())}
    colours = {verdict: (style.fill, style.line) for verdict in Verdict if (style := styles[f"verdict/{verdict.value}"])}
    assert len(set(colours.values())) == len(Verdict)
    assert all(fill or line for fill, line in colours.values())


def test_no_data_is_drawn_as_such() -> None:
    """What has no data is not left blank on a map, which would read as clear."""
    style = next(style for style in read_styles(bundled_root()) if style.id == "no_data")
    assert style.pattern or style.fill
