"""Tests of mutants: which tests run a line, and what they say about each mutant.

Two kinds of mutants need two kinds of processes. A change inside a function takes the place of the function's code in
a process that has collected the tests. A change at module or class level, and of a function that Numba compiles, is
imported by a new process. Both are forks, so that no mutant leaves anything behind.
"""

from __future__ import annotations

import ast
import gc
import importlib.abc
import importlib.machinery
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import types
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import pytest
from mutant_edits import Mutant, mutate

SURVIVED, KILLED, IMPORT_AGAIN, BROKEN = 0, 1, 9, 70  # exit codes of a fork
NO_TESTS = 5  # exit code of pytest
OPTIONS = (
    "-q",
    "--capture=no",  # the fork writes into a log
    "-pno:cacheprovider",
    "-pno:xdist",
    "-pno:timeout",  # its thread would not be in a fork
    "-mnot journey",
)
POLL = 0.01  # seconds between two looks at a running fork
WALL_FACTOR = 40  # a busy machine gives a fork at least this part of a processor


@dataclass
class TestMap:
    """Tests by the lines that they run, and the seconds of processor time that each took."""

    seconds: dict[str, float] = field(default_factory=dict)
    lines: dict[str, dict[int, list[str]]] = field(default_factory=dict)  # path → line → tests; "" when imported

    def of_lines(self, path: str, numbers: Iterable[int]) -> set[str]:
        """Return the tests that run one of the lines of a file."""
        lines = self.lines.get(path, {})
        return {test for number in numbers for test in lines.get(number, ())} - {""}

    def of_file(self, path: str) -> set[str]:
        """Return the tests that run any line of a file."""
        return self.of_lines(path, self.lines.get(path, {}))

    def is_import(self, path: str, numbers: Iterable[int]) -> bool:
        """Return whether one of the lines runs when a module is imported."""
        lines = self.lines.get(path, {})
        return any("" in lines.get(number, ()) for number in numbers)

    def write(self, path: Path) -> None:
        """Write the map as JSON."""
        path.write_text(json.dumps({"seconds": self.seconds, "lines": self.lines}), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> TestMap:
        """Read what `write` wrote."""
        stored = json.loads(path.read_text(encoding="utf-8"))
        lines = {name: {int(line): tests for line, tests in of.items()} for name, of in stored["lines"].items()}
        return cls(stored["seconds"], lines)


@dataclass(frozen=True)
class Trial:
    """A mutant and the tests that judge it, the quickest first."""

    mutant: Mutant
    tests: dict[str, float]  # seconds of each test without a mutant

    @property
    def seconds(self) -> float:
        """Return the seconds of all tests without a mutant."""
        return sum(self.tests.values())


@dataclass(frozen=True)
class Verdict:
    """Result of a trial: `survived`, `killed`, `time limit`, `undecided` or `import again`."""

    key: str
    result: str
    test: str = ""  # the test that failed
    seconds: float = 0.0  # processor time
    tests: int = 0  # tests chosen


# -- forks -------------------------------------------------------------------------------------------------------------
def run_fork(task: Callable[[], int], cpu_seconds: float | None = None, log: Path | None = None) -> tuple[str, float]:
    """Run a task in a fork. Return its exit code and its processor time.

    `time limit`: it was ended, by its own limit of processor time. `undecided`: it waited for too long.
    """
    began = time.monotonic()
    sys.stdout.flush()
    pid = os.fork()
    if not pid:
        code = BROKEN
        try:
            os.setsid()
            _redirect(log)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            code = task()
            sys.stdout.flush()
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(code)
    while True:
        ended, status, usage = os.wait4(pid, os.WNOHANG if cpu_seconds is not None else 0)
        if ended:
            break
        if time.monotonic() - began > WALL_FACTOR * (cpu_seconds or 0) + 30:
            _kill(pid)
            _, _, usage = os.wait4(pid, 0)
            return "undecided", usage.ru_utime + usage.ru_stime
        time.sleep(POLL)
    _kill(pid)  # servers that a test has started
    code = os.waitstatus_to_exitcode(status)
    return ("time limit" if code < 0 else str(code)), usage.ru_utime + usage.ru_stime


def limit_cpu(seconds: float) -> None:
    """End this process after this number of further seconds of processor time."""
    used = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(used + seconds) + 1, resource.RLIM_INFINITY))


