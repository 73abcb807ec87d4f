"""A request that another program could frame differently never hides a second request from the server."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT
from tests.web.browser import free_port

# the server of `kerege serve` with the application of the test
SERVE = """
import multiprocessing, sys
from kerege.cli import web_server
multiprocessing.set_start_method("spawn", force=True)
web_server.build_server("tests.cli.echo_application:application", "127.0.0.1", int(sys.argv[1])).serve()
"""
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"
HEAD = b"POST /first HTTP/1.1\r\nHost: x\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(HIDDEN)
END = b"\r\n0\r\n\r\n"
AMBIGUOUS = {
    "length and chunks": HEAD + LENGTH + b"Transfer-Encoding: chunked\r\n" + END + HIDDEN,
    "chunks and length": HEAD
    + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n%x\r\n" % len(HIDDEN)
    + HIDDEN
    + END,
    "two lengths": HEAD + b"Content-Length: 0\r\n" + LENGTH + b"\r\n" + HIDDEN,
    "list of lengths": HEAD + b"Content-Length: 0, 35\r\n\r\n" + HIDDEN,
    "length with a sign": HEAD + b"Content-Length: +35\r\n\r\n" + HIDDEN,
    "negative length": HEAD + b"Content-Length: -1\r\n\r\n" + HIDDEN,
    "space before the colon": HEAD + b"Content-Length : 35\r\n\r\n" + HIDDEN,
    "unknown encoding and length": HEAD + b"Transfer-Encoding: xchunked\r\n" + LENGTH + b"\r\n" + HIDDEN,
    "unknown encoding": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n" + HIDDEN,
    "chunks not last": HEAD + b"Transfer-Encoding: chunked, identity\r\n" + END + HIDDEN,
    "hidden encoding": HEAD + b"Transfer-Encoding : chunked\r\nContent-Length: 5\r\n" + END + HIDDEN,
    "control sign": HEAD + b"Transfer-Encoding: \x0bchunked\r\nContent-Length: 5\r\n" + END + HIDDEN,
    "folded line": HEAD + b"Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n" + END + HIDDEN,
    "bare carriage return": HEAD + b"X: a\rTransfer-Encoding: chunked\r\nContent-Length: 5\r\n" + END + HIDDEN,
    "chunk that is too large": HEAD + b"Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello" + END + HIDDEN,
    "negative chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello" + END + HIDDEN,
    "chunk with a bare line feed": HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;a\nhello" + END + HIDDEN,
    "chunk with a prefix": HEAD + b"Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello" + END + HIDDEN,
    "chunks in HTTP/1.0": b"POST /first HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n"
    + END
    + HIDDEN,
    "no version": b"GET /hidden\r\n\r\n",
    "NUL in a header": HEAD + b"X: a\0b\r\nContent-Length: 0\r\n\r\n" + HIDDEN,
}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Yield the port of the server."""
    number = free_port()
    with subprocess.Popen([sys.executable, "-c", SERVE, str(number)], cwd=ROOT) as server:
        try:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                try:
                    socket.create_connection(("127.0.0.1", number), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.05)
            yield number
        finally:
            server.terminate()


def send(port: int, request: bytes) -> list[bytes]:
    """Return the requests that the application saw, or the status, until the server closes."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        while part := connection.recv(65_536):
            answer += part
    return [status or line for status, line in re.findall(rb"HTTP/1\.\d (4\d\d)|<([^>]*)>", answer)]


def test_two_requests_on_one_connection_are_two(port: int) -> None:
    last = HIDDEN.replace(b"Host: x\r\n", b"Host: x\r\nConnection: close\r\n")
    assert send(port, HEAD + b"Content-Length: 5\r\n\r\nhello" + last) == [b"POST /first 5", b"GET /hidden 0"]


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_an_ambiguous_request_hides_no_other_and_ends_the_connection(port: int, name: str) -> None:
    answers = send(port, AMBIGUOUS[name])  # returns only after the server has closed the connection
    assert len(answers) == 1
    assert answers[0] == b"400" or answers[0].startswith(b"POST /first ")
