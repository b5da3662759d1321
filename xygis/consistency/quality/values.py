"""Families 2 and 6 value by value: code lists, numbers, widths, nulls, uniqueness, codes and their names, dates, conditions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from xygis.atlas.attributes import Unlisted, fold, match_fields, reader
from xygis.atlas.standard import Condition, Field, TableStandard
from xygis.consistency.quality.fault import Fault
from xygis.consistency.quality.subject import Outcome, Subject, Texts, rows_where, skipping

_FIRST_YEAR = 1949
_DATE = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[ T].*)?")
_NO_STANDARD = "图层没有登记标准属性表"


def listed(subject: Subject) -> Outcome:
    """Q206: values that no list knows, of the standard or of the catalogue; Q207: the element code that the table has."""
    faults, seen = [], set()
    standard = subject.standard
    for wanted in standard.fields if standard else ():
        column = subject.column(wanted)
        if column is None or wanted.domain is None:
            continue
        seen.add(column)
        domain = wanted.domain
        wrong = {v for v in set(subject.texts(column)) if v is not None and not domain.holds(v)}
        for row in _rows(subject.texts(column), wrong):
            value = subject.texts(column)[row]
            text = f"{wanted.title}的值不在“{domain.title}”代码表内"
            faults.append(subject.fault("Q206", text, row=row, field=column, value=value, expected=domain.title, read=domain.read))
    faults += _catalogued(subject, seen)
    done = [("Q206", len(subject.table))]
    if standard is None or standard.ysdm is None:
        reason = _NO_STANDARD if standard is None else "公开资料没有给出这张表的要素代码"
        return Outcome(faults=faults, done=done, skipped=[subject.not_run("Q207", reason, due=False)])
    column = subject.column("YSDM")
    if column is not None:
        wrong = {v for v in set(subject.texts(column)) if v is not None and v != standard.ysdm}
        for row in _rows(subject.texts(column), wrong):
            value = subject.texts(column)[row]
            faults.append(subject.fault("Q207", "要素代码与属性表不符", row=row, field=column, value=value, expected=standard.ysdm))
        done.append(("Q207", len(subject.table)))
    return Outcome(faults=faults, done=done)


def _catalogued(subject: Subject, seen: set[str]) -> list[Fault]:
    """Columns whose words the catalogue lists: a word beyond them leaves every rule open."""
    faults = []
    for ours, column in match_fields(subject.layer, list(subject.table.columns)).ours:
        alias = subject.layer.alias(ours)
        if alias is None or not alias.synonyms or column in seen:
            continue
        seen.add(column)
        read = reader(subject.layer, ours)
        wrong = {v for v in set(subject.texts(column)) if v is not None and isinstance(read(v), Unlisted)}
        expected = "、".join(alias.words)
        for row in _rows(subject.texts(column), wrong):
            value = subject.texts(column)[row]
            text = f"{column} 的值不在图集登记的写法内，规则无法判定"
            faults.append(subject.fault("Q206", text, row=row, field=column, value=value, expected=expected))
    return faults


def readable(subject: Subject) -> Outcome:
    """Q208: numbers that are none; Q209: text that is longer than its field may be."""
    if subject.standard is None:
        return skipping(subject, ("Q208", "Q209"), _NO_STANDARD, due=False)
    faults = []
    widths = {d.name: d.width for d in subject.table.definitions}
    for wanted in subject.standard.fields:
        column = subject.column(wanted)
        if column is None:
            continue
        if wanted.numeric:
            for row in subject.numbers(column)[1].tolist():
                value = subject.table.columns[column][row]
                faults.append(subject.fault("Q208", f"{wanted.title}的值不是数", row=row, field=column, value=value, expected="数"))
        elif wanted.type == "char" and wanted.length is not None:
            limit = max(wanted.length, widths.get(column) or 0)
            wrong = {v for v in set(subject.texts(column)) if v is not None and len(v) > limit}
            for row in _rows(subject.texts(column), wrong):
                value = subject.texts(column)[row]
                text = f"{wanted.title}的值有 {len(value or '')} 字，最多 {limit} 字"
                faults.append(subject.fault("Q209", text, row=row, field=column, value=value, expected=f"≤{limit} 字", read=wanted.read))
    return Outcome(faults=faults, done=[(c, len(subject.table)) for c in ("Q208", "Q209")])


def filled(subject: Subject) -> Outcome:
    """Q602: nulls where the standard wants a value; Q607 and Q608: what it wants under a condition."""
    standard = subject.standard
    if standard is None:
        return skipping(subject, ("Q602", "Q607", "Q608"), _NO_STANDARD, due=False)
    faults = []
    for wanted in standard.must:
        column = subject.column(wanted)
        if column is None:
            continue
        for row in _empty(subject.texts(column)):
            text = f"必填字段 {wanted.title}为空"
            faults.append(subject.fault("Q602", text, row=row, field=column, expected="不为空", read=standard.read))
    done = [("Q602", len(subject.table))]
    for condition in standard.conditions:
        faults += _conditional(subject, standard, condition)
    if standard.conditions:
        done += [("Q607", len(subject.table)), ("Q608", len(subject.table))]
    return Outcome(faults=faults, done=done)


def _conditional(subject: Subject, standard: TableStandard, condition: Condition) -> list[Fault]:
    chooser = subject.column(condition.field)
    if chooser is None:
        return []  # missing, and told as such where it is mandatory
    chosen = [i for i, v in enumerate(subject.texts(chooser)) if v is not None and condition.meets(v)]
    faults = []
    if not chosen:
        return []
    for code in condition.must:
        wanted, column = standard.field(code), subject.column(code)
        assert wanted is not None
        if column is None:
            text = f"有 {len(chosen)} 个要素要填 {wanted.title}，表里没有这个字段：{condition.why}"
            faults.append(subject.fault("Q607", text, field=code, expected=wanted.title, read=condition.read))
            continue
        values = subject.texts(column)
        for row in chosen:
            if values[row] is None:
                text = f"{condition.field} 为 {subject.texts(chooser)[row]} 时应填 {wanted.title}：{condition.why}"
                faults.append(subject.fault("Q607", text, row=row, field=column, expected="不为空", read=condition.read))
    if condition.allowed is not None:
        code, allowed = condition.allowed
        column = subject.column(code)
        values = subject.texts(column) if column is not None else [None] * len(subject.table)
        for row in chosen:
            value = values[row]
            known = (standard.field(code) or condition) if column else None
            listed_value = isinstance(known, Field) and (known.domain is None or (value is not None and known.domain.holds(value)))
            if value is not None and value not in allowed and listed_value:
                text = f"{condition.field} 为 {subject.texts(chooser)[row]} 时 {code} 应为 {'、'.join(allowed)}：{condition.why}"
                faults.append(
                    subject.fault("Q608", text, row=row, field=column, value=value, expected="、".join(allowed), read=condition.read)
                )
    return faults


def unique(subject: Subject) -> Outcome:
    """Q601: a number that occurs again; the first feature that has it is not at fault."""
    if subject.standard is None:
        return skipping(subject, ("Q601",), _NO_STANDARD, due=False)
    faults, done = [], []
    for code in subject.standard.unique:
        column = subject.column(code)
        if column is None:
            continue
        done = [("Q601", len(subject.table))]
        first: dict[str, int] = {}
        for row, value in enumerate(subject.texts(column)):
            if value is None:
                continue
            if value in first:
                text = f"{code} 与第 {first[value] + 1} 个要素相同"
                faults.append(subject.fault("Q601", text, row=row, field=column, value=value, expected="不重复"))
            else:
                first[value] = row
    return Outcome(faults=faults, done=done)


def named(subject: Subject) -> Outcome:
    """Q603: a code and the name beside it; counties by the counties layer."""
    standard = subject.standard
    if standard is None:
        return skipping(subject, ("Q603",), _NO_STANDARD, due=False)
    pairs = [(a, b, subject.standards.fields[a].domain) for a, b in standard.pairs]
    faults, done = [], []
    for code, name, domain in pairs:
        assert domain is not None
        titles = {v: domain.name_of(v) for v in set(subject.texts(c)) if v is not None} if (c := subject.column(code)) else {}
        faults += _names(subject, code, name, titles, domain.read)
        done = [("Q603", len(subject.table))]
    if standard.county and standard.county_name and subject.counties is not None and (c := subject.column(standard.county)) is not None:
        known = {v: subject.county_names.get(v[:6]) for v in set(subject.texts(c)) if v is not None}
        faults += _names(subject, standard.county, standard.county_name, known, True)
        done = [("Q603", len(subject.table))]
    return Outcome(faults=faults, done=done)


def _names(subject: Subject, code: str, name: str, titles: dict[str, str | None], read: bool) -> list[Fault]:
    codes, names = subject.column(code), subject.column(name)
    if codes is None or names is None:
        return []
    faults = []
    wrong = {
        (c, n)
        for c, n in set(zip(subject.texts(codes), subject.texts(names), strict=True))
        if c is not None and n is not None and (title := titles.get(c)) is not None and fold(title) != fold(n)
    }
    for row, pair in enumerate(zip(subject.texts(codes), subject.texts(names), strict=True)) if wrong else ():
        if pair in wrong:
            c, n = pair
            expected = titles[c or ""]
            text = f"{code} {c} 的名称应为“{expected}”"
            faults.append(subject.fault("Q603", text, row=row, field=names, value=n, expected=expected, read=read))
    return faults


def dates(subject: Subject) -> Outcome:
    """Q606: days and years that cannot be, and pairs in the wrong order."""
    if subject.standard is None:
        return skipping(subject, ("Q606",), _NO_STANDARD, due=False)
    faults, done = [], []
    for wanted in subject.standard.fields:
        column = subject.column(wanted)
        if column is None or wanted.type not in ("date", "year"):
            continue
        done = [("Q606", len(subject.table))]
        if wanted.type == "year":
            years, _ = subject.numbers(column)
            for row in rows_where((years < _FIRST_YEAR) | (years > subject.on.year) | (years % 1 != 0) & (years == years)):
                text = f"{wanted.title}不是 {_FIRST_YEAR} 至 {subject.on.year} 的年份"
                faults.append(
                    subject.fault("Q606", text, row=row, field=column, value=f"{years[row]:g}", expected=f"{_FIRST_YEAR}—{subject.on.year}")
                )
        else:
            wrong = {v for v in set(subject.texts(column)) if v is not None and _day(v) is None}
            for row in _rows(subject.texts(column), wrong):
                value = subject.texts(column)[row]
                faults.append(subject.fault("Q606", f"{wanted.title}不是日期", row=row, field=column, value=value, expected="年-月-日"))
    for earlier, later in subject.standard.order:
        a, b = subject.column(earlier), subject.column(later)
        for row, (x, y) in enumerate(zip(subject.texts(a), subject.texts(b), strict=True)) if a and b else ():
            start, end = _day(x), _day(y)
            if start is not None and end is not None and start > end:
                faults.append(subject.fault("Q606", f"{earlier} 晚于 {later}", row=row, field=a, value=x, expected=f"不晚于 {y}"))
    return Outcome(faults=faults, done=done)


def _day(text: str | None) -> date | None:
    found = _DATE.fullmatch(text) if text else None
    if found is None:
        return None
    try:
        return date(int(found.group(1)), int(found.group(2)), int(found.group(3)))
    except ValueError:
        return None


def _rows(values: Texts, wrong: set[str]) -> Iterable[int]:
    return [row for row, v in enumerate(values) if v in wrong] if wrong else []


def _empty(values: Texts) -> list[int]:
    return [row for row, v in enumerate(values) if v is None] if None in values else []
