"""Hooks and fixtures of all tests; nothing here imports Django."""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from scripts.run_tests import needs_django

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "tests"
HOME = Path(tempfile.mkdtemp(prefix="kerege-test-"))
os.environ["KEREGE_HOME"] = str(HOME)
os.environ.pop("KEREGE_DEMO", None)

# No test asserts a time: on a busy machine one example took 325 ms, and the deadline of Hypothesis is 200 ms. It also
# fails a test that drew few examples in a second. Every run draws the same examples; `make thorough` draws new ones.
# Tests of the libraries also state `deadline=None`: `make extras` runs them without this file.
settings.register_profile(
    "same in every run",
    deadline=None,
    derandomize="KEREGE_THOROUGH" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("same in every run")

# The two workers take whole files. A long file that starts last keeps one worker waiting, so long files come first.
LONG = (
    "test_backup.py", "test_canary_pages.py", "test_load.py", "test_access_matrix.py", "test_queries.py",
    "test_audit.py", "test_intruder_oracle.py", "test_crime_traces.py", "test_synthesize.py", "test_estimate.py",
    "test_every_page.py", "test_views.py", "test_foreign_worker.py", "test_records_release.py", "test_release.py",
    "test_caseload.py", "test_no_police.py", "test_silent_referral.py", "test_child.py", "test_persons.py",
    "test_typing.py",
)  # fmt: skip


def _asked_for(config: pytest.Config) -> list[Path]:
    """Return the files and folders that the command line names; all tests if it names none."""
    words = [str(word).split("::")[0] for word in config.invocation_params.args]
    paths = [config.invocation_params.dir / word for word in words if word and not word.startswith("-")]
    return [path.resolve() for path in paths if path.exists()] or [TESTS]


class DjangoRefusal(MetaPathFinder):
    """Import finder that refuses Django, as in an environment where it is not installed."""

    def find_spec(self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> None:
        if fullname == "django":
            raise ModuleNotFoundError("these tests run without Django", name=fullname)


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Load the Django fixtures if a test that is asked for needs them; otherwise refuse Django.

    pytest calls this hook before it imports the conftest files of the folders, which import models.
    """
    config = pluginmanager.get_plugin("pytestconfig")
    if any(needs_django(path) for path in _asked_for(config)):
        pluginmanager.import_plugin("tests.django_fixtures")
    else:
        sys.meta_path.insert(0, DjangoRefusal())


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Let pytest-socket refuse every connection to another machine."""
    config.option.allow_hosts = "127.0.0.1,::1,localhost"
    config.option.allow_unix_socket = True


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Skip files that do not contain the mark that `-m` asks for: importing them takes time."""
    mark = str(config.option.markexpr).split(" ")[0]
    if mark in {"db", "journey"} and collection_path.name.startswith("test_"):
        return f"mark.{mark}" not in collection_path.read_text(encoding="utf-8") or None
    return None


# Collection makes many objects and throws few away: the garbage collector took a fifth of its CPU time.
gc.disable()


def pytest_collection_finish() -> None:
    """Exclude what is loaded from garbage collection, and collect less often than Python does by default."""
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move long files to the front."""
    places = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.name, len(LONG)))


def pytest_unconfigure() -> None:
    """Remove the home folder of this process."""
    shutil.rmtree(HOME, ignore_errors=True)


def made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return a folder that the first process to ask for it makes for the whole run.

    Tests do not change it. The processes of all parts of a run share it (`KEREGE_MADE_ONCE` of `scripts/run_tests.py`).
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    shared = Path(os.environ.get("KEREGE_MADE_ONCE") or shared)
    folder = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            making = shared / f"{name}.making"
            making.mkdir()
            make(making)
            making.rename(folder)
    return folder


def run(home: Path, *command: str, **variables: str) -> None:
    """Run Python with a folder as the home of a demo, and further variables of the environment."""
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment |= {"KEREGE_HOME": str(home), "KEREGE_DEMO": "1", **variables}
    subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, check=True)


def migrate(home: Path, **variables: str) -> None:
    """Migrate the database of a home, or the one that DATABASE_URL names."""
    run(home, "-c", "from kerege.cli import main; main(['migrate'])", **variables)


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the home of a register with every table and no row. Each server starts from a copy."""
    return made_once(tmp_path_factory, "empty", migrate)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, started once for each process: Playwright cannot drive it twice in one process."""
    from tests.web import browser as driver

    if driver.chromium() is None:
        pytest.skip("no Chromium on this machine")
    with driver.launched() as started:
        yield started
