"""Copies of files have the modes that are asked for, not those of the originals."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kerege.standard import files


@pytest.mark.parametrize(("private", "folder", "file"), [(True, 0o700, 0o600), (False, 0o755, 0o644)])
def test_a_copy_is_for_its_owner_alone_or_as_new_files_are(
    tmp_path: Path, private: bool, folder: int, file: int
) -> None:
    """Whatever the modes of the original: what was kept in private is published readable, and the other way round."""
    (given := tmp_path / "given" / "deep").mkdir(parents=True)
    (given / "a").write_text("a")
    (given / "a").chmod(0o644 if private else 0o600)
    given.chmod(0o755 if private else 0o700)
    (into := tmp_path / "into").mkdir()
    before = os.umask(0o022)
    try:
        files.copy(given.parent, into, private=private)
    finally:
        os.umask(before)
    assert (into / "deep" / "a").read_text() == "a"
    assert [path.stat().st_mode & 0o777 for path in (into / "deep", into / "deep" / "a")] == [folder, file]
