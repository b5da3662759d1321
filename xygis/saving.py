"""Writes a result into a folder in the formats asked for: reports, maps and patches, each file whole or not at all."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from xygis.errors import OutputFailed, Where, XygisError, os_words
from xygis.outputs import CONSISTENCY_FORMATS, NAMES, OUTPUTS, Output, Renderings

if TYPE_CHECKING:  # every kind of result has its own libraries: only the one at hand is loaded
    from datetime import date

    from xygis.atlas.atlas import Atlas
    from xygis.check.assessment import Assessment
    from xygis.check.portfolio import Portfolio
    from xygis.consistency.notes import PatchNotes
    from xygis.consistency.quality.file import FileQuality
    from xygis.consistency.result import Consistency
    from xygis.suspects.result import Suspects

_Made = TypeVar("_Made")
_NOTED = ("consistency.xlsx", "consistency.gpkg")  # people write into these
_OFFICE = (".docx", ".xlsx")  # people work on these
_HTML = (".html", ".htm")
_SIGNATURE = "report.sig"
_TABLES = ("measures.csv", "summary.csv", "summary.xlsx", "summary.gpkg", "classes.csv")
_REMEDY = re.compile(r"remedy-\d+-(cut(-\w+)?|shift)\.txt")  # boundary points that an earlier run suggested
_WRITTEN = "written.txt"  # in the folder of kept rows: which files a portfolio wrote, for the next run to tell from others'


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """written: (label, path) of every file; failed: one error for each format that could not be written.

    removed: names of an earlier run's files that were taken away.
    """

    written: tuple[tuple[str, Path], ...]
    failed: tuple[XygisError, ...] = ()
    removed: tuple[str, ...] = ()


def save_assessment(assessment: Assessment, folder: Path, formats: Sequence[str], *, paper: str = "A4") -> Saved:
    """Writes every format that can be written: one that fails leaves the others. Maps need the atlas that it was made on.

    paper: of maps.pdf, A4 or A3. Raises OutputFailed where the folder cannot be made, or where nothing at all could be written.
    """
    make_folder(folder)
    ours_before = _ours(folder)
    made = Renderings(assessment, paper=paper)
    wanted = [o for name, outputs in OUTPUTS.items() if name in formats for o in outputs]
    aside = _aside(folder, ours_before | {name for output in wanted for _, name in output.files})
    written, failed = _write_each(wanted, made, folder, drawn=lambda: made.drawn)
    if assessment.remedy_options is not None:
        from xygis.convert.remedy_files import write_remedies

        try:
            written += [("调整", path) for path in write_remedies(assessment, folder)]
        except XygisError as error:
            failed.append(error)
    removed = _only(folder, ours_before, written)
    if failed and not written:
        raise failed[0]
    return Saved(written=tuple(written + aside), failed=tuple(failed), removed=removed)


def _aside(folder: Path, names: Collection[str]) -> list[tuple[str, Path]]:
    """(label, path) of office files that somebody has worked on, which are kept under another name. Raises OutputFailed."""
    from xygis.office_seal import put_aside

    kept = []
    for name in sorted(n for n in names if n.endswith(_OFFICE)):
        try:
            path = put_aside(folder / name)
        except OSError as error:
            raise OutputFailed(
                what=f"{name} 有人改过，移不开：{os_words(error)}",
                where=Where(file=str(folder / name)),
                fix="请关闭打开它的程序，或换一个输出目录",
            ) from error
        kept += [("原稿", path)] if path is not None else []
    return kept


def _write_each(
    wanted: Sequence[Output[_Made]], made: _Made, folder: Path, *, drawn: Callable[[], bool]
) -> tuple[list[tuple[str, Path]], list[XygisError]]:
    """What could be written, and an error for each output that could not. drawn: whether there is anything to put on a map."""
    written: list[tuple[str, Path]] = []
    failed: list[XygisError] = []
    for output in wanted:
        try:
            if output.needs_map and not drawn():
                continue
            output.write(made, folder)
        except XygisError as error:
            failed.append(error)
        except Exception as error:  # noqa: BLE001 - whatever breaks one format, the others are written, and it is told
            failed.append(_broken(output, folder, error))
        else:
            written += [(label, folder / name) for label, name in output.files]
    return written, failed


def _broken(output: Output[_Made], folder: Path, error: Exception) -> OutputFailed:
    names = "、".join(name for _, name in output.files)
    return OutputFailed(
        what=f"{names} 没有写成：{type(error).__name__}：{error}",
        where=Where(file=str(folder / output.files[0][1])),
        fix="其他格式已照常写出；请把送审文件和这条消息交给维护者",
    )


def make_folder(folder: Path) -> None:
    """Raises OutputFailed where results cannot be put there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputFailed(what=f"不能建立输出目录：{os_words(error)}", where=Where(file=str(folder)), fix="请换一个可写的目录") from error


