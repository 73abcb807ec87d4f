"""Files that are read: on the disk, or in memory after an upload."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path, PurePath
from typing import Literal

Mode = Literal["rb"]


@dataclass(frozen=True)
class UploadedFile:
    """Uploaded file. It stays in memory, so that no disk holds names in clear text."""

    name: str
    content: bytes = field(repr=False)

    @property
    def suffix(self) -> str:
        """Return the end of the name, with its dot."""
        return PurePath(self.name).suffix

    def open(self, mode: Mode = "rb") -> BytesIO:
        """Return the content as a stream."""
        return BytesIO(self.content)

    def read_bytes(self) -> bytes:
        """Return the content."""
        return self.content

    def is_file(self) -> bool:
        """Return whether there is such a file."""
        return True


Source = Path | UploadedFile


def size_of(source: Source) -> int:
    """Return the size of a file in bytes."""
    return len(source.content) if isinstance(source, UploadedFile) else source.stat().st_size
