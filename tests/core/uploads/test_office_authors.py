"""Names in comments and tracked changes are removed from documents; their texts stay."""

from __future__ import annotations

import io
import zipfile

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from kerege.core.uploads import clean
from kerege.core.uploads.office_authors import remove_authors
from tests.core.uploads import samples

NAME = "Қанарейкина"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
COMMENTS = f"""<?xml version="1.0" encoding="UTF-8"?>
<w:comments xmlns:w="{WORD}"><w:comment w:id="1" w:author="{NAME}" w:initials='ҚҚ'>
<w:p><w:r><w:t>author="of the text"</w:t></w:r></w:p></w:comment></w:comments>"""
# part of each format: element with a name of a person, and what must stay
PARTS = [
    (f'<w:ins w:id="1" w:author="{NAME}" w:date="2026-01-01T00:00:00Z">added</w:ins>', "added"),
    (f"<w:del w:author = '{NAME}'><w:delText>taken out</w:delText></w:del>", "taken out"),
    (f'<w15:person w15:author="{NAME}"><w15:presenceInfo w15:providerId="AD" w15:userId="{NAME}"/></w15:person>', ""),
    (f'<p:cmAuthor id="1" name="{NAME}" initials="{NAME}" lastIdx="1"/>', 'lastIdx="1"'),
    (f"<authors><author>{NAME}</author></authors>", "<author>Author</author>"),
    (f'<person displayName="{NAME}" id="{{1}}" userId="{NAME}" providerId="None"/>', 'id="{1}"'),
    (f'<header userName="{NAME}" r:id="rId1"/>', 'r:id="rId1"'),
    (f"<office:annotation><dc:creator>{NAME}</dc:creator><text:p>a note</text:p></office:annotation>", "a note"),
    (f'<x15ac:absPath url="C:\\Users\\{NAME}\\" xmlns:x15ac="urn:x"/>', 'xmlns:x15ac="urn:x"'),
    (f"<meta:creator-initials>{NAME}</meta:creator-initials>", ""),
]


@pytest.mark.parametrize(("part", "stays"), PARTS)
def test_a_name_is_removed_and_the_text_stays(part: str, stays: str) -> None:
    after = remove_authors(part.encode()).decode()
    assert NAME not in after
    assert stays in after


def test_words_of_the_document_are_not_changed() -> None:
    text = f'<w:t xml:space="preserve">The author="{NAME}" is a creator &lt;author&gt;</w:t><w:t>name="x"</w:t>'
    assert remove_authors(text.encode()).decode() == text
    assert remove_authors(b'<style name="Author"/>') == b'<style name="Author"/>'
    empty = b"<authors><author/></authors><p>words</p></a>"
    assert remove_authors(empty) == empty


def test_a_document_with_comments_keeps_them_without_the_name() -> None:
    document = samples.with_part(samples.docx(), "word/comments.xml", COMMENTS)
    after = zipfile.ZipFile(io.BytesIO(clean.clean(document).data))
    comments = after.read("word/comments.xml").decode()
    assert NAME not in comments
    assert "ҚҚ" not in comments
    assert 'author="of the text"' in comments


def test_a_comment_in_a_pdf_loses_its_author_and_a_form_keeps_its_fields() -> None:
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)

    def annotation(kind: str) -> DictionaryObject:
        facts = {"/Type": NameObject("/Annot"), "/Subtype": NameObject(kind), "/Contents": TextStringObject("words")}
        facts |= {"/T": TextStringObject(NAME)}
        return DictionaryObject({NameObject(name): value for name, value in facts.items()})

    comments = [writer._add_object(annotation("/Highlight")), annotation("/Text"), annotation("/Widget")]
    page[NameObject("/Annots")] = ArrayObject(comments)
    out = io.BytesIO()
    writer.write(out)
    after = PdfReader(io.BytesIO(clean.clean(out.getvalue()).data)).pages[0]["/Annots"]
    assert [note.get_object().get("/T") for note in after] == [None, None, NAME]
    assert {note.get_object()["/Contents"] for note in after} == {"words"}
