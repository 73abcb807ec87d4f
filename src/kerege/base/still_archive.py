"""ZIP archives without the time of their making, so that equal contents give equal bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

STILL = (1980, 1, 1, 0, 0, 0)  # the earliest time that the format can hold


def pack(members: Iterable[tuple[str, bytes]], *, stored: frozenset[str] = frozenset()) -> bytes:
    """Return a ZIP archive of (name, content) in this order; members named in `stored` are not compressed.

    Examples
    --------
    >>> with zipfile.ZipFile(io.BytesIO(pack([("b.txt", b"words"), ("a.txt", b"")]))) as archive:
    ...     archive.namelist()
    ['b.txt', 'a.txt']
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members:
            member = zipfile.ZipInfo(name, STILL)
            member.create_system = 3  # the same on every system
            member.external_attr = 0o644 << 16  # everyone may read the unpacked file
            archive.writestr(member, content, zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def stilled(archive: bytes) -> bytes:
    """Return a ZIP archive with the same members in the same order, each of one fixed time.

    Examples
    --------
    >>> buffer = io.BytesIO()
    >>> with zipfile.ZipFile(buffer, "w") as archive:
    ...     archive.writestr("a.txt", "words")
    >>> with zipfile.ZipFile(io.BytesIO(stilled(buffer.getvalue()))) as still:
    ...     still.getinfo("a.txt").date_time
    (1980, 1, 1, 0, 0, 0)
    """
    with zipfile.ZipFile(io.BytesIO(archive)) as given:
        return pack((name, given.read(name)) for name in given.namelist())
