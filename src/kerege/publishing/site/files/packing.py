"""ZIP archives with fixed times: the same members give the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

from kerege.base.still_archive import STILL


def pack(members: Iterable[tuple[str, bytes]], *, stored: frozenset[str] = frozenset()) -> bytes:
    """Return an archive of (name, content) in this order; members named in `stored` are not compressed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members:
            member = zipfile.ZipInfo(name, STILL)
            member.create_system = 3  # the same on every system
            member.external_attr = 0o644 << 16
            archive.writestr(member, content, zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
