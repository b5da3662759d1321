"""Numbers of tables in the order in which they stand: 表1, 表2, … in the text, 附表1, … in the annex."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from xygis.report.document import Section, TableBlock

NUMBERED = "#"  # the label of a table that wants a number; "" wants none


def numbered(sections: Iterable[Section], *, first: int) -> tuple[Section, ...]:
    """The sections with every table that wants a number numbered from `first`; in the annex from 附表1."""
    n, out = first, []
    for section in sections:
        annex = section.number == "附"
        count, blocks = (1 if annex else n), []
        for block in section.blocks:
            if isinstance(block, TableBlock) and block.label == NUMBERED:
                block = replace(block, label=f"{'附表' if annex else '表'}{count}")
                count += 1
            blocks.append(block)
        n = n if annex else count
        out.append(replace(section, blocks=tuple(blocks)))
    return tuple(out)
