"""Family 5: areas that the table states against the official ellipsoidal area, and against one another."""

from __future__ import annotations

import numpy as np

from xygis.consistency.quality.fault import Fault
from xygis.consistency.quality.subject import Outcome, Subject, rows_where, skipping
from xygis.geodesy.ellipsoid import Floats


def stored(subject: Subject) -> Outcome:
    """Q501: the stored area; Q502: an area that is not above zero. Both limits must be passed: 0.1 m² and a ten-thousandth, say."""
    standard, shapes, tolerances = subject.standard, subject.shapes, subject.standards.tolerances
    column = subject.column(standard.area) if standard is not None and standard.area is not None else None
    if standard is None or standard.area is None or column is None:
        due = standard is not None and standard.area is not None
        return skipping(subject, ("Q501", "Q502"), "表里没有面积字段" if due else "标准没有规定面积字段", due=due)
    values, _ = subject.numbers(column)
    faults = [
        subject.fault("Q502", f"{column} 为 {values[row]:g}，应大于零", row=row, field=column, value=f"{values[row]:g}", expected=">0")
        for row in rows_where(values <= 0)
    ]
    done = [("Q502", len(subject.table))]
    if shapes is None or subject.layer.geometry != "polygon":
        return Outcome(faults=faults, done=done, skipped=[subject.not_run("Q501", "没有图形可以核对")])
    official = shapes.feature_m2
    with np.errstate(invalid="ignore"):
        off = np.abs(values - official)
        wrong = (values > 0) & (off > tolerances.area_m2) & (off > tolerances.area_share * official)
    for row in rows_where(wrong):
        difference = values[row] - official[row]
        text = f"{column} 与图斑椭球面积相差 {difference:+,.2f} m²"
        faults.append(
            subject.fault(
                "Q501",
                text,
                row=row,
                field=column,
                value=f"{values[row]:.2f}",
                expected=f"{official[row]:.2f}",
                area_m2=float(abs(difference)),
            )
        )
    compared = int(((values > 0) & shapes.sound).sum())
    left = len(subject.table) - int(shapes.sound.sum())
    skipped = [subject.not_run("Q501", "图形无效或缺失，先改图形", features=left)] if left else []
    return Outcome(faults=faults, done=[*done, ("Q501", compared)], skipped=skipped)


def identities(subject: Subject) -> Outcome:
    """Q503: deducted = gross × share; Q504: net = gross − deducted; to two decimals, a blank share or deduction counting as none."""
    standard = subject.standard
    if standard is None or standard.deduction is None:
        return skipping(subject, ("Q503", "Q504"), "标准没有扣除面积", due=False)
    rule = standard.deduction
    names = {c: subject.column(c) for c in (rule.gross, rule.share, rule.deducted, rule.net)}
    gross, share, deducted, net = (_numbers(subject, names[c]) for c in (rule.gross, rule.share, rule.deducted, rule.net))
    limit = subject.standards.tolerances.identity_m2 + 1e-6
    faults: list[Fault] = []
    done, skipped = [], []
    if names[rule.share] and names[rule.deducted] and gross is not None and share is not None and deducted is not None:
        wanted = _round2(gross * np.nan_to_num(share))
        faults += _unequal(
            subject, "Q503", names[rule.deducted], np.nan_to_num(deducted), wanted, f"{rule.gross}×{rule.share}", limit, rule.read
        )
        done.append(("Q503", len(subject.table)))
    else:
        skipped.append(subject.not_run("Q503", f"缺少 {rule.gross}、{rule.share} 或 {rule.deducted}", due=False))
    if gross is not None and net is not None:
        less = np.zeros_like(gross) if deducted is None else np.nan_to_num(deducted)
        faults += _unequal(subject, "Q504", names[rule.net], net, _round2(gross - less), f"{rule.gross}−{rule.deducted}", limit, rule.read)
        done.append(("Q504", len(subject.table)))
    else:
        skipped.append(subject.not_run("Q504", f"缺少 {rule.gross} 或 {rule.net}"))
    return Outcome(faults=faults, done=done, skipped=skipped)


def _numbers(subject: Subject, column: str | None) -> Floats | None:
    return None if column is None else subject.numbers(column)[0]


def _unequal(
    subject: Subject, code: str, column: str | None, have: Floats, wanted: Floats, formula: str, limit: float, read: bool
) -> list[Fault]:
    with np.errstate(invalid="ignore"):
        wrong = np.abs(have - wanted) > limit
    return [
        subject.fault(
            code,
            f"{column} 应等于 {formula}",
            row=row,
            field=column,
            value=f"{have[row]:.2f}",
            expected=f"{wanted[row]:.2f}",
            area_m2=float(abs(have[row] - wanted[row])),
            read=read,
        )
        for row in rows_where(wrong)
    ]


def _round2(values: Floats) -> Floats:
    rounded: Floats = np.floor(values * 100 + 0.5 + 1e-7) / 100
    return rounded
