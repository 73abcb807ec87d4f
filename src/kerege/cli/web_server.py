"""Web server process, with an optional worker process beside it."""

from __future__ import annotations

import multiprocessing
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer
from granian.server.mt import MTServer

from kerege.base import tls
from kerege.base.errors import Refused
from kerege.base.processors import processor_count
from kerege.config import parent_watch

# loopback address of a server that listens on every address
REACHED_AT = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # nosec B104
# The worker beside the pages gives way to them: a release takes minutes of both processors.
WORKER = (
    "import os; os.nice(5); from kerege.config import parent_watch; parent_watch.end_with_parent(); "
    "from kerege.cli import main; main(['worker'])"
)
PATIENCE = 20  # seconds that the worker has to end the job that it is in
THREADS = min(8, 2 * processor_count())


def run(
    host: str,
    port: int,
    *,
    workers: int,
    with_worker: bool,
    cert: Path | None,
    key: Path | None,
    ready: Callable[[], None],
) -> None:
    """Serve until interrupted; call `ready` once the port accepts connections.

    Raises Refused if another program uses the port.
    """
    require_free(host, port)
    # spawn, not fork: a fork of a process that has used computing threads hangs when it uses them again
    multiprocessing.set_start_method("spawn", force=True)
    server = build_server("kerege.config.wsgi:application", host, port, workers=workers, cert=cert, key=key)
    parent_watch.announce()
    _close_connections()
    with _run_worker(with_worker), _announce_when_open(host, port, ready):
        server.serve()


def build_server(
    application: str, host: str, port: int, *, workers: int = 1, cert: Path | None = None, key: Path | None = None
) -> MPServer | MTServer:
    """Return the server of a WSGI application, before it listens."""
    return Granian(
        application,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        websockets=False,
        # request lines contain paths, which are never logged
        log_access=False,
        log_level=LogLevels.error,
        ssl_cert=cert,
        ssl_key=key,
        ssl_key_password=tls.read_key_password() or None,
    )


def _close_connections() -> None:
    """Close open database connections: server processes that share one would read each other's results."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        if hasattr(connection, "close_pool"):
            connection.close_pool()


@contextmanager
def _announce_when_open(host: str, port: int, ready: Callable[[], None]) -> Iterator[None]:
    """Call `ready` from a thread when the port accepts connections, unless the server ends before."""
    ended = threading.Event()
    watch = threading.Thread(target=_wait_and_call, args=(host, port, ready, ended), daemon=True)
    watch.start()
    try:
        yield
    finally:
        ended.set()
        watch.join()


def _wait_and_call(host: str, port: int, ready: Callable[[], None], ended: threading.Event) -> None:
    # server processes open the port only after they have loaded the application, some seconds later
    while not ended.wait(0.1):
        if _is_open(host, port):
            ready()
            return


def _is_open(host: str, port: int) -> bool:
    try:
        socket.create_connection((REACHED_AT.get(host, host), port), timeout=1).close()
    except OSError:
        return False
    return True


def require_free(host: str, port: int) -> None:
    """Raise Refused if another program uses the port."""
    # the server shares its port: two registers on one port would answer requests in turns
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise Refused(f"port {port} is taken: choose another with --port") from None


@contextmanager
def _run_worker(is_wanted: bool) -> Iterator[None]:
    if not is_wanted:
        yield
        return
    process = subprocess.Popen([sys.executable, "-c", WORKER])
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:  # a long job; a killed one loses nothing and runs again
            process.kill()
            process.wait()
