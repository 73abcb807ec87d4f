"""The tests' own tools.

The libraries need no Django, no test reaches another machine, the runner counts.
"""

from __future__ import annotations

import ast
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection
from pytest_socket import SocketConnectBlockedError

from kerege.core import audit
from kerege.core.audit import triggers
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor
from scripts import run_tests
from tests.conftest import ROOT, DjangoRefusal, made_once

# an interpreter that has neither Django nor the plugins of a developer's environment
REFUSE = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"django", "pytest_django", "pytest_socket", "pytest_timeout", "xdist"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Refuse())
"""
PYTEST = """
import pytest
names = ("django", "socket", "timeout", "xdist", "xdist.looponfail", "cacheprovider")
sys.exit(pytest.main([*(f"-pno:{name}" for name in names), "-q", *sys.argv[1:]]))
"""
# without the plugins that take a second to load in each of the runner's processes
UNUSED = ("schemathesis", "hypothesispytest", "locust", "django", "anyio")
LOADED = """
import pytest, sys
code = pytest.main(sys.argv[1:])
names = ("django", "pytest_django.plugin", "tests.vocabulary.test_dates")
print("loaded:", [name for name in names if name in sys.modules])
sys.exit(code)
"""
SETTINGS = f"""
[pytest]
markers = db
    journey
addopts = {" ".join(f"-p no:{name}" for name in UNUSED)}
"""
# small files that pass and fail for certain
SAMPLE = """
import pytest

def test_that_passes():
    pass

@pytest.mark.skip(reason="not today")
def test_that_is_skipped():
    pass
"""
BROKEN = "def test_that_fails():\n    assert 1 == 2, 'one is not two'\n"
# locks a file, then waits
WAITING = """
import fcntl, time

