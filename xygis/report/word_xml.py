"""Pieces of WordprocessingML as text: runs, paragraphs, fields, bookmarks, pictures. Every string that comes in is escaped here.

Text is put together and parsed once, because the library's own way takes a minute for the tables of two hundred parcels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from xygis.visible import visible

TEXT_WIDTH_CM = 16.4  # A4 less the margins of templates/word_styles.xml
WIDE_TEXT_CM = 26.1  # of a sheet that lies on its side
_AMBIGUOUS = re.compile("[“”‘’…—·×²±§]")  # signs that Western fonts have too, narrower
_EMU_CM = 360_000
_NAMESPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
}
NAMESPACES = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())


def twips(cm: float) -> int:
    """Twentieths of a point."""
    return round(cm * 1440 / 2.54)


def run(text: str, *, style: str = "", bold: bool = False, colour: str = "", size_pt: float = 0.0) -> str:
    """Text with its look; colour: #rrggbb. Nothing for empty text."""
    if not text:
        return ""
    looks = f'<w:rStyle w:val="{style}"/>' if style else ""
    looks += '<w:rFonts w:hint="eastAsia"/>' if _AMBIGUOUS.search(text) else ""
    looks += "<w:b/>" if bold else ""
    looks += f'<w:color w:val="{colour.lstrip("#").upper()}"/>' if colour else ""
    looks += f'<w:sz w:val="{round(size_pt * 2)}"/><w:szCs w:val="{round(size_pt * 2)}"/>' if size_pt else ""
    return f'<w:r>{f"<w:rPr>{looks}</w:rPr>" if looks else ""}<w:t xml:space="preserve">{escape(visible(text))}</w:t></w:r>'


TAB = "<w:r><w:tab/></w:r>"


def paragraph(content: str, style: str = "", *, align: str = "", keep_next: bool = False, new_page: bool = False) -> str:
    """A paragraph of runs; align: left, right, center."""
    looks = f'<w:pStyle w:val="{style}"/>' if style else ""
    looks += "<w:keepNext/>" if keep_next else ""
    looks += "<w:pageBreakBefore/>" if new_page else ""
    looks += f'<w:jc w:val="{align}"/>' if align else ""
    return f"<w:p>{f'<w:pPr>{looks}</w:pPr>' if looks else ''}{content}</w:p>"


def field(code: str, shown: str, *, bold: bool = False) -> str:
    """A field with the result that stands until it is updated."""
    part = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'.format
    return f"{part('begin')}{instruction(code)}{part('separate')}{run(shown, bold=bold)}{part('end')}"


def instruction(code: str) -> str:
    """What a field is to show."""
    return f'<w:r><w:instrText xml:space="preserve"> {escape(code)} </w:instrText></w:r>'


def bookmark(content: str, name: str, number: int) -> str:
    """Content that a table of contents can lead to."""
    return f'<w:bookmarkStart w:id="{number}" w:name={quoteattr(name)}/>{content}<w:bookmarkEnd w:id="{number}"/>'


def link(content: str, to: str) -> str:
    """Content that leads to a bookmark."""
    return f'<w:hyperlink w:anchor={quoteattr(to)} w:history="1">{content}</w:hyperlink>'


def picture(relation: str, number: int, *, width_cm: float, height_cm: float, alt: str, raised_pt: float = 0.0) -> str:
    """A picture in the line. alt: in words; "" for one whose words stand beside it. raised_pt: above the line, negative below."""
    size = _extent(width_cm, height_cm)
    looks = f'<w:rPr><w:position w:val="{round(raised_pt * 2)}"/></w:rPr>' if raised_pt else ""
    return (
        f'<w:r>{looks}<w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/>'
        f"{_graphic(relation, number, size, alt)}</wp:inline></w:drawing></w:r>"
    )


