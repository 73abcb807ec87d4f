"""The line "serving at" is printed when the port accepts connections, and never if it is taken."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

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
