"""Pictures are painted anew: what a camera wrote into them, and what was hung behind them, is not carried over."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from kerege.core.uploads.file_types import Unwelcome

FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}
OPTIONS = {"jpg": {"quality": 90}, "png": {}, "webp": {"quality": 90}}
# a page scanned at 600 dpi has 35 million
MOST_PIXELS = 50_000_000


def clean(data: bytes, kind: str) -> bytes:
    """The same picture, upright, as pixels only."""
    try:
        with Image.open(io.BytesIO(data), formats=[FORMATS[kind]]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Unwelcome("bomb")
            if getattr(picture, "n_frames", 1) > 1:
                raise Unwelcome("moving")
            upright = ImageOps.exif_transpose(picture)
            return paint(upright, kind)
    except (OSError, SyntaxError, ValueError, ArithmeticError, Image.DecompressionBombError):
        raise Unwelcome("damaged") from None


def paint(picture: Image.Image, kind: str) -> bytes:
    """A new picture of the same pixels; nothing but them is copied."""
    clear = "A" in picture.getbands() or "transparency" in picture.info
    mode = "RGBA" if clear and kind != "jpg" else "L" if picture.mode in {"1", "L"} else "RGB"
    pixels = picture.convert(mode)
    canvas = Image.frombytes(mode, pixels.size, pixels.tobytes())
    out = io.BytesIO()
    canvas.save(out, FORMATS[kind], **OPTIONS[kind])
    return out.getvalue()


def tiff(data: bytes) -> bytes:
    """A TIFF inside a document, painted anew as a TIFF of one picture."""
    try:
        with Image.open(io.BytesIO(data), formats=["TIFF"]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Unwelcome("bomb")
            mode = picture.mode if picture.mode in {"1", "L", "RGB", "RGBA", "CMYK"} else "RGB"
            pixels = picture.convert(mode)
            out = io.BytesIO()
            Image.frombytes(mode, pixels.size, pixels.tobytes()).save(out, "TIFF", compression="tiff_adobe_deflate")
            return out.getvalue()
    except (OSError, SyntaxError, ValueError, ArithmeticError, Image.DecompressionBombError):
        raise Unwelcome("damaged") from None
