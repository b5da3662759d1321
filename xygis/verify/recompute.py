"""Works a report out again from what it says it was made of."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from xygis.atlas.atlas import Atlas
from xygis.check.assessment import Refused
from xygis.check.project import project_statement
from xygis.check.run import check
from xygis.errors import DamagedFile, FileMissing, UsageError, Where, XygisError
from xygis.intake.read import read_submission, stated_options
from xygis.intake.submission import Submission
from xygis.overlay.store import LayerStore
from xygis.report.contract import ASSESSMENT_SCHEMA, CONSISTENCY_SCHEMA, SUSPECTS_SCHEMA
from xygis.vector.foreign import sha256_of
from xygis.verify.document import Json, Stated
from xygis.verify.locating import locate

RECOMPUTED = (ASSESSMENT_SCHEMA, CONSISTENCY_SCHEMA, SUSPECTS_SCHEMA)
_OPTIONS = ("crs", "encoding", "datum", "parameters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Where the report lies, where its files lie now (in its order; the rest is looked for), options that an old report lacks."""

    report: Path
    inputs: tuple[Path, ...] = ()
    options: Mapping[str, object] | None = None
    store: LayerStore | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """The document as it comes out today, and the files that it was read from. basis: by what, in a sentence."""

    document: Json
    sources: tuple[Submission | Refused, ...]
    basis: str


def recompute(document: Json, atlas: Atlas, around: Around) -> Again:
    """Raises FileMissing for a file that is not found, DamagedFile where the report does not say what it must."""
    said = Stated(document, "", str(around.report))
    schema = document["schema"]
    run = {ASSESSMENT_SCHEMA: _assessment, CONSISTENCY_SCHEMA: _consistency, SUSPECTS_SCHEMA: _suspects}[str(schema)]
    try:
        return run(said, atlas, around)
    except UsageError as error:  # of what the report states, not of how verify was called
        where = Where(file=str(around.report))
        raise DamagedFile(what=f"报告所记的情况已不能重新审查：{error.what}", where=where, why=str(error.where), fix=error.fix) from error


def _assessment(said: Stated, atlas: Atlas, around: Around) -> Again:
    on = _day(said)
    sources = _sources(said.of("sources"), atlas, around, apart=False)
    result = check(
        sources,
        atlas,
        on=on,
        project=project_statement(_project(said.of("project"))),
        explain=[p.of("id").text() for p in said.of("parcels").each() if p.has("trace")],
        store=around.store,
    )
    if said.has("remedy_options"):
        from xygis.remedy.run import with_remedies
        from xygis.report.remedy_contract import options_of

        result = with_remedies(result, atlas, options=options_of(said.of("remedy_options").mapping()), store=around.store)
    return Again(document=_plain(result.to_dict(), sources, said), sources=sources, basis=_basis(on, atlas, len(sources)))


def _suspects(said: Stated, atlas: Atlas, around: Around) -> Again:
    from xygis.suspects.run import suspects
    from xygis.suspects.since import read_earlier

    on = _day(said)
    sources = _sources(said.of("sources"), atlas, around, apart=True)
    book, earlier = said.of("permits").of("source"), said.of("since")
    number = len(sources)
    permits = None if book.none else _read(book, atlas, around, number, apart=True)
    if isinstance(permits, Refused):
        raise permits.error
    batch = None
    if not earlier.none:
        if not earlier.has("file"):
            raise _older(around, "上期的 report.json")
        place = _place(earlier, around, number + (permits is not None))
        batch = read_earlier(place)
    result = suspects(sources, atlas, on=on, permits=permits, since=batch, store=around.store)
    read = (*sources, *([permits] if permits is not None else []))
    again = _plain(result.to_dict(), sources, said)
    if permits is not None:
        again = _renamed(again, [(permits.path, book.of("file").text())])
    if batch is not None:
        again = _renamed(again, [(batch.file, earlier.of("file").text())])
    return Again(document=again, sources=read, basis=_basis(on, atlas, len(sources)))


def _consistency(said: Stated, atlas: Atlas, around: Around) -> Again:
    from xygis.consistency.asked import Asked, consistency_asked

    on = _day(said)
    options = said.of("options")
    if options.none:  # an older report
        if not said.of("tracking").none or not said.of("what_if").none or said.of("notes_unplaced").each_or_none():
            raise _older(around, "上次的报告、填写过的意见或替换的图层文件")
        asked, names = Asked(layers=None), {}
    else:
        names = {n: options.of(n) for n in ("replace", "since", "notes") if options.has(n)}
        files = {n: _place(part, around, i) for i, (n, part) in enumerate(names.items())}
        layers = tuple(part.text() for part in options.of("layers").each_or_none())
        revised = (said.of("what_if").of("layer").text(), files["replace"]) if "replace" in files else None
        asked = Asked(layers=layers or None, revised=revised, since=files.get("since"), notes=files.get("notes"))
    result = consistency_asked(asked, atlas, on=on, store=around.store)
    again: Json = json.loads(json.dumps(result.to_dict()))
    moved = [(Path(str(old)), names[n].of("file").text()) for n, old, _ in (result.asked.files if result.asked else ())]
    for now, then in moved:
        again = _renamed(again, [(str(now), then), (now.name, Path(then).name)])
    return Again(document=again, sources=(), basis=_basis(on, atlas, 0))


