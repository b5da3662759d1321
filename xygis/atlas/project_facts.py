"""Reads `facts.toml` and `uses.toml`: what a rule may ask about the project, and the codes and words of 用地用海分类."""

from __future__ import annotations

from dataclasses import dataclass

from xygis.atlas.law import ProjectFact
from xygis.atlas.toml_text import TomlText

CLASS_VERSIONS = ("2020", "2023")  # of 用地用海分类; the last is the one that rules are written in


@dataclass(frozen=True, slots=True, kw_only=True)
class LandUse:
    """One code of 用地用海分类, with the class version that gives it its meaning. became: its code in 2023, by which it is judged."""

    code: str
    name: str
    class_version: str  # 2020 | 2023
    became: str
    category: str = ""  # agricultural | construction | unused | water | sea, as uses.toml has it


def read_facts(text: TomlText | None) -> tuple[ProjectFact, ...]:
    out = []
    keys = ("name", "title", "kind", "values", "default", "labels", "by_use", "note")
    for line, t in text.tables("fact") if text else ():
        assert text is not None
        text.check_keys(t, keys, line, required=("name", "title", "kind", "values"))
        if t["kind"] not in ("assume", "claim", "open"):
            raise text.fail(text.line_of("kind", line), f"kind 不能是“{t['kind']}”", "可用：assume、claim、open")
        if t["kind"] == "assume" and "default" not in t:
            raise text.fail(line, "kind = assume 的事实缺少 default", "请写出未申报时按什么计")
        by_use = sorted(t.get("by_use", {}).items(), key=lambda item: -len(item[0]))
        for key, value in [*(("default", t["default"]) for _ in range("default" in t)), *by_use]:
            if not any(value == v and type(value) is type(v) for v in t["values"]):
                shown = "、".join(str(v).lower() if isinstance(v, bool) else str(v) for v in t["values"])
                raise text.fail(
                    text.line_of("default" if key == "default" else "by_use", line),
                    f"{t['name']}：{key} 的值 {value!r} 不在 values 之内",
                    f"可用：{shown}",
                )
        out.append(
            ProjectFact(
                name=t["name"],
                title=t["title"],
                kind=t["kind"],
                values=tuple(t["values"]),
                default=t.get("default"),
                by_use=tuple(by_use),
                labels=tuple(t.get("labels", {}).items()),
            )
        )
    return tuple(out)


def read_uses(text: TomlText | None) -> tuple[tuple[LandUse, ...], tuple[tuple[str, str], ...], tuple[tuple[str, tuple[str, ...]], ...]]:
    """(codes of every class version, words that mean one of them, words that may mean several)."""
    if text is None:
        return (), (), ()
    uses = []
    for line, t in text.tables("use"):
        text.check_keys(t, ("code", "name", "class_version", "became", "construction", "category"), line, required=("code", "name"))
        for version in (t["class_version"],) if "class_version" in t else CLASS_VERSIONS:
            uses.append(
                LandUse(
                    code=t["code"], name=t["name"], class_version=version, became=t.get("became", t["code"]), category=t.get("category", "")
                )
            )
    vague = tuple((word, tuple(codes)) for word, codes in text.data.get("ambiguous", {}).items())
    return tuple(uses), tuple(text.data.get("synonyms", {}).items()), vague
