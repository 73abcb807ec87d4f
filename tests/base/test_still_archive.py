"""Archives without the time of their making."""

from __future__ import annotations

import io
import zipfile

from kerege.base.still_archive import pack, stilled


def archive_of(year: int) -> bytes:
    """Return an archive of two members that were changed in a year."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("b.txt", "a.txt"):
            archive.writestr(zipfile.ZipInfo(name, (year, 5, 1, 12, 0, 0)), name * 100)
    return buffer.getvalue()


def test_two_archives_of_equal_contents_are_equal_and_keep_members_in_order() -> None:
    assert archive_of(2024) != archive_of(2025)
    assert stilled(archive_of(2024)) == stilled(archive_of(2025))
    with zipfile.ZipFile(io.BytesIO(stilled(archive_of(2024)))) as archive:
        assert archive.namelist() == ["b.txt", "a.txt"]
        assert archive.read("a.txt") == b"a.txt" * 100


def test_everyone_may_read_an_unpacked_member_and_a_stored_one_is_not_compressed() -> None:
    packed = pack([("mimetype", b"words" * 100), ("a.txt", b"words" * 100)], stored=frozenset({"mimetype"}))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        members = {entry.filename: entry for entry in archive.infolist()}
    assert {entry.external_attr >> 16 for entry in members.values()} == {0o644}
    assert members["mimetype"].compress_size == 500 > members["a.txt"].compress_size
