"""Two files of invented persons; a production register, and a backup of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.link_driver import OTHERS, PEOPLE
from tests.cli.operations_driver import ADMIN, MANIFEST, STORE, kerege_alone, python
from tests.conftest import made_once


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.csv").write_text(PEOPLE, "utf-8")
    (tmp_path / "b.csv").write_text(OTHERS, "utf-8")
    return tmp_path


@pytest.fixture(scope="session")
def built(empty_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home folder with a production register: an administrator, one person and a release."""

    def make(home: Path) -> None:
        shutil.copytree(empty_home, home, dirs_exist_ok=True)
        process = kerege_alone(home, *ADMIN)
        assert process.returncode == 0, process.stderr
        assert process.stdout.startswith("https://localhost:8000/kk/account/password/reset/key/")
        python(home, STORE)
        release = home / "releases" / "annual" / "manifest.json"
        release.parent.mkdir(parents=True)
        release.write_text(MANIFEST)

    return made_once(tmp_path_factory, "production", make)


@pytest.fixture
def home(built: Path, tmp_path: Path) -> Path:
    """Return a copy of the register that a test can change."""
    return Path(shutil.copytree(built, tmp_path / "home"))


@pytest.fixture(scope="module")
def saved(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a backup of the register."""
    out = tmp_path_factory.mktemp("backup") / "out.tar"
    answer = kerege_alone(built, "backup", str(out))
    assert answer.returncode == 0, answer.stderr
    return out


@pytest.fixture
def backup(saved: Path, tmp_path: Path) -> Path:
    """Return a copy of the backup, with its key file."""
    shutil.copy(saved.with_suffix(".keys"), tmp_path)
    return Path(shutil.copy(saved, tmp_path))
