"""What stands behind --format: names of formats, one after another."""

from __future__ import annotations

from collections.abc import Sequence

import click


def chosen_formats(text: str, known: Sequence[str]) -> tuple[str, ...]:
    """The formats asked for, each once. Raises BadParameter for one that there is not."""
    wanted = tuple(dict.fromkeys(f.strip().lower() for f in text.replace("，", ",").replace(" ", ",").split(",") if f.strip()))
    for f in wanted:
        if f not in known:
            raise click.BadParameter(f"没有“{f}”格式，可用：{' '.join(known)}", param_hint="--format")
    return wanted
