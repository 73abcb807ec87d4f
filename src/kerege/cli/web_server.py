"""Runs the web server, and the worker beside it."""

from __future__ import annotations

import multiprocessing
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from kerege.base.errors import Refused

THREADS = min(8, 2 * (os.cpu_count() or 1))


def run(host: str, port: int, *, workers: int, with_worker: bool, cert: Path | None, key: Path | None) -> None:
    """Serve until interrupted; raises Refused when something else listens there."""
    _require_free(host, port)
    # a fork of a process that counted with threads hangs when it counts again
    multiprocessing.set_start_method("spawn", force=True)
    server = Granian(
        "kerege.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        websockets=False,
        # request lines hold paths: they are never logged
        log_access=False,
        log_level=LogLevels.error,
        ssl_cert=cert,
        ssl_key=key,
    )
    _let_go_of_the_database()
    with _worker(with_worker):
        server.serve()


def _let_go_of_the_database() -> None:
    """Close what the checks before the start opened: server processes that inherit a connection answer each other."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        if hasattr(connection, "close_pool"):
            connection.close_pool()


def _require_free(host: str, port: int) -> None:
    # the server shares its port with whoever else asks, and would answer in turns with another register
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise Refused(f"port {port} is taken: choose another with --port") from None


@contextmanager
def _worker(wanted: bool) -> Iterator[None]:
    if not wanted:
        yield
        return
    process = subprocess.Popen([sys.executable, "-c", "from kerege.cli import main; main(['worker'])"])
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)
