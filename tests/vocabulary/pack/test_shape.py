"""Shape of a pack: nothing is opened that is a link, too large or of a foreign kind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kerege.vocabulary.pack.shape import MOST_FILES, list_shape_faults
from tests.vocabulary.pack.pack_folder import copy_pack


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_pack(tmp_path / "pack")


def sentences(folder: Path, *fonts: str) -> list[str]:
    return list(map(str, list_shape_faults(folder, fonts)))


def test_the_shipped_pack_has_a_good_shape(folder: Path) -> None:
    assert sentences(folder) == []


def test_a_list_of_2_gb_is_refused_by_its_size_and_never_read(folder: Path) -> None:
    with (folder / "lists" / "service.csv").open("wb") as stream:
        stream.truncate(2 * 2**30)
    (folder / "lists" / "service.csv").chmod(0)  # reading it would fail
    assert sentences(folder) == [
        "pack: is larger than 20 MB; the largest file is lists/service.csv, remove what is no part of the pack"
    ]


def test_a_link_is_refused_and_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (folder / "lists" / "service.csv").symlink_to("/etc/passwd")
    (folder / "programme2").symlink_to(tmp_path / "secret")
    assert sentences(folder) == [
        "lists/service.csv: is a link, put the file itself there",
        "programme2: is a link, put the file itself there",
    ]


@pytest.mark.parametrize("name", ["..a.csv", "a\nb.csv", "регион.csv", "-x.csv", "a b.csv"])
def test_a_name_that_could_mislead_is_refused(folder: Path, name: str) -> None:
    (folder / name).write_text("")
    assert any("has a name that a pack may not have" in sentence for sentence in sentences(folder))
    assert all("\n" not in sentence for sentence in sentences(folder))


def test_a_program_and_an_unnamed_font_are_refused(folder: Path) -> None:
    for name in ("run.sh", "setup.py", "django.mo", "own.ttf"):
        (folder / name).write_bytes(b"x")
    assert len(sentences(folder)) == 4
    assert len(sentences(folder, "own.ttf")) == 3


def test_a_device_is_refused(folder: Path) -> None:
    os.mkfifo(folder / "lists" / "wait.csv")
    assert sentences(folder) == ["lists/wait.csv: is not a plain file, remove it"]


def test_too_many_files_are_refused_in_one_line(folder: Path) -> None:
    for number in range(MOST_FILES):
        (folder / f"a{number}.csv").touch()
    assert len(sentences(folder)) == 1


def test_a_deep_folder_is_refused(folder: Path) -> None:
    (folder / "a/b/c/d/e/f").mkdir(parents=True)
    assert sentences(folder) == ["a/b/c/d/e: is too deep in the folder, use at most 4 levels"]
