"""Sanitising of Office documents.

They are repacked without author data, also in comments and tracked changes. They are refused with macros, embedded
files or links.
"""

from __future__ import annotations

import io
import re
import zipfile

from kerege.core.uploads import image_cleaner
from kerege.core.uploads.file_types import RefusedFile, head
from kerege.core.uploads.image_metadata import strip_metadata
from kerege.core.uploads.office_authors import remove_authors
from kerege.core.uploads.office_xml import PackagePart

MOST_PARTS = 3_000
MOST_BYTES = 100_000_000
# compression ratios of one part and of the whole archive; long tables of numbers reach a ratio of 40
MOST_RATIO, MOST_IN_ALL = 200, 80
SMALL, SMALL_IN_ALL = 1_000_000, 10_000_000
# names of parts that hold programs or other files
ACTIVE = re.compile(
    r"vbaproject|vbadata|/activex/|/ctrlprops/|/embeddings/|macrosheets/|dialogsheets/|externallinks/|customui|"
    r"\.(?:bin|exe|dll|js|vbs|ps1|bat|cmd|jar|scr)$|^basic/|^scripts/|^object ?\d",
    re.I,
)
PRINTER = re.compile(r"printersettings/[^/]+\.bin$", re.I)
# first bytes of accepted images; beside XML and images a document may hold fonts and printer settings
PICTURE = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8[79]a|RIFF....WEBP|BM|\xd7\xcd\xc6\x9a|\x01\0\x09\0|\x01\0\0\0.{36} EMF|"
    rb"\0\0\0\x0cjP  ",
    re.S,
)
TIFF = (b"II*\0", b"MM\0*")
FONT = re.compile(r"\.(?:odttf|fntdata|ttf|otf)$", re.I)
CORE = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
PROPERTIES = "http://schemas.openxmlformats.org/officeDocument/2006"
XML = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
EMPTY = {
    "docprops/core.xml": XML + f'<cp:coreProperties xmlns:cp="{CORE}"/>'.encode(),
    "docprops/app.xml": XML + f'<Properties xmlns="{PROPERTIES}/extended-properties"/>'.encode(),
    "docprops/custom.xml": XML + f'<Properties xmlns="{PROPERTIES}/custom-properties"/>'.encode(),
    "meta.xml": (
        XML + b'<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        b' office:version="1.3"><office:meta/></office:document-meta>'
    ),
}
MANIFEST = "META-INF/manifest.xml"
CORE_PART, META_PART, APP_PART, CUSTOM_PART = "docprops/core.xml", "meta.xml", "docprops/app.xml", "docprops/custom.xml"
# parts that are left out, and the links to them
LEFT_OUT = re.compile(r"(?:^|/)thumbnails?(?:/|\.)|^layout-cache$", re.I)
THUMBNAIL_LINK = re.compile(rb"<Relationship\b[^>]*/thumbnail\"[^>]*/>", re.I)
LISTED = re.compile(rb"<manifest:file-entry\b[^>]*(?:Thumbnails/|\"layout-cache\")[^>]*/>")


def clean(data: bytes, kind: str) -> bytes:
    """Return the document in a new archive; raise RefusedFile."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            measure(archive, len(data))
            if MANIFEST in archive.namelist():
                PackagePart().read(head(archive, MANIFEST))  # refuses a document whose parts are encrypted
            return repack(archive)
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError):
        raise RefusedFile("damaged") from None


def measure(archive: zipfile.ZipFile, size: int) -> None:
    """Raise RefusedFile for a zip bomb, encrypted, active or duplicate parts, or data before the archive."""
    parts = archive.infolist()
    total = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or total > MOST_BYTES or total > max(SMALL_IN_ALL, MOST_IN_ALL * size):
        raise RefusedFile("bomb")
    for part in parts:
        if part.flag_bits & 1:
            raise RefusedFile("locked")
        if part.file_size > SMALL and part.file_size > MOST_RATIO * max(part.compress_size, 1):
            raise RefusedFile("bomb")
        if ACTIVE.search(part.filename) and not PRINTER.search(part.filename):
            raise RefusedFile("active")
        if part.filename.startswith("/") or ".." in part.filename or "\\" in part.filename:
            raise RefusedFile("hidden")
    names = [part.filename.lower() for part in parts]
    if len(names) != len(set(names)):
        raise RefusedFile("hidden")
    # data before the first part belongs to another file that is hidden here
    if parts[0].header_offset != 0 and min(part.header_offset for part in parts) != 0:
        raise RefusedFile("hidden")


def repack(archive: zipfile.ZipFile) -> bytes:
    """Return a new archive of the checked parts, without comments, times and author data."""
    out, remaining = io.BytesIO(), MOST_BYTES
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as fresh:
        for part in archive.infolist():
            if part.is_dir() or LEFT_OUT.search(part.filename):
                continue
            content = EMPTY.get(part.filename.lower()) or head(archive, part.filename, remaining + 1)
            remaining -= len(content)
            if remaining < 0:
                raise RefusedFile("bomb")
            stored = zipfile.ZIP_STORED if part.filename == "mimetype" else zipfile.ZIP_DEFLATED
            fresh.writestr(zipfile.ZipInfo(part.filename), checked(part.filename, content), compress_type=stored)
    return out.getvalue()


def checked(name: str, content: bytes) -> bytes:
    """Return the part to store; raise RefusedFile for active content, embedded files and outside links."""
    low = name.lower()
    if not content or low == "mimetype" or PRINTER.search(low):
        return content
    if content.startswith(TIFF):
        return image_cleaner.tiff(content)
    if PICTURE.match(content):
        return strip_metadata(content)
    if FONT.search(low) and not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return content
    if not is_markup(content):
        raise RefusedFile("active")
    part = PackagePart().read(content)
    if metadata_part := replacement_of(part):
        return EMPTY[metadata_part]
    if low == MANIFEST.lower():
        return LISTED.sub(b"", content)
    return THUMBNAIL_LINK.sub(b"", content) if low.endswith(".rels") else remove_authors(content)


def is_markup(content: bytes) -> bool:
    """Return whether a part begins like XML, in any encoding."""
    return content[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<")


def replacement_of(part: PackagePart) -> str:
    """Return the key in EMPTY of a part with author and program data, wherever it is.

    Return '' for other parts.
    """
    if part.root == "coreproperties":
        return CORE_PART
    if part.root == "document-meta":
        return META_PART
    if part.root == "properties" and part.space.endswith("/extended-properties"):
        return APP_PART
    return CUSTOM_PART if part.root == "properties" and part.space.endswith("/custom-properties") else ""
