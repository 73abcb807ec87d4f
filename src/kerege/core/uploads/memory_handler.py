"""Upload handler that keeps files in memory only.

It drops a too large file and keeps the rest of the form.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

# multiple of UPLOAD_LIMIT above which the whole request is refused
FLOOD = 10


class InMemory(FileUploadHandler):
    """The only upload handler, so that no temporary file ever holds an unencrypted document."""

    parts: list[bytes]
    size: int

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        """Raise RequestDataTooBig for a request above FLOOD times the limit."""
        if content_length > FLOOD * settings.UPLOAD_LIMIT:
            raise RequestDataTooBig

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Start collecting a file."""
        super().new_file(*args, **kwargs)
        self.parts, self.size = [], 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Collect the bytes up to the limit; above it, drop the content and only count."""
        self.size += len(raw_data)
        if self.size <= settings.UPLOAD_LIMIT:
            self.parts.append(raw_data)
        else:
            self.parts.clear()

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """Return the file; a too large one has its size but no content."""
        content = BytesIO(b"".join(self.parts))
        self.parts = []
        return InMemoryUploadedFile(
            file=content,
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type,
            size=self.size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )
