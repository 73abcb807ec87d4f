"""PDF documents are written anew: without information about author and program, without anything that acts."""

from __future__ import annotations

import io
import re
from typing import Any

from pypdf import PdfReader, PdfWriter, filters
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, StreamObject

from kerege.core.uploads.file_types import Unwelcome
from kerege.core.uploads.image_metadata import bare

MOST_PAGES = 2_000
MOST_OBJECTS = 200_000
# actions that a person starts and that stay in the document, or lead to an address of the web
FOLLOWED = {"/GoTo", "/URI", "/Named", "/Hide", "/SetOCGState", "/Trans", "/ResetForm"}
# these run, open, fetch or send something, wherever they stand
ACTIONS = {
    "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/Movie", "/Sound", "/GoToE", "/GoToR",
    "/GoTo3DView", "/GoToDp", "/RichMediaExecute",
}  # fmt: skip
# what a document carries besides its pages, and what runs by itself
CARRIED = {
    "/EmbeddedFile", "/EmbeddedFiles", "/EF", "/JS", "/JavaScript", "/XFA", "/RichMediaContent", "/RichMediaSettings",
    "/Collection", "/OnInstantiate", "/AlternatePresentations", "/Renditions", "/AA",
}  # fmt: skip
SHOWS = {"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/3D", "/Screen", "/EmbeddedFile", "/U3D", "/PRC"}
# pages and pictures that stand in another file
ELSEWHERE = {"/OPI", "/Ref"}
# who wrote it, with what, when; thumbnails and private data of programs
TOLD = ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb")
WEB = re.compile(r"\s*(?:https?|mailto|tel|ftp):", re.I)
NO_SCHEME = re.compile(r"(?![a-z][a-z0-9+.-]*:|[/\\]{2})", re.I)
PHOTOGRAPHS = {"/DCTDecode", "/DCT", "/JPXDecode"}
TAIL = 1024
DEEP = 16


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
    opened(resolved(writer.root_object.get("/OpenAction")))
    for item in objects:
        if isinstance(item, DictionaryObject):
            for name in TOLD:
                item.pop(NameObject(name), None)
        if isinstance(item, StreamObject):
            repaint(item)
    writer.metadata = None
    writer._ID = None


def resolved(value: Any) -> Any:
    """What a value is, behind its references."""
    for _ in range(DEEP):
        if not isinstance(value, IndirectObject):
            return value
        value = value.get_object()
    raise Unwelcome("damaged")


def look(item: Any) -> None:
    """Raise Unwelcome when a value, or one inside it, does something. Objects behind references have their own turn."""
    waiting = [item]
    while waiting:
        value = waiting.pop()
        if isinstance(value, IndirectObject):
            continue
        if isinstance(value, DictionaryObject):
            judge(value)
            waiting.extend(value.raw_get(name) for name in value)
        elif isinstance(value, ArrayObject):
            waiting.extend(list.__iter__(value))


def judge(value: DictionaryObject) -> None:
    """One dictionary, whatever stands behind references in it."""
    told = {name: resolved(value.raw_get(name)) for name in value}
    if any(name in told and told[name] not in (None, [], {}) for name in CARRIED):
        raise Unwelcome("active")
    what, kind = told.get("/S"), (told.get("/Type"), told.get("/Subtype"))
    if isinstance(what, NameObject) and what in ACTIONS:
        raise Unwelcome("active")
    if any(isinstance(each, NameObject) and each in SHOWS | CARRIED for each in kind):
        raise Unwelcome("active")
    if ELSEWHERE & told.keys() & external(told) or (isinstance(value, StreamObject) and "/F" in told):
        raise Unwelcome("linked")
    if what == "/URI" and not web(told.get("/URI")):
        raise Unwelcome("linked")
    for name in ("/A", "/PA", "/Next"):
        for action in told[name] if isinstance(told.get(name), ArrayObject) else [told.get(name)]:
            act = resolved(action)
            if isinstance(act, DictionaryObject) and "/S" in act and resolved(act.raw_get("/S")) not in FOLLOWED:
                raise Unwelcome("active")


def external(told: dict[str, Any]) -> set[str]:
    """Keys of a form or picture that let another file be shown; elsewhere the same names mean other things."""
    return ELSEWHERE if told.get("/Subtype") in {"/Form", "/Image"} else set()


def web(address: Any) -> bool:
    """Whether an address is one of the web, or of this document."""
    text = address.decode("latin-1") if isinstance(address, bytes) else address
    return isinstance(text, str) and bool(WEB.match(text) or NO_SCHEME.match(text.strip()))


def opened(action: Any) -> None:
    """What happens when the document opens may only show a place in it."""
    if action is None or isinstance(action, ArrayObject):
        return
    inside = isinstance(action, DictionaryObject) and resolved(action.get("/S")) in {"/GoTo", "/Named"}
    if not inside or "/Next" in action:
        raise Unwelcome("linked")


# -- photographs inside ------------------------------------------------------------------------------------------------
def repaint(stream: StreamObject) -> None:
    """Take out of a photograph what its camera wrote. Its points stay as they are."""
    told = resolved(stream.get("/Filter"))
    names = [str(resolved(name)) for name in told] if isinstance(told, ArrayObject) else [str(told)]
    if names[-1] not in PHOTOGRAPHS:
        return
    data = stream._data
    if len(names) > 1:
        parameters = resolved(stream.get("/DecodeParms"))
        each = list(parameters) if isinstance(parameters, ArrayObject) else [None] * len(names)
        for name, parameter in zip(names[:-1], each, strict=False):
            data = unpacked(name, data, resolved(parameter))
        stream[NameObject("/Filter")] = NameObject(names[-1])
        last = resolved(each[-1]) if len(each) == len(names) else None
        stream.pop(NameObject("/DecodeParms"), None)
        if isinstance(last, DictionaryObject):
            stream[NameObject("/DecodeParms")] = last
    stream._data = bare(data)


def unpacked(name: str, data: bytes, parameters: Any) -> bytes:
    """The bytes behind one of the filters in front of a photograph."""
    given = parameters if isinstance(parameters, DictionaryObject) else None
    if name in {"/FlateDecode", "/Fl"}:
        return filters.FlateDecode.decode(data, given)
    if name in {"/ASCII85Decode", "/A85"}:
        return filters.ASCII85Decode.decode(data)
    if name in {"/ASCIIHexDecode", "/AHx"}:
        found = filters.ASCIIHexDecode.decode(data)
        return found if isinstance(found, bytes) else found.encode("latin-1")
    raise Unwelcome("hidden")
