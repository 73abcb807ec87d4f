"""What comes in from outside as a file: held in memory, judged by its content, cleaned in a process of its own.

Nothing of it is written to the disk here; who keeps a file encrypts it first.
"""

from __future__ import annotations

from kerege.core.uploads.file_types import EXTENSIONS, MEDIA, Cleaned, Unwelcome

__all__ = ["EXTENSIONS", "MEDIA", "Cleaned", "Unwelcome"]
