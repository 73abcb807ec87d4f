"""Far too large requests: a page with the size limit and a link back."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.django_db
ADDRESS = "/en/work/register/"


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_a_too_large_request_is_answered_with_the_limit_and_a_link_back(
    client: Any, settings: Any, language: str
) -> None:
    settings.UPLOAD_LIMIT = 1024 * 1024
    read: list[int] = []

    class Body:
        """A stream of eleven megabytes that holds none of them in memory."""

        left = 11 * 1024 * 1024

        def readline(self, size: int = -1) -> bytes:
            return self.read(size)

        def read(self, size: int = -1) -> bytes:
            part = min(self.left, size if size >= 0 else self.left)
            self.left -= part
            read.append(part)
            return b"x" * part

    address = ADDRESS.replace("en", language, 1)
    answer = client.generic(
        "POST",
        address,
        b"",
        "multipart/form-data; boundary=x",
        **{"wsgi.input": Body(), "CONTENT_LENGTH": str(Body.left)},
    )
    page = answer.content.decode()
    assert answer.status_code == 413
    assert f'lang="{language}"' in page
    assert "1 " in page
    assert f'href="{address}"' in page
    assert sum(read) == Body.left
    assert max(read) <= 1024 * 1024


def test_the_body_of_an_extremely_large_request_is_not_read(client: Any, settings: Any) -> None:
    settings.UPLOAD_LIMIT = 1024
    assert client.generic("POST", ADDRESS, b"", CONTENT_LENGTH=str(10**9)).status_code == 413
