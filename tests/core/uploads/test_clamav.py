"""With a configured virus scanner, no file passes without a clean result."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.core.uploads import clamav, clean
from tests.core.uploads import samples
from tests.core.uploads.test_clean import why

EICAR = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"


def exactly(link: socket.socket, size: int) -> bytes:
    """Read exactly this many bytes."""
    data = b""
    while len(data) < size:
        part = link.recv(size - len(data))
        if not part:
            raise ConnectionError
        data += part
    return data


def serve(listening: socket.socket, mood: str) -> None:
    """Run a fake daemon that answers PING and INSTREAM as a test sets it up."""
    while True:
        try:
            link, _ = listening.accept()
        except OSError:
            return
        with link:
            command = b""
            while not command.endswith(b"\0"):
                command += exactly(link, 1)
            if command == b"zPING\0":
                link.sendall(b"PONG\0")
                continue
            data = b""
            while (size := struct.unpack("!I", exactly(link, 4))[0]) > 0:
                data += exactly(link, size)
            reply = b"stream: Eicar-Test FOUND\0" if EICAR in data else b"stream: OK\0"
            link.sendall({"well": reply, "broken": b"INSTREAM size limit exceeded. ERROR\0", "mute": b""}[mood])


@pytest.fixture
def daemon(request: Any, tmp_path: Path, settings: Any) -> Iterator[None]:
    """Run a daemon on a Unix socket."""
    path = tmp_path / "clamd"
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen()
    settings.CLAMD = str(path)
    threading.Thread(target=serve, args=(listening, getattr(request, "param", "well")), daemon=True).start()
    yield
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()


@pytest.mark.usefixtures("daemon")
def test_a_clean_file_passes_and_an_infected_one_does_not() -> None:
    assert clamav.answers()
    assert clean.clean(samples.image()).kind == "jpg"
    assert why(samples.image() + EICAR) == "infected"
    assert why(samples.image() + b"\0" * 200_000 + EICAR) == "infected"  # in a later chunk


@pytest.mark.parametrize("daemon", ["broken", "mute"], indirect=True)
@pytest.mark.usefixtures("daemon")
def test_an_unclear_answer_of_the_scanner_refuses_the_file() -> None:
    assert why(samples.image()) == "unscanned"


def test_a_missing_scanner_refuses_the_file(settings: Any, tmp_path: Path) -> None:
    settings.CLAMD = str(tmp_path / "nobody")
    assert not clamav.answers()
    assert why(samples.image()) == "unscanned"


def test_a_port_of_this_machine_can_be_named_too(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings.CLAMD = f"127.0.0.1:{listening.getsockname()[1]}"
        threading.Thread(target=serve, args=(listening, "well"), daemon=True).start()
        assert clean.clean(samples.pdf()).kind == "pdf"
        with pytest.raises(BadInput):
            clean.clean(EICAR)
        listening.shutdown(socket.SHUT_RDWR)
