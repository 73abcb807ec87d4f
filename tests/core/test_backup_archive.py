"""Backup archive: an archive is unpacked whole or not at all."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from kerege.base.errors import BadInput
from kerege.core.backup.archive import pack, unpack


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return the archive of a home with one file."""
    home, dump, out = tmp_path / "home", tmp_path / "dump", tmp_path / "out.tar"
    (home / "uploads").mkdir(parents=True)
    (home / "uploads" / "one.bin").write_text("encrypted")
    dump.write_text("tables")
    pack(home, dump, "sqlite", out)
    return out


def rewrite(archive: Path, target: Path, changes: dict[str, str]) -> Path:
    """Copy an archive with other contents for some of its files."""
    inside = target.with_suffix(".inside")
    with tarfile.open(archive) as tar:
        tar.extractall(inside, filter="data")
    for name, text in changes.items():
        (inside / name).write_text(text)
    with tarfile.open(target, "w") as tar:
        for path in sorted(path for path in inside.rglob("*") if path.is_file()):
            tar.add(path, str(path.relative_to(inside)))
    return target


def test_an_archive_is_unpacked_with_the_contents_of_its_manifest(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "unpacked"
    folder.mkdir()
    assert set(unpack(archive, folder).sha256) == {"database", "uploads/one.bin"}
    assert (folder / "uploads" / "one.bin").read_text() == "encrypted"
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("changes", [{"uploads/one.bin": "changed"}, {"extra": "more"}, {"manifest.json": "[]"}])
def test_a_changed_archive_leaves_no_file_behind(archive: Path, tmp_path: Path, changes: dict[str, str]) -> None:
    changed = rewrite(archive, tmp_path / "changed.tar", changes)
    place = tmp_path / "place"
    (folder := place / "unpacked").mkdir(parents=True)
    with pytest.raises(BadInput, match="take another copy"):
        unpack(changed, folder)
    assert list(place.rglob("*")) == [folder]


def test_a_cut_archive_leaves_no_file_behind(archive: Path, tmp_path: Path) -> None:
    cut, folder = tmp_path / "cut.tar", tmp_path / "unpacked"
    cut.write_bytes(archive.read_bytes()[:2600])
    folder.mkdir()
    with pytest.raises(BadInput, match="this is no backup of Kerege"):
        unpack(cut, folder)
    assert list(folder.iterdir()) == []
