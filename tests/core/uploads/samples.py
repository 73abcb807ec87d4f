"""Ordinary and hostile sample files."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from docx import Document
from openpyxl import Workbook
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

SECRET = "Канарейкина-автор"


def image(kind: str = "JPEG", size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    """Return a small image."""
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 40)).save(out, kind, **options)
    return out.getvalue()


def photograph() -> bytes:
    """Return an image with EXIF place, author and a rotated orientation."""
    exif = Image.Exif()
    exif[0x0112], exif[0x013B] = 6, "canary-author"
    place = exif.get_ifd(0x8825)
    place[1], place[2] = "N", (51.0, 10.0, 0.0)
    return image(exif=exif, comment=b"canary-comment")


def pdf(**more: Any) -> bytes:
    """Return a PDF of one empty page with author data."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata({"/Author": "canary-author", "/Producer": "canary-program"})
    if more.get("script"):
        action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/Nothing"): TextStringObject("app.alert(1)")}
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)
    if more.get("attachment"):
        writer.add_attachment("inside.exe", b"MZ")
    if more.get("password"):
        writer.encrypt("secret")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def docx() -> bytes:
    """Return a DOCX with author data."""
    document = Document()
    document.core_properties.author = SECRET
    document.add_paragraph("letter")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def xlsx() -> bytes:
    """Return an XLSX with author data."""
    book = Workbook()
    book.properties.creator = SECRET
    book.active["A1"] = 1
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def odt(**parts: str) -> bytes:
    """Return an ODT as an office suite writes it."""
    content = '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"/>'
    files = {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content}
    files |= {"meta.xml": f"<meta>{SECRET}</meta>", "Thumbnails/thumbnail.png": "canary-thumbnail"}
    return archive(files | parts)


def archive(parts: dict[str, str | bytes]) -> bytes:
    """Return a zip archive of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def with_part(document: bytes, name: str, content: str | bytes, **replaced: str) -> bytes:
    """Return the document with one more part."""
    with zipfile.ZipFile(io.BytesIO(document)) as before:
        parts: dict[str, str | bytes] = {part: before.read(part) for part in before.namelist()}
    return archive(parts | {name: content} | replaced)
