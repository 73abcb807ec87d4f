"""Synthetic records beside peers: one table.

Run `python benchmarks/synthesis.py [--tables t50,d20] [--epsilon 4] [--peers pacsynth,mst]`.

The tables are sparse (field_like.py: t50, t150, t2, t50even) and dense (dense_like.py: d20, deep); delta is 1 / rows
squared. Kerege is its own command as a process, the mean of some runs with a ledger of their own each, with the values
of each column in a public schema. The peers (synthesis_peers.py) run once each, in environments that are made in the
folder. AIM has to be asked for: `aim` has 64 rounds and a model of at most 1 MB, `aim-full` its defaults, which take
hours. CPU seconds are of all processes and threads, with the start of Python; peak memory is of all processes
together, what they share counted once. Errors are mean absolute errors in people, of the counts of one to four values
that occur together, by the same comparison for all; made up, missing and the total variation distance are those of
three values. A run that does not end within `--timeout` CPU seconds is reported as such.
`--write` writes each row into docs/validation/synthesis.md, in place of its older one, as soon as it is measured.
A figure with x is that of the tool divided by ours (the first row of the table and epsilon): over 1 is in our favour.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.dense_like import DENSE
from benchmarks.field_like import TABLES, table, values
from benchmarks.kept_rows import keep_row
from benchmarks.page_table import merge_rows, write_row
from benchmarks.synthesis_peers import PEERS, package_of
from kerege.evidence.counting.joint_counts import count_both, look_up_counts, renumber
from kerege.evidence.counting.marginal_counts import Numbering
from kerege.evidence.synthesis.evaluation.utility import read, utility

SHARES = ("fabricated", "missing", "distance")
GIGABYTE = 1e9
PAGE = Path(__file__).parents[1] / "docs" / "validation" / "synthesis.md"
TICKS = os.sysconf("SC_CLK_TCK")
HEADINGS = ("table", "epsilon", "tool", "CPU s", "x", "GB", "one value", "two", "three", "x", "four", "x", "made up",
            "missing", "distance")  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A table as a file, its schema, and the budget."""

    name: str
    path: Path
    schema: Path
    columns: list[str]
    epsilon: float
    delta: float


@dataclass(frozen=True)
class Result:
    """Costs of a tool and quality of its records.

    Errors are of combinations of 1 to 4 values, the shares and the distance of 3.
    """

    cpu: float
    peak: float
    errors: tuple[float, ...]
    fabricated: float
    missing: float
    distance: float


def run(command: list[str], timeout: float, variables: dict[str, str] | None = None) -> tuple[float, float]:
    """Return CPU seconds and peak memory in GB of a process with all that it starts.

    Raises TimeoutError after `timeout` CPU seconds, and RuntimeError.
    """
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(
            command, stdout=output, stderr=output, env=os.environ | (variables or {}), start_new_session=True
        )
        peak, done = 0, 0
        try:
            while not done:
                tree = _tree(child.pid)
                peak = max(peak, _memory(tree))
                time.sleep(0.5)
                done, status, used = os.wait4(child.pid, os.WNOHANG)
                if not done and (taken := sum(map(_seconds, tree))) > timeout:
                    raise TimeoutError(f"not done after {taken:,.0f} CPU s, peak {peak / GIGABYTE:.1f} GB")
        finally:
            if not done:  # it has a session of its own, so that all of it can be stopped
                os.killpg(child.pid, signal.SIGKILL)
                os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            output.seek(0)
            raise RuntimeError(" ".join(output.read().decode(errors="replace").split())[-200:])
    return used.ru_utime + used.ru_stime, peak / GIGABYTE


def _seconds(process: int) -> float:
    """Return the CPU seconds of a process and of its children that have ended."""
    try:
        after_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # it has just ended
        return 0.0
    return sum(map(int, after_name[11:15])) / TICKS


