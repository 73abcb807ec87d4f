"""Keeps what is uploaded in memory and nowhere else. What is too large is read past: the rest of the form stays."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

# beyond this nobody is filling in a form
FLOOD = 10


class InMemory(FileUploadHandler):
    """The only upload handler: no temporary file ever holds a document in clear."""

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
        """Hang up on a flood."""
        if content_length > FLOOD * settings.UPLOAD_LIMIT:
            raise RequestDataTooBig

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self.parts, self.size = [], 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep the bytes as long as they are not too many."""
        self.size += len(raw_data)
        if self.size <= settings.UPLOAD_LIMIT:
            self.parts.append(raw_data)
        else:
            self.parts.clear()

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """The file; one that was too large has its size and no content."""
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
