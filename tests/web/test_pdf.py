"""PDF from a template: PDF/UA-1, and no failure at a text that the fonts cannot show."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
import typst
from pypdf import PdfReader

from kerege.web.pdf import to_pdf

TEMPLATE = '#let d = json("data.json")\n#set document(title: "x", date: none)\n#set text(font: "Noto Sans")\n#d.text'


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """Return a template that prints one text."""
    path = tmp_path / "page.typ"
    path.write_text(TEMPLATE, encoding="utf-8")
    return path


def text_of(made: bytes) -> str:
    return PdfReader(BytesIO(made)).pages[0].extract_text()


def test_kazakh_and_russian_texts_are_pdf_ua(template: Path) -> None:
    made = to_pdf(template, {"text": "Қазақша Ёжик"}, has_typed_text=True)
    assert b"pdfuaid:part" in made
    assert text_of(made) == "Қазақша Ёжик"


def test_a_typed_text_that_the_fonts_cannot_show_leaves_the_rest_readable(template: Path) -> None:
    made = to_pdf(template, {"text": "before 金絲 after"}, has_typed_text=True)
    assert b"pdfuaid:part" not in made
    assert "before" in text_of(made)
    assert "after" in text_of(made)


def test_a_published_text_that_the_fonts_cannot_show_is_an_error(template: Path) -> None:
    with pytest.raises(typst.TypstError, match="could not be displayed"):
        to_pdf(template, {"text": "before 金絲 after"})


def test_a_broken_template_is_an_error(template: Path) -> None:
    template.write_text("#nothing", encoding="utf-8")
    with pytest.raises(typst.TypstError):
        to_pdf(template, {}, has_typed_text=True)
