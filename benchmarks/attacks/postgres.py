"""A PostgreSQL server of its own that can be killed and started again."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

PLACES = ("/usr/lib/postgresql/*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql*/bin")


def find_programs() -> Path | None:
    """Return the folder with the programs of the newest PostgreSQL on this machine, or None."""
    folders = [folder for place in PLACES for folder in sorted(Path("/").glob(place.lstrip("/")))]
    complete = [folder for folder in folders if (folder / "initdb").exists()]
    if on_path := shutil.which("initdb"):
        complete.append(Path(on_path).resolve().parent)
    return complete[-1] if complete else None


class Server:
    """A server with the settings of one that has to be trusted: it syncs each commit."""

    def __init__(self, programs: Path, folder: Path) -> None:
        """Create the files of a server in an empty folder."""
        self.programs, self.data, self.log = programs, folder / "data", folder / "log"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.owner = _owner() if os.getuid() == 0 else ""
        if self.owner:
            folder.chmod(0o755)
            shutil.chown(folder, self.owner)
        options = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        self._run("initdb", "-D", str(self.data), *options)
        self.start()
        self._run("psql", *self._place, "-c", "CREATE ROLE program LOGIN")
        self._run("psql", *self._place, "-c", "CREATE DATABASE register OWNER program")

    @property
    def url(self) -> str:
        """Return the address of its database."""
        return f"postgresql://program@127.0.0.1:{self.port}/register"

    @property
    def _place(self) -> tuple[str, ...]:
        return ("-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres")

    def start(self) -> None:
        """Start the server, after a kill with recovery, and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        self._run("pg_ctl", "-D", str(self.data), "-w", "-t", "120", "-l", str(self.log), "-o", options, "start")

    def kill(self) -> None:
        """Send SIGKILL to the server and to all its processes."""
        main = int((self.data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        pids = (main, *map(int, children))
        for pid in pids:
            with suppress(ProcessLookupError):  # it ended with its parent
                os.kill(pid, signal.SIGKILL)
        end = time.monotonic() + 30
        while any(map(_is_alive, pids)):
            assert time.monotonic() < end, "the server did not die"
            time.sleep(0.05)
        # a dead process that nobody waits for would count as a running server
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def stop(self) -> None:
        """End the server."""
        self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")

    def _run(self, program: str, *args: str) -> None:
        command = [str(self.programs / program), *args]
        if self.owner:
            command = ["runuser", "-u", self.owner, "--", *command]
        done = subprocess.run(command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        assert done.returncode == 0, done.stderr


def _is_alive(pid: int) -> bool:
    """Return whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _owner() -> str:
    """Return the user of the server, which refuses to run as root."""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
