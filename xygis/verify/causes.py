"""What has changed since a report was made: its inputs, layers, rules, the program. Each cause says what exactly, and which paths it explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xygis.atlas.record import BETWEEN
from xygis.check.assessment import Refused
from xygis.intake.submission import Submission
from xygis.report.wording import fingerprint
from xygis.verify.moved import moved_points
from xygis.verify.result import Cause, CauseKind
from xygis.verify.words import both, key_word, rule_value, shown

_RULE_WORDS = {
    "title": "名称",
    "selection": "针对的图层和范围",
    "when": "触发条件",
    "applies_to": "适用的项目",
    "unless": "例外",
    "verdict": "结论",
    "authority": "审批机关",
    "documents": "材料",
    "remedy": "整改建议",
    "message": "意见文字",
    "basis": "依据",
    "effective": "生效日",
    "until": "失效日",
    "verified": "条文是否核过",
    "penalty": "罚则",
    "a": "甲方",
    "b": "乙方",
    "relation": "关系",
    "suggestion": "处理建议",
    "difference": "差异类型",
    "departments": "责任部门",
    "yields": "让步的一方",
}
_SPECIAL = {
    "redlines/procedures.toml": "审批程序",
    "redlines/totals.toml": "合计口径",
    "redlines/facts.toml": "项目事实",
    "redlines/uses.toml": "用途与代码",
    "redlines/instruments.toml": "法规清单",
    "redlines/lines.toml": "图层之间的规则",
    "redlines/indicators.toml": "指标",
    "redlines/suspects.toml": "控违拆违规则",
    "redlines/base.toml": "规则库说明",
    "redlines/audit.toml": "规则库自查",
    "layers/catalogue.toml": "图层登记",
    "layers/crosswalk.toml": "分类对照",
}
_CATALOGUED = ("title", "status", "accuracy_m")
_MOST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """causes, and the beginnings of the paths whose differences are the causes themselves, not their consequences."""

    causes: tuple[Cause, ...]
    paths: tuple[str, ...]


def input_causes(old: Mapping[str, object], sources: Sequence[Submission | Refused], new: Mapping[str, object]) -> Explained:
    """Files that are not what they were: by sha256, then point by point where the report keeps the boundary."""
    causes, paths = [], []
    then, now = _rows(old.get("sources")), _rows(new.get("sources"))
    permits = (_part(_part(old, "permits"), "source"), _part(_part(new, "permits"), "source"))
    if permits[0] and permits[1]:
        then, now = [*then, permits[0]], [*now, permits[1]]
    for i, (before, after, read) in enumerate(zip(then, now, sources, strict=False)):
        if before.get("sha256") == after.get("sha256"):
            continue
        details = _points_of(old, i, read) if isinstance(read, Submission) else ()
        if not details and isinstance(read, Submission):
            details = (_without_points(old, i),)
        name = str(before.get("file"))
        text = f"送审文件“{name}”变了：指纹由 {_mark(before.get('sha256'))} 变为 {_mark(after.get('sha256'))}"
        causes.append(Cause(kind=CauseKind.INPUT, text=text, details=details))
        paths.append(f"sources[{i}].sha256")
    for name, word in (("replace", "替换图层的文件"), ("since", "上次的报告"), ("notes", "填写过意见的文件")):
        a, b = _part(_part(old, "options"), name), _part(_part(new, "options"), name)
        if a and b and a.get("sha256") != b.get("sha256"):
            again = ("结果写到同一目录的，原件已被新文件取代：请从存档取回，用 --input 指出",) if name != "replace" else ()
            text = f"{word}“{a.get('file')}”变了：指纹由 {_mark(a.get('sha256'))} 变为 {_mark(b.get('sha256'))}"
            causes.append(Cause(kind=CauseKind.INPUT, text=text, details=again))
            paths += [f"options.{name}.sha256", "what_if.sha256" if name == "replace" else f"tracking.{name}.sha256"]
    a, b = _part(old, "since"), _part(new, "since")
    if a and b and a.get("sha256") is not None and a.get("sha256") != b.get("sha256"):
        text = f"上期结果“{a.get('file')}”变了：指纹由 {_mark(a.get('sha256'))} 变为 {_mark(b.get('sha256'))}"
        causes.append(Cause(kind=CauseKind.INPUT, text=text))
        paths.append("since.sha256")
    return Explained(causes=tuple(causes), paths=(*paths, *(["parcels[].boundary"] if causes else [])))


def _points_of(old: Mapping[str, object], source: int, read: Submission) -> tuple[str, ...]:
    """Parcels of one file, in its order."""
    reported = [p for p in _rows(old.get("parcels")) if p.get("source") == source]
    if not all(isinstance(p.get("boundary"), str) for p in reported):
        return ()
    told: list[str] = []
    if len(reported) != len(read.parcels):
        told.append(f"地块由 {len(reported)} 个变为 {len(read.parcels)} 个")
    by_name = {p.name: p for p in read.parcels} if len({p.name for p in read.parcels}) == len(read.parcels) else {}
    for i, parcel in enumerate(reported):
        name = str(parcel.get("name"))
        now = by_name.get(name) or (read.parcels[i] if i < len(read.parcels) and len(reported) == len(read.parcels) else None)
        told += (
            [f"地块“{name}”不再在文件里"] if now is None else moved_points(name, str(parcel.get("boundary")), str(parcel.get("crs")), now)
        )
    return tuple(told)


def _without_points(old: Mapping[str, object], source: int) -> str:
    reported = [p for p in _rows(old.get("parcels")) if p.get("source") == source]
    if reported and all(isinstance(p.get("boundary"), str) for p in reported):
        return "界址坐标没有变，变的是文件的其他内容（属性、表头、格式），或者报告里记的指纹被改过"
    return "报告没有记下界址坐标（旧版 xygis 写的，或不是地块审查），只能比较结果"


def atlas_causes(old: Mapping[str, object], new: Mapping[str, object], rules: Mapping[str, str]) -> Explained:
    """Layers, rules and catalogue. rules: code → line of every rule that counts on the day now."""
    then, now = _part(old, "atlas"), _part(new, "atlas")
    if then.get("fingerprint") == now.get("fingerprint"):
        return Explained(causes=(), paths=())  # nothing in the atlas has changed: what differs was written into the report
    causes: list[Cause] = []
    if then.get("name") != now.get("name"):
        text = f"图集不是同一个：报告用的是“{then.get('name')}”，现在打开的是“{now.get('name')}”"
        causes.append(Cause(kind=CauseKind.ATLAS, text=text, details=("用 --atlas 或 XYGIS_ATLAS 指定原来的图集",)))
    causes += _layer_causes(then, now)
    causes += _file_causes(then, now, rules)
    if not causes:
        text = "图集变了：总指纹不同，报告没有记下各文件的指纹（旧版 xygis 写的），不能说出是哪一处"
        if _part(then, "files"):
            text = "报告里的图集指纹与它自己列出的图层、规则不符：报告被改过"
        causes.append(Cause(kind=CauseKind.ATLAS if not _part(then, "files") else CauseKind.REPORT, text=text))
    paths = ("atlas.name", "atlas.fingerprint", "atlas.layers", "atlas.rules", "atlas.files")
    return Explained(causes=tuple(causes), paths=paths)


def _layer_causes(then: Mapping[str, object], now: Mapping[str, object]) -> list[Cause]:
    before, after = ({str(r.get("id")): r for r in _rows(side.get("layers"))} for side in (then, now))
    causes = []
    for name in (*before, *(n for n in after if n not in before)):
        a, b = before.get(name), after.get(name)
        title = (b or a or {}).get("title") or name
        if a is None or b is None:
            text = f"图层“{title}”（{name}）{'是报告之后新增的' if a is None else '在现在的图集里没有了'}"
            causes.append(Cause(kind=CauseKind.LAYER, text=text))
        elif a.get("sha256") != b.get("sha256") or a.get("state") != b.get("state"):
            causes.append(_layer_cause(name, str(title), a, b))
        elif any(a.get(k) != b.get(k) for k in (*_CATALOGUED, "version")):
            changed = [k for k in (*_CATALOGUED, "version") if a.get(k) != b.get(k)]
            details = ["{}由 {} 变为 {}".format(key_word(k), *both(a.get(k), b.get(k), k)) for k in changed]
            causes.append(Cause(kind=CauseKind.LAYER, text=f"图层“{title}”（{name}）的登记变了，数据没有变", details=tuple(details)))
    return causes


def _layer_cause(name: str, title: str, a: Mapping[str, object], b: Mapping[str, object]) -> Cause:
    details = []
    for key, word in (("state", "状态"), ("version", "数据版本"), ("features", "要素个数")):
        if a.get(key) != b.get(key):
            details.append(f"{word}由 {shown(a.get(key), key)} 变为 {shown(b.get(key), key)}")
    if a.get("sha256") != b.get("sha256"):
        details.append(f"数据指纹由 {_mark(a.get('sha256'))} 变为 {_mark(b.get('sha256'))}")
        if a.get("version") == b.get("version") and b.get("sha256") is not None:
            details.append(f"数据版本仍写 {a.get('version') or '未注明'}：内容变了，版本没有改")
    if b.get("note") and a.get("note") != b.get("note"):
        details.append(f"现在：{str(b.get('note'))[:200]}")
    gone = b.get("sha256") is None and a.get("sha256") is not None
    return Cause(kind=CauseKind.LAYER, text=f"图层“{title}”（{name}）{'现在没有数据' if gone else '变了'}", details=tuple(details))


def _file_causes(then: Mapping[str, object], now: Mapping[str, object], rules: Mapping[str, str]) -> list[Cause]:
    before, after = _part(then, "files"), _part(now, "files")
    changed = [n for n in dict.fromkeys([*before, *after]) if before.get(n) != after.get(n)] if before else []
    reported, current = _part(_part(then, "rules"), "each"), _part(_part(now, "rules"), "each")
    causes: list[Cause] = []
    if before and not any(n.startswith("redlines/") for n in changed):
        told: list[Cause] = []
    else:
        titles = {str(r.get("id")): str(r.get("title")) for side in (then, now) for r in _rows(side.get("layers"))}
        told = _rule_causes(reported, rules, current, titles)
    causes += told
    law = [n for n in changed if n.startswith("redlines/")]
    if law:
        names = "、".join(f"{n}（{_SPECIAL[n]}）" if n in _SPECIAL else n for n in law)
        more = () if told else ("报告涉及的规则都没有变：改的是注释、算例、排版，或本报告没有涉及的规则",)
        causes.append(Cause(kind=CauseKind.RULE, text=f"规则库的文件变了：{names}", details=more))
    elif not before and _part(then, "rules").get("fingerprint") != _part(now, "rules").get("fingerprint"):
        text = "规则库变了：指纹不同，报告没有记下各规则（旧版 xygis 写的），变了哪一条要看下面的后果"
        causes.append(Cause(kind=CauseKind.RULE, text=text))
    for name in (n for n in changed if not n.startswith("redlines/")):
        causes.append(Cause(kind=CauseKind.ATLAS, text=f"{_SPECIAL.get(name, name)}（{name}）变了"))
    return causes


def _rule_causes(
    reported: Mapping[str, object], rules: Mapping[str, str], current: Mapping[str, object], titles: Mapping[str, str]
) -> list[Cause]:
    causes = []
    for code, line in reported.items():
        if code not in rules:
            causes.append(Cause(kind=CauseKind.RULE, text=f"规则 {code} 在基准日不再有效，或已删除"))
        elif line != rules[code]:
            details = _changed_fields(str(line), rules[code], titles)
            fields = "、".join(d.split("由", 1)[0] for d in details)
            causes.append(Cause(kind=CauseKind.RULE, text=f"规则 {code} 变了：{fields}", details=tuple(details)))
    known = {_layer_of(str(line)) for line in reported.values()}
    causes += [
        Cause(kind=CauseKind.RULE, text=f"规则 {code} 是报告之后新增的")
        for code, line in current.items()
        if code not in reported and _layer_of(str(line)) in known
    ]
    return causes[:_MOST]


def _changed_fields(before: str, after: str, titles: Mapping[str, str]) -> list[str]:
    a, b = _fields(before), _fields(after)
    names = [n for n in dict.fromkeys([*a, *b]) if a.get(n) != b.get(n)]
    return [f"{_RULE_WORDS.get(n, n)}由 {_value(a.get(n), n, titles)} 变为 {_value(b.get(n), n, titles)}" for n in names]


def _fields(line: str) -> dict[str, str]:
    return dict(part.partition("=")[::2] for part in line.split(BETWEEN))


def _value(text: str | None, name: str, titles: Mapping[str, str]) -> str:
    if text is None:
        return "无"
    if text.startswith("#"):
        return f"（长文字，校验 {text[1:9]}）"
    return rule_value(text, name, titles)


def _layer_of(line: str) -> str:
    return _fields(line).get("selection", "").split("[")[0].split(" ")[0]


def engine_cause(old: Mapping[str, object], new: Mapping[str, object]) -> Cause | None:
    """Another version or build of the program, or of its library of geometry; None where they are the same, or not known."""
    before, after = _part(old, "generator"), _part(new, "generator")
    a, b = before.get("version"), after.get("version")
    if a != b:
        return Cause(kind=CauseKind.ENGINE, text=f"程序版本不同：报告由 xygis {str(a)[:40]} 写出，现在是 {b}")
    a, b = before.get("build"), after.get("build")
    if a is not None and a != b:
        return Cause(
            kind=CauseKind.ENGINE, text=f"程序不同：都是 xygis {after.get('version')}，但报告由构建 {str(a)[:40]} 写出，现在是 {b}"
        )
    a, b = before.get("geos"), after.get("geos")
    if a is not None and a != b:
        return Cause(kind=CauseKind.ENGINE, text=f"几何计算库不同：报告写出时是 GEOS {str(a)[:40]}，现在是 {b}")
    return None


def _mark(digest: object) -> str:
    return fingerprint(digest) if isinstance(digest, str) else "无"


def _part(side: object, key: str) -> dict[str, object]:
    """A mapping below; empty where it is something else."""
    found = side.get(key) if isinstance(side, Mapping) else None
    return found if isinstance(found, dict) else {}


def _rows(value: object) -> list[dict[str, object]]:
    return [one if isinstance(one, dict) else {} for one in value] if isinstance(value, list) else []
