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
from kerege.vocabulary import profile

LOCALES = {"ru": "ru-RU", "en": "en-GB"}  # other languages are those of the country
DEEP, WARNING = RGBColor(0x0B, 0x34, 0x40), RGBColor(0x8F, 0x1D, 0x1D)


def locale_of(lang: str) -> str:
    """Return the language of a text as Word names it: `kk-KZ`."""
    return LOCALES.get(lang) or f"{lang}-{profile.active().country}"


@dataclass(frozen=True)
class PressRelease:
    """Text of the press release, at most 250 words."""

    date: str
    status: str  # end of the embargo with its zone, or that it may be published
    headline: Sentence
    body: tuple[Sentence, ...]
    estimate: tuple[Sentence, ...]
    notice: str
    notes: tuple[Sentence, ...]
    omitted: str  # '' when no sentence is omitted
    help: str

    @property
    def words(self) -> int:
        """Return the number of words."""
        parts = (self.date, self.status, self.headline, *self.body, *self.estimate, self.notice, *self.notes, self.help)
        return sum(len(part.split()) for part in (*parts, self.omitted))


def compose_press_release(doc: ReportDocument, embargo: str = "") -> PressRelease:
    """Return the press release of a report; `embargo` is the end of an embargo in words.

    Sentences that the published numbers do not prove are left out, and the text says so.
    """
    prose, text = doc.prose, doc.text["press"]
    facts = doc.facts | {"hotline": TextFact(doc.hotline)}
    is_short = any(prose.omits(entry, facts) for entry in text["body"])
    return PressRelease(
        date=prose.localiser.fill(text["date"], facts),
        status=text["embargo"].replace("{x}", embargo) if embargo else text["free"],
        headline=doc.lead,
        body=tuple(prose.sentences(text["body"], facts)),
        estimate=(doc.estimate.headline, *doc.estimate.level[:-1]),
        notice=doc.estimate.notice,
        notes=tuple(prose.sentences(text["notes"], facts)),
        omitted=text["omitted"] if is_short else "",
        help=prose.localiser.fill(text["help"], facts) + doc.labels["hotline_mark"],
    )


def to_docx(doc: ReportDocument) -> bytes:
    """Return the press release as a Word file of one page."""
    press, text = compose_press_release(doc, doc.embargo), doc.text["press"]
    word = Word()
    _page(word, doc)
    _line(word, f"{text['kicker']} · {press.date} · {press.status}", size=10, bold=True, colour=DEEP)
    _style(word.add_heading(press.headline, level=1), 17, DEEP)
    for sentence in press.body:
        _bullet(word, sentence)
    _style(word.add_heading(doc.estimate.title, level=2), 11.5, DEEP)
    _line(word, " ".join(press.estimate))
    if press.notice:
        _line(word, press.notice, bold=True, colour=WARNING)
    _line(word, f"[{text['quotation']}]")
    _style(word.add_heading(text["notes_title"], level=2), 11.5, DEEP)
    for note in press.notes:
        _bullet(word, note)
    if press.omitted:
        _line(word, press.omitted)
    _line(word, press.help, bold=True)
    _line(word, doc.labels["cite"], size=8.5)
    buffer = io.BytesIO()
    word.save(buffer)
    return stilled(buffer.getvalue())


def _bullet(word: WordDocument, words: str) -> None:
    item = word.add_paragraph(words, style="List Bullet")
    item.paragraph_format.space_after = Pt(1)


def _page(word: WordDocument, doc: ReportDocument) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.3)
    section.top_margin, section.bottom_margin = Cm(1.8), Cm(1.5)
    word.core_properties.title = doc.text["press"]["kicker"]
    word.core_properties.language = locale_of(doc.lang)
    word.core_properties.author = doc.text["site"]["programme"]
    normal = word.styles["Normal"]
    normal.font.name, normal.font.size = "Noto Sans", Pt(10)
    normal.paragraph_format.space_after = Pt(5)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), locale_of(doc.lang))
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
