"""A process with all server commands loaded, which forks for each command.

A fork takes 20 ms; an interpreter that imports the same modules takes 2 s.

Run as a program, it serves requests, one JSON object a line: `code` to execute with `argv`, the environment `env`, and
the files `stdout` and `stderr`. It answers each with the return code. Each child begins as a new process does: no
settings are read, the applications are not ready, and `kerege.cli.load_django.setup` sets both up for its environment.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

KEREGE = "from kerege.cli import main; main()"


class CommandStarter:
    """The starter process, seen from a test."""

    def __init__(self) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="kerege-starter-")
        keep = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "KEREGE_DEMO"}}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.command_starter"],
            cwd=Path(__file__).parents[1],
            env=keep | {"KEREGE_HOME": self._home.name},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, code: str, *argv: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
        """Execute code as `python -c CODE ARGV` does, in a process of its own."""
        out, err = Path(self._home.name) / "stdout", Path(self._home.name) / "stderr"
        request = {"code": code, "argv": ["-c", *argv], "env": env, "stdout": str(out), "stderr": str(err)}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(request), file=self._process.stdin, flush=True)
        returncode = int(self._process.stdout.readline())
        return subprocess.CompletedProcess([code, *argv], returncode, out.read_text("utf-8"), err.read_text("utf-8"))

    def close(self) -> None:
        """End the starter process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._home.cleanup()


def _load() -> None:
    """Import the modules of all server commands."""
    from django.db.migrations.loader import MigrationLoader

    from kerege.cli import COMMANDS
    from kerege.cli.load_django import setup

    setup()
    for name in {module for module, extra, _ in COMMANDS.values() if extra == "server"}:
        importlib.import_module(f"kerege.cli.{name}")
    for name in ("config.urls", "core.health", "core.jobs.worker", "core.backup", "linkage.matching.model_file"):
        importlib.import_module(f"kerege.{name}")
    MigrationLoader(None)  # a command that counts the migrations imports them all


def _forget_setup() -> None:
    """Undo what the set-up of Django has read from the environment of the starter."""
    import django
    from django.apps import apps
    from django.conf import settings
    from django.db import connections
    from django.utils.functional import empty

    from kerege.core.authorization import session_scope

    real_setup = django.setup

    def set_up_again() -> None:
        apps.apps_ready = apps.models_ready = apps.ready = True
        real_setup()

    django.setup = set_up_again
    apps.apps_ready = apps.models_ready = apps.ready = False
    settings._wrapped = empty
    sys.modules.pop("kerege.config.settings", None)
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    for alias in connections:
        connections[alias].close()
        del connections[alias]
    connections._settings = None
    del connections.settings
    session_scope._outside = session_scope.CLOSED


def _begin(request: dict[str, Any]) -> None:
    """Give a child the environment, the arguments and the files of its request."""
    os.environ.clear()
    os.environ.update(request["env"])
    sys.argv = request["argv"]
    for number, name in ((1, "stdout"), (2, "stderr")):
        file = os.open(request[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, number)
        os.close(file)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)


def _execute(code: str) -> int:
    """Execute code as a program; return its exit code."""
    try:
        exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _answer(request: dict[str, Any]) -> int:
    """Fork for a request and return the return code of the child; -9 if it was killed."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    _begin(request)
    returncode = _execute(request["code"])
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(returncode)


def _serve() -> None:
    """Answer requests until the input ends."""
    _load()
    _forget_setup()
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        print(_answer(json.loads(line)), flush=True)


if __name__ == "__main__":
    _serve()
