"""A full disk: a write is refused or stored whole, and the register goes on when there is room."""

from __future__ import annotations

import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.attacks.register import Register, report

ROOM = 2 * 1024**2


def check_refusals(register: Register) -> None:
    """Check that some writes were stored, some refused, and none of the stored ones is lost."""
    assert register.acknowledged, "nothing was stored before the disk was full"
    assert register.refusals, "the disk did not become full"
    assert register.check() == set()


def test_files_that_may_not_grow(built: Path, tmp_path: Path) -> None:
    """A quota: no file of the writer grows beyond the limit."""
    register = Register(Path(shutil.copytree(built, tmp_path / "home")))
    largest = max(path.stat().st_size for path in register.home.rglob("*"))

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest + ROOM // 8, largest + ROOM // 8))

    register.write(lambda register: False, limit=limit)
    check_refusals(register)
    before = len(register.acknowledged)
    register.write(lambda register: len(register.acknowledged) > before + 10)
    assert register.check() == set()
    report(f"files that may not grow: {before} writes stored, {len(register.refusals)} refused, none lost")


@pytest.fixture
def small_disk(built: Path, tmp_path: Path) -> Iterator[Path]:
    """Yield a mounted file system in memory with little more room than the home needs."""
    place = tmp_path / "disk"
    place.mkdir()
    size = sum(path.stat().st_size for path in built.rglob("*") if path.is_file()) + 2 * ROOM
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        report("NOT RUN: a full disk needs the right to mount a tmpfs (run as root)")
        pytest.skip("no right to mount")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_file_system(built: Path, small_disk: Path, tmp_path: Path) -> None:
    register = Register(Path(shutil.copytree(built, small_disk / "home")))
    register.write(lambda register: False)
    assert shutil.disk_usage(small_disk).free < ROOM // 4, "the disk did not become full"
    backup = register.kerege("backup", str(small_disk / "out.tar"))
    assert backup.returncode != 0
    assert not (small_disk / "out.tar").exists(), "half a backup has the name of a whole one"
    check_refusals(Register(Path(shutil.copytree(register.home, tmp_path / "copy")), "", **_writes(register)))
    report(f"a full file system: {len(register.acknowledged)} writes stored, {len(register.refusals)} refused")


def _writes(register: Register) -> dict[str, list[str]]:
    return {"acknowledged": register.acknowledged, "refusals": register.refusals}