def _older(around: Around, what: str) -> DamagedFile:
    return DamagedFile(
        what=f"报告由旧版 xygis 写出，没有记下{what}在哪里", where=Where(file=str(around.report)), fix="请用现在的 xygis 重做一次"
    )


def _sources(parts: Stated, atlas: Atlas, around: Around, *, apart: bool) -> tuple[Submission | Refused, ...]:
    return tuple(_read(part, atlas, around, number, apart=apart) for number, part in enumerate(parts.each()))


def _read(part: Stated, atlas: Atlas, around: Around, number: int, *, apart: bool) -> Submission | Refused:
    """A file as it reads today. One that was refused then may be refused again; one that was read must be readable, or has changed."""
    path = _place(part, around, number)
    kept = part.of("options")
    stated = {n: v for n in _OPTIONS if not kept.none and (v := kept.of(n).text_or_none())}
    layers = tuple(one.text() for one in kept.of("layers").each_or_none()) if not kept.none else ()
    repairs = kept.of("accept_repairs").flag() if not kept.none else False
    options: dict[str, Any] = {**stated, "layers": layers, "accept_repairs": repairs, **(around.options or {})}
    try:
        return read_submission(path, envelope=atlas.envelope, set_apart=apart, **options)
    except XygisError as error:
        if not part.of("error").none:
            return Refused(path=str(path), error=error, options=stated_options(**options))
        changed = (part.of("sha256").text_or_none() or "") != sha256_of(path)
        what = "送审文件变了，而且现在读不成" if changed else "送审文件没有变，但按报告记下的方式读不成"
        raise DamagedFile(what=what, where=error.where, why=error.what, fix="请取回审查时的原件" if changed else error.fix) from error


def _place(part: Stated, around: Around, number: int) -> Path:
    try:
        return locate(around.report, part.of("file").text(), part.of("sha256").text_or_none(), around.inputs, number)
    except OSError as error:
        raise FileMissing(what="文件打不开", where=Where(file=part.of("file").text()), fix="请核对权限") from error


def _project(project: Stated) -> dict[str, object]:
    """What was said of the project. A code that was taken to be of the latest version because none was stated stays without one."""
    given: dict[str, object] = {
        "name": project.of("name").text_or_none(),
        "facts": project.of("attributes").mapping(),
        "class_version": project.of("class_version").text_or_none(),
        "override": [part.mapping() for part in project.of("overrides").each_or_none()],
    }
    if project.of("use_stated").flag():
        use = project.of("use")
        code = use.of("code").text()
        given["use"] = f"{use.of('class_version').text()}:{code}" if use.of("note").none else code
    return given


def _day(said: Stated) -> date:
    text = said.of("checked_on").text()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise DamagedFile(what=f"报告的基准日“{text[:40]}”不是日期", where=Where(file=said._file), fix="请给出报告的原件") from error


def _basis(on: date, atlas: Atlas, files: int) -> str:
    return "、".join([f"基准日 {on}", f"图集“{atlas.name}”", *([f"{files} 个送审文件"] if files else [])])


def _plain(found: Json, sources: Sequence[Submission | Refused], said: Stated) -> Json:
    """As it would be read from a file; where the files lie now is no difference."""
    names = [part.of("file").text() for part in said.of("sources").each()]
    document: Json = json.loads(json.dumps(found))
    return _renamed(document, [(now.path, then) for now, then in zip(sources, names, strict=True)])


def _renamed(document: Json, pairs: Sequence[tuple[str, str]]) -> Json:
    """Every mention of a file, in whatever text, under the name that the report has for it."""
    for now, then in sorted(((n, t) for n, t in pairs if n and n != t), key=lambda p: -len(p[0])):
        mention = re.compile(rf"(?<![\w/.-]){re.escape(now)}(?![\w.-])")
        document = {key: _spelled(value, mention, then) for key, value in document.items()}
    return document


def _spelled(value: object, mention: re.Pattern[str], then: str) -> object:
    if isinstance(value, str):
        return mention.sub(lambda _: then, value)
    if isinstance(value, list):
        return [_spelled(one, mention, then) for one in value]
    if isinstance(value, dict):
        return {key: _spelled(one, mention, then) for key, one in value.items()}
    return value
