"""PDF documents are written anew: without information about author and program, without anything that acts."""

from __future__ import annotations

import io
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject

from kerege.core.uploads.kinds import Unwelcome

MOST_PAGES = 2_000
MOST_OBJECTS = 200_000
# actions that run, open, fetch or send something
ACTIONS = {
    "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/Movie", "/Sound", "/GoToE",
    "/RichMediaExecute",
}  # fmt: skip
# what a document carries besides its pages
CARRIED = {"/EmbeddedFile", "/EmbeddedFiles", "/JS", "/XFA", "/RichMediaContent"}
# who wrote it, with what, when; thumbnails and private data of programs
TOLD = ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb")
TAIL = 1024


def clean(data: bytes, kind: str = "pdf") -> bytes:
    """The same pages in a new document; raises Unwelcome for what acts, is locked or hides something."""
    if data.rfind(b"%%EOF") < len(data) - TAIL or data.rstrip(b"\r\n\t \0")[-5:] != b"%%EOF":
        raise Unwelcome("hidden")
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise Unwelcome("locked")
        if len(reader.pages) > MOST_PAGES:
            raise Unwelcome("bomb")
        writer = PdfWriter(clone_from=reader)
        strip(writer)
        out = io.BytesIO()
        writer.write(out)
    except Unwelcome:
        raise
    except Exception:  # a hostile document can fail in every way
        raise Unwelcome("damaged") from None
    return out.getvalue()


def strip(writer: PdfWriter) -> None:
    """Look at every object of the new document, and take out what tells of its author."""
    objects = [writer.get_object(number) for number in range(1, len(writer._objects) + 1)]
    if len(objects) > MOST_OBJECTS:
        raise Unwelcome("bomb")
    for item in objects:
        look(item)
    for item in objects:
        if isinstance(item, DictionaryObject):
            for name in TOLD:
                item.pop(NameObject(name), None)
    writer.metadata = None
    writer._ID = None


def look(item: Any) -> None:
    """Raise Unwelcome when a value, or one inside it, does something. References are objects of their own."""
    waiting = [item]
    while waiting:
        value = waiting.pop()
        if isinstance(value, IndirectObject):
            continue
        if isinstance(value, DictionaryObject):
            if value.keys() & CARRIED or value.get("/S") in ACTIONS or value.get("/Type") in CARRIED:
                raise Unwelcome("active")
            waiting.extend(value.raw_get(name) for name in value)
        elif isinstance(value, ArrayObject):
            waiting.extend(list.__iter__(value))
