"""Comparison of the clock with a time server on loopback."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from kerege.base import time_server
from kerege.base.errors import Refused

Serve = Callable[[float, int, int], str]
SIZE = 48  # bytes of an answer


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return a function that answers one request with a fast clock, a stratum and some bytes."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def answer(ahead: float, stratum: int, size: int) -> None:
            request, client = server.recvfrom(512)
            assert request[0] & 7 == 3  # a client
            now = time.time() + ahead + 2_208_988_800
            times = struct.pack("!II", int(now), int(now % 1 * 2**32))
            server.sendto((bytes([0x24, stratum]) + bytes(30) + times + times)[:size], client)

        def start(ahead: float, stratum: int, size: int) -> str:
            threading.Thread(target=answer, args=(ahead, stratum, size), daemon=True).start()
            return f"127.0.0.1:{server.getsockname()[1]}"

        yield start


@pytest.mark.parametrize("ahead", [0.0, 7.5, -3600.0])
def test_the_offset_is_that_of_the_clocks(serve: Serve, ahead: float) -> None:
    assert time_server.measure_offset(serve(ahead, 1, SIZE)) == pytest.approx(ahead, abs=0.5)


@pytest.mark.parametrize(("stratum", "size"), [(16, SIZE), (1, SIZE - 1), (1, 1), (1, 0)])
def test_a_server_that_does_not_know_or_say_the_time_is_refused(serve: Serve, stratum: int, size: int) -> None:
    with pytest.raises(Refused, match="so the clock was not compared"):
        time_server.measure_offset(serve(0.0, stratum, size))


def test_a_server_that_does_not_answer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_server, "SECONDS", 0.1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        with pytest.raises(Refused, match="did not answer"):
            time_server.measure_offset(f"127.0.0.1:{silent.getsockname()[1]}")
