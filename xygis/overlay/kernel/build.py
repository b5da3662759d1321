"""Compiles the C files beside this one into one shared library: `python -m xygis.overlay.kernel.build`.

Run when the package is built or installed (hatch_hook.py) and by the Makefile; never by a check. Without a compiler nothing is made
and the plain twins do the work.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIBRARY = HERE / ("_kernel.dll" if sys.platform == "win32" else "_kernel.so")
# Contraction into fused operations would make the numbers depend on the machine.
_FLAGS = ("-O3", "-std=c99", "-ffp-contract=off", "-fno-math-errno", "-fvisibility=hidden", "-shared", "-fPIC")


def sources() -> tuple[Path, ...]:
    """The C files, in a fixed order; headers first."""
    return (*sorted(HERE.glob("*.h")), *sorted(HERE.glob("*.c")))


def sources_sha256() -> str:
    """What a library must have been compiled from to be used."""
    digest = hashlib.sha256()
    for path in sources():
        digest.update(path.name.encode() + b"\n" + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def compiler() -> str | None:
    """The C compiler of this machine: $CC, or the first of the usual names; None where there is none."""
    import shutil

    names = (os.environ.get("CC", ""), "cc", "gcc", "clang")
    return next((found for name in names if name and (found := shutil.which(name))), None)


def compile_kernel() -> Path | None:
    """The library, made anew; None where that cannot be done. An old one stays in use until the new one is whole."""
    import subprocess

    cc = compiler()
    if cc is None:
        return None
    made = LIBRARY.with_name(f"{LIBRARY.name}.{os.getpid()}")
    c_files = [str(p) for p in sources() if p.suffix == ".c"]
    command = [cc, *_FLAGS, f'-DXYGIS_SOURCES="{sources_sha256()}"', *c_files, "-lm", "-o", str(made)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            made.replace(LIBRARY)
            return LIBRARY
        print(done.stderr[-2000:], file=sys.stderr)
    except OSError as error:
        print(error, file=sys.stderr)
    finally:
        made.unlink(missing_ok=True)
    return None


if __name__ == "__main__":
    made = compile_kernel()
    print(f"compiled {made.name}" if made else "no C compiler here: xygis will use its plain kernel, which is slower", file=sys.stderr)
