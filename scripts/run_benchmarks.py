#!/usr/bin/env python3
"""Run benchmarks one after another and print one table.

    scripts/run_benchmarks.py [--folder DIR] [NAME ...]

A name is that of a script of `benchmarks/`, by default all that measure. What a script prints goes to a file of the
folder. The table has a row for each script with its CPU seconds and those of all that it started. Scripts that compare
Kerege with other programs add a row for each program: its CPU seconds and its error, and both divided by ours; or the
reason why it gave no result.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BENCHMARKS = ROOT / "benchmarks"
ROWS = "KEREGE_BENCHMARK_ROWS"  # variable of benchmarks/kept_rows.py
# write tables for other scripts, or are started by them
HELPERS = frozenset({"ctdc_like", "dense_like", "field_like", "linkage_engines", "linkage_splink", "villages"})
HEADINGS = ("benchmark", "case", "program", "CPU s", "x", "error", "x", "output")


def find_benchmarks() -> list[str]:
    """Return the names of the scripts that measure."""
    scripts = sorted(BENCHMARKS.glob("*.py"))
    return [
        path.stem for path in scripts if path.stem not in HELPERS and "__main__" in path.read_text(encoding="utf-8")
    ]


def run(name: str, folder: Path) -> Iterator[tuple[str, ...]]:
    """Run a script and yield its rows of the table."""
    output, kept = folder / f"{name}.txt", folder / f"{name}.jsonl"
    kept.unlink(missing_ok=True)
    with output.open("w", encoding="utf-8") as file:
        child = subprocess.Popen(
            [sys.executable, str(BENCHMARKS / f"{name}.py")],
            stdout=file,
            stderr=subprocess.STDOUT,
            env=os.environ | {ROWS: str(kept)},
        )
        _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    ended = str(output) if child.returncode == 0 else f"{output} (exit {child.returncode})"
    yield name, "", "", f"{used.ru_utime + used.ru_stime:,.1f}", "", "", "", ended
    if kept.exists():
        yield from (_list_cells(name, json.loads(line)) for line in kept.read_text(encoding="utf-8").splitlines())


def _list_cells(name: str, row: dict[str, object]) -> tuple[str, ...]:
    cpu, error = (f"{ratio:.1f}" for ratio in row["ratios"]) if isinstance(row["ratios"], list) else ("", "")
    seconds = "" if row["cpu"] is None else f"{row['cpu']:,.1f}"
    return name, str(row["case"]), str(row["tool"]), seconds, cpu, str(row["error"]), error, ""


def write_line(cells: tuple[str, ...]) -> str:
    """Return a line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Run the benchmarks that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(find_benchmarks())}")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "kerege-benchmarks")
    asked = parser.parse_args()
    if unknown := sorted(set(asked.names) - set(find_benchmarks())):
        parser.error(f"no benchmark is called {', '.join(unknown)}")
    asked.folder.mkdir(parents=True, exist_ok=True)
    print(write_line(HEADINGS))
    print(write_line(("---",) * len(HEADINGS)))
    for name in asked.names or find_benchmarks():
        for row in run(name, asked.folder):
            print(write_line(row), flush=True)


if __name__ == "__main__":
    main()
