"""Files get the requested modes, and paths that cannot be written are detected before the work begins."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

import pytest

from kerege.base import files


@pytest.mark.parametrize(("private", "folder", "file"), [(True, 0o700, 0o600), (False, 0o755, 0o644)])
def test_a_copy_is_for_its_owner_alone_or_as_new_files_are(
    tmp_path: Path, private: bool, folder: int, file: int
) -> None:
    """The modes of the original do not matter: a private file is published readable, and the reverse."""
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


def test_a_file_is_for_its_owner_unless_it_is_shared(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        for name, shared in (("own", False), ("shared", True)):
            with files.atomic_file(tmp_path / name, shared=shared) as part:
                part.write_text(name)
    finally:
        os.umask(before)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("own", "shared")] == [0o600, 0o644]


def test_only_a_shared_file_goes_through_a_link(tmp_path: Path) -> None:
    """A private file must not be written through another user's link."""
    for shared in (False, True):
        target, link = tmp_path / f"target{shared}", tmp_path / f"link{shared}"
        target.write_text("before")
        link.symlink_to(target)
        with files.atomic_file(link, shared=shared) as part:
            part.write_text("after")
        assert (link.is_symlink(), target.read_text()) == (shared, "after" if shared else "before")
        assert link.read_text() == "after"


def test_paths_that_cannot_be_written_are_detected_before(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "file").write_text("")
    (tmp_path / "loop").symlink_to("loop")
    able = ("file", "new", "new folder/new")
    assert all(files.writable(tmp_path / name) for name in able)
    unable = ("fifo", "loop", ".", "file/new", "n" * 300, f"new folder/{'n' * 300}", "/dev/null", "/proc/new")
    assert [name for name in unable if files.writable(tmp_path / name)] == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fifo", "file", "loop"]


def test_who_waits_for_a_lock_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that waits for another one does not look as if it hung."""
    noticed, waited = threading.Event(), threading.Event()
    monkeypatch.setattr(files, "PATIENCE", 0.01)
    monkeypatch.setattr(logging.getLogger("kerege.base.files"), "warning", lambda *_: noticed.set())

    def wait() -> None:
        with files.locked(tmp_path):
            waited.set()

    other = threading.Thread(target=wait)
    with files.locked(tmp_path):
        other.start()
        assert noticed.wait(5)
        assert not waited.is_set()
    other.join(5)
    assert waited.is_set()
