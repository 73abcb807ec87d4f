"""ZIP archives without the time of their making, so that equal contents give equal bytes."""

from __future__ import annotations

import io
import zipfile

STILL = (1980, 1, 1, 0, 0, 0)  # the earliest time that the format can hold


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
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as given, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as written:
        for name in given.namelist():
            written.writestr(zipfile.ZipInfo(name, STILL), given.read(name), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
