"""What the land is to be used for: a code of 用地用海分类 in the version it was stated in, or the words of a boundary file."""

from __future__ import annotations

from dataclasses import replace

from xygis.atlas.attributes import fold
from xygis.atlas.project_facts import CLASS_VERSIONS, LandUse
from xygis.atlas.redlines import RedLines
from xygis.check.assessment import Use
from xygis.errors import UsageError

LATEST = CLASS_VERSIONS[-1]
_UNKNOWN = Use(code=None, name="非农业建设（未申报用途）", class_version=LATEST, assumed=True)


def resolve_use(law: RedLines, stated: str | None, class_version: str | None, written: str | None) -> Use:
    """The use that a parcel is judged by: the stated code, else the 地块用途 text where it is unambiguous, else none.

    stated: a code, "2020:0604", a name, or a word of uses.toml. A code that only the other class version has is refused, with
    what it became; of one that means something else in each, the note says which version was taken.
    Raises UsageError for a code or a version that there is not.
    """
    if stated is not None:
        return _stated(law, stated, class_version)
    return _written(law, written, class_version) if written else _UNKNOWN


def class_version_of(text: str | None) -> str | None:
    """A class version as stated. Raises UsageError for one that there is not."""
    if text is not None and text not in CLASS_VERSIONS:
        raise UsageError(what=f"没有 {text} 版用地用海分类", fix=f"可用：{'、'.join(CLASS_VERSIONS)}")
    return text


def _stated(law: RedLines, stated: str, class_version: str | None) -> Use:
    text, version = _versioned(stated, class_version)
    found = _found(law, text, version)
    if found is not None:
        return _as_use(law, found, version, of_code=text == found.code)
    other = next((u for u in law.uses if u.code == text), None)
    if other is not None:
        raise UsageError(what=f"{version or LATEST} 版没有用途代码“{text}”", fix=_elsewhere(law, other))
    vague = _may_mean(law, text)
    if vague:
        raise UsageError(what=f"用途“{stated}”不止一种含义：{vague}", fix="请写其中一个代码")
    if law.uses:
        raise UsageError(what=f"没有用途代码“{stated}”（{version or LATEST} 版）", fix="用途代码见用地用海分类，例如 1001 工业用地")
    return Use(code=text, name=text, class_version=version or LATEST, assumed=False)


def _written(law: RedLines, written: str, class_version: str | None) -> Use:
    try:
        text, version = _versioned(written, class_version)
    except UsageError:
        text, version = fold(written), class_version
    found = _found(law, text, version)
    if found is not None:
        return _as_use(law, found, version, of_code=text == found.code)
    other = next((u for u in law.uses if u.code == text), None)
    if other is not None:
        note = f"地块用途“{written}”不是 {version or LATEST} 版代码，按未申报用途计；{_elsewhere(law, other)}"
        return Use(code=None, name=f"{written}（版本不符，按非农业建设计）", class_version=LATEST, assumed=True, note=note)
    vague = _may_mean(law, text)
    if vague:
        note = f"地块用途“{written}”可能是{vague}，按未申报用途计；用 --use 指明其一"
        return Use(code=None, name=f"{written}（不止一种含义，按非农业建设计）", class_version=LATEST, assumed=True, note=note)
    return Use(code=None, name=f"{written}（不认识的用途，按非农业建设计）", class_version=LATEST, assumed=True)


def _versioned(text: str, class_version: str | None) -> tuple[str, str | None]:
    """2020:0604 → (0604, 2020)."""
    head, colon, rest = fold(text).partition(":")
    if not colon or not head.isdigit():
        return fold(text), class_version
    if class_version is not None and head != class_version:
        raise UsageError(what=f"用途“{text}”注明 {head} 版，项目又注明 {class_version} 版", fix="两处只留一处，或改成一致")
    return rest, class_version_of(head)


def _found(law: RedLines, text: str, version: str | None) -> LandUse | None:
    """By code or name in the version that was stated, else in the latest; then by word; then by a name of another version."""
    mine = [u for u in law.uses if u.class_version == (version or LATEST)]
    latest = {u.code: u for u in law.uses if u.class_version == LATEST}
    words = {fold(word): code for word, code in law.use_words}
    return (
        next((u for u in mine if u.code == text), None)
        or next((u for u in mine if fold(u.name) == text), None)
        or latest.get(words.get(text, ""))
        or next((u for u in law.uses if fold(u.name) == text), None)
    )


def _as_use(law: RedLines, found: LandUse, version: str | None, *, of_code: bool) -> Use:
    became = found.became if found.became != found.code else None
    use = Use(code=found.code, name=found.name, class_version=found.class_version, assumed=False, became=became)
    twin = next((u for u in law.uses if u.code == found.code and u.class_version != found.class_version), None)
    if not of_code or version is not None or twin is None or twin.name == found.name:
        return use
    now = f"，现为 {twin.became}" if twin.became != twin.code else ""
    note = (
        f"用途代码 {found.code} 两版含义不同：{twin.class_version} 版是{twin.name}{now}，{found.class_version} 版是{found.name}；"
        f"没有注明版本，按 {found.class_version} 版计。属 {twin.class_version} 版的写 {twin.class_version}:{twin.code}"
    )
    return replace(use, note=note)


def _elsewhere(law: RedLines, other: LandUse) -> str:
    """What a code of another version is, and what it is called in the version that was asked for."""
    says = f"{other.code} 是 {other.class_version} 版代码（{other.name}）"
    if other.class_version != LATEST:
        now = next((u.name for u in law.uses if u.code == other.became and u.class_version == LATEST), "")
        return f"{says}，{LATEST} 版为 {other.became} {now}；写 {other.class_version}:{other.code}，或写 {other.became}"
    before = [u for u in law.uses if u.class_version != LATEST and u.became == other.code]
    if not before:
        return f"{says}，规则库所列的 2020 版没有与它对应的代码"
    return f"{says}，{before[0].class_version} 版为 {'、'.join(f'{u.code} {u.name}' for u in before)}"


def _may_mean(law: RedLines, text: str) -> str:
    codes = next((codes for word, codes in law.vague_words if fold(word) == text), ())
    names = {u.code: u.name for u in law.uses if u.class_version == LATEST}
    return "、".join(f"{code} {names.get(code, '')}".strip() for code in codes)
