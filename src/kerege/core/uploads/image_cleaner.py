"""Sanitising of images: only the pixels are copied, so metadata and appended data are lost."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from kerege.core.uploads.file_types import RefusedFile

FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}
OPTIONS = {"jpg": {"quality": 90}, "png": {}, "webp": {"quality": 90}}
# a page scanned at 600 dpi has 35 million
MOST_PIXELS = 50_000_000


def clean(data: bytes, kind: str) -> bytes:
    """Return the image rewritten from its pixels, upright; raise RefusedFile."""
    try:
        with Image.open(io.BytesIO(data), formats=[FORMATS[kind]]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise RefusedFile("bomb")
            if getattr(picture, "n_frames", 1) > 1:
                raise RefusedFile("moving")
            upright = ImageOps.exif_transpose(picture)
            return paint(upright, kind)
    except (OSError, SyntaxError, ValueError, ArithmeticError, Image.DecompressionBombError):
        raise RefusedFile("damaged") from None


def paint(picture: Image.Image, kind: str) -> bytes:
    """Encode a new image from the pixels alone."""
    clear = "A" in picture.getbands() or "transparency" in picture.info
    mode = "RGBA" if clear and kind != "jpg" else "L" if picture.mode in {"1", "L"} else "RGB"
    pixels = picture.convert(mode)
    canvas = Image.frombytes(mode, pixels.size, pixels.tobytes())
    out = io.BytesIO()
    canvas.save(out, FORMATS[kind], **OPTIONS[kind])
    return out.getvalue()


def tiff(data: bytes) -> bytes:
    """Return a TIFF of a document rewritten from the pixels of its first image; raise RefusedFile."""
    try:
        with Image.open(io.BytesIO(data), formats=["TIFF"]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise RefusedFile("bomb")
            mode = picture.mode if picture.mode in {"1", "L", "RGB", "RGBA", "CMYK"} else "RGB"
            pixels = picture.convert(mode)
            out = io.BytesIO()
            Image.frombytes(mode, pixels.size, pixels.tobytes()).save(out, "TIFF", compression="tiff_adobe_deflate")
            return out.getvalue()
    except (OSError, SyntaxError, ValueError, ArithmeticError, Image.DecompressionBombError):
        raise RefusedFile("damaged") from None
