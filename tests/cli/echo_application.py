"""WSGI application that answers with the request line and the length of the body that it saw."""

from __future__ import annotations

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request."""
    body = environ["wsgi.input"].read()
    text = f"<{environ['REQUEST_METHOD']} {environ['PATH_INFO']} {len(body)}>".encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text]
