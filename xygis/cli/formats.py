"""What stands behind --format: names of formats, one after another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from xygis.saving import Saved


def chosen_formats(text: str, known: Sequence[str]) -> tuple[str, ...]:
    """The formats asked for, each once. Raises BadParameter for one that there is not."""
    wanted = tuple(dict.fromkeys(f.strip().lower() for f in text.replace("，", ",").replace(" ", ",").split(",") if f.strip()))
    if not wanted:
        raise click.BadParameter(f"没有写要什么格式，可用：{' '.join(known)}", param_hint="--format")
    for f in wanted:
        if f not in known:
            raise click.BadParameter(f"没有“{f}”格式，可用：{' '.join(known)}", param_hint="--format")
    return wanted


def removed_lines(saved: Saved) -> list[str]:
    """What of an earlier run was taken away, because it does not belong to this one."""
    return [f"移去    上次的 {'、'.join(saved.removed)}"] if saved.removed else []