def limit_test(seconds: float, *, compiling: float = 0) -> None:
    """End this process when a test takes several times the seconds that it takes without a mutant."""
    limit_cpu(5 + compiling + 5 * seconds)


def _redirect(log: Path | None) -> None:
    if log is not None:
        target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(target, 1)
        os.dup2(target, 2)


def _kill(session: int) -> None:
    """End a fork and the processes that it started."""
    try:
        os.killpg(session, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def run_pytest(arguments: Sequence[str], plugin: object) -> int:
    """Run pytest in this process. Hypothesis takes the same numbers each time and stores none."""
    from hypothesis import Phase, settings

    phases = (Phase.explicit, Phase.generate)
    settings.register_profile("mutants", database=None, derandomize=True, deadline=None, phases=phases)
    settings.load_profile("mutants")
    return int(pytest.main([*OPTIONS, *arguments], plugins=[plugin]))


# -- tests by line -----------------------------------------------------------------------------------------------------
class Recorder:
    """A plugin of pytest that records which test runs which line."""

    def __init__(self, root: Path, target: Path) -> None:
        from coverage import Coverage

        self.root, self.target = root, target
        self.map = TestMap()
        self.coverage = Coverage(data_file=None, include=[str(root / "src" / "kerege" / "*")], config_file=False)
        self.coverage.start()
        self.failed: list[str] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item):  # type: ignore[no-untyped-def]
        """Record the lines of one test under its name."""
        self.coverage.switch_context(item.nodeid)
        began = time.process_time()
        result = yield
        self.map.seconds[item.nodeid] = round(time.process_time() - began, 4)
        self.coverage.switch_context("")
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Record a test that fails without a mutant."""
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write the map. A test that fails without a mutant would kill every mutant."""
        self.coverage.stop()
        data = self.coverage.get_data()
        for name in data.measured_files():
            self.map.lines[Path(name).relative_to(self.root).as_posix()] = data.contexts_by_lineno(name)
        for test in self.failed:
            print(f"fails without a mutant, so it is left out: {test}")
            del self.map.seconds[test]
        self.map.write(self.target)


