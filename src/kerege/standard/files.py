"""Where state lives, and files that appear whole or not at all."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path


def home() -> Path:
    """The folder of all state: `KEREGE_HOME`, else `./var`."""
    # asked for every keyed hash: a text is enough
    return _resolved(os.environ.get("KEREGE_HOME") or "var", os.getcwd())  # noqa: PTH109


@lru_cache
def _resolved(folder: str, inside: str) -> Path:
    """The same answer without asking the disk again; `inside` is where a relative folder lies."""
    return Path(inside, folder).resolve()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder, which is made, for its owner only, when there is none."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; it replaces `path` only if the block succeeds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-", suffix=path.suffix)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def atomic_dir(path: Path, mode: int = 0o755) -> Iterator[Path]:
    """Yield an empty folder beside `path`; it becomes `path` (replacing it) only if the block succeeds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=path.parent, prefix=".part-"))
    try:
        yield part
        part.chmod(mode)
        if path.exists():
            old = Path(tempfile.mkdtemp(dir=path.parent, prefix=".old-"))
            os.replace(path, old / "old")
            os.replace(part, path)
            shutil.rmtree(old)
        else:
            os.replace(part, path)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def copy(folder: Path, into: Path, *, private: bool = False) -> None:
    """Copy what a folder holds into another that is there; for its owner only, or readable as any new file is."""
    for path in sorted(folder.rglob("*")):  # a folder comes before what it holds
        target = into / path.relative_to(folder)
        if path.is_dir():
            target.mkdir(mode=0o700 if private else 0o777, exist_ok=True)
            continue
        shutil.copyfile(path, target)
        if private:
            target.chmod(0o600)
