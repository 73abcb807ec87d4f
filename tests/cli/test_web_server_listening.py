"""The line "serving at" is printed when the port accepts connections, and never if it is taken."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kerege.cli import web_server
from tests.web.browser import free_port

COMMAND = [sys.executable, "-c", "from kerege.cli import main; main()"]


def environment(home: Path) -> dict[str, str]:
    """Return the environment of a command on the register in a folder."""
    variables = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    return variables | {"KEREGE_HOME": str(home), "KEREGE_HTTPS": "0"}


def test_the_port_accepts_connections_when_the_line_is_printed(tmp_path: Path, empty_home: Path) -> None:
    home, port = Path(shutil.copytree(empty_home, tmp_path / "home")), free_port()
    command = [*COMMAND, "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment(home), stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            assert server.stderr.readline().startswith(f"serving at http://localhost:{port}/")
            socket.create_connection(("127.0.0.1", port), timeout=10).close()
        finally:
            server.terminate()


def test_a_taken_port_is_refused_before_the_build(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        command = [*COMMAND, "demo", "--port", str(port)]
        answer = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, timeout=120)
    assert answer.returncode != 0
    assert answer.stdout == ""
    [line] = answer.stderr.splitlines()
    assert f"port {port} is taken: choose another with --port" in line
    assert not list(tmp_path.glob("*.sqlite3*"))


def test_nothing_serves_on_after_the_main_process_is_killed(tmp_path: Path, empty_home: Path) -> None:
    """`kill -9` of the main process left a server process and a worker that kept the port."""
    home, port = Path(shutil.copytree(empty_home, tmp_path / "home")), free_port()
    command = [*COMMAND, "serve", "--port", str(port), "--with-worker"]
    with subprocess.Popen(command, env=environment(home), stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        server.stderr.readline()
        children = children_of(server.pid)
        assert len(children) >= 2
        server.kill()
        deadline = time.monotonic() + 60
        while (alive := [pid for pid in children if is_alive(pid)]) and time.monotonic() < deadline:
            time.sleep(0.2)
    assert alive == []


def children_of(pid: int) -> list[int]:
    """Return the processes that a process started."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]


def is_alive(pid: int) -> bool:
    """Return whether a process runs; one that nobody waits for has ended too."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_worker_that_does_not_end_in_time_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    busy = tmp_path / "busy"
    code = (
        "import os, pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        f"pathlib.Path({str(busy)!r}).write_text(str(os.getpid())); time.sleep(60)"
    )
    monkeypatch.setattr(web_server, "WORKER", code)
    monkeypatch.setattr(web_server, "PATIENCE", 0.2)
    with web_server._run_worker(is_wanted=True):
        while not busy.exists() or not busy.read_text():
            time.sleep(0.02)
    with pytest.raises(ProcessLookupError):
        os.kill(int(busy.read_text()), 0)
