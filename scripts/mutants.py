#!/usr/bin/env python3
"""Change the code in small ways, and list the changes that no test notices.

    scripts/mutants.py PART [--sample N] [--seed N] [--limit SECONDS] [--again] [--tests PATH ...] [--only TEXT]

The sample of a part stays the same while the code stays the same. A mutant is killed if one of the tests that run its
line fails. The results are in var/mutants: PART.txt lists the survivors, and PART.jsonl has one line for each mutant.
A second run judges only mutants without a result; `--again` judges the survivors once more, which shows what a new test
kills. scripts/mutants.toml lists the parts, and the mutants that change no behaviour.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import importlib
import json
import os
import sys
import time
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from mutant_edits import Mutant, describe, list_mutants
from mutant_tests import TestMap, Trial, Verdict, judge_imported, judge_swapped, record_tests

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "var" / "mutants"
SETTINGS = ROOT / "scripts" / "mutants.toml"
NICENESS = 15
AGAIN = {"survived", "undecided"}
SINGLE_THREAD = ("OMP", "OPENBLAS", "MKL", "NUMBA", "POLARS")  # a fork copies no threads
LIBRARIES = ("numpy", "scipy", "scipy.stats", "scipy.optimize", "hypothesis", "pydantic")


@dataclass(frozen=True)
class Part:
    """A part of Kerege: sources to change, tests that judge, libraries to load once."""

    sources: tuple[str, ...]
    tests: tuple[str, ...]
    libraries: tuple[str, ...] = ()
    always: tuple[str, ...] = ()


def read_parts() -> dict[str, Part]:
    """Return the parts of scripts/mutants.toml."""
    parts = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))["part"]
    return {name: Part(**{key: tuple(value) for key, value in part.items()}) for name, part in parts.items()}


def list_sources(part: Part) -> list[Path]:
    """Return the files of a part, without migrations."""
    paths: set[Path] = set()
    for pattern in part.sources:
        for path in (ROOT / "src" / "kerege").glob(pattern):
            paths |= set(path.rglob("*.py")) if path.is_dir() else {path}
    return sorted(path for path in paths if "migrations" not in path.parts)


def draw(mutants: Sequence[Mutant], size: int, seed: int) -> list[Mutant]:
    """Return a sample by the hash of each mutant, so that it changes only where the code does."""

    def rank(mutant: Mutant) -> str:
        return hashlib.sha256(f"{seed} {mutant.key}".encode()).hexdigest()

    return sorted(mutants, key=rank)[: size or None]


# -- choice of tests ---------------------------------------------------------------------------------------------------
def choose_tests(mutant: Mutant, tests: TestMap, limit: float, always: Sequence[str] = ()) -> dict[str, float]:
    """Return the tests that judge a mutant, with their seconds: together at most `limit`.

    Tests that run the line come first. Tests of the same files follow: a test can get what an earlier one has
    computed with the line.
    """
    lines = range(mutant.span[0], mutant.span[1] + 1)
    if mutant.compiled:
        first = find_tests({mutant.function}, tests, follow=True)
    elif mutant.function:
        first = tests.of_lines(mutant.path, lines)
    else:
        first = find_tests(set(mutant.names), tests) or tests.of_file(mutant.path)
        first |= {test for test in tests.seconds if test.partition("::")[0].removeprefix("tests/") in always}
    groups = [first & tests.seconds.keys()]
    if mutant.function:
        files = {test.partition("::")[0] for test in groups[0]}
        groups.append({test for test in tests.seconds if test.partition("::")[0] in files} - groups[0])
    else:
        groups.append((tests.of_file(mutant.path) & tests.seconds.keys()) - groups[0])
    chosen: dict[str, float] = {}
    for group in groups:
        for test in order_tests(group, tests):
            if not chosen or sum(chosen.values()) + tests.seconds[test] <= limit:
                chosen[test] = tests.seconds[test]
    return chosen


def order_tests(group: Iterable[str], tests: TestMap) -> list[str]:
    """Return tests file by file, the quickest first."""
    files: dict[str, float] = {}
    names = list(group)
    for test in names:
        file = test.partition("::")[0]
        files[file] = files.get(file, 0) + tests.seconds[test]
    return sorted(
        names, key=lambda test: (files[test.partition("::")[0]], test.partition("::")[0], tests.seconds[test])
    )


def find_tests(names: set[str], tests: TestMap, *, follow: bool = False) -> set[str]:
    """Return the tests that run a line which mentions one of the names.

    With `follow`, a line of a compiled function, which no test is seen to run, mentions in turn the function around it.
    """
    chosen: set[str] = set()
    asked, done = set(names), set[str]()
    while asked:
        done |= asked
        around: set[str] = set()
        for file in tests.lines:
            numbers, functions = mentions(file, frozenset(asked))
            chosen |= tests.of_lines(file, numbers)
            around |= functions
        asked = (around - done) if follow else set()
    return chosen


_texts: dict[str, list[str]] = {}


def mentions(file: str, names: frozenset[str]) -> tuple[list[int], set[str]]:
    """Return the lines of a file that mention a name, and the compiled functions around them."""
    if file not in _texts:
        _texts[file] = (ROOT / file).read_text(encoding="utf-8").splitlines()
    numbers, functions, function = [], set(), ""
    compiled = False
    for number, line in enumerate(_texts[file], 1):
        if line.startswith("@"):
            compiled = line.strip() in {"@compiled", "@inlined"}
        elif line.startswith("def "):
            function = line[4:].partition("(")[0]
        if any(name in line for name in names):
            numbers.append(number)
            if compiled and function:
                functions.add(function)
    return numbers, functions


# -- results -----------------------------------------------------------------------------------------------------------
class Results:
    """Outcomes of a part, kept in a file: a run that is interrupted goes on where it ended."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.verdicts: dict[str, Verdict] = {}
        self.read()

    def read(self) -> None:
        """Read the file, to which forks write."""
        for line in self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else ():
            verdict = Verdict(**json.loads(line))
            self.verdicts[verdict.key] = verdict

    def add(self, verdict: Verdict) -> None:
        """Write an outcome at once."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(verdict)) + "\n")

    def remove(self, keys: Iterable[str]) -> None:
        """Remove outcomes of mutants that are judged again."""
        for key in keys:
            del self.verdicts[key]
        self.path.write_text("", encoding="utf-8")
        for verdict in self.verdicts.values():
            self.add(verdict)


def read_equivalents() -> dict[tuple[str, str, str], str]:
    """Return the reasons of the mutants that change no behaviour, by path, old and new lines."""
    entries = tomllib.loads(SETTINGS.read_text(encoding="utf-8")).get("equivalent", [])
    return {(entry["path"], entry["before"], entry["after"]): entry["reason"] for entry in entries}


def write_report(name: str, mutants: Sequence[Mutant], results: Results, total: int) -> tuple[str, int]:
    """Write the survivors with their changes. Return the text, and how many survivors no reason explains."""
    equivalents = read_equivalents()
    counted = {"killed": 0, "time limit": 0, "survived": 0, "equivalent": 0, "undecided": 0}
    lines = []
    seconds = 0.0
    for mutant in sorted(mutants, key=lambda mutant: (mutant.path, mutant.line)):
        verdict = results.verdicts[mutant.key]
        seconds += verdict.seconds
        result = verdict.result
        if result == "survived":
            before, after = describe((ROOT / mutant.path).read_text(encoding="utf-8"), mutant.number)
            reason = equivalents.get((mutant.path, before, after))
            result = "equivalent" if reason else result
            judged = f"equivalent: {reason}" if reason else f"survived {verdict.tests} tests"
            lines.append(f"{mutant.path}:{mutant.line}: {mutant.operator}; {judged}")
            lines += [f"    {sign} {line}" for sign, text in (("-", before), ("+", after)) for line in text.split("\n")]
        counted[result] += 1
    lines.append(
        f"{name}: {len(mutants)} of {total} mutants judged: {counted['killed'] + counted['time limit']} killed "
        f"({counted['time limit']} by the time limit), {counted['survived']} survived, "
        f"{counted['equivalent']} equivalent, {counted['undecided']} undecided; {seconds:.0f} s of processor time"
    )
    text = "\n".join(lines) + "\n"
    (RESULTS / f"{name}.txt").write_text(text, encoding="utf-8")
    return text, counted["survived"]


# -- command -----------------------------------------------------------------------------------------------------------
def read_map(part: Part, paths: Sequence[str], log: Path) -> TestMap:
    """Return which tests run which line; of an unchanged tree from the last run."""
    tests = list(paths) or [f"tests/{path}" for path in part.tests]
    digest = hashlib.sha256(repr([tests, os.environ.get("DATABASE_URL", "")]).encode())
    for path in sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]):
        digest.update(path.read_bytes())
    target = RESULTS / f"lines-{digest.hexdigest()[:16]}.json"
    if target.exists():
        return TestMap.read(target)
    print("runs the tests once, without a mutant", flush=True)
    recorded, seconds = record_tests(ROOT, tests, target, log)
    print(f"{len(recorded.seconds)} tests took {seconds:.0f} s of processor time", flush=True)
    return recorded


def judge(trials: Sequence[Trial], tests: TestMap, results: Results, name: str) -> None:
    """Judge mutants, and keep each outcome at once."""
    log = RESULTS / f"{name}.log"
    database = RESULTS / f"{name}.sqlite3"
    began = time.monotonic()
    done = 0

    def report(verdict: Verdict) -> None:
        nonlocal done
        if verdict.result != "import again":
            done += 1
            results.add(verdict)
            minutes = (time.monotonic() - began) / 60
            os.write(stdout, f"{done}/{len(trials)} {minutes:.1f} min: {verdict.result} {verdict.test}\n".encode())

    stdout = os.dup(1)
    inside = [trial for trial in trials if trial.tests and is_swapped(trial.mutant, tests)]
    if inside:
        judge_swapped(ROOT, inside, report, database, log)
        results.read()
        done = sum(trial.mutant.key in results.verdicts for trial in inside)
    for trial in trials:
        if trial.mutant.key not in results.verdicts:
            judged = bool(trial.tests)
            report(judge_imported(ROOT, trial, database, log) if judged else Verdict(trial.mutant.key, "survived"))
    results.read()


def is_swapped(mutant: Mutant, tests: TestMap) -> bool:
    """Return whether a change can replace loaded code: neither import nor Numba has used it."""
    lines = range(mutant.span[0], mutant.span[1] + 1)
    return bool(mutant.function) and not mutant.compiled and not tests.is_import(mutant.path, lines)


def main() -> int:
    """Judge a sample of a part. Return 1 if mutants survived that are not known as equivalent."""
    parts = read_parts()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=parts)
    parser.add_argument("--sample", type=int, default=200, metavar="N", help="mutants; 0 for all")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another seed draws another sample")
    parser.add_argument("--limit", type=float, default=60, metavar="SECONDS", help="of tests for each mutant")
    parser.add_argument("--again", action="store_true", help="judge the survivors of the last run once more")
    parser.add_argument("--tests", nargs="+", default=[], metavar="PATH", help="judge with these tests alone")
    parser.add_argument("--niceness", type=int, default=NICENESS, metavar="N", help="0 runs as fast as other programs")
    parser.add_argument("--only", default="", metavar="TEXT", help="only mutants of paths with this text")
    options = parser.parse_args()
    os.nice(max(0, options.niceness - os.nice(0)))
    os.chdir(ROOT)
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    os.environ |= {f"{library}_NUM_THREADS": "1" for library in SINGLE_THREAD} | {"POLARS_MAX_THREADS": "1"}
    RESULTS.mkdir(parents=True, exist_ok=True)
    part = parts[options.part]
    log = RESULTS / f"{options.part}.log"
    every = [mutant for path in list_sources(part) if options.only in str(path) for mutant in list_mutants(ROOT, path)]
    mutants = draw(every, options.sample, options.seed)
    for library in (*LIBRARIES, *part.libraries):
        importlib.import_module(library)
    tests = read_map(part, options.tests, log)
    results = Results(RESULTS / f"{options.part}.jsonl")
    if options.again:
        results.remove([key for key, verdict in results.verdicts.items() if verdict.result in AGAIN])
    trials = []
    for mutant in mutants:
        if mutant.key not in results.verdicts:
            trials.append(Trial(mutant, choose_tests(mutant, tests, options.limit, part.always)))
    print(f"{len(mutants)} of {len(every)} mutants; {len(trials)} to judge", flush=True)
    gc.freeze()
    judge(trials, tests, results, options.part)
    text, survived = write_report(options.part, mutants, results, len(every))
    print(text, end="")
    return int(survived > 0)


if __name__ == "__main__":
    sys.exit(main())
