"""The door of the room: one file in, one `Submission` out, or one error that says what to mend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from xygis.errors import BadGeometry, InputError, UnknownFormat, UsageError, Where, XygisError, legible
from xygis.geodesy.datum_shift import DatumShift, shift_of
from xygis.intake.boundary_parcels import parcels_of
from xygis.intake.boundary_txt import has_points, looks_like_boundary_txt, parse
from xygis.intake.joining import joined
from xygis.intake.submission import Parcel, ReadOption, Submission
from xygis.intake.text import Text, decode
from xygis.vector.crs_decision import CrsDecision
from xygis.vector.crs_reading import Envelope
from xygis.vector.datum import SHIFTED, in_stated_datum, known_datum
from xygis.vector.foreign import Member, opened, read_member, sha256_of
from xygis.vector.notes import Note
from xygis.vector.safe import read_bytes, refuse_link

if TYPE_CHECKING:
    from xygis.vector.layers import ForeignLayer


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    envelope: Envelope | None
    crs: str | None
    encoding: str | None
    datum: str | None
    accept_repairs: bool
    set_apart: bool
    shift: DatumShift | None
    layers: tuple[str, ...]


def read_submission(
    path: str | Path,
    *,
    envelope: Envelope | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    datum: str | None = None,
    parameters: str | None = None,
    accept_repairs: bool = False,
    set_apart: bool = False,
    progress: Callable[[int, int], None] | None = None,
    layers: tuple[str, ...] = (),
) -> Submission:
    """The parcels in a file. Raises a subclass of XygisError for whatever cannot be understood, never anything else.

    envelope: lon0, lat0, lon1, lat1 in degrees, where the atlas lies (None: unknown). A zip with several files of one kind
    is one submission; with several kinds it is refused, because the same parcels may be in it twice. set_apart: parcels without a usable shape do not stop the others.
    parameters: of the shift from an old datum, as `shift_of` takes them. progress: told the bytes read and the bytes in all of a large file.
    datum: what the person says of degrees (wgs84, cgcs2000, gcj02, bd09). layers: only these layers, sheets, folders or CAD layers.
    """
    refuse_link(Path(path))
    options = _Options(
        envelope=envelope,
        crs=crs,
        encoding=encoding,
        datum=datum,
        accept_repairs=accept_repairs,
        set_apart=set_apart,
        shift=shift_of(parameters) if parameters is not None else None,
        layers=layers,
    )
    file = legible(str(path))
    with opened(Path(path)) as members:
        chosen = _chosen(members, file, options)
        parts = [_read(m, options, progress) for m in chosen]
        ignored = tuple(_ignored(m, options) for m in members if m not in chosen)
    whole = joined([(Path(m.shown).name, s) for m, s in zip(chosen, parts, strict=True)], Where(file=file))
    stated = stated_options(
        crs=crs, encoding=encoding, datum=datum, parameters=parameters, layers=layers, accept_repairs=accept_repairs
    )  # fmt: skip
    return replace(whole, path=file, sha256=sha256_of(Path(path)), notes=whole.notes + ignored, options=stated)


def stated_options(**options: str | bool | tuple[str, ...] | None) -> tuple[ReadOption, ...]:
    """Those options of `read_submission` that somebody stated: a report keeps them, so that it can be recomputed."""
    return tuple((name, value) for name, value in options.items() if value)


def _chosen(members: tuple[Member, ...], file: str, options: _Options) -> list[Member]:
    """The members that hold parcels. A readme beside them is left out; two kinds of data are not."""
    if len(members) == 1:
        return list(members)
    forms = [_text_kind(m, options) if m.format == "text" else "table" if m.format == "xlsx" else m.format for m in members]
    kept = [m for m, form in zip(members, forms, strict=True) if form not in ("", "refused")]
    if any(form not in ("", "refused", "table") for form in forms):
        # A point table beside the data themselves mostly says the same again: left out, and said.
        kept = [m for m, form in zip(members, forms, strict=True) if m in kept and form != "table"]
    kinds = sorted({m.format for m in kept})
    if not kept:
        raise next((m.refusal for m in members if m.refusal is not None), _unknown(file))
    if len(kinds) > 1:
        names = "、".join(Path(m.shown).name for m in kept[:5])
        raise UnknownFormat(
            what="压缩包里有几种格式的图形，不知道以哪个为准", where=Where(file=file), why=names, fix="请只留一种格式，或分开送审"
        )
    return kept


def _ignored(member: Member, options: _Options) -> Note:
    where = Where(file=member.shown)
    if member.refusal is not None:
        text = f"压缩包里的这个文件没有读取：{member.refusal.what}"
        return Note(code="member_ignored", level="warning", text=text, where=where)
    if member.format == "xlsx" or (member.format == "text" and _text_kind(member, options) == "table"):
        return Note(code="member_ignored", level="warning", text="压缩包里另有图形数据，这个界址点表没有读取", where=where)
    return Note(code="member_ignored", level="warning", text="压缩包里的这个文件不是地块，没有读取", where=where)


def _text_kind(member: Member, options: _Options) -> str:
    """boundary | table | "" of a text file.

    Raises what `decode` raises where a .txt or .csv cannot be decoded: it may be the parcel that would be missing.
    """
    try:
        text = decode(read_bytes(member.path), file=member.shown, encoding=options.encoding)
    except InputError:
        if Path(member.shown).suffix.lower() in (".txt", ".csv"):
            raise
        return ""
    if looks_like_boundary_txt(text):
        return "boundary"
    return "table" if _is_table(text) else "boundary" if has_points(text) else ""


def _is_table(text: Text) -> bool:
    from xygis.intake.point_table import looks_like_point_table

    return looks_like_point_table(text)


def _read(member: Member, options: _Options, progress: Callable[[int, int], None] | None) -> Submission:
    if member.format == "text":
        return _text(member, options)
    if member.format == "xlsx":
        from xygis.intake.point_table import layers_of_workbook

        return _table(member, layers_of_workbook(member.path, member.shown, chosen=options.layers), options)
    layers = read_member(member, encoding=options.encoding, datum=options.datum, chosen=options.layers, progress=progress)
    return _vector(member, layers, options)


def _table(member: Member, layers: list[ForeignLayer], options: _Options) -> Submission:
    """Parcels of point tables; degrees in them may be in a map app's datum as well."""
    datum = known_datum(options.datum, Where(file=member.shown))
    return _vector(member, [in_stated_datum(layer, datum) for layer in layers], options)


