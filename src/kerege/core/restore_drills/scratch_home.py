"""Scratch home folders, each with a decrypted backup: locked during a drill, removed afterwards.

A process that is killed loses its lock, so the next `remove_leftovers` removes its folder.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kerege.base import files

PREFIX = ".drill-"
LOCK = "drill.lock"


@contextmanager
def scratch_home() -> Iterator[tuple[Path, int]]:
    """Yield an empty scratch folder in the home folder, and the handle of its lock for a child process."""
    folder = Path(tempfile.mkdtemp(dir=files.home(), prefix=PREFIX))
    handle = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield folder, handle
    finally:
        # a link to the keys is removed, the keys are not
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def remove_leftovers() -> int:
    """Remove the scratch folders that no process uses; return their number."""
    return sum(_remove_unused(folder) for folder in sorted(files.home().glob(f"{PREFIX}*")))


def is_in_use() -> bool:
    """Return whether a drill runs now."""
    return any(not _is_free(folder) for folder in files.home().glob(f"{PREFIX}*"))


def _remove_unused(folder: Path) -> bool:
    if not _is_free(folder):
        return False
    shutil.rmtree(folder, ignore_errors=True)
    return True


def _is_free(folder: Path) -> bool:
    with suppress(FileNotFoundError):
        handle = os.open(folder / LOCK, os.O_RDWR)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(handle)
    return True
