"""A Word file around its text: page, header with day and fingerprint, footer with page x of y, properties; the same bytes every time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from xygis.atlas.verdict import DEMO_STAMP
from xygis.office_seal import as_written
from xygis.report.pages import TEMPLATES
from xygis.report.word_xml import NAMESPACES, TAB, TEXT_WIDTH_CM, field, paragraph, run, twips
from xygis.report.wording import shortened
from xygis.visible import visible

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_PAGE_CM = (21.0, 29.7)
_MARGINS_CM = {"top": 2.5, "bottom": 2.1, "left": 2.4, "right": 2.2, "header": 1.3, "footer": 1.1}
_LYING_CM = {"top": 2.1, "bottom": 1.7, "left": 1.8, "right": 1.8, "header": 1.1, "footer": 0.9}
_AUTHOR = "xygis"
_LANGUAGE = "zh-CN"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first day that a zip can say: when a report was written is no part of it
_SETTINGS = (
    '<w:settings {}><w:zoom w:percent="100"/><w:bordersDoNotSurroundHeader/><w:bordersDoNotSurroundFooter/><w:defaultTabStop w:val="420"/>'
    '<w:characterSpacingControl w:val="compressPunctuation"/><w:compat>'
    '<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
    '<w:themeFontLang w:val="zh-CN" w:eastAsia="zh-CN"/><w:decimalSymbol w:val="."/><w:listSeparator w:val=","/></w:settings>'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imprint:
    """What stands around the text. foot: day and fingerprint; demo: the stamp stands on every page."""

    title: str
    subject: str
    day: date
    foot: str
    demo: bool
    landscape: bool = False


def empty_word(width_cm: float = TEXT_WIDTH_CM) -> WordDocument:
    """A document without text, with our styles and settings only. width_cm: of its text; tabs lead to its right edge."""
    import docx
    from docx.oxml import parse_xml

    word = docx.Document()
    styles = word.styles.element
    latent = [e for e in styles if e.tag.endswith("}latentStyles")]
    edge = 'w:pos="{}"'.format
    text = (TEMPLATES / "word_styles.xml").read_text("utf-8").replace(edge(twips(TEXT_WIDTH_CM)), edge(twips(width_cm)))
    made = parse_xml(text.encode("utf-8"))
    for element in list(styles):
        styles.remove(element)
    children = list(made)
    styles.extend([*children[:1], *latent, *children[1:]])  # docDefaults, then the list of built-in names, then the styles
    for relation in word.part.rels.values():
        if relation.reltype.endswith("/fontTable"):
            relation.target_part._blob = (TEMPLATES / "word_fonts.xml").read_bytes()
    settings = word.settings.element
    for element in list(settings):
        settings.remove(element)
    settings.extend(list(parse_xml(_SETTINGS.format(NAMESPACES))))
    return word


def finished(word: WordDocument, body: str, imprint: Imprint, sheets: Sequence[tuple[str, float, float]] = ()) -> bytes:
    """The file. body: paragraphs and tables as XML; sheets: (picture, width, height in mm) of the maps behind it."""
    from docx.oxml import parse_xml

    made = parse_xml(f"<w:body {NAMESPACES}>{body}</w:body>")
    made.append(word.element.body.sectPr)
    word.element.replace(word.element.body, made)  # at once: moving paragraph by paragraph takes the square of their number
    _page(word, imprint)
    _bind(made, sheets)
    properties = word.core_properties
    at = datetime(imprint.day.year, imprint.day.month, imprint.day.day)
    properties.title, properties.subject = visible(imprint.title)[:255], visible(imprint.subject)[:255]
    properties.author = properties.last_modified_by = _AUTHOR
    properties.language, properties.keywords = _LANGUAGE, imprint.foot
    properties.comments = DEMO_STAMP if imprint.demo else ""
    properties.created = properties.modified = at
    properties.revision = 1
    return as_written(_same_bytes(word))


def _bind(body: Any, sheets: Sequence[tuple[str, float, float]]) -> None:
    """Each sheet is a section of its own paper, without head and foot: it has its own title, stamp and source."""
    from docx.oxml import parse_xml

    sections = [body.sectPr, *(parse_xml(_section(width, height)) for _, width, height in sheets)]
    body.remove(body.sectPr)
    contents = ["", *(picture for picture, _, _ in sheets)]
    for content, section in zip(contents[:-1] if sheets else [], sections[:-1], strict=True):
        made = parse_xml(f'<w:p {NAMESPACES}><w:pPr><w:pStyle w:val="After"/></w:pPr>{content}</w:p>')
        made.pPr.append(section)
        body.append(made)
    if sheets:
        body.append(parse_xml(f'<w:p {NAMESPACES}><w:pPr><w:pStyle w:val="After"/></w:pPr>{contents[-1]}</w:p>'))
    body.append(sections[-1])


def _section(width_mm: float, height_mm: float) -> str:
    """titlePg: the first page has a head and a foot of its own, which are empty."""
    turned = ' w:orient="landscape"' if width_mm > height_mm else ""
    return (
        f'<w:sectPr {NAMESPACES}><w:type w:val="nextPage"/><w:pgSz w:w="{twips(width_mm / 10)}" w:h="{twips(height_mm / 10)}"{turned}/>'
        '<w:pgMar w:top="567" w:right="567" w:bottom="567" w:left="567" w:header="284" w:footer="284" w:gutter="0"/><w:titlePg/></w:sectPr>'
    )


def _page(word: WordDocument, imprint: Imprint) -> None:
    """A4; header: day, fingerprint, stamp; footer: title, 第 x 页，共 y 页."""
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm

    section = word.sections[0]
    margins = _LYING_CM if imprint.landscape else _MARGINS_CM
    section.page_width, section.page_height = (Cm(v) for v in (_PAGE_CM[::-1] if imprint.landscape else _PAGE_CM))
    section.orientation = WD_ORIENT.LANDSCAPE if imprint.landscape else WD_ORIENT.PORTRAIT
    for side in ("top", "bottom", "left", "right"):
        setattr(section, f"{side}_margin", Cm(margins[side]))
    section.header_distance, section.footer_distance = Cm(margins["header"]), Cm(margins["footer"])
    stamp = TAB + run(f" {DEMO_STAMP} ", style="Stamp") if imprint.demo else ""
    count = f"{run('第 ')}{field('PAGE', '1')}{run(' 页，共 ')}{field('NUMPAGES', '1')}{run(' 页')}"
    _replace(section.header, paragraph(run(imprint.foot) + stamp, "Header"))
    _replace(section.footer, paragraph(run(shortened(imprint.title, 40)) + TAB + count, "Footer"))


def _replace(part: object, text: str) -> None:
    from docx.oxml import parse_xml

    element = part._element  # type: ignore[attr-defined]  # the library keeps it behind an underscore
    for old in list(element):
        element.remove(old)
    element.extend(list(parse_xml(f"<w:hdr {NAMESPACES}>{text}</w:hdr>")))


def _same_bytes(word: WordDocument) -> bytes:
    """Without the template's preview picture and lists, and without the time of writing."""
    package = word.part.package
    for holder, kind in ((package, "/thumbnail"), (word.part, "/numbering")):
        for key in [k for k, r in holder.rels.items() if r.reltype.endswith(kind)]:
            del holder.rels[key]
    memory = io.BytesIO()
    word.save(memory)
    out = io.BytesIO()
    with zipfile.ZipFile(memory) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in given.namelist():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            kept.writestr(entry, given.read(name))
    return out.getvalue()
