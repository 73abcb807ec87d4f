"""Sanitising of PDF documents: rewritten without author data, refused with active content."""

from __future__ import annotations

import io
import re
from typing import Any

from pypdf import PdfReader, PdfWriter, filters
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, StreamObject

from kerege.core.uploads.file_types import RefusedFile
from kerege.core.uploads.image_metadata import strip_metadata

MOST_PAGES = 2_000
MOST_OBJECTS = 200_000
# actions that a person starts: they stay within the document or open a web address
FOLLOWED = {"/GoTo", "/URI", "/Named", "/Hide", "/SetOCGState", "/Trans", "/ResetForm"}
# actions that run, open, fetch or send something: refused everywhere
ACTIONS = {
    "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/Movie", "/Sound", "/GoToE", "/GoToR",
    "/GoTo3DView", "/GoToDp", "/RichMediaExecute",
}  # fmt: skip
# keys of embedded files and of content that runs by itself
CARRIED = {
    "/EmbeddedFile", "/EmbeddedFiles", "/EF", "/JS", "/JavaScript", "/XFA", "/RichMediaContent", "/RichMediaSettings",
    "/Collection", "/OnInstantiate", "/AlternatePresentations", "/Renditions", "/AA",
}  # fmt: skip
SHOWS = {"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/3D", "/Screen", "/EmbeddedFile", "/U3D", "/PRC"}
# keys of pages and images in another file
ELSEWHERE = {"/OPI", "/Ref"}
# keys of author, program and time, thumbnails and private data of programs
TOLD = ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb")
# kinds of annotations whose title is the name of their author
COMMENTS = {
    *("/Text", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Highlight", "/Underline"),
    *("/Squiggly", "/StrikeOut", "/Caret", "/Stamp", "/Ink", "/Popup", "/Redact"),
}
WEB = re.compile(r"\s*(?:https?|mailto|tel|ftp):", re.I)
NO_SCHEME = re.compile(r"(?![a-z][a-z0-9+.-]*:|[/\\]{2})", re.I)
PHOTOGRAPHS = {"/DCTDecode", "/DCT", "/JPXDecode"}
TAIL = 1024
DEEP = 16


def clean(data: bytes, kind: str = "pdf") -> bytes:
    """Return the same pages in a new document; raise RefusedFile for active, encrypted or hidden content."""
    if data.rfind(b"%%EOF") < len(data) - TAIL or data.rstrip(b"\r\n\t \0")[-5:] != b"%%EOF":
        raise RefusedFile("hidden")
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise RefusedFile("locked")
        if len(reader.pages) > MOST_PAGES:
            raise RefusedFile("bomb")
        writer = PdfWriter(clone_from=reader)
        strip(writer)
        out = io.BytesIO()
        writer.write(out)
    except RefusedFile:
        raise
    except Exception:  # a hostile document can raise any exception
        raise RefusedFile("damaged") from None
    return out.getvalue()


def strip(writer: PdfWriter) -> None:
    """Check every object of the new document and remove its author data."""
    objects = [writer.get_object(number) for number in range(1, len(writer._objects) + 1)]
    if len(objects) > MOST_OBJECTS:
        raise RefusedFile("bomb")
    for item in objects:
        look(item)
    opened(resolved(writer.root_object.get("/OpenAction")))
    for item in objects:
        if isinstance(item, DictionaryObject):
            for name in TOLD:
                item.pop(NameObject(name), None)
            remove_commentators(item)
        if isinstance(item, StreamObject):
            repaint(item)
    writer.metadata = None
    writer._ID = None


def remove_commentators(value: DictionaryObject) -> None:
    """Remove the names of the people who commented on a page. In a form the same key names a field."""
    waiting = [value]
    while waiting:
        entry = waiting.pop()
        if entry.get("/Subtype") in COMMENTS:
            entry.pop(NameObject("/T"), None)
        # comments are dictionaries of their own, or entries in the list of a page
        for part in entry.get("/Annots", []) if isinstance(entry.get("/Annots"), ArrayObject) else []:
            if isinstance(part, DictionaryObject):
                waiting.append(part)


def resolved(value: Any) -> Any:
    """Return the value behind up to 16 references; raise RefusedFile for more."""
    for _ in range(DEEP):
        if not isinstance(value, IndirectObject):
            return value
        value = value.get_object()
    raise RefusedFile("damaged")


def look(item: Any) -> None:
    """Raise RefusedFile when a value or a nested one is active. References are checked elsewhere."""
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
    """Raise RefusedFile for a dictionary that is active or leads outside; references are resolved."""
    entries = {name: resolved(value.raw_get(name)) for name in value}
    if any(name in entries and entries[name] not in (None, [], {}) for name in CARRIED):
        raise RefusedFile("active")
    what, kind = entries.get("/S"), (entries.get("/Type"), entries.get("/Subtype"))
    if isinstance(what, NameObject) and what in ACTIONS:
        raise RefusedFile("active")
    if any(isinstance(name, NameObject) and name in SHOWS | CARRIED for name in kind):
        raise RefusedFile("active")
    if ELSEWHERE & entries.keys() & external(entries) or (isinstance(value, StreamObject) and "/F" in entries):
        raise RefusedFile("linked")
    if what == "/URI" and not web(entries.get("/URI")):
        raise RefusedFile("linked")
    for name in ("/A", "/PA", "/Next"):
        for action in entries[name] if isinstance(entries.get(name), ArrayObject) else [entries.get(name)]:
            act = resolved(action)
            if isinstance(act, DictionaryObject) and "/S" in act and resolved(act.raw_get("/S")) not in FOLLOWED:
                raise RefusedFile("active")


def external(entries: dict[str, Any]) -> set[str]:
    """Return the keys that show another file in a form or image; elsewhere these keys mean other things."""
    return ELSEWHERE if entries.get("/Subtype") in {"/Form", "/Image"} else set()


def web(address: Any) -> bool:
    """Return whether an address is a web link or relative."""
    text = address.decode("latin-1") if isinstance(address, bytes) else address
    return isinstance(text, str) and bool(WEB.match(text) or NO_SCHEME.match(text.strip()))


def opened(action: Any) -> None:
    """Raise RefusedFile when the opening action does more than show a place in the document."""
    if action is None or isinstance(action, ArrayObject):
        return
    inside = isinstance(action, DictionaryObject) and resolved(action.get("/S")) in {"/GoTo", "/Named"}
    if not inside or "/Next" in action:
        raise RefusedFile("linked")


# -- embedded photographs ----------------------------------------------------------------------------------------------
def repaint(stream: StreamObject) -> None:
    """Remove the metadata of a photograph. Its pixels do not change."""
    declared = resolved(stream.get("/Filter"))
    names = [str(resolved(name)) for name in declared] if isinstance(declared, ArrayObject) else [str(declared)]
    if names[-1] not in PHOTOGRAPHS:
        return
    data = stream._data
    if len(names) > 1:
        parameters = resolved(stream.get("/DecodeParms"))
        per_filter = list(parameters) if isinstance(parameters, ArrayObject) else [None] * len(names)
        for name, parameter in zip(names[:-1], per_filter, strict=False):
            data = unpacked(name, data, resolved(parameter))
        stream[NameObject("/Filter")] = NameObject(names[-1])
        last = resolved(per_filter[-1]) if len(per_filter) == len(names) else None
        stream.pop(NameObject("/DecodeParms"), None)
        if isinstance(last, DictionaryObject):
            stream[NameObject("/DecodeParms")] = last
    stream._data = strip_metadata(data)


def unpacked(name: str, data: bytes, parameters: Any) -> bytes:
    """Decode one of the filters before the image filter; raise RefusedFile for any other filter."""
    options = parameters if isinstance(parameters, DictionaryObject) else None
    if name in {"/FlateDecode", "/Fl"}:
        return filters.FlateDecode.decode(data, options)
    if name in {"/ASCII85Decode", "/A85"}:
        return filters.ASCII85Decode.decode(data)
    if name in {"/ASCIIHexDecode", "/AHx"}:
        decoded = filters.ASCIIHexDecode.decode(data)
        return decoded if isinstance(decoded, bytes) else decoded.encode("latin-1")
    raise RefusedFile("hidden")