def test_that_waits():
    with open("{lock}", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        open("{started}", "w").close()
        time.sleep(600)
"""


def without_django(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run code where Django cannot be imported."""
    command = [sys.executable, "-c", REFUSE + code, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def modules(path: Path) -> list[str]:
    """Return the names of the test modules in a file or folder."""
    files = sorted(path.rglob("test_*.py")) if path.is_dir() else [path]
    return [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]


def test_the_runner_runs_the_libraries_without_loading_django(tmp_path: Path) -> None:
    """tests/conftest.py refuses Django in every such run; here a process says what it has loaded."""
    _, libraries, _, sqlite, _ = run_tests.plan(["tests/vocabulary/test_dates.py"], [])
    assert sqlite.lacks == "no path of it"
    python, _, module, *arguments = libraries.command
    assert module == "pytest"
    done = subprocess.run(
        [python, "-c", LOADED, *arguments, "-n", "0"],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if key not in run_tests.UNSET}
        | {"KEREGE_TOTALS": str(tmp_path / "totals.json")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert done.stdout.splitlines()[-1] == "loaded: ['tests.vocabulary.test_dates']"


def test_a_run_without_django_refuses_its_import() -> None:
    finder = DjangoRefusal()
    with pytest.raises(ModuleNotFoundError, match="these tests run without Django"):
        finder.find_spec("django")
    finder.find_spec("django_tasks")


def test_each_test_file_runs_in_one_part() -> None:
    _, libraries, _, sqlite, _ = run_tests.plan([], [])
    folders = [word for word in libraries.command if word.startswith("tests/")]
    assert all((ROOT / folder).exists() for folder in folders)
    assert not any(map(run_tests.needs_django, folders))
    assert [word for word in sqlite.command if word.startswith("--ignore")] == [f"--ignore={name}" for name in folders]


def test_tests_of_the_libraries_pass_where_no_plugin_is_installed() -> None:
    done = without_django(PYTEST, "tests/vocabulary/test_dates.py", "tests/evidence/ledger/test_ledger.py")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr


@pytest.mark.parametrize(
    "proof", sorted((ROOT / "benchmarks" / "proofs").glob("test_*.py")), ids=lambda path: path.stem
)
def test_every_proof_repeats_the_checks_of_a_fast_test(proof: Path) -> None:
    """Every rule that moves to the slow proofs leaves a test in the suite."""
    nodes = ast.walk(ast.parse(proof.read_text(encoding="utf-8")))
    imported = {
        f"{node.module}.{alias.name}" for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    area, part = proof.stem.removeprefix("test_").split("_", 1)
    folders = (ROOT / "tests" / area, ROOT / "tests" / "evidence" / area)
    folder = next(path for path in folders if path.is_dir())
    repeated = [module for file in folder.rglob("test_*.py") if part in str(file) for module in modules(file)]
    assert any(name.startswith(module) for name in imported for module in repeated)


def test_a_folder_that_needs_django_says_so_where_it_cannot_be_imported() -> None:
    done = without_django(PYTEST, "--collect-only", "tests/core")
    assert done.returncode != 0
    assert "No module named 'django'" in done.stdout + done.stderr


def test_no_test_reaches_another_machine() -> None:
    with pytest.raises(SocketConnectBlockedError), pytest.warns(UserWarning, match="192.0.2.1"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


def test_a_test_reaches_its_own_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_a_test_that_commits_leaves_an_empty_audit_with_all_triggers(turn: str) -> None:
    assert triggers.missing(connection) == []
    assert not AuditEvent.objects.exists()
    with audit.act(Actor.system("tests"), "test.look"):
        pass
    assert AuditEvent.objects.exists()


@pytest.fixture
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a test suite of its own, outside of this suite."""
    folder = tmp_path_factory.mktemp("sample")
    (folder / "pytest.ini").write_text(SETTINGS, encoding="utf-8")
    (folder / "test_sample.py").write_text(SAMPLE, encoding="utf-8")
    return folder


def runner(*arguments: object) -> list[str]:
    """Return the command line of the runner, for the tests on SQLite only."""
    return [sys.executable, str(ROOT / "scripts" / "run_tests.py"), "--part", "SQLite", *map(str, arguments)]


def test_the_plan_names_every_part_and_why_another_one_is_skipped() -> None:
    done = subprocess.run(runner("--plan"), capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "This run has these parts:",
        "  tests on SQLite",
        "It skips these parts:",
        "  journeys in a browser (Chromium): not asked for",
        "  tests of the libraries, without Django: not asked for",
        "  tests marked db on PostgreSQL (a throw-away cluster): not asked for",
        "  lint: style, types, layers, common mistakes, translations, migrations: not asked for",
    ]


def test_files_of_the_tests_lie_in_memory_where_there_is_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_tests, "ROOM", 1)
    monkeypatch.setattr(run_tests, "IN_MEMORY", tmp_path)
    assert run_tests.temporary_folder() == str(tmp_path)
    monkeypatch.setattr(run_tests, "ROOM", 2**60)
    assert run_tests.temporary_folder() is None
    monkeypatch.setattr(run_tests, "IN_MEMORY", tmp_path / "none")
    assert run_tests.temporary_folder() is None


def test_the_parts_of_a_run_share_what_the_first_one_makes(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command = [sys.executable, "-c", "import os; print('in', os.environ['KEREGE_MADE_ONCE'])"]
    run_tests.Run([run_tests.Part(name, name, command) for name in ("SQLite", "Chromium")]).wait()
    folders = [line.partition("| in ")[2] for line in capsys.readouterr().out.splitlines() if "| in " in line]
    assert len(folders) == 2
    assert len(set(folders)) == 1
    assert not Path(folders[0]).exists()
    monkeypatch.setenv("KEREGE_MADE_ONCE", str(tmp_path))
    (tmp_path / "of-another-part").mkdir()
    folder = made_once(tmp_path_factory, "of-another-part", lambda path: pytest.fail("made twice"))
    assert folder == tmp_path / "of-another-part"


def test_the_runner_shows_a_failure_and_counts_the_tests_in_its_last_line(sample: Path) -> None:
    (sample / "test_broken.py").write_text(BROKEN, encoding="utf-8")
    done = subprocess.run(runner(sample), capture_output=True, text=True)
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert lines[0] == "This run has these parts:"
    assert any("AssertionError: one is not two" in line for line in lines)
    assert lines[-2:] == ["FAILED: SQLite", "1 passed, 1 failed, 1 skipped"]
    assert "SKIPPED tests: SQLite: 1: not today" in lines


def test_the_summary_of_a_run_without_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    part = run_tests.Part("SQLite", "tests on SQLite", [], code=0, passed=7, skipped={"not today": 2})
    lacking = run_tests.Part("Chromium", "journeys", [], lacks="no Chromium")
    assert run_tests.report([part, lacking], [])
    assert capsys.readouterr().out.splitlines()[1:] == [
        "SQLite     | passed in 0:00: 7 passed, 0 failed, 2 skipped",
        "SKIPPED part: journeys: no Chromium",
        "SKIPPED tests: SQLite: 2: not today",
        "all that ran has passed; skipped parts: 1, see above",
        "7 passed, 0 failed, 2 skipped",
    ]


def test_a_part_that_ends_badly_without_a_failed_test_counts_as_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    part = run_tests.Part("lint", "lint", [], code=1)
    assert not run_tests.report([part], [])
    assert capsys.readouterr().out.splitlines()[-2:] == ["FAILED: lint", "0 passed, 1 failed, 0 skipped"]


def test_a_run_that_is_interrupted_ends_its_workers(sample: Path) -> None:
    lock, started = sample / "lock", sample / "started"
    (sample / "test_waiting.py").write_text(WAITING.format(lock=lock, started=started), encoding="utf-8")
    with subprocess.Popen(runner(sample), stdout=subprocess.PIPE, text=True) as process:
        while not started.exists():
            assert process.poll() is None, "the runner ended before the test"
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 130
    with lock.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # raises while the worker lives
