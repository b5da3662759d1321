"""Thousands of damaged files: each gives the right parcels or one clear error, soon, and never a traceback. `make fuzz`.

    python tests/intake/fuzz.py --count 10000 --seed 1 --keep build/fuzz

A file that was handled wrongly is kept under its number; the same seed gives the same files.
"""

from __future__ import annotations

import argparse
import random
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from types import FrameType

from corpus import DATUM, Seed, seeds
from dialects import CITY
from mutations import mutated
from oracle import look

from xygis.errors import XygisError
from xygis.intake.read import read_submission

PATIENCE_S = 40  # more than the process with limits is given


class TooSlow(BaseException):
    """Not an Exception, so that nothing on the way takes it for a damaged file."""


def outcome(seed: Seed, data: bytes, folder: Path) -> tuple[str, str]:
    """("read" | "refused" | "wrong", code of the error or what is wrong)."""
    path = folder / seed.name
    path.write_bytes(data)
    try:
        got = read_submission(path, envelope=CITY, datum=DATUM if seed.kind == "caged" else None)
    except XygisError as error:
        told = error.to_dict()
        file = error.where.file or ""
        if not (told["what"] and told["fix"]) or seed.name not in file:
            return "wrong", f"an error without its parts: {told}"
        return "refused", error.code
    except TooSlow:
        return "wrong", f"no answer after {PATIENCE_S} s"
    except Exception as error:  # noqa: BLE001  that is what is looked for
        return "wrong", f"{type(error).__name__}: {error}"
    wrong = look(seed.kind, data, got)
    return ("wrong", wrong) if wrong else ("read", "")


def run(count: int, number: int, keep: Path | None = None, *, tell: bool = False, kinds: tuple[str, ...] = ()) -> list[str]:
    """What went wrong, in a line each; with `tell`, a table of all outcomes on the terminal."""
    corpus = [s for s in seeds() if not kinds or s.kind in kinds]
    draw = random.Random(number)
    seen: Counter[tuple[str, str, str]] = Counter()
    spent: Counter[str] = Counter()
    wrong: list[str] = []
    before = signal.signal(signal.SIGALRM, _too_slow)
    try:
        with tempfile.TemporaryDirectory() as folder:
            for k in range(count):
                seed = corpus[k % len(corpus)]
                data = mutated(seed, draw)
                started = time.perf_counter()
                signal.alarm(PATIENCE_S)
                kind, detail = outcome(seed, data, Path(folder))
                signal.alarm(0)
                spent[seed.name] += time.perf_counter() - started  # type: ignore[assignment]
                seen[seed.name, kind, detail if kind == "refused" else ""] += 1
                if kind == "wrong":
                    wrong.append(f"{k} {seed.name}: {detail}")
                    if keep is not None:
                        keep.mkdir(parents=True, exist_ok=True)
                        (keep / f"{number}-{k}-{seed.name}").write_bytes(data)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    if tell:
        _table(seen, spent)
    return wrong


def _too_slow(number: int, frame: FrameType | None) -> None:
    raise TooSlow


def _table(seen: Counter[tuple[str, str, str]], spent: Counter[str]) -> None:
    for name in spent:
        own = {k: n for k, n in seen.items() if k[0] == name}
        codes = Counter({k[2]: n for k, n in own.items() if k[1] == "refused"}).most_common(4)
        by = {w: sum(n for k, n in own.items() if k[1] == w) for w in ("read", "refused", "wrong")}
        print(f"{name:<12} read {by['read']:>5}  refused {by['refused']:>5}  wrong {by['wrong']:>3}  {spent[name]:>7.1f} s  {codes}")
    print(f"largest memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("build/fuzz"))
    parser.add_argument("--kinds", default="", help="txt, shp, gpkg, geojson, caged; all where not given")
    given = parser.parse_args()
    wrong = run(given.count, given.seed, given.keep, tell=True, kinds=tuple(filter(None, given.kinds.split(","))))
    print("\n".join(wrong[:50]) or f"{given.count:,} files: each gave the right parcels or one clear error")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
