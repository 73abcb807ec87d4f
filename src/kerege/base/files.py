"""The folder of all state, folder locks, and files and folders that are written atomically."""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import secrets
import shutil
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from kerege.base.errors import Fault

LONGEST_NAME = 255  # bytes of a file name on Linux
PATIENCE = 2.0  # seconds that a process waits for a lock before it says so
log = logging.getLogger(__name__)


def home() -> Path:
    """Return the folder of all state: `KEREGE_HOME`, otherwise `./var`."""
    # every keyed hash calls this, so the cache key is a plain text
    return _resolved(os.environ.get("KEREGE_HOME") or "var", os.getcwd())  # noqa: PTH109


@lru_cache
def _resolved(folder: str, inside: str) -> Path:
    """Return the absolute path, cached to avoid disk access; `inside` is the base of a relative folder."""
    return Path(inside, folder).resolve()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the exclusive lock of a folder; create the folder for its owner only if there is none.

    A process that waits longer than `PATIENCE` says so on the log, which a command prints to stderr.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        _lock(handle, folder)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, folder: Path) -> None:
    """Wait for an exclusive lock."""
    with suppress(BlockingIOError):
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return
    notice = threading.Timer(PATIENCE, log.warning, ("waits for another process that uses %s", folder))
    notice.daemon = True
    notice.start()
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
    finally:
        notice.cancel()


@contextmanager
def atomic_file(path: Path, *, shared: bool = False, durable: bool = False) -> Iterator[Path]:
    """Yield a temporary path beside `path`; it replaces `path` only if the block succeeds.

    By default only the owner can read the file, and it replaces a symbolic link. With `shared` (files without personal
    data) it gets the mode of any new file and replaces the target of a link. A `durable` file and its name are on the
    disk when the block has ended: no power cut takes a key that a committed row needs.
    """
    path = path.resolve() if shared else path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.parent / f".part-{secrets.token_hex(8)}{path.suffix}"
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666 if shared else 0o600))
    try:
        yield part
        if durable:
            sync(part)
        os.replace(part, path)
        if durable:
            sync(path.parent)
    finally:
        part.unlink(missing_ok=True)


def sync(*paths: Path) -> None:
    """Flush files and folders to the disk; a flushed folder lists its files."""
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def writable(path: Path) -> bool:
    """Return whether `atomic_file` can write to the path.

    The path must not be a folder or device, and its name must not be too long. A temporary file is written to the
    nearest existing folder, since permissions alone do not reveal a folder such as /proc.
    """
    try:
        target = path.resolve()
        if (
            target.is_symlink()
            or len(os.fsencode(target.name)) > LONGEST_NAME
            or (target.exists() and not target.is_file())
        ):
            return False
        above = next(folder for folder in target.parents if folder.exists())
        with tempfile.TemporaryFile(dir=above):
            return True
    except (OSError, RuntimeError):  # RuntimeError: links that point to each other; Python 3.13 returns such a link
        return False


def input_fault(path: Path) -> Fault | None:
    """Return the fault of an input path that is a folder or does not exist, otherwise None."""
    name = path.name or str(path)
    if path.is_dir():
        return Fault("is a folder", "give the files in it", name)
    return None if path.is_file() else Fault("there is no such file", "check the name of the file", name)


def output_faults(path: Path, given: Iterable[Path], called: str) -> list[Fault]:
    """Return the faults of an output path before any work begins: it is an input, or cannot be written.

    `given` are the inputs; `called` is the name of the file in messages.
    """
    faults = []
    if path.resolve() in {input_path.resolve() for input_path in given}:
        faults.append(Fault("would overwrite an input", "name another file", called))
    if not writable(path):
        faults.append(Fault("cannot be written there", "name another file or folder", called))
    return faults


def results_faults(written: Sequence[Path], given: Sequence[Path]) -> list[Fault]:
    """Return the faults of all outputs of a command: equal paths, a missing folder, `output_faults`.

    `written` are the outputs and `given` the inputs.
    """
    faults = []
    if len({path.resolve() for path in written}) < len(written):
        faults.append(Fault("two results have the same name", "give each result its own file"))
    for path in written:
        if path.parent.is_dir():
            faults += output_faults(path, given, path.name)
        else:
            faults.append(Fault("its folder does not exist", "make it, or name another folder", path.name))
    return faults


@contextmanager
def atomic_dir(path: Path, mode: int = 0o755) -> Iterator[Path]:
    """Yield an empty folder beside `path`; it replaces `path` only if the block succeeds."""
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
    """Copy the contents of a folder into an existing one.

    `private` files are readable by their owner only.
    """
    for path in sorted(folder.rglob("*")):  # sorted: a folder comes before its contents
        target = into / path.relative_to(folder)
        if path.is_dir():
            target.mkdir(mode=0o700 if private else 0o777, exist_ok=True)
            continue
        shutil.copyfile(path, target)
        if private:
            target.chmod(0o600)
