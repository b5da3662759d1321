"""What the applicant says of the project: name, use, facts; from a dict or from a TOML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from xygis.atlas.law import Scalar
from xygis.atlas.redlines import RedLines
from xygis.atlas.toml_complaints import complaint, unreadable
from xygis.check.assessment import Use
from xygis.check.overrides import Override, overrides_of
from xygis.check.uses import class_version_of, resolve_use
from xygis.errors import InputError, UsageError, Where, did_you_mean, nearest

_OWN_KEYS = ("name", "use", "class_version")
_SECTIONS = ("facts", "override")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectStatement:
    """name, use and class_version as stated (None: not stated), and every other fact as given."""

    name: str | None = None
    use: str | None = None
    class_version: str | None = None
    facts: tuple[tuple[str, Scalar], ...] = ()
    overrides: tuple[Override, ...] = ()  # what is said against a layer


def project_statement(given: Mapping[str, object] | None) -> ProjectStatement:
    """A statement from a flat mapping, or one with its facts in a `facts` table."""
    given = dict(given or {})
    overrides = overrides_of(given.pop("override", []))
    facts = given.pop("facts", given.pop("attributes", {}))  # attributes: as a report calls them
    if not isinstance(facts, Mapping):
        raise UsageError(what="项目文件的 facts 应为表", fix="写成 [facts] 一节，每行一个 名称 = 值")
    flat: dict[str, Scalar] = {}
    for key, value in (*given.items(), *facts.items()):
        if key in _OWN_KEYS:
            continue
        if not isinstance(value, (str, bool, int, float)):
            raise _unreadable_value(key, value)
        flat[key] = value
    return ProjectStatement(
        name=_text(given.get("name")),
        use=_text(given.get("use")),
        class_version=class_version_of(_text(given.get("class_version"))),
        facts=tuple(flat.items()),
        overrides=overrides,
    )


def read_project(path: Path) -> ProjectStatement:
    """The statement in a project TOML file."""
    import tomllib

    where = Where(file=path.name)
    try:
        text = path.read_text("utf-8-sig")  # Windows editors put a byte order mark first
    except OSError as error:
        raise InputError(what=f"项目文件无法读取：{unreadable(error)}", where=where, fix="请核对路径") from error
    except UnicodeDecodeError as error:
        raise InputError(what="项目文件不是 UTF-8 编码", where=where, fix="请另存为 UTF-8") from error
    try:
        given = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        said = complaint(error, text)
        where = Where(file=path.name, line=said.line, excerpt=said.excerpt)
        raise InputError(what=f"项目文件不是合法的 TOML：{said.what}", where=where, fix=said.fix) from error
    return project_statement(given)


def use_of(law: RedLines, statement: ProjectStatement, written: str | None) -> Use:
    """The use that a parcel is judged by: the stated code, else the 地块用途 text where it is unambiguous, else none.

    Raises UsageError for a fact that is rather a misspelt key of the project itself.
    """
    _refuse_misspelt(law, statement)
    return resolve_use(law, statement.use, statement.class_version, written)


def _refuse_misspelt(law: RedLines, statement: ProjectStatement) -> None:
    """A key that is no fact and nearest to one of our own: `usee` hints at use."""
    names = {fact.name for fact in law.facts}
    for key, _ in statement.facts:
        if key not in names and nearest(key, (*_OWN_KEYS, *names)) in _OWN_KEYS:
            raise UsageError(what=f"项目文件没有“{key}”这个键", fix=did_you_mean(key, (*_OWN_KEYS, *names)))


def _unreadable_value(key: str, value: object) -> UsageError:
    asked = did_you_mean(key, _SECTIONS) if isinstance(value, (dict, list)) else ""
    if asked:
        return UsageError(what=f"项目文件没有“{key}”这一节", fix=asked)
    shown = "一张表" if isinstance(value, dict) else "一列值" if isinstance(value, list) else repr(value)
    return UsageError(what=f"项目事实“{key}”的值读不懂：{shown}", fix="值应为 true、false、数字或文字")


def _text(value: object) -> str | None:
    return None if value is None else str(value).strip() or None