def _tree(process: int) -> list[int]:
    """A process and all below it."""
    try:
        tasks = list(Path(f"/proc/{process}/task").iterdir())
        below = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:  # it has just ended
        return [process]
    return [process, *(task for child in below for task in _tree(child))]


def _memory(tree: list[int]) -> int:
    """Return the bytes that a tree holds now, with shared bytes counted once.

    Return the most that one process has held if that is more.

    The peak in `wait4` is of no use: a process inherits it from the one that started it.
    """
    held = sum(_read(process, "smaps_rollup", "Pss:") for process in tree)
    return max(held, *(_read(process, "status", "VmHWM:") for process in tree))


def _read(process: int, file: str, field: str) -> int:
    try:
        lines = Path(f"/proc/{process}/{file}").read_text().splitlines()
    except OSError:  # it has just ended
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def judged(case: Case, out: Path, took: tuple[float, float]) -> Result:
    """The figures of one run."""
    lengths = utility(case.path, out, 3, case.columns).lengths
    errors = (*(length.errors.mean or 0.0 for length in lengths), four_way(case, out))
    last = lengths[-1]
    return Result(*took, errors, last.fabricated_share or 0.0, last.missing_share or 0.0, last.distance or 0.0)


def four_way(case: Case, out: Path) -> float:
    """Return the mean error of the counts of four values that occur together, in people."""
    true, made = count_both(*read(case.path, out, 4, case.columns), 4)
    listed = [sorted({*true.values[name], *made.values[name]}) for name in true.columns]
    numbering = Numbering([len(column) for column in listed], 4)
    (numbers, counts), synthetic = (renumber(marginals, listed, numbering, 4) for marginals in (true, made))
    return float(np.abs(look_up_counts(numbers, *synthetic) - counts).mean())


def ours(case: Case, preset: str, runs: int, timeout: float) -> Result:
    """The mean of some runs of our command."""
    results = []
    for seed in range(1, runs + 1):
        with tempfile.TemporaryDirectory() as home:  # a ledger of its own: otherwise it would return the first output
            out = Path(home) / "out.csv"
            command = [str(Path(sys.executable).with_name("kerege")), "synthesize", str(case.path), "--out", str(out),
                       "--epsilon", f"{case.epsilon:g}", "--delta", f"{case.delta:g}", "--schema", str(case.schema),
                       "--preset", preset, "--seed", str(seed)]  # fmt: skip
            took = run(command, timeout, {"KEREGE_HOME": home})
            results.append(judged(case, out, took))
    errors = tuple(mean(length_errors) for length_errors in zip(*(result.errors for result in results), strict=True))
    rest = {name: mean(getattr(result, name) for result in results) for name in ("cpu", "peak", *SHARES)}
    return Result(errors=errors, **rest)


def theirs(case: Case, peer: str, settings: str, folder: Path, timeout: float) -> Result:
    """One run of a peer in its environment."""
    command = package_of(peer).command(folder)
    with tempfile.TemporaryDirectory() as home:
        out = Path(home) / "out.csv"
        arguments = [str(case.path), str(out), f"{case.epsilon:g}", f"{case.delta:g}", settings]
        return judged(case, out, run([*command, *arguments], timeout))


def row(case: Case, tool: str, result: Result, base: Result | None) -> tuple[str, ...]:
    """One row of the table, with the ratios to `base`."""
    one, two, three, four = (f"{error:,.1f}" for error in result.errors)
    cpu, at_three, at_four = ratios(result, base) if base else "---"
    figures = (f"{result.cpu:,.1f}", cpu, f"{result.peak:.2f}", one, two, three, at_three, four, at_four)
    shares = (f"{result.fabricated:.0%}", f"{result.missing:.0%}", f"{result.distance:.3f}")
    return case.name, f"{case.epsilon:g}", tool, *figures, *shares


def ratios(result: Result, base: Result) -> Iterator[str]:
    """The CPU seconds and the errors of three and four values of a tool, divided by ours."""
    pairs = ((result.cpu, base.cpu), *zip(result.errors[2:], base.errors[2:], strict=True))
    return (f"{theirs / own:.1f}" if own else "-" for theirs, own in pairs)


