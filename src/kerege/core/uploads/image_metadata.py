"""Removal of metadata from images inside documents. Whole segments are dropped; no pixel changes."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator

from PIL import Image

from kerege.core.uploads.file_types import RefusedFile

JPEG, PNG, RIFF, GIF = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF", (b"GIF87a", b"GIF89a")
JP2 = b"\0\0\0\x0cjP  \r\n\x87\n"
EXIF, ORIENTATION = b"Exif\0\0", 0x0112
SOI, EOI, SOS, RST0, RST7, TEM = 0xD8, 0xD9, 0xDA, 0xD0, 0xD7, 0x01
APP0, APP1, APP2, APP14, APP15, COM = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
# chunks that an image needs for its appearance; all others can hold metadata
PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs"}
WEBP_KEPT = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}
WEBP_METADATA = 0x08 | 0x04  # the flags of EXIF and XMP
JP2_TOLD = {b"uuid", b"xml ", b"uinf"}
WHOLE_EXIF = re.compile(rb"\xff\xe1(..)Exif\0\0", re.S)


def strip_metadata(data: bytes) -> bytes:
    """Return the image without metadata; in an unknown format only EXIF blocks are overwritten with zeros."""
    try:
        for begins, strip in KINDS.items():
            if data.startswith(begins):
                return strip(data)
    except (IndexError, struct.error):
        raise RefusedFile("damaged") from None
    return blanked(data)


def blanked(data: bytes) -> bytes:
    """Return the data with all EXIF blocks overwritten by zeros, so that no offset changes."""
    out = bytearray(data)
    for block in WHOLE_EXIF.finditer(data):
        end = min(block.start() + 2 + int.from_bytes(block[1], "big"), len(out))
        out[block.end() : end] = bytes(max(0, end - block.end()))
    return bytes(out)


# -- JPEG --------------------------------------------------------------------------------------------------------------
def segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield marker and bytes of each JPEG segment up to the end of the image.

    An SOS segment includes its scan.
    """
    at = 2
    while at + 1 < len(data):  # some scanners omit the end marker
        if data[at] != 0xFF:
            raise RefusedFile("damaged")
        while data[at + 1] == 0xFF:  # padding
            at += 1
        marker = data[at + 1]
        if marker == EOI:
            return
        if marker == TEM or RST0 <= marker <= RST7:
            end = at + 2
        else:
            end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
            if marker == SOS:
                end = scan_end(data, end)
        yield marker, data[at:end]
        at = end


def scan_end(data: bytes, at: int) -> int:
    """Return the offset of the next marker after the coded data of a scan."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0:
            return len(data)
        following = data[at + 1]
        if following != 0 and following != 0xFF and not RST0 <= following <= RST7:
            return at
        at += 1 if following == 0xFF else 2


def strip_jpeg(data: bytes) -> bytes:
    """Return a JPEG without other metadata and without a tail.

    It keeps frame, tables, scans, colour data (JFIF, ICC, Adobe) and orientation.
    """
    out, orientation = [data[:2]], b""
    for marker, segment in segments(data):
        body = segment[4:]
        if marker == APP1 and body.startswith(EXIF) and not orientation:
            orientation = upright(body)
            out.append(orientation)
        elif marker == APP0 and body.startswith(b"JFIF\0"):
            out.append(b"\xff\xe0\0\x10" + body[:12] + b"\0\0")  # without its thumbnail
        elif is_needed(marker, body):
            out.append(segment)
    return b"".join(out) + b"\xff\xd9"


def is_needed(marker: int, body: bytes) -> bool:
    """Return whether a segment belongs to the image itself or to its colour data."""
    if APP0 <= marker <= APP15:
        return (marker == APP2 and body.startswith(b"ICC_PROFILE\0")) or (marker == APP14 and body.startswith(b"Adobe"))
    return marker != COM


def upright(body: bytes) -> bytes:
    """Return an EXIF segment that holds only the orientation; b'' when the image is upright."""
    exif, minimal = Image.Exif(), Image.Exif()
    try:
        exif.load(body)
        side = int(exif.get(ORIENTATION) or 1)
    except Exception:  # hostile EXIF can raise any exception; the image then counts as upright
        side = 1
    if not 2 <= side <= 8:
        return b""
    minimal[ORIENTATION] = side
    written = minimal.tobytes()
    written = written if written.startswith(EXIF) else EXIF + written
    return b"\xff\xe1" + struct.pack(">H", len(written) + 2) + written


# -- the others --------------------------------------------------------------------------------------------------------
def strip_png(data: bytes) -> bytes:
    """Return a PNG of the needed chunks, up to IEND."""
    out, at = [PNG], len(PNG)
    while True:
        size, kind = struct.unpack_from(">I4s", data, at)
        end = at + size + 12
        if end > len(data):
            raise RefusedFile("damaged")
        if kind in PNG_KEPT:
            out.append(data[at:end])
        if kind == b"IEND":
            return b"".join(out)
        at = end


def strip_webp(data: bytes) -> bytes:
    """Return a WebP of the needed chunks; the header flags of EXIF and XMP are cleared."""
    if data[8:12] != b"WEBP":
        raise RefusedFile("damaged")
    out, at, last = [], 12, min(len(data), 8 + struct.unpack_from("<I", data, 4)[0])
    while at + 8 <= last:
        kind, size = struct.unpack_from("<4sI", data, at)
        body = data[at + 8 : at + 8 + size]
        if len(body) != size:
            raise RefusedFile("damaged")
        if kind == b"VP8X":
            body = bytes([body[0] & ~WEBP_METADATA]) + body[1:]
        if kind in WEBP_KEPT:
            out.append(struct.pack("<4sI", kind, size) + body + b"\0" * (size % 2))
        at += 8 + size + size % 2
    content = b"WEBP" + b"".join(out)
    return RIFF + struct.pack("<I", len(content)) + content


def strip_gif(data: bytes) -> bytes:
    """Return a GIF without comments and application data, except the loop count."""
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    out = [data[:at]]
    while data[at] != 0x3B:
        start = at
        if data[at] == 0x2C:
            at += 11 + (3 << (data[at + 9] & 7) + 1 if data[at + 9] & 0x80 else 0)
            is_kept = True
        elif data[at] == 0x21:
            is_kept = data[at + 1] == 0xF9 or (data[at + 1] == 0xFF and data[at + 3 : at + 14] == b"NETSCAPE2.0")
            at += 2
        else:
            raise RefusedFile("damaged")
        while data[at]:
            at += data[at] + 1
        at += 1
        if is_kept:
            out.append(data[start:at])
    return b"".join(out) + b";"


def strip_jp2(data: bytes) -> bytes:
    """Return a JPEG 2000 image without its XML and UUID boxes."""
    out, at = [], 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if size == 1:
            size = struct.unpack_from(">Q", data, at + 8)[0]
        end = len(data) if size == 0 else at + size
        if end <= at or end > len(data):
            raise RefusedFile("damaged")
        if kind not in JP2_TOLD:
            out.append(data[at:end])
        at = end
    return b"".join(out)


KINDS: dict[bytes | tuple[bytes, ...], Callable[[bytes], bytes]] = {
    JPEG: strip_jpeg,
    PNG: strip_png,
    RIFF: strip_webp,
    GIF: strip_gif,
    JP2: strip_jp2,
}