def _text(member: Member, options: _Options) -> Submission:
    try:
        data = read_bytes(member.path)
    except XygisError as error:
        error.where = Where(file=member.shown)
        raise
    text = decode(data, file=member.shown, encoding=options.encoding)
    if looks_like_boundary_txt(text):
        return _boundary_txt(member, text, options)
    from xygis.intake.point_table import layers_of_sheets, sheets_of_csv

    sheets = sheets_of_csv(text, member.shown)
    if not sheets and has_points(text):
        return _boundary_txt(member, text, options)
    if not sheets:
        raise _unknown(member.shown)
    _refuse_layers(member, options, "文本表格")
    return _table(member, layers_of_sheets(sheets, member.shown, "csv", text.encoding), options)


def _refuse_layers(member: Member, options: _Options, kind: str) -> None:
    if options.layers:
        raise UsageError(what=f"{kind}没有图层可选", where=Where(file=member.shown), fix="请去掉 --layer")


def _boundary_txt(member: Member, text: Text, options: _Options) -> Submission:
    _refuse_layers(member, options, "坐标交换文件")
    datum = known_datum(options.datum, Where(file=member.shown))
    if datum in SHIFTED:
        fix = "坐标是实测的，请去掉 --datum；是从地图软件抄来的，请写成 Excel 或 CSV 界址点表，再加 --datum"
        raise UsageError(what="坐标交换文件不按偏移坐标换算", where=Where(file=member.shown), fix=fix)
    document = parse(text, file=member.shown)
    parcels, decision, notes = parcels_of(
        document, envelope=options.envelope, crs=options.crs, datum=datum, shift=options.shift, accept_repairs=options.accept_repairs
    )
    return _submission("boundary_txt", text.encoding, decision, notes, parcels)


def _vector(member: Member, layers: list[ForeignLayer], options: _Options) -> Submission:
    from xygis.intake.vector_parcels import parcels_of_layer

    areal = [layer for layer in layers if layer.areal] or layers[:1]
    where = Where(file=member.shown)
    notes: list[Note] = []
    if skipped := [layer.name for layer in layers if not any(layer is a for a in areal)]:
        notes.append(Note(code="layer_skipped", level="info", text=f"略去没有面的图层：{'、'.join(skipped)}", where=where))
    if len(areal) > 1:
        text = f"有 {len(areal)} 个面图层，全部作为地块读取：{'、'.join(layer.name for layer in areal)}"
        notes.append(Note(code="layers_merged", level="warning", text=text, where=where))
    parts: list[tuple[str, Submission]] = []
    for layer in areal:
        stem = Path(member.shown).stem if len(areal) == 1 else layer.name
        read = parcels_of_layer(
            layer,
            member.shown,
            stem,
            envelope=options.envelope,
            crs=options.crs,
            shift=options.shift,
            accept_repairs=options.accept_repairs,
            set_apart=options.set_apart,
        )
        done = _submission(layer.format, layer.encoding, read.decision, read.notes, read.parcels)
        parts.append((layer.name, replace(done, set_apart=read.set_apart)))
    whole = joined(parts, where)
    if not whole.parcels:
        raise BadGeometry(what="文件里没有地块", where=where, fix="请确认导出时选中了地块")
    return replace(whole, notes=(*notes, *whole.notes))


def _submission(kind: str, encoding: str | None, decision: CrsDecision, notes: tuple[Note, ...], parcels: tuple[Parcel, ...]) -> Submission:
    return Submission(
        path="",
        sha256="",
        format=kind,
        encoding=encoding,
        crs=decision.code,
        evidence=decision.evidence,
        notes=notes,
        parcels=parcels,
        weighed=decision.weighed,
        others=decision.others,
    )


def _unknown(file: str) -> UnknownFormat:
    return UnknownFormat(
        what="不认识的文件格式",
        where=Where(file=file),
        why="不是矢量数据，文字里没有[地块坐标]和以“@”结尾的地块行，也没有带“X坐标、Y坐标”的表头",
        fix="请给出坐标交换文件（TXT）、Shapefile 压缩包、GeoPackage、DXF，或带表头的界址点表（Excel、CSV）",
    )