def sheet_picture(relation: str, number: int, *, width_cm: float, height_cm: float, alt: str) -> str:
    """A picture that lies on the paper from its corner, at its true size, whatever the margins are."""
    size = _extent(width_cm, height_cm)
    corner = "".join(f'<wp:position{x} relativeFrom="page"><wp:posOffset>0</wp:posOffset></wp:position{x}>' for x in "HV")
    return (
        '<w:r><w:drawing><wp:anchor distT="0" distB="0" distL="0" distR="0" simplePos="0" relativeHeight="1" behindDoc="0" locked="0" '
        f'layoutInCell="1" allowOverlap="1"><wp:simplePos x="0" y="0"/>{corner}<wp:extent {size}/>'
        f'<wp:effectExtent l="0" t="0" r="0" b="0"/><wp:wrapNone/>{_graphic(relation, number, size, alt)}</wp:anchor></w:drawing></w:r>'
    )


def _extent(width_cm: float, height_cm: float) -> str:
    return f'cx="{round(width_cm * _EMU_CM)}" cy="{round(height_cm * _EMU_CM)}"'


def _graphic(relation: str, number: int, size: str, alt: str) -> str:
    """What inline and anchored pictures have in common; one without words says that it is decoration."""
    mute = (
        ""
        if alt
        else '<a:extLst><a:ext uri="{C183D7F6-B498-43B3-948B-1728B52AA6E4}"><adec:decorative '
        'xmlns:adec="http://schemas.microsoft.com/office/drawing/2017/decorative" val="1"/></a:ext></a:extLst>'
    )
    return (
        f'<wp:docPr id="{number}" name="图 {number}" descr={quoteattr(visible(alt))}>{mute}</wp:docPr>'
        f'<wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr>'
        f'<a:graphic><a:graphicData uri="{_NAMESPACES["pic"]}"><pic:pic>'
        f'<pic:nvPicPr><pic:cNvPr id="{number}" name="{number}.png"/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm>'
        f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
    )


def frame(
    rows: Sequence[Sequence[str]],
    widths_cm: Sequence[float],
    *,
    edge: str = "",
    dashed: bool = False,
    around: bool = False,
    fills: Sequence[str] = (),
) -> str:
    """A table that only puts things side by side; a row with one cell spans all columns.

    rows: cells as paragraphs. edge: colour of the bar at its left; around: of a thin line on the other sides too. fills: of
    the cells, one after another.
    """
    colour = edge.lstrip("#").upper()
    nothing = 'w:val="nil"'
    thin = f'w:val="single" w:sz="8" w:space="0" w:color="{colour}"' if around else nothing
    left = f'w:val="{"dashed" if dashed else "single"}" w:sz="36" w:space="0" w:color="{colour}"' if edge else nothing
    inside = 'w:val="single" w:sz="4" w:space="0" w:color="CFD5DA"' if around else nothing
    borders = f"<w:top {thin}/><w:left {left}/><w:bottom {thin}/><w:right {thin}/><w:insideH {inside}/><w:insideV {inside}/>"
    shades = iter(fills)
    body = "".join(_frame_row(cells, widths_cm, shades) for cells in rows)
    grid = "".join(f'<w:gridCol w:w="{twips(w)}"/>' for w in widths_cm)
    inset = 113 if edge else 0
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{twips(sum(widths_cm))}" w:type="dxa"/><w:tblInd w:w="{45 if edge else 0}" w:type="dxa"/>'
        f'<w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        f'<w:tblCellMar><w:top w:w="{inset // 2}" w:type="dxa"/><w:left w:w="{inset}" w:type="dxa"/><w:bottom w:w="{inset // 2}" w:type="dxa"/>'
        f'<w:right w:w="{inset}" w:type="dxa"/></w:tblCellMar><w:tblLook w:val="0000"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl>"
    )


def _frame_row(cells: Sequence[str], widths_cm: Sequence[float], shades: Iterator[str]) -> str:
    span = f'<w:gridSpan w:val="{len(widths_cm)}"/>' if len(cells) < len(widths_cm) else ""
    body = ""
    for cell, width in zip(cells, (sum(widths_cm),) if span else widths_cm, strict=True):
        fill = next(shades, "")
        shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill.lstrip("#").upper()}"/>' if fill else ""
        body += f'<w:tc><w:tcPr><w:tcW w:w="{twips(width)}" w:type="dxa"/>{span}{shade}</w:tcPr>{cell}</w:tc>'
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{body}</w:tr>"
