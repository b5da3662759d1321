"""`verify`: a report against its signature, against its own renderings, and against what its inputs come to today."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from xygis.atlas.atlas import Atlas
from xygis.atlas.record import rule_line
from xygis.errors import Where, XygisError
from xygis.judge.judging import rules_on
from xygis.overlay.store import LayerStore
from xygis.verify.beside import asked_file, not_checked, printed, without_signature
from xygis.verify.causes import Explained, atlas_causes, engine_cause, input_causes
from xygis.verify.checking import Checked, check_signature
from xygis.verify.differences import Found, differences
from xygis.verify.document import Json, Stated, read_report
from xygis.verify.keys import public_key
from xygis.verify.locating import report_of
from xygis.verify.recompute import RECOMPUTED, Again, Around, recompute
from xygis.verify.result import Cause, CauseKind, Difference, Verification, is_verdict
from xygis.verify.signature_file import FILE
from xygis.verify.words import key_word
from xygis.version import __version__, build

_MOST_ALTERED = 20


def verify(
    path: str | Path,
    atlas: Atlas | None = None,
    *,
    key: str | Path | None = None,
    inputs: Sequence[str | Path] = (),
    options: Mapping[str, object] | None = None,
    store: LayerStore | None = None,
) -> Verification:
    """What speaks against a report, causes first.

    path: report.json, the folder that it lies in, or any file that was written with it. atlas: default the bundled one. key: a
    public key that must have signed. inputs: where its files lie now, in the order of the report; else they are looked for.
    options: how they are to be read, for reports that do not say. Raises XygisError where the report, the key or an input cannot
    be read.
    """
    folder, report = report_of(Path(path))
    expected = public_key(Path(key)) if key is not None else None
    asked = asked_file(Path(path), report)
    checked = check_signature(folder, report, expected, asked=asked)
    unsigned = not os.path.lexists(folder / FILE)
    if report is None:
        return _only_signed(folder, checked, "目录里没有 report.json：只核对了签名，没有重新计算")
    try:
        document, data = read_report(report)
    except XygisError as error:
        raise _with_signature(error, checked) from error
    pages = printed(folder, report, data)
    causes = [*checked.causes, *pages.causes]
    if document["schema"] not in RECOMPUTED:
        note = "质检结果请用原文件重新运行 xygis quality 比较；这里只核对了签名"
        return Verification(
            report=report,
            recomputed=False,
            basis="",
            causes=tuple(causes),
            differences=(),
            signature=checked.signature,
            notes=(*checked.notes, note),
        )
    opened = atlas if atlas is not None else Atlas.open()
    around = Around(report=report, inputs=tuple(map(Path, inputs)), options=options, store=store)
    try:
        again = recompute(document, opened, around)
    except XygisError as error:
        raise _with_signature(error, checked) from error
    why, found, notes = compared(document, again, _rules(document, opened))
    beside = not_checked(folder, report, {Path(s.path).name for s in again.sources}) if unsigned else ()
    if unsigned and asked is not None:
        causes.insert(0, without_signature(asked, report, differs=bool(why or found)))
    return Verification(
        report=report,
        recomputed=True,
        basis=again.basis,
        causes=(*causes, *why),
        differences=found,
        signature=checked.signature,
        notes=(*checked.notes, *notes),
        unchecked=beside,
        same_mark=tuple(n for n in pages.same if n in beside),
        asked=asked if unsigned else None,
    )


def compared(document: Json, again: Again, rules: dict[str, str]) -> tuple[tuple[Cause, ...], tuple[Difference, ...], tuple[str, ...]]:
    """(causes, their consequences, notes) of a report against what comes out today. rules: every rule of the day now, by its code."""
    new = again.document
    engine = engine_cause(document, new)
    titles = _titles(new)
    wrote = Stated(document, "", "").of("generator").mapping_or_none()
    same = wrote.get("version") == __version__ and wrote.get("build") == build()
    found = differences(document, new, titles=titles, same_version=same)
    parts = (input_causes(document, again.sources, new), atlas_causes(document, new, rules))
    causes = [c for part in parts for c in part.causes]
    rest = _consequences(found, parts)
    notes = []
    if found.absent:
        kinds = list(dict.fromkeys(key_word(path.rsplit(".", 1)[-1]) for path in found.absent))
        names = "、".join(kinds[:8]) + (" 等" if len(kinds) > 8 else "")
        notes.append(f"报告由另一版 xygis 写出，下列项目只有一方有，没有比：{names}")
    if found.close:
        notes.append(f"另有 {found.close} 个数只差在第 10 位有效数字之后，是计算环境（处理器、数学库）的差别，印出来的数相同")
    if engine is not None:
        if rest and not causes:
            causes.append(engine)
        else:
            notes.append(engine.text if not rest else f"{engine.text}，也可能是原因")
    if not causes and rest and "build" not in wrote:
        causes.append(
            Cause(kind=CauseKind.ENGINE, text="报告没有记下程序的构建号（较早的 xygis 写出）：或是程序不同，或是报告里的数被改过")
        )
    if not causes and rest:
        return (
            tuple(_altered(d) for d in rest[:_MOST_ALTERED]),
            rest,
            (*notes, "送审文件、图层、规则和程序版本都与报告所记相同，只有报告里的内容不同"),
        )
    if causes and not rest and not any(c.kind is CauseKind.REPORT for c in causes):
        notes.append("重新计算的每一个数都与报告相同")
    return tuple(causes), rest, tuple(notes)


def _consequences(found: Found, parts: Sequence[Explained]) -> tuple[Difference, ...]:
    """What is not a cause itself, verdicts first."""
    told = tuple(p for part in parts for p in part.paths)
    rest = [
        d
        for d in found.differences
        if not d.path.startswith("generator.") and not any(d.path.startswith(p) or re.sub(r"\d+", "", d.path).startswith(p) for p in told)
    ]
    return tuple(sorted(rest, key=lambda d: (not is_verdict(d.path), d.path.rsplit(".", 1)[-1] != "verdict", d.path.count("."))))


def _altered(difference: Difference) -> Cause:
    text = f"报告里的“{difference.words}”被改过：写的是 {difference.reported}，应为 {difference.recomputed}"
    return Cause(kind=CauseKind.REPORT, text=text, details=(difference.path,))


def _rules(document: Json, atlas: Atlas) -> dict[str, str]:
    from datetime import date

    from xygis.atlas.law import counts_on

    day = date.fromisoformat(Stated(document, "", "").of("checked_on").text())
    pairs = [p for p in atlas.law.pairs if counts_on(p, day)]
    return {rule.code: rule_line(rule) for rule in rules_on(atlas.rules, day)} | {pair.code: rule_line(pair) for pair in pairs}


def _titles(new: Json) -> dict[str, str]:
    layers = Stated(new, "", "").of("atlas").of("layers").each_or_none()
    return {layer.of("id").text(): layer.of("title").text() for layer in layers}


def _only_signed(folder: Path, checked: Checked, note: str) -> Verification:
    return Verification(
        report=folder,
        recomputed=False,
        basis="",
        causes=checked.causes,
        differences=(),
        signature=checked.signature,
        notes=(*checked.notes, note),
    )


def _with_signature(error: XygisError, checked: Checked) -> XygisError:
    """The same refusal, with what the signature says against the files: that may be why."""
    if checked.causes:
        error.why = "；".join([*([error.why] if error.why else []), *(f"签名核对：{c.text}" for c in checked.causes[:5])])
    error.where = error.where or Where(file=str(checked))
    return error
