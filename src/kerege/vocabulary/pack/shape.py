"""Shape of a folder that shall become a pack: names, sizes and kinds of its files, before one is read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path, PurePosixPath

from kerege.base.errors import Fault
from kerege.base.message_text import shown
from kerege.vocabulary.pack.pack import NAME

MOST_BYTES = 20 * 2**20
MOST_FILES = 500
MOST_DEPTH = 4
SUFFIXES = (".toml", ".csv", ".po", ".md", ".txt", ".json", ".sig")
FONT_SUFFIXES = (".ttf", ".otf", ".woff2")


def list_shape_faults(folder: Path, fonts: Sequence[str] = ()) -> list[Fault]:
    """Return the faults of names, sizes and kinds in a folder. No file is opened, no link is followed.

    Parameters
    ----------
    folder : Path
        Folder of the pack.
    fonts : sequence of str
        Font files that `pack.toml` names; no other binary file may be in a pack.

    Returns
    -------
    list of Fault
        Every fault; of the size of the whole pack, one.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     Path(folder, "region.csv").symlink_to("/etc/passwd")
    ...     print(*list_shape_faults(Path(folder)))
    region.csv: is a link, put the file itself there
    """
    listed = list(islice(_entries(folder), MOST_FILES + 1))
    if len(listed) > MOST_FILES:
        return [Fault(f"has more than {MOST_FILES} files and folders", "give the folder of a pack", file=folder.name)]
    faults = [fault for path, entry in listed for fault in _entry_faults(path, entry, fonts)]
    return faults + _size_faults(listed, folder)


def _entries(folder: Path, inside: str = "") -> Iterator[tuple[str, os.DirEntry[str]]]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            path = f"{inside}{entry.name}"
            yield path, entry
            if entry.is_dir(follow_symlinks=False) and path.count("/") < MOST_DEPTH:
                yield from _entries(Path(entry.path), f"{path}/")


def _entry_faults(path: str, entry: os.DirEntry[str], fonts: Sequence[str]) -> Iterator[Fault]:
    file, mode = shown(path), entry.stat(follow_symlinks=False).st_mode
    if not NAME.fullmatch(entry.name):
        yield Fault("has a name that a pack may not have", "use letters, digits, dot, - and _", file=file)
    if stat.S_ISLNK(mode):
        yield Fault("is a link", "put the file itself there", file=file)
    elif stat.S_ISDIR(mode):
        if path.count("/") >= MOST_DEPTH:
            yield Fault("is too deep in the folder", f"use at most {MOST_DEPTH} levels", file=file)
    elif not stat.S_ISREG(mode):
        yield Fault("is not a plain file", "remove it", file=file)
    elif not _is_allowed(path, fonts):
        yield Fault("is of a kind that a pack may not hold", f"remove it; use {', '.join(SUFFIXES)}", file=file)


def _is_allowed(path: str, fonts: Sequence[str]) -> bool:
    suffix = PurePosixPath(path).suffix
    return suffix in SUFFIXES or (suffix in FONT_SUFFIXES and path in fonts)


def _size_faults(listed: Sequence[tuple[str, os.DirEntry[str]]], folder: Path) -> list[Fault]:
    sizes = {path: entry.stat(follow_symlinks=False).st_size for path, entry in listed}
    if sum(sizes.values()) <= MOST_BYTES:
        return []
    largest = max(sizes, key=lambda path: sizes[path])
    what = f"is larger than {MOST_BYTES // 2**20} MB; the largest file is {shown(largest)}"
    return [Fault(what, "remove what is no part of the pack", file=folder.name)]
