"""Press release of one page, as text and as a DOCX file."""

from __future__ import annotations

import io
from dataclasses import dataclass

from docx import Document as Word
from docx.document import Document as WordDocument
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from kerege.base.still_archive import stilled
from kerege.publishing.report.document import ReportDocument
from kerege.publishing.report.facts import TextFact
from kerege.publishing.report.proof import Sentence

LOCALES = {"kk": "kk-KZ", "ru": "ru-RU", "en": "en-GB"}
DEEP, WARNING = RGBColor(0x0B, 0x34, 0x40), RGBColor(0x8F, 0x1D, 0x1D)


@dataclass(frozen=True)
class PressRelease:
    """Text of the press release."""

    date: str
    headline: str
    body: tuple[Sentence, ...]
    caution: Sentence
    omitted: str  # '' when no sentence is omitted
    help: str


def compose_press_release(doc: ReportDocument) -> PressRelease:
    """Return the press release of a report.

    Sentences with unpublished facts are left out, and the text says so.
    """
    prose, text, facts = doc.prose, doc.text["press"], doc.facts | {"hotline": TextFact(doc.hotline)}
    return PressRelease(
        date=prose.localiser.fill(text["date"], facts),
        headline=doc.lead.removesuffix("."),
        body=tuple(prose.sentences(text["body"], facts)),
        caution=prose.first(text["caution"], facts),
        omitted=text["omitted"] if any(prose.omits(entry, facts) for entry in text["body"]) else "",
        help=prose.localiser.fill(text["help"], facts),
    )


def to_docx(doc: ReportDocument) -> bytes:
    """Return the press release as a Word file of one page."""
    press, text = compose_press_release(doc), doc.text["press"]
    word = Word()
    _page(word, doc)
    _line(word, f"{text['kicker']} · {press.date}", size=10, bold=True, colour=DEEP)
    heading = word.add_heading(press.headline, level=1)
    _style(heading, 17, DEEP)
    for paragraph in press.body:
        _line(word, paragraph)
    _style(word.add_heading(text["facts_title"], level=2), 11.5, DEEP)
    for value, caption in doc.keys:
        item = word.add_paragraph(style="List Bullet")
        item.add_run(value).bold = True
        item.add_run(f" {caption}")
        item.paragraph_format.space_after = Pt(1)
    _style(word.add_heading(text["caution_title"], level=2), 11.5, DEEP)
    _line(word, f"{press.caution} {press.omitted}".strip())
    _line(word, press.help, bold=True)
    _line(word, doc.labels["cite"], size=8.5)
    buffer = io.BytesIO()
    word.save(buffer)
    return stilled(buffer.getvalue())


def _page(word: WordDocument, doc: ReportDocument) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.3)
    section.top_margin, section.bottom_margin = Cm(1.8), Cm(1.5)
    word.core_properties.title = doc.text["press"]["kicker"]
    word.core_properties.language = LOCALES[doc.lang]
    word.core_properties.author = doc.text["site"]["programme"]
    normal = word.styles["Normal"]
    normal.font.name, normal.font.size = "Noto Sans", Pt(10)
    normal.paragraph_format.space_after = Pt(5)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), LOCALES[doc.lang])
    normal.element.get_or_add_rPr().append(language)
    if doc.invented:
        mark = section.header.paragraphs[0].add_run(doc.text["site"]["invented"])
        mark.bold, mark.font.size, mark.font.color.rgb = True, Pt(8.5), WARNING


def _style(paragraph: Paragraph, size: float, colour: RGBColor) -> None:
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(7), Pt(3)
    for run in paragraph.runs:
        run.font.name, run.font.size, run.font.color.rgb = "Noto Sans", Pt(size), colour
        fonts = run._element.get_or_add_rPr().get_or_add_rFonts()
        for name in ("w:hAnsi", "w:cs", "w:eastAsia"):  # otherwise headings keep the theme's font for Cyrillic
            fonts.set(qn(name), "Noto Sans")


def _line(word: WordDocument, words: str, size: float = 10, bold: bool = False, colour: RGBColor | None = None) -> None:
    run = word.add_paragraph().add_run(words)
    run.bold, run.font.size = bold, Pt(size)
    if colour is not None:
        run.font.color.rgb = colour
