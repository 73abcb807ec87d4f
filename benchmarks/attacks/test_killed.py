"""`kill -9` of the writing process on both databases, and of the database server itself."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.attacks.postgres import Server, find_programs
from benchmarks.attacks.register import Register, after, report

ROUNDS = int(os.environ.get("ROUNDS", "5"))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Yield a PostgreSQL server of its own."""
    programs = find_programs()
    if programs is None:
        report("NOT RUN: kill -9 of PostgreSQL needs a PostgreSQL on this machine")
        pytest.skip("no PostgreSQL")
    # not in pytest's folder, which is closed to the user of the server
    with tempfile.TemporaryDirectory(prefix="kerege-attack-") as folder:
        server = Server(programs, Path(folder))
        yield server
        server.stop()


def kill(server: Server) -> bool:
    """Kill a server and return True: the writer, whose connection is lost, ends too."""
    server.kill()
    return True


def test_a_killed_writer_on_sqlite_loses_no_acknowledged_write(built: Path, tmp_path: Path) -> None:
    register = Register(Path(shutil.copytree(built, tmp_path / "home")))
    for _round in range(ROUNDS):
        register.write(after(random.uniform(0.0, 3.0)))
        assert register.check() == set()
    assert len(register.acknowledged) >= ROUNDS
    report(f"kill -9 of the writer, SQLite: {ROUNDS} times, {len(register.acknowledged)} writes, none lost")


def test_a_killed_writer_and_a_killed_server_of_postgresql_lose_none_either(server: Server, tmp_path: Path) -> None:
    register = Register(tmp_path / "home", server.url)
    register.build()
    for _round in range(ROUNDS):
        register.write(after(random.uniform(0.0, 3.0)))
        assert register.check() == set()
    writers = len(register.acknowledged)
    assert writers >= ROUNDS
    report(f"kill -9 of the writer, PostgreSQL: {ROUNDS} times, {writers} writes, none lost")
    for _round in range(ROUNDS):
        is_over = after(random.uniform(0.5, 3.0))
        register.write(lambda register, is_over=is_over: is_over(register) and kill(server))
        server.start()
        assert register.check() == set()
    report(f"kill -9 of the server: {ROUNDS} times, {len(register.acknowledged) - writers} writes, none lost")
