"""The lines on a terminal that say how a parcel could be changed: the cut, the shift, and the verdict after."""

from __future__ import annotations

from xygis.check.assessment import Assessment
from xygis.cli.terminal import marked, printable, wrapped
from xygis.report.remedy_words import remedy_lines

_COLUMNS = 80
_MOST_PARCELS = 6


def remedy_text(assessment: Assessment) -> str:
    """ "" where nobody asked, or nothing forbids anything or needs approval."""
    told = [(p, remedy_lines(assessment, p)) for p in assessment.parcels if p.remedies is not None]
    told = [(p, lines) for p, lines in told if lines]
    if not told:
        return ""
    out = []
    for parcel, lines in told[:_MOST_PARCELS]:
        out.append(printable(parcel.name))
        for line in lines:
            *first, last = wrapped(line.text, _COLUMNS - 12, hanging=2)
            after = f"，之后 {marked(line.after)}" if line.after is not None else ""
            out += [f"  {part}" for part in first] + [f"  {last}{after}"]
    if len(told) > _MOST_PARCELS:
        out.append(f"其余 {len(told) - _MOST_PARCELS} 个地块见报告")
    return "\n".join(f"{'调整    ' if i == 0 else '        '}{line}" for i, line in enumerate(out))
