"""Runs command lines of `kerege` in one process, with a fixed clock and fixed random numbers.

A process of its own: the clock and the generators are replaced before anything of `kerege` is imported. Only the
standard library and OpenDP are replaced, so that the module paths of `kerege` may change. Reads a JSON list of tasks
from standard input and writes a JSON list of what came of them.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import importlib
import importlib.util
import io
import json
import os
import re
import secrets
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

# of the sources at the commit whose outputs are kept
CODE_HASH = "705f5b6febd229b5ff5c722539c734af06e5cdbb2ddbc86eb4cecaf48f5cdbb7"

NOW = "2026-03-02T09:30:00+00:00"
Draw = Callable[[str, int], bytes]


class _AnyDate(type):
    """Dates and times made by C code count as those of the frozen classes."""

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, cls.__mro__[1])


# extensions in C that derive classes from those of `datetime` must meet the real ones
EXTENSIONS = ("numpy", "pandas", "pyarrow.parquet", "polars", "duckdb", "psycopg", "pydantic", "numba", "lxml.etree")


def freeze_clock() -> None:
    """Make `datetime` and `date` return one moment in all later imports, and let no time pass."""
    for name in EXTENSIONS:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    # the steady clock adds the time since the machine started
    time.clock_gettime = lambda source: 0.0
    real, day = datetime.datetime, datetime.date

    class FrozenTime(real, metaclass=_AnyDate):
        __slots__ = ()

        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
            moment = real.fromisoformat(NOW)
            return moment.astimezone(tz) if tz else moment.replace(tzinfo=None)

        @classmethod
        def utcnow(cls) -> datetime.datetime:
            return real.fromisoformat(NOW).replace(tzinfo=None)

    class FrozenDate(day, metaclass=_AnyDate):
        __slots__ = ()

        @classmethod
        def today(cls) -> datetime.date:
            return day.fromisoformat(NOW[:10])

    FrozenTime.__name__, FrozenDate.__name__ = "datetime", "date"
    datetime.datetime, datetime.date = FrozenTime, FrozenDate  # type: ignore[misc]


class Streams:
    """Repeatable bytes in place of random ones.

    Each kind and size of request has its own stream, restarted for each command.
    """

    def __init__(self) -> None:
        self.turn: dict[tuple[str, int], int] = {}
        self.command = ""

    def start(self, command: str) -> None:
        """Begin again, with the streams of a command."""
        self.turn.clear()
        self.command = command

    def draw(self, kind: str, size: int) -> bytes:
        """Return the next `size` bytes of a stream."""
        turn = self.turn[kind, size] = self.turn.get((kind, size), 0) + 1
        return hashlib.shake_128(f"{self.command}|{kind}|{size}|{turn}".encode()).digest(size)


def freeze_secrets(draw: Draw) -> None:
    """Let the functions of `secrets` and `uuid4` take their bytes from the streams."""
    secrets.token_bytes = lambda nbytes=None: draw("bytes", nbytes or 32)
    secrets.token_hex = lambda nbytes=None: draw("hex", nbytes or 32).hex()
    secrets.randbits = lambda k: int.from_bytes(draw("bits", (k + 7) // 8), "big") >> (-k % 8)

    def uuid4() -> uuid.UUID:
        return uuid.UUID(bytes=draw("uuid", 16), version=4)

    uuid.uuid4 = uuid4


class Noise:
    """A discrete Gaussian mechanism whose noise comes from a stream.

    Its privacy map is that of OpenDP.
    """

    def __init__(self, real: Any, scale: float, draw: Draw) -> None:
        self.map, self._scale, self._draw = real.map, scale, draw

    def __call__(self, counts: list[int]) -> list[int]:
        import numpy as np

        chance = np.random.default_rng(int.from_bytes(self._draw(f"noise {self._scale!r}", 16), "big"))
        return [
            int(count + noise)
            for count, noise in zip(counts, np.rint(chance.normal(0, self._scale, len(counts))), strict=True)
        ]


def freeze_noise(draw: Draw) -> None:
    """Let OpenDP's discrete Gaussian mechanism take its noise from the streams."""
    import opendp.measurements as measurements

    real = measurements.make_gaussian

    def make_gaussian(*space: Any, scale: float, **more: Any) -> Noise:
        return Noise(real(*space, scale=scale, **more), scale, draw)

    measurements.make_gaussian = make_gaussian


