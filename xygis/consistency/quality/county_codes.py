"""Family 6, the county that a feature says it lies in: Q604 no such code, Q609 numbers that do not begin with one."""

from __future__ import annotations

from xygis.consistency.quality.fault import Fault
from xygis.consistency.quality.subject import Outcome, Subject, skipping

_DIGITS = 6


def codes(subject: Subject) -> Outcome:
    """The codes against the counties layer; a city's own code (four digits and 00) may begin a number too."""
    standard = subject.standard
    if standard is None:
        return skipping(subject, ("Q604", "Q609"), "图层没有登记标准属性表", due=False)
    known = set(subject.county_names)
    if not known:
        return skipping(subject, ("Q604", "Q609"), "图集没有行政区图层，行政区代码无从核对")
    faults: list[Fault] = []
    done, skipped = [], []
    column = subject.column(standard.county) if standard.county else None
    if column is None:
        skipped.append(subject.not_run("Q604", "表里没有行政区代码字段", due=standard.county is not None))
    else:
        done.append(("Q604", len(subject.table)))
        faults += _wrong(subject, "Q604", column, known, "行政区代码不在行政区图层内")
    if standard.prefix:
        done.append(("Q609", len(subject.table)))
    else:
        skipped.append(subject.not_run("Q609", "标准没有规定编码开头", due=False))
    cities = {f"{c[:4]}00" for c in known}
    for code in standard.prefix:
        other = subject.column(code)
        if other is not None and other != column:
            faults += _wrong(subject, "Q609", other, known | cities, f"{code} 的前六位不是行政区代码")
    return Outcome(faults=faults, done=done, skipped=skipped)


def declared(subject: Subject) -> list[str | None]:
    """The county code of each feature as far as the counties layer knows it; None where there is none."""
    standard = subject.standard
    column = subject.column(standard.county) if standard is not None and standard.county else None
    if column is None:
        return [None] * len(subject.table)
    known = subject.county_names
    return [v[:_DIGITS] if v is not None and v[:_DIGITS] in known else None for v in subject.texts(column)]


def _wrong(subject: Subject, code: str, column: str, known: set[str], text: str) -> list[Fault]:
    values = subject.texts(column)
    wrong = {v for v in set(values) if v is not None and v[:_DIGITS] not in known}
    expected = "、".join(sorted(known))
    return [
        subject.fault(code, text, row=row, field=column, value=v, expected=expected)
        for row, v in enumerate(values if wrong else ())
        if v in wrong
    ]