def record_tests(root: Path, tests: Sequence[str], target: Path, log: Path) -> tuple[TestMap, float]:
    """Run the tests once. Return which tests run which line, and the processor time."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        arguments = [f"--basetemp={folder}/temporary", *tests]
        code, seconds = run_fork(lambda: run_pytest(arguments, Recorder(root, target)), log=log)
    if code not in {"0", "1"}:
        raise SystemExit(f"the tests do not run without a mutant; see {log}")
    return TestMap.read(target), seconds


def check_threads(folder: Path = Path("/proc/self/task")) -> None:
    """Raise SystemExit if a pool of Polars runs: a fork lacks its threads and would wait for ever."""
    names = [(task / "comm").read_text(encoding="utf-8").strip() for task in folder.glob("*")]
    if any(name.removeprefix("polars-").isdecimal() for name in names):
        raise SystemExit("a test file uses Polars while it is imported: move that into a fixture or a cached function")


def name_result(code: str) -> str:
    """Return the result of a trial from the exit code of its fork.

    A fork that failed by itself, or that ran no test, says nothing about the mutant.
    """
    if code in {"time limit", "undecided"}:
        return code
    if code in {str(BROKEN), str(NO_TESTS)}:
        return "undecided"
    return {str(SURVIVED): "survived", str(IMPORT_AGAIN): "import again"}.get(code, "killed")


# -- mutants inside functions ------------------------------------------------------------------------------------------
Code = types.CodeType
Functions = dict[tuple[str, str, int], list[types.FunctionType]]


def index_functions(folder: Path) -> Functions:
    """Return the functions of the sources below a folder, by file, qualified name and first line."""
    functions: Functions = {}
    gc.unfreeze()  # the collector does not list what tests/conftest.py has frozen
    for thing in gc.get_objects():
        # not isinstance, which would evaluate the lazy objects of Django
        if type(thing) is types.FunctionType and thing.__code__.co_filename.startswith(str(folder)):
            functions.setdefault(_place(thing.__code__), []).append(thing)
    return functions


def _place(code: Code) -> tuple[str, str, int]:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def change_functions(functions: Functions, code: Code) -> int:
    """Put the code of a mutated module into the loaded functions. Return how many changed."""
    changed = 0
    for constant in code.co_consts:
        if isinstance(constant, Code):
            for function in functions.get(_place(constant), ()):
                if function.__code__ != constant:
                    function.__code__ = constant
                    changed += 1
            changed += change_functions(functions, constant)
    return changed


def clear_caches(package: str) -> None:
    """Forget what cached functions of a package have returned: the mutant could return another value."""
    wrapper = type(lru_cache(len))
    for thing in gc.get_objects():
        if type(thing) is wrapper and str(thing.__module__).startswith(package):
            thing.cache_clear()


class Swapper:
    """A plugin of pytest that collects the tests once and judges each mutant in a fork."""

    def __init__(self, root: Path, trials: Sequence[Trial], report: Callable[[Verdict], None], database: Path) -> None:
        self.root, self.trials, self.report, self.database = root, trials, report, database
        self.failed = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember that a test failed."""
        if report.failed:
            self.failed = report.nodeid

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Judge every mutant."""
        check_threads()
        items = {item.nodeid: item for item in session.items}
        home = _prepare_database(session.items, {next(iter(trial.tests)) for trial in self.trials})
        functions = index_functions(self.root / "src")
        kept = Path(tempfile.mkdtemp(prefix="mutants-"))
        shutil.copytree(home, kept / "home")
        if (home / "test.sqlite3").exists():
            shutil.copy(home / "test.sqlite3", self.database)
        try:
            for trial in self.trials:
                self._judge(trial, items, functions, kept / "trial")
                shutil.rmtree(home, ignore_errors=True)
                shutil.copytree(kept / "home", home)
        finally:
            shutil.rmtree(kept)
        return True

    def _judge(self, trial: Trial, items: dict[str, pytest.Item], functions: Functions, folder: Path) -> None:
        folder.mkdir()
        note = folder / "failed"
        chosen = [items[test] for test in trial.tests if test in items]
        code, seconds = run_fork(
            lambda: self._run(trial, chosen, functions, note), 10 + 4 * trial.seconds, Path(os.devnull)
        )
        test = note.read_text(encoding="utf-8") if note.exists() else ""
        shutil.rmtree(folder)
        self.report(Verdict(trial.mutant.key, name_result(code), test, seconds, len(chosen)))

    def _run(self, trial: Trial, items: Sequence[pytest.Item], functions: Functions, note: Path) -> int:
        """Run the tests of a mutant in this fork until the first failure."""
        path = self.root / trial.mutant.path
        if not trial.mutant.is_current(self.root):
            return BROKEN
        clear_caches("kerege")
        try:
            changed = change_functions(functions, _compile(path, trial.mutant.number))
        except ValueError:  # the change removes the only use of a variable of the function around
            return IMPORT_AGAIN
        if not changed:
            return IMPORT_AGAIN
        # a folder of temporary files for this mutant alone
        temporary = items[0].config._tmp_path_factory  # type: ignore[attr-defined]
        temporary._given_basetemp, temporary._basetemp = note.parent / "temporary", None
        for item, following in zip(items, [*items[1:], None], strict=True):
            limit_test(trial.tests[item.nodeid])
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                note.write_text(self.failed, encoding="utf-8")
                return KILLED
        return SURVIVED


def _compile(path: Path, number: int) -> Code:
    return compile(mutate(path.read_text(encoding="utf-8"), number), str(path), "exec", dont_inherit=True)


def _prepare_database(items: Sequence[pytest.Item], quick: set[str]) -> Path:
    """Let pytest-django make its database by a first quick test. Return the home folder of the tests."""
    from tests.conftest import HOME

    needing = [item for item in items if {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))]
    needing.sort(key=lambda item: item.nodeid not in quick)
    if needing:
        from django.db import connections

        following = next((item for item in items if item.path != needing[0].path), needing[-1])
        needing[0].config.hook.pytest_runtest_protocol(item=needing[0], nextitem=following)
        connections.close_all()
    return HOME


def judge_swapped(
    root: Path, trials: Sequence[Trial], report: Callable[[Verdict], None], database: Path, log: Path
) -> None:
    """Judge mutants inside functions, in a process that collects their tests once."""
    files = sorted({test.partition("::")[0] for trial in trials for test in trial.tests})
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        arguments = [f"--basetemp={folder}/temporary", *files]
        code, _ = run_fork(lambda: run_pytest(arguments, Swapper(root, trials, report, database)), log=log)
    if code != "0":
        raise SystemExit(f"the process of the tests ended early; see {log}")


# -- mutants that are imported -----------------------------------------------------------------------------------------
class MutantLoader(importlib.machinery.SourceFileLoader):
    """Loader of one module with a change; it reads and writes no bytecode file."""

    number = 0

    def get_code(self, fullname: str) -> Code:
        """Return the changed code."""
        return _compile(Path(self.path), self.number)


class MutantFinder(importlib.abc.MetaPathFinder):
    """Finder of the mutated module alone."""

    def __init__(self, path: Path, number: int) -> None:
        self.path, self.number = path, number

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the module with the change if it is the one asked for."""
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.origin != str(self.path):
            return None
        loader = MutantLoader(fullname, spec.origin)
        loader.number = self.number
        spec.loader = loader
        return spec