def keep(case: Case, tool: str, result: Result, base: Result | None) -> None:
    """Keep the CPU seconds and the error of three values for `make bench`."""
    divided = (result.cpu / base.cpu, result.errors[2] / base.errors[2]) if base and base is not result else None
    error = f"{result.errors[2]:,.1f} people (three values)"
    keep_row(f"{case.name}, epsilon {case.epsilon:g}", tool, result.cpu, error=error, ratios=divided)


def prepared(name: str, folder: Path) -> tuple[Path, Path, pl.DataFrame]:
    """A table and its public schema as files."""
    path, schema = folder / f"{name}.csv", folder / f"{name}.toml"
    if name in DENSE:
        rows = DENSE[name]()
        listed = {column.name: sorted(column.unique()) for column in rows}
    else:
        rows, listed = table(TABLES[name]), values(TABLES[name])
    rows.write_csv(path)
    sections = [f"[columns.{column}]\nvalues = {public}\n" for column, public in listed.items()]
    schema.write_text("\n".join(sections).replace("'", '"'), encoding="utf-8")
    return path, schema, rows


def results(case: Case, asked: argparse.Namespace) -> Iterator[tuple[str, Result | str]]:
    """Each tool with its result, or the reason why there is none; ours first."""
    tools = [(f"Kerege, {preset}", "", preset) for preset in filter(None, asked.presets.split(","))]
    for peer in filter(None, asked.peers.split(",")):
        tools += [(tool, peer, settings) for tool, settings in PEERS[peer].items()]
    for tool, peer, settings in tools:
        try:
            if peer:
                yield tool, theirs(case, peer, settings, asked.folder, asked.timeout)
            else:
                yield tool, ours(case, settings, asked.runs, asked.timeout)
        except (TimeoutError, RuntimeError) as error:
            yield tool, str(error)


def show(cells: tuple[str, ...], page: Path | None) -> None:
    """Print a row of the table, and write it into a page."""
    print(write_row(cells), flush=True)
    if page:
        text = merge_rows(page.read_text(encoding="utf-8"), HEADINGS, [cells], len(HEADINGS[:3]))
        page.write_text(text, encoding="utf-8")


def main() -> None:
    """Print the table, row by row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", default="t50,t150,t2,d20,deep", help=f"of {', '.join((*TABLES, *DENSE))}")
    parser.add_argument("--epsilon", default="4", help="such as 1,4,12")
    parser.add_argument("--presets", default="balanced,careful", help="of Kerege")
    parser.add_argument("--peers", default="pacsynth,mst,privsyn", help=f"of {', '.join(PEERS)}; '' is none")
    parser.add_argument("--runs", type=int, default=1, help="of Kerege, of which the mean is printed")
    parser.add_argument("--timeout", type=float, default=900, help="CPU seconds for one run")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "kerege-peers")
    parser.add_argument("--write", action="store_true", help=f"write the rows into {PAGE.name} of docs/validation")
    asked = parser.parse_args()
    page = PAGE if asked.write else None
    asked.folder.mkdir(parents=True, exist_ok=True)
    print(write_row(HEADINGS))
    print(write_row(["---"] * len(HEADINGS)))
    for name in asked.tables.split(","):
        path, schema, rows = prepared(name, asked.folder)
        for epsilon in map(float, asked.epsilon.split(",")):
            case, base = Case(name, path, schema, rows.columns, epsilon, rows.height**-2), None
            for tool, result in results(case, asked):
                if isinstance(result, str):
                    show((name, f"{epsilon:g}", tool, result, *[""] * (len(HEADINGS) - 4)), page)
                    keep_row(f"{name}, epsilon {epsilon:g}", tool, None, error=result)
                    continue
                base = base or (result if tool.startswith("Kerege") else None)
                show(row(case, tool, result, base), page)
                keep(case, tool, result, base)


if __name__ == "__main__":
    main()