def freeze_code_hash() -> None:
    """Fix the code hash in certificates, so that an edit of a source does not change the records."""
    from kerege.evidence.synthesis import certificate
    from kerege.evidence.synthesis.k_anonymity import single_use

    certificate.code_hash = single_use.code_hash = lambda: CODE_HASH


def freeze_time_service() -> None:
    """Let the kernel not say whether a time service runs: `kerege doctor` would differ between machines."""
    from kerege.base import clock_sync

    clock_sync.is_synchronised = lambda: None


def call(argv: list[str]) -> dict[str, Any]:
    """Run one command line and return its exit code and what it printed."""
    from kerege.cli import main

    out, err = io.StringIO(), io.StringIO()
    code: Any = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(argv)
        except SystemExit as left:
            code = left.code or 0
    return {"exit": code, "stdout": out.getvalue(), "stderr": err.getvalue()}


def call_with_sweeps(argv: list[str], sweeps: int) -> dict[str, Any]:
    """Run one command line with so many sweeps of each chain of the latent classes."""
    from kerege.evidence.mse.panels.panel import panel

    with mock.patch.dict(panel.__kwdefaults__ or {}, sweeps=sweeps):
        return call(argv)


def commands() -> list[str]:
    """Return the commands that `kerege --help` lists."""
    return re.findall(r"^  ([a-z]+) ", call(["--help"])["stdout"], re.M)


def describe(name: str) -> list[str]:
    """Return the arguments and options that a command takes, a line each, without their explanations."""
    import typer

    calls: list[Any] = []
    real = typer.Typer.__call__
    typer.Typer.__call__ = lambda self, argv=(), **_: calls.append((typer.main.get_command(self), list(argv)))
    try:
        call([name, "--help"])
    finally:
        typer.Typer.__call__ = real
    command, argv = calls[0]
    return _described(command.commands[name] if argv[0] == name else command, name)


def _described(command: Any, name: str) -> list[str]:
    lines = [f"kerege {name}", *(f"  {_parameter(parameter)}" for parameter in command.params)]
    for below, subcommand in sorted(getattr(command, "commands", {}).items()):
        lines += _described(subcommand, f"{name} {below}")
    return lines


def _parameter(parameter: Any) -> str:
    is_option = parameter.param_type_name == "option"
    names = (
        "/".join([*parameter.opts, *parameter.secondary_opts])
        if is_option
        else parameter.metavar or parameter.name.upper()
    )
    kind = parameter.type_descriptor.annotation
    marks = [mark for mark in ("required", "multiple", "is_flag", "hidden") if getattr(parameter, mark, False)]
    return " ".join([names, getattr(kind, "__name__", str(kind)), f"default={parameter.default!r}", *marks])


def load_introspection() -> Any:
    """Return the module that describes what Django knows; a command must have loaded Django before."""
    spec = importlib.util.spec_from_file_location("introspect", Path(__file__).with_name("introspect.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def answer(task: dict[str, Any], streams: Streams) -> Any:
    """Do one task."""
    if "describe" in task:
        return [line for name in commands() for line in describe(name)]
    if "introspect" in task:
        return load_introspection().everything(Path(task["introspect"]))
    if "audit" in task:
        return "\n".join(load_introspection().audit()) + "\n"
    os.chdir(task["folder"])
    os.environ["KEREGE_HOME"] = f"{task['folder']}/home"
    streams.start(json.dumps(task["run"]))
    sweeps = task.get("sweeps", 0)
    return call_with_sweeps(task["run"], sweeps) if sweeps else call(task["run"])


def main() -> None:
    """Answer tasks from standard input.

    A task is `run` (in a `folder`), `describe` (all commands), `introspect` (a home) or `audit`.
    """
    tasks = json.load(sys.stdin)
    os.umask(0o022)
    streams = Streams()
    if any("run" in task for task in tasks):
        freeze_clock()
        freeze_secrets(streams.draw)
        freeze_noise(streams.draw)
        freeze_code_hash()
        freeze_time_service()
    json.dump([answer(task, streams) for task in tasks], sys.stdout)


if __name__ == "__main__":
    main()
