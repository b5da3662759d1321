"""What the applicant says of the project: name, use, facts; from a dict or from a TOML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from xygis.atlas.attributes import fold
from xygis.atlas.law import Scalar
from xygis.atlas.redlines import LandUse, RedLines
from xygis.check.assessment import Use
from xygis.errors import InputError, UsageError, Where

_OWN_KEYS = ("name", "use", "class_version")
_LATEST = "2023"
_UNKNOWN_USE = Use(code=None, name="非农业建设（未申报用途）", class_version=_LATEST, assumed=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectStatement:
    """name and use as stated (None: not stated), and every other fact as given."""

    name: str | None = None
    use: str | None = None
    class_version: str = _LATEST
    facts: tuple[tuple[str, Scalar], ...] = ()


def project_statement(given: Mapping[str, object] | None) -> ProjectStatement:
    """A statement from a flat mapping, or one with its facts in a `facts` table."""
    given = dict(given or {})
    facts = given.pop("facts", given.pop("attributes", {}))  # attributes: as a report calls them
    if not isinstance(facts, Mapping):
        raise UsageError(what="项目文件的 facts 应为表", fix="写成 [facts] 一节，每行一个 名称 = 值")
    flat: dict[str, Scalar] = {}
    for key, value in (*given.items(), *facts.items()):
        if key in _OWN_KEYS:
            continue
        if not isinstance(value, (str, bool, int, float)):
            raise UsageError(what=f"项目事实“{key}”的值读不懂：{value!r}", fix="值应为 true、false、数字或文字")
        flat[key] = value
    return ProjectStatement(
        name=_text(given.get("name")),
        use=_text(given.get("use")),
        class_version=_text(given.get("class_version")) or _LATEST,
        facts=tuple(flat.items()),
    )


def read_project(path: Path) -> ProjectStatement:
    """The statement in a project TOML file."""
    import tomllib

    where = Where(file=path.name)
    try:
        return project_statement(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise InputError(what=f"项目文件无法读取：{error.strerror}", where=where, fix="请核对路径") from error
    except UnicodeDecodeError as error:
        raise InputError(what="项目文件不是 UTF-8 编码", where=where, fix="请另存为 UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(what=f"项目文件不是合法的 TOML：{error}", where=where, fix="每行写成 名称 = 值，文字加引号") from error


def use_of(law: RedLines, statement: ProjectStatement, written: str | None) -> Use:
    """The use that a parcel is judged by: the stated code, else the 地块用途 text where it is unambiguous, else none."""
    if statement.use is not None:
        code = _code_of(law, statement.use) or fold(statement.use)
        known = _find(law, code, statement.class_version)
        if known is None and law.uses:
            raise UsageError(
                what=f"没有用途代码“{statement.use}”（{statement.class_version} 版）", fix="用途代码见用地用海分类，例如 1001 工业用地"
            )
        return Use(code=code, name=known.name if known else code, class_version=statement.class_version, assumed=False)
    if written:
        meant = _code_of(law, written)
        known = _find(law, meant, _LATEST) if meant else None
        if known is not None:
            return Use(code=known.code, name=known.name, class_version=_LATEST, assumed=False)
        return Use(code=None, name=f"{written}（不认识的用途，按非农业建设计）", class_version=_LATEST, assumed=True)
    return _UNKNOWN_USE


def _find(law: RedLines, code: str, version: str) -> LandUse | None:
    return next((u for u in law.uses if u.code == code and u.class_version == version), None)


def _code_of(law: RedLines, written: str) -> str | None:
    text = fold(written)
    by_name = {fold(u.name): u.code for u in law.uses if u.class_version == _LATEST}
    by_code = {u.code: u.code for u in law.uses if u.class_version == _LATEST}
    words = {fold(word): code for word, code in law.use_words}
    return by_name.get(text) or by_code.get(text) or words.get(text)


def _text(value: object) -> str | None:
    return None if value is None else str(value).strip() or None