def _ours(folder: Path) -> set[str]:
    """The files that an earlier run wrote here; nobody else's file is ever taken away."""
    from xygis.check.rows import FOLDER

    ours: set[str] = set()
    if _is_report(folder, b'"xygis/assessment/1"'):
        ours |= NAMES
        with contextlib.suppress(OSError):
            if b'"remedy_options"' in (folder / "report.json").read_bytes():
                ours |= {path.name for path in folder.glob("remedy-*.txt") if _REMEDY.fullmatch(path.name)}
    with contextlib.suppress(OSError), (folder / "brief.html").open("rb") as file:
        if b'<meta name="generator" content="xygis' in file.read(2000):  # a brief alone has no report.json beside it
            ours |= NAMES
    with contextlib.suppress(OSError):
        ours |= set(_TABLES) & set((folder / FOLDER / _WRITTEN).read_text("utf-8").split())
    return ours


def _is_report(folder: Path, schema: bytes) -> bool:
    """Whether report.json there is one of these."""
    with contextlib.suppress(OSError), (folder / "report.json").open("rb") as file:
        return schema in file.read(200)
    return False


def _only(folder: Path, ours_before: set[str], written: Sequence[tuple[str, Path]]) -> tuple[str, ...]:
    """An earlier run's files must not stand beside this one's as if they belonged together. Names of those taken away."""
    removed = []
    signature = {_SIGNATURE} if ours_before else set()  # of what is now replaced
    for name in sorted((ours_before | signature) - {path.name for _, path in written}):
        with contextlib.suppress(OSError):
            (folder / name).unlink()
            removed.append(name)
    return tuple(removed)


def save_portfolio(portfolio: Portfolio, folder: Path, formats: Sequence[str]) -> list[tuple[str, Path]]:
    """(label, path) of every file written: tables of a row a parcel, as csv, xlsx and gpkg. Raises OutputFailed."""
    make_folder(folder)
    ours_before = _ours(folder)
    from xygis.check.rows import FOLDER
    from xygis.report.summary import summary_of

    summary = summary_of(portfolio)
    written = []
    if "csv" in formats:
        from xygis.report.writing import write_measures_and_summary

        write_measures_and_summary(summary, folder / "measures.csv", folder / "summary.csv")
        written += [("量算", folder / "measures.csv"), ("汇总", folder / "summary.csv")]
    if "xlsx" in formats:
        from xygis.report.workbook import write_workbook

        write_workbook(portfolio, summary, folder / "summary.xlsx")
        written.append(("表格", folder / "summary.xlsx"))
    if "gpkg" in formats:
        from xygis.report.summary_gpkg import write_summary_gpkg

        write_summary_gpkg(portfolio, summary, folder / "summary.gpkg")
        written.append(("图形", folder / "summary.gpkg"))
    if "classes" in formats:
        from xygis.report.writing import write_classes_csv

        write_classes_csv(portfolio.names, portfolio.class_sums, folder / "classes.csv")
        written.append(("分类", folder / "classes.csv"))
    _only(folder, ours_before, written)
    if (folder / FOLDER).is_dir():
        from xygis.report.writing import write_whole

        write_whole(folder / FOLDER / _WRITTEN, "\n".join(path.name for _, path in written).encode())
    return written


def save_consistency(consistency: Consistency, atlas: Atlas, folder: Path, formats: Sequence[str] = CONSISTENCY_FORMATS) -> Saved:
    """Writes every format that can be written: one that fails leaves the others.

    Files of an earlier run that somebody has written notes in, which are not in this result, are put aside, not overwritten.
    Raises OutputFailed where the folder cannot be made, or where nothing at all could be written.
    """
    from xygis.consistency_outputs import CONSISTENCY_OUTPUTS, ConsistencyRenderings
    from xygis.consistency_outputs import NAMES as CONSISTENCY_NAMES

    make_folder(folder)
    ours_before = set(CONSISTENCY_NAMES) if _is_report(folder, b'"xygis/consistency/1"') else set()
    made = ConsistencyRenderings(consistency, atlas)
    wanted = [o for name, outputs in CONSISTENCY_OUTPUTS.items() if name in formats for o in outputs]
    aside: list[tuple[str, Path]] = []
    kept: list[XygisError] = []
    for name in _NOTED:
        asked = any(name == n for o in wanted for _, n in o.files)
        if not asked and name not in ours_before:
            continue
        try:
            moved = _put_aside(folder / name, consistency if asked else None)
        except XygisError as error:  # what people have written is never overwritten
            kept.append(error)
            wanted = [o for o in wanted if name not in {n for _, n in o.files}]
            ours_before -= {name}
        else:
            aside += [("原意见", moved)] if moved is not None else []
    aside += _aside(folder, (ours_before | {name for output in wanted for _, name in output.files}) - set(_NOTED))
    written, failed = _write_each(wanted, made, folder, drawn=lambda: made.drawn)
    removed = _only(folder, ours_before, written)
    if (kept or failed) and not written:
        raise [*kept, *failed][0]
    return Saved(written=(*written, *aside), failed=(*kept, *failed), removed=removed)


