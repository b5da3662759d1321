"""The summary of many parcels: a row a parcel, a set of columns a layer. One list of columns feeds CSV, Excel and GeoPackage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xygis.atlas.verdict import Verdict
from xygis.check.assessment import Assessment
from xygis.check.layer_column import NUMBERS as ROW
from xygis.check.layer_column import STATES, TERRAIN, LayerColumn, empty_columns, row_of
from xygis.check.portfolio import Portfolio
from xygis.report.table import Column, Kind

Value = str | float | int | None
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """Few values that stand in many rows: which of them each row has."""

    values: tuple[Value, ...]
    index: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryColumn:
    """column.key is the head in CSV and GeoPackage; group is the layer's title, None for what is said of the parcel itself.

    data: a number a row (NaN: not known), a text a row, or few values in many rows.
    """

    column: Column
    group: str | None
    data: Floats | Coded | Sequence[Value]

    def values(self) -> Sequence[Value]:
        """One a row; None is not known."""
        match self.data:
            case np.ndarray():
                return known(self.data)
            case Coded():
                return [self.data.values[i] for i in self.data.index.tolist()]
        return self.data


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the tables of a run over many parcels are made of."""

    names: tuple[str, ...]
    columns: tuple[SummaryColumn, ...]
    layers: tuple[LayerColumn, ...]


def summary_of(portfolio: Portfolio) -> Summary:
    """The summary of a portfolio."""
    files = [s.path for s in portfolio.sources]
    parcels = portfolio.parcels
    head = _head(
        portfolio.names,
        [p.name for p in parcels],
        [files[i] for i in portfolio.source_of.tolist()],
        portfolio.verdicts,
        portfolio.ellipsoidal_m2,
        [p.declared_m2 for p in parcels],
    )
    layers = tuple(c for column in portfolio.columns for c in _of_layer(column))
    return Summary(names=portfolio.names, columns=(*head, *layers), layers=portfolio.columns)


def summary_of_assessment(assessment: Assessment) -> Summary:
    """The same of a single check."""
    parcels = assessment.parcels
    names = tuple(p.name for p in parcels)
    names = names if len(set(names)) == len(names) else tuple(p.id for p in parcels)
    files = [s.path for s in assessment.sources]
    head = _head(
        names,
        [p.name for p in parcels],
        [files[p.source] for p in parcels],
        tuple(p.verdict for p in parcels),
        np.array([p.ellipsoidal_m2 for p in parcels], float),
        [p.declared_m2 for p in parcels],
    )
    columns = tuple(_column(assessment, k) for k in range(len(assessment.layers))) if parcels else ()
    return Summary(names=names, columns=(*head, *(c for column in columns for c in _of_layer(column))), layers=columns)


def _column(assessment: Assessment, k: int) -> LayerColumn:
    layer = assessment.layers[k].layer
    columns = empty_columns(len(assessment.parcels))
    for i, parcel in enumerate(assessment.parcels):
        findings = tuple(f for f in parcel.findings if f.layer == layer.id)
        for name, value in zip(ROW, row_of(parcel.measures[k], findings), strict=True):
            columns[name][i] = value
    return LayerColumn(layer=layer.id, title=layer.title, **columns)


def _head(
    ids: tuple[str, ...],
    names: Sequence[str],
    files: Sequence[str],
    verdicts: Sequence[Verdict],
    ellipsoidal_m2: Floats,
    declared_m2: Sequence[float | None],
) -> tuple[SummaryColumn, ...]:
    return (
        SummaryColumn(column=Column(key="parcel", title="地块", kind=Kind.NAME), group=None, data=ids),
        SummaryColumn(column=Column(key="name", title="地块名称"), group=None, data=names),
        SummaryColumn(column=Column(key="file", title="文件"), group=None, data=coded(files)),
        SummaryColumn(column=Column(key="verdict", title="结论", kind=Kind.VERDICT), group=None, data=coded([v.value for v in verdicts])),
        SummaryColumn(column=Column(key="ellipsoidal_m2", title="椭球面积", kind=Kind.M2, unit="m²"), group=None, data=ellipsoidal_m2),
        SummaryColumn(
            column=Column(key="declared_m2", title="申报面积", kind=Kind.M2, unit="m²"), group=None, data=unknown_as_nan(declared_m2)
        ),
    )


_TERRAIN = dict(
    zip(
        TERRAIN,
        (("最低高程", "m"), ("平均高程", "m"), ("最高高程", "m"), ("平均坡度", "°"), ("最大坡度", "°"), ("25°以上比例", None)),
        strict=True,
    )
)
_STATE_WORDS = tuple(s.value for s in STATES)
_VERDICT_WORDS = tuple(v.value for v in sorted(Verdict, key=lambda v: v.rank))


def _of_layer(c: LayerColumn) -> tuple[SummaryColumn, ...]:
    def column(key: str, title: str, kind: Kind, data: Floats | Coded, unit: str | None = None) -> SummaryColumn:
        return SummaryColumn(column=Column(key=f"{c.layer}_{key}", title=title, kind=kind, unit=unit), group=c.title, data=data)

    out = [
        column("state", "状态", Kind.STATE, Coded(values=_STATE_WORDS, index=c.state.astype(np.int64))),
        column("overlap_m2", "重叠面积", Kind.M2, c.overlap_m2, "m²"),
        column("outside_m2", "范围外面积", Kind.M2, c.outside_m2, "m²"),
        column("distance_m", "距离", Kind.METRES, c.distance_m, "m"),
        column("patches", "图斑", Kind.COUNT, _counts(c.patches)),
        column("verdict", "意见", Kind.VERDICT, Coded(values=_VERDICT_WORDS, index=c.rank)),
        column("rules", "规则", Kind.CODE, coded([r or None for r in c.rules.tolist()])),
    ]
    for name, (title, unit) in _TERRAIN.items():
        values = getattr(c, name)
        if not np.isnan(values).all():
            out.append(column(name, title, Kind.METRES, values, unit))
    if (c.failed != "").any():
        out.append(column("failed", "未能算出的原因", Kind.TEXT, coded([f or None for f in c.failed.tolist()])))
    return tuple(out)


def coded(values: Sequence[Value]) -> Coded:
    """The values of a column, each kept once."""
    place = {v: i for i, v in enumerate(dict.fromkeys(values))}
    return Coded(values=tuple(place), index=np.fromiter((place[v] for v in values), np.int64, len(values)))


def _counts(numbers: NDArray[np.int64]) -> Coded:
    """Counts; below 0 is not known."""
    unique, index = np.unique(numbers, return_inverse=True)
    return Coded(values=tuple(None if n < 0 else n for n in unique.tolist()), index=index.astype(np.int64))


def unknown_as_nan(values: Sequence[float | None]) -> Floats:
    """The same as an array."""
    return np.array(values, float)  # None becomes NaN


def known(numbers: NDArray[np.float64]) -> list[Value]:
    """Python floats; None where a number is not known."""
    values: list[Value] = numbers.tolist()
    for i in np.flatnonzero(np.isnan(numbers)).tolist():
        values[i] = None
    return values
