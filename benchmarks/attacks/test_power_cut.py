"""Power cut on SQLite: only synced bytes are left, and every acknowledged write is among them."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from benchmarks.attacks.register import Register, after, report

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SOURCE = Path(__file__).with_name("synced_only.c")


@pytest.fixture(scope="module")
def synced_only(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Compile the library that keeps synced bytes only."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        report("NOT RUN: the power cut needs a C compiler")
        pytest.skip("no C compiler")
    library = tmp_path_factory.mktemp("synced") / "synced_only.so"
    command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl", "-lpthread"]
    subprocess.run(command, check=True)
    return str(library)


def cut_power(built: Path, folder: Path, library: str, seconds: float, *args: str) -> tuple[Register, Register]:
    """Write for some seconds and cut the power; return the register, and what is left of it."""
    home, left = Path(shutil.copytree(built, folder / "home")), Path(shutil.copytree(built, folder / "left"))
    register = Register(home)
    library_settings = {"LD_PRELOAD": library, "SYNCED_FROM": str(home), "SYNCED_TO": str(left)}
    register.write(after(seconds), *args, **library_settings)
    return register, Register(left, acknowledged=register.acknowledged)


def test_a_power_cut_loses_no_acknowledged_write_and_no_key(built: Path, synced_only: str, tmp_path: Path) -> None:
    total = 0
    for number in range(ROUNDS):
        folder = tmp_path / str(number)
        _before, left = cut_power(built, folder, synced_only, random.uniform(0.0, 3.0))
        assert left.acknowledged, "the writer acknowledged nothing"
        assert left.check() == set(), "the power cut lost acknowledged writes"
        total += len(left.acknowledged)
        shutil.rmtree(folder)
    report(f"power cut, SQLite: {ROUNDS} times, {total} acknowledged writes, none lost")


def test_the_power_cut_is_one(built: Path, synced_only: str, tmp_path: Path) -> None:
    """With synchronous=NORMAL, which Kerege does not use, the same cut loses writes: the attack can fail.

    A slow machine writes longer: a cut before the first write that is not synced loses nothing.
    """
    for seconds in (1.0, 5.0, 25.0):
        _before, left = cut_power(built, tmp_path / str(seconds), synced_only, seconds, "--unsynced")
        if lost := left.check():
            break
    assert lost
    report(f"control with synchronous=NORMAL: {len(lost)} of {len(left.acknowledged)} writes lost, as expected")
