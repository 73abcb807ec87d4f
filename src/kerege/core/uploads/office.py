"""Office documents are packed anew: without author, program and thumbnail, refused with macros or outside links."""

from __future__ import annotations

import io
import re
import zipfile

from kerege.core.uploads.kinds import Unwelcome, head

MOST_PARTS = 3_000
MOST_BYTES = 150_000_000
MOST_RATIO = 200
SMALL = 1_000_000
# programs and other files inside a document
ACTIVE = re.compile(
    r"vbaproject|vbadata|/activex/|/ctrlprops/|/embeddings/|macrosheets/|dialogsheets/|externallinks/|customui|"
    r"\.(?:bin|exe|dll|js|vbs|ps1|bat|cmd|jar|scr)$|^basic/|^scripts/|^object ?\d",
    re.I,
)
PRINTER = re.compile(r"printersettings/[^/]+\.bin$", re.I)
DANGEROUS_XML = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.I)
# a hyperlink is followed by a person; everything else is fetched when the document opens
OUTSIDE = re.compile(rb'<Relationship\b(?=[^>]*TargetMode="External")(?![^>]*/hyperlink")[^>]*>', re.I)
FETCHED = re.compile(rb'<(?:draw:image|draw:object|draw:plugin)\b[^>]*xlink:href="(?:[a-z]+:)?//', re.I)
SCRIPT = re.compile(rb"<(?:script:event-listener|office:script|presentation:event-listener)\b", re.I)
CORE = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
PROPERTIES = "http://schemas.openxmlformats.org/officeDocument/2006"
XML = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
EMPTY = {
    "docProps/core.xml": XML + f'<cp:coreProperties xmlns:cp="{CORE}"/>'.encode(),
    "docProps/app.xml": XML + f'<Properties xmlns="{PROPERTIES}/extended-properties"/>'.encode(),
    "docProps/custom.xml": XML + f'<Properties xmlns="{PROPERTIES}/custom-properties"/>'.encode(),
    "meta.xml": (
        XML + b'<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        b' office:version="1.3"><office:meta/></office:document-meta>'
    ),
}
THUMBNAIL = re.compile(r"(?:^|/)thumbnails?(?:/|\.)", re.I)
THUMBNAIL_LINK = re.compile(rb"<Relationship\b[^>]*/thumbnail\"[^>]*/>", re.I)


def clean(data: bytes, kind: str) -> bytes:
    """The same document in a new archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            measure(archive, len(data))
            return repack(archive)
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError):
        raise Unwelcome("damaged") from None


def measure(archive: zipfile.ZipFile, size: int) -> None:
    """Refuse what unpacks to too much, is locked, or holds a part twice."""
    parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
        raise Unwelcome("bomb")
    for part in parts:
        if part.flag_bits & 1:
            raise Unwelcome("locked")
        if part.file_size > SMALL and part.file_size > MOST_RATIO * max(part.compress_size, 1):
            raise Unwelcome("bomb")
        if ACTIVE.search(part.filename) and not PRINTER.search(part.filename):
            raise Unwelcome("active")
        if part.filename.startswith("/") or ".." in part.filename or "\\" in part.filename:
            raise Unwelcome("hidden")
    names = [part.filename.lower() for part in parts]
    if len(names) != len(set(names)):
        raise Unwelcome("hidden")
    # what stands before the archive or behind it belongs to another file
    if parts[0].header_offset != 0 and min(part.header_offset for part in parts) != 0:
        raise Unwelcome("hidden")


def repack(archive: zipfile.ZipFile) -> bytes:
    """A new archive of the same parts: no comments, no times, no names of authors."""
    out, left = io.BytesIO(), MOST_BYTES
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as fresh:
        for part in archive.infolist():
            if part.is_dir() or THUMBNAIL.search(part.filename):
                continue
            content = EMPTY.get(part.filename) or head(archive, part.filename, left + 1)
            left -= len(content)
            if left < 0:
                raise Unwelcome("bomb")
            stored = zipfile.ZIP_STORED if part.filename == "mimetype" else zipfile.ZIP_DEFLATED
            fresh.writestr(zipfile.ZipInfo(part.filename), checked(part.filename, content), compress_type=stored)
    return out.getvalue()


def checked(name: str, content: bytes) -> bytes:
    """A part as it goes on; raises Unwelcome for what acts or reaches outside."""
    if name.endswith((".xml", ".rels", ".rdf")):
        if DANGEROUS_XML.search(content) or b"\0" in content[:4]:
            raise Unwelcome("active")  # UTF-16 would hide what is looked for here
        if SCRIPT.search(content):
            raise Unwelcome("active")
        if OUTSIDE.search(content) or FETCHED.search(content):
            raise Unwelcome("linked")
    if name == "META-INF/manifest.xml":
        return re.sub(rb"<manifest:file-entry\b[^>]*Thumbnails/[^>]*/>", b"", content)
    return THUMBNAIL_LINK.sub(b"", content) if name.endswith(".rels") else content
