"""Where state lives, and files that appear whole or not at all."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from kerege.base.errors import Fault

LONGEST_NAME = 255  # bytes, of a file on Linux


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
def atomic_file(path: Path, *, shared: bool = False) -> Iterator[Path]:
    """Yield a temporary path beside `path`; it replaces `path` only if the block succeeds.

    The file is for its owner only, and stands in the place of a link. A `shared` one names nobody: it is readable as
    any new file is, and replaces what a link leads to.
    """
    path = path.resolve() if shared else path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.parent / f".part-{secrets.token_hex(8)}{path.suffix}"
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666 if shared else 0o600))
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def writable(path: Path) -> bool:
    """Whether `atomic_file` could write there: no folder or device, a name that is possible, a folder that takes files.

    It is tried, since permissions alone do not tell of a folder such as /proc, or of a name that is too long.
    """
    try:
        target = path.resolve()
        if len(os.fsencode(target.name)) > LONGEST_NAME or (target.exists() and not target.is_file()):
            return False
        above = next(folder for folder in target.parents if folder.exists())
        with tempfile.TemporaryFile(dir=above):
            return True
    except (OSError, RuntimeError):  # the latter for links that lead to each other
        return False


def input_fault(path: Path) -> Fault | None:
    """Why there is nothing to read, if so."""
    name = path.name or str(path)
    if path.is_dir():
        return Fault("is a folder", "give the files in it", name)
    return None if path.is_file() else Fault("there is no such file", "look at the name of the file", name)


def output_faults(path: Path, given: Iterable[Path], called: str) -> list[Fault]:
    """Why a result cannot go there, before any work begins; `called` is how messages name the file."""
    found = []
    if path.resolve() in {each.resolve() for each in given}:
        found.append(Fault("would be written over an input", "name another file", called))
    if not writable(path):
        found.append(Fault("cannot be written there", "name another file or folder", called))
    return found


def results_faults(written: Sequence[Path], given: Sequence[Path]) -> list[Fault]:
    """The same of all results of a command: none is another one, and each has a folder already."""
    found = []
    if len({path.resolve() for path in written}) < len(written):
        found.append(Fault("two results have the same name", "name each its own file"))
    for path in written:
        if path.parent.is_dir():
            found += output_faults(path, given, path.name)
        else:
            found.append(Fault("there is no folder to write it in", "make it, or name another folder", path.name))
    return found


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