class Importer:
    """A plugin of pytest for a process that imports a mutant; it takes a database that is ready."""

    def __init__(self, database: Path, note: Path, trial: Trial) -> None:
        self.database, self.note, self.trial = database, note, trial

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Put the ready database where pytest-django would make its own."""
        if self.database.exists() and hasattr(session.config.option, "reuse_db"):
            from tests.conftest import HOME

            shutil.copy(self.database, HOME / "test.sqlite3")
            session.config.option.reuse_db = True

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Limit the time of each test."""
        compiling = 120 if self.trial.mutant.compiled else 0
        limit_test(self.trial.tests.get(item.nodeid, 1.0), compiling=compiling)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write down which test failed."""
        if report.failed and not self.note.exists():
            self.note.write_text(report.nodeid, encoding="utf-8")


def judge_imported(root: Path, trial: Trial, database: Path, log: Path) -> Verdict:
    """Judge one mutant in a new process, which imports it."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        note, cache = Path(folder) / "failed", Path(folder) / "numba"

        def run() -> int:
            if not trial.mutant.is_current(root):
                return BROKEN
            sys.meta_path.insert(0, MutantFinder(root / trial.mutant.path, trial.mutant.number))
            limit_cpu(100)  # imports and collection
            if trial.mutant.compiled:
                copy_machine_code(root, trial.mutant, cache)
            return run_pytest(["-x", f"--basetemp={folder}/temporary", *trial.tests], Importer(database, note, trial))

        code, seconds = run_fork(run, 120 + 4 * trial.seconds, log)
        test = note.read_text(encoding="utf-8") if note.exists() else ""
    return Verdict(trial.mutant.key, name_result(code), test, seconds, len(trial.tests))


def copy_machine_code(root: Path, mutant: Mutant, target: Path) -> None:
    """Let Numba use a copy of its cache, without the functions that call the mutated one.

    Numba finds cached code by the bytecode of a function. A changed constant, or a changed function that is called,
    leaves the bytecode as it is.
    """
    from kerege.evidence.numerics.jit import CONFIG

    source, CONFIG.CACHE_DIR = Path(CONFIG.CACHE_DIR), str(target)
    if not source.exists():
        return
    shutil.copytree(source, target)
    stem = Path(mutant.path).stem
    for name in list_callers(root / mutant.path, mutant.function):
        for path in target.rglob(f"{stem}.{name}-*"):
            path.unlink()


def list_callers(path: Path, name: str) -> set[str]:
    """Return a function of a file and those of the same file that call it, also through others."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    calls = {
        caller: {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
        for caller, function in functions.items()
    }
    callers = {name}
    while more := {caller for caller, names in calls.items() if names & callers} - callers:
        callers |= more
    return callers
