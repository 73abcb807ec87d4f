"""Runs the web server, and the worker beside it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

THREADS = 8


def run(host: str, port: int, *, workers: int, with_worker: bool, cert: Path | None, key: Path | None) -> None:
    """Serve until interrupted."""
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
        log_level=LogLevels.warning,
        ssl_cert=cert,
        ssl_key=key,
    )
    with _worker(with_worker):
        server.serve()


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
