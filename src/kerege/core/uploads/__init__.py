"""Uploaded files: held in memory, recognised by content, sanitised in a separate process.

This package writes nothing to disk. The code that stores a file encrypts it first.
"""

from __future__ import annotations

from kerege.core.uploads.file_types import EXTENSIONS, MEDIA, Cleaned, RefusedFile

__all__ = ["EXTENSIONS", "MEDIA", "Cleaned", "RefusedFile"]
