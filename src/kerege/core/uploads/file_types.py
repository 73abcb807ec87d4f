"""Accepted kinds of file, recognised by content: a file name proves nothing."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

import filetype

EXTENSIONS = ("jpg", "png", "webp", "pdf", "docx", "xlsx", "odt")
OFFICE = "application/vnd.openxmlformats-officedocument."
MEDIA = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "docx": f"{OFFICE}wordprocessingml.document",
    "xlsx": f"{OFFICE}spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
}
# content type of the main part, which decides the kind of an Office document; types with macros are absent
MAIN = {
    f"{MEDIA['docx']}.main+xml": "docx",
    f"{MEDIA['xlsx']}.main+xml": "xlsx",
}
ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Cleaned:
    """A sanitised file that may be stored: its kind (an extension) and its rewritten bytes."""

    kind: str
    data: bytes


class RefusedFile(Exception):
    """The file is not accepted; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def recognise(data: bytes) -> str:
    """Return the kind of a file by its content; raise RefusedFile for any other kind."""
    if not data:
        raise RefusedFile("empty")
    if data.startswith(ZIP):
        return archive_kind(data)
    guessed = filetype.guess_extension(data)
    if guessed not in {"jpg", "png", "webp", "pdf"}:
        raise RefusedFile("kind")
    if guessed == "pdf" and not data.startswith(b"%PDF-"):
        raise RefusedFile("hidden")
    return str(guessed)


def archive_kind(data: bytes) -> str:
    """Return the document kind of a zip archive; raise RefusedFile for any other archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            if "[Content_Types].xml" in names:
                return office_kind(head(archive, "[Content_Types].xml").decode("utf-8", "replace"))
            if "mimetype" in names and head(archive, "mimetype").strip() == MEDIA["odt"].encode():
                return "odt"
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        raise RefusedFile("damaged") from None
    raise RefusedFile("kind")


def office_kind(types: str) -> str:
    """Return the kind of an Office document from its list of content types."""
    if "macroEnabled" in types:
        raise RefusedFile("active")
    kinds = {kind for main, kind in MAIN.items() if f'"{main}"' in types}
    if len(kinds) != 1:
        raise RefusedFile("kind")
    return kinds.pop()


def head(archive: zipfile.ZipFile, name: str, most: int = 1_000_000) -> bytes:
    """Return at most `most` bytes of a part, so that a zip bomb cannot fill the memory."""
    with archive.open(name) as part:
        return part.read(most)