def _put_aside(path: Path, consistency: Consistency | None) -> Path | None:
    """Renames a file that holds notes which are not written anew: all of them where consistency is None. None: nothing to lose."""
    from xygis.consistency.notes_file import read_notes
    from xygis.errors import FieldMissing, XygisError
    from xygis.office_seal import free_name

    if not path.is_file():
        return None
    known: set[tuple[str, PatchNotes]] = set()
    if consistency is not None:
        gone = consistency.tracking.gone if consistency.tracking is not None else ()
        known = {(p.id, p.notes) for p in (*consistency.patches, *(g.patch for g in gone))}
        known |= {(u.id, u.notes) for u in consistency.unplaced}
    try:
        if all((row.id, row.notes) in known for row in read_notes(path) if row.notes):
            return None
    except FieldMissing:
        return None  # not a list of patches
    except XygisError:
        pass  # what cannot be read may hold anything
    try:
        return path.rename(free_name(path))
    except OSError as error:
        raise OutputFailed(
            what=f"{path.name} 里有人填过意见，移不开", where=Where(file=str(path)), fix="请关闭打开它的程序，或换一个输出目录"
        ) from error


def save_suspects(result: Suspects, atlas: Atlas, folder: Path) -> list[tuple[str, Path]]:
    """(label, path) of every file written: report, map where there is something to show, list, patches, data.

    Raises OutputFailed where the folder cannot be written.
    """
    from xygis.cartography.suspects_page import render_suspects_page
    from xygis.report.contract import json_text
    from xygis.report.suspects_contract import suspects_dict
    from xygis.report.suspects_gpkg import write_suspects_gpkg
    from xygis.report.suspects_html import suspects_html
    from xygis.report.suspects_workbook import write_suspects_workbook
    from xygis.report.writing import write_whole

    make_folder(folder)
    aside = _aside(folder, {"suspects.xlsx"})
    shown = render_suspects_page(result, atlas)
    page, note = shown if shown is not None else (None, "")
    html = suspects_html(result, county_figure=_suspects_figure(result, atlas), map_page=page, map_note=note)
    write_whole(folder / "report.html", html.encode("utf-8"))
    written = [("报告", folder / "report.html")]
    if page is not None:
        write_whole(folder / "map.html", page.encode("utf-8"))
        written.append(("地图", folder / "map.html"))
    write_suspects_workbook(result, folder / "suspects.xlsx")
    write_suspects_gpkg(result, folder / "suspects.gpkg")
    write_whole(folder / "report.json", json_text(suspects_dict(result)).encode("utf-8"))
    written += [("清单", folder / "suspects.xlsx"), ("图斑", folder / "suspects.gpkg"), ("数据", folder / "report.json")]
    return [*written, *aside]


def _suspects_figure(result: Suspects, atlas: Atlas) -> str | None:
    """Counties by the area of suspected patches, pins at those to go to first; None without counties."""
    from xygis.cartography.county_figure import county_figure
    from xygis.report.suspects_tables import PINS

    values = {t.code: t.area_m2[0] / 1e4 for t in result.by_county if t.code is not None}
    if not values:
        return None
    points = [(p, p.geometry.representative_point()) for p in result.worked[:PINS]]
    pins = [(str(p.priority), point.x, point.y) for p, point in points]
    title = "各县（市、区）疑似违法面积"
    return county_figure(values, atlas, unit="公顷", decimals=2, title=title, pins=pins, width_px=404, height_px=330)


def save_quality(found: FileQuality, folder: Path) -> list[tuple[str, Path]]:
    """(label, path) of every file written: the result, the errors as a workbook and as a GeoPackage. Raises OutputFailed."""
    from xygis.report.contract import json_text
    from xygis.report.quality_contract import quality_dict
    from xygis.report.quality_errors import write_quality_errors
    from xygis.report.quality_workbook import write_quality_workbook
    from xygis.report.writing import write_whole

    make_folder(folder)
    write_whole(folder / "quality.json", json_text(quality_dict(found)).encode("utf-8"))
    write_quality_workbook(found, folder / "quality.xlsx")
    (folder / "quality.gpkg").unlink(missing_ok=True)
    write_quality_errors(found.quality.faults, folder / "quality.gpkg")
    return [("数据", folder / "quality.json"), ("表格", folder / "quality.xlsx"), ("图形", folder / "quality.gpkg")]


def save_handbook(atlas: Atlas, on: date, path: Path) -> Path:
    """The handbook of all rules as one HTML file, whole or not at all. Raises OutputFailed where it cannot be written."""
    from xygis.report.handbook import handbook_html
    from xygis.report.writing import write_whole

    if path.suffix.lower() not in _HTML:
        raise OutputFailed(what="手册只写成 HTML", where=Where(file=str(path)), fix="文件名以 .html 结尾；要 PDF，在浏览器里打开后打印")
    write_whole(path, handbook_html(atlas, on).encode("utf-8"))
    return path
