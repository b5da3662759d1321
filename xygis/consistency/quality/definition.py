"""Families 1 to 3 as far as they ask no value: fields that are there, how they are defined, names, the coordinate system."""

from __future__ import annotations

from xygis.atlas.attributes import fold
from xygis.atlas.standard import Field
from xygis.consistency.quality.fault import Fault, NotRun
from xygis.consistency.quality.subject import Outcome, Subject, skipping
from xygis.geodesy.crs import gauss_zone, title
from xygis.vector.field_definitions import FieldDefinition

_KINDS = {"char": "文本", "int": "整数", "float": "小数", "date": "日期", "year": "整数"}
_FITS = {"char": ("char",), "int": ("int",), "float": ("float", "int"), "year": ("int",), "date": ("date", "char")}


def contents(subject: Subject) -> Outcome:
    """Q101: a layer without features says nothing, and is easily taken for one without restrictions."""
    faults = [] if len(subject.table) else [subject.fault("Q101", "图层里没有一个要素")]
    return Outcome(faults=faults, done=[("Q101", 1)])


def fields(subject: Subject) -> Outcome:
    """Q102 missing, Q205 misspelt, Q201 kind, Q202 width, Q203 decimals."""
    standard, codes = subject.standard, ("Q102", "Q201", "Q202", "Q203", "Q205")
    if standard is None:
        return skipping(subject, codes, "图层没有登记标准属性表", due=False)
    faults: list[Fault] = []
    defined = {d.name: d for d in subject.table.definitions}
    present = 0
    for wanted in standard.fields:
        column = subject.column(wanted)
        if column is None:
            if wanted in standard.must:
                text = f"标准要求的字段 {wanted.title}不存在"
                faults.append(subject.fault("Q102", text, field=wanted.code, expected=wanted.title, read=standard.read))
            continue
        present += 1
        if column not in (wanted.code, *wanted.also):
            text = f"字段名 {column} 应写作 {wanted.code}"
            faults.append(subject.fault("Q205", text, field=column, value=column, expected=wanted.code))
        if column in defined:
            faults += _definition(subject, wanted, defined[column])
    skipped: list[NotRun] = []
    if subject.table.no_widths:
        skipped = [subject.not_run(c, subject.table.no_widths, due=False) for c in ("Q202", "Q203")]
    done = [(c, present) for c in ("Q102", "Q201", "Q205")]
    return Outcome(faults=faults, done=done if skipped else [*done, ("Q202", present), ("Q203", present)], skipped=skipped)


def names(subject: Subject) -> Outcome:
    """Q204: what the layer is called, Q210: columns about persons."""
    faults, done = [], [("Q210", len(subject.table.columns) + len(subject.table.personal))]
    for column in subject.table.personal:
        faults.append(subject.fault("Q210", f"字段 {column} 是个人信息，成果中不应有；没有读取其内容", field=column))
    if subject.standard is None:
        return Outcome(faults=faults, done=done, skipped=[subject.not_run("Q204", "图层没有登记标准属性表", due=False)])
    name, wanted = subject.table.name.rpartition("/")[2], subject.standard.name
    if wanted not in fold(name):
        faults.append(subject.fault("Q204", f"图层名“{name}”不含标准表名 {wanted}", value=name, expected=wanted))
    return Outcome(faults=faults, done=[*done, ("Q204", 1)])


def system(subject: Subject) -> Outcome:
    """Q301 no system, Q302 a system that the standard does not know, Q303 another than the catalogue has."""
    stated, crs = subject.table.stated, subject.table.crs
    faults = []
    if stated is None:
        taken = f"；按坐标数值判断为 {crs}" if crs else ""
        faults.append(subject.fault("Q301", f"文件没有写明坐标系{taken}", expected="2000 国家大地坐标系"))
    done = [("Q301", 1)]
    if crs is None:
        return Outcome(faults=faults, done=done, skipped=[subject.not_run(c, "不知道坐标系") for c in ("Q302", "Q303")])
    zone = gauss_zone(crs)
    allowed = crs in subject.standards.crs_codes or (zone is not None and zone.width_deg in subject.standards.gauss_width_deg)
    if not allowed:
        text = f"坐标系为 {title(crs)}，标准要求 2000 国家大地坐标系经纬度或 3 度分带"
        faults.append(subject.fault("Q302", text, value=crs, expected="、".join(subject.standards.crs_codes)))
    done.append(("Q302", 1))
    if not subject.complete:  # a file that somebody brought may lie in another zone than the atlas
        return Outcome(faults=faults, done=done)
    if stated is not None and stated != subject.layer.crs:
        text = f"文件写的坐标系 {stated} 与图集登记的 {subject.layer.crs} 不符"
        faults.append(subject.fault("Q303", text, value=stated, expected=subject.layer.crs))
    return Outcome(faults=faults, done=[*done, ("Q303", 1)])


def _definition(subject: Subject, wanted: Field, found: FieldDefinition) -> list[Fault]:
    faults = []
    if found.kind is not None and found.kind not in _FITS[wanted.type]:
        text = f"字段 {wanted.title}应为{_KINDS[wanted.type]}，实为{_KINDS[found.kind]}"
        return [subject.fault("Q201", text, field=found.name, value=_KINDS[found.kind], expected=_KINDS[wanted.type], read=wanted.read)]
    if wanted.length is not None and found.width is not None and found.width < wanted.length:
        text = f"字段 {wanted.title}长度 {found.width}，标准不短于 {wanted.length}"
        faults.append(subject.fault("Q202", text, field=found.name, value=found.width, expected=f"≥{wanted.length}", read=wanted.read))
    if wanted.decimals is not None and found.decimals is not None and found.decimals < wanted.decimals:
        text = f"字段 {wanted.title}小数 {found.decimals} 位，标准 {wanted.decimals} 位"
        faults.append(subject.fault("Q203", text, field=found.name, value=found.decimals, expected=f"≥{wanted.decimals}", read=wanted.read))
    return faults
