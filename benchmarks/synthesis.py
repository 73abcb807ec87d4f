"""Synthetic records beside peers.

Run `python benchmarks/synthesis.py [--tables t50,t150,t2] [--epsilon 1,4,12]`.

The tables are those of field_like.py, delta is 1 / rows squared, every column's values are taken as public (pac-synth
finds them itself). Kerege is its own command as a process, the mean of some runs with a ledger of their own each; the
peers are pac-synth 0.0.8 (settings of the Intelligence Toolkit, with combinations of up to three, and its defaults) and
MST and AIM of smartnoise-synth 1.0.8, in environments made in the folder, once each; AIM has to be asked for, since on
two shared processors it had not ended after 800 s even on t2, with 64 rounds and a small model. CPU seconds are of all
processes and threads, with the start of Python; peak memory is of all processes together, what they share counted once.
Errors are of counts of combinations that exist, in people, by the same comparison for all. A run that does not end
within `--timeout` seconds is reported as such.
The ratios are a peer's figure divided by ours: over 1 is in our favour.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.field_like import TABLES, Shape, table, values
from benchmarks.peer_environments import environment
from kerege.evidence.synthesis.evaluation.utility import utility

PAC = """
import sys
import pandas as pd
from pacsynth import *
path, out, epsilon, delta, settings = sys.argv[1:]
table = Dataset.from_data_frame(pd.read_csv(path, dtype=str, keep_default_na=False))
asked = DpAggregateSeededParametersBuilder().reporting_length(3).epsilon(float(epsilon)).delta(float(delta))
if settings == "toolkit":
    asked = asked.percentile_percentage(99).percentile_epsilon_proportion(0.01)
    asked = asked.accuracy_mode(AccuracyMode.prioritize_long_combinations()).number_of_records_epsilon_proportion(0.005)
    asked = asked.fabrication_mode(FabricationMode.balanced()).empty_value("").weight_selection_percentile(95)
    asked = asked.use_synthetic_counts(True).aggregate_counts_scale_factor(1.0)
synthesizer = DpAggregateSeededSynthesizer(asked.build())
synthesizer.fit(table)
names, *rows = synthesizer.sample()
pd.DataFrame(rows, columns=names).to_csv(out, index=False)
"""
SMARTNOISE = """
import sys
import numpy as np
import pandas as pd
from snsynth import Synthesizer
path, out, epsilon, delta, settings = sys.argv[1:]
name, _, small = settings.partition(" ")
np.random.seed(7)
table = pd.read_csv(path, dtype=str, keep_default_na=False)
more = {"rounds": 64, "max_model_size": 1} if small else {}
synthesizer = Synthesizer.create(name, epsilon=float(epsilon), delta=float(delta), **more)
synthesizer.fit(table, categorical_columns=list(table.columns), preprocessor_eps=0.0)
synthesizer.sample(len(table)).to_csv(out, index=False)
"""
PEERS = {
    "pacsynth": {"pac-synth, Toolkit": "toolkit", "pac-synth, defaults": "default"},
    "mst": {"MST": "mst"},
    "aim": {"AIM, 64 rounds, 1 MB": "aim small", "AIM, defaults": "aim"},
}
SHARES = ("fabricated", "missing", "distance")
GIGABYTE = 1e9


@dataclass(frozen=True)
class Case:
    """A table as a file, its schema, and the budget."""

    path: Path
    schema: Path
    columns: list[str]
    epsilon: float
    delta: float


@dataclass(frozen=True)
class Result:
    """Costs of a tool and quality of its records; errors and shares of combinations of 1, 2 and 3."""

    cpu: float
    peak: float
    errors: tuple[float, ...]
    fabricated: float
    missing: float
    distance: float


def run(command: list[str], timeout: float, variables: dict[str, str] | None = None) -> tuple[float, float]:
    """Return CPU seconds and peak memory in GB of a process with all that it starts.

    Raises TimeoutError, RuntimeError.
    """
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(
            command, stdout=output, stderr=output, env=os.environ | (variables or {}), start_new_session=True
        )
        end, peak, done = time.monotonic() + timeout, 0, 0
        try:
            while not done:
                peak = max(peak, _memory(_tree(child.pid)))
                time.sleep(0.1)
                done, status, used = os.wait4(child.pid, os.WNOHANG)
                if not done and time.monotonic() > end:
                    raise TimeoutError(f"not done after {timeout:.0f} s")
        finally:
            if not done:  # it has a session of its own, so that all of it can be stopped
                os.killpg(child.pid, signal.SIGKILL)
                os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            output.seek(0)
            raise RuntimeError(output.read().decode(errors="replace").strip()[-300:])
    return used.ru_utime + used.ru_stime, peak / GIGABYTE


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
    errors = tuple(length.errors.mean or 0.0 for length in lengths)
    last = lengths[-1]
    return Result(*took, errors, last.fabricated_share or 0.0, last.missing_share or 0.0, last.distance)


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
    if peer == "pacsynth":
        python, script = environment(folder / "pacsynth", "pac-synth==0.0.8", "pandas<3"), PAC
    else:
        python, script = environment(folder / "smartnoise", "smartnoise-synth==1.0.8"), SMARTNOISE
    with tempfile.TemporaryDirectory() as home:
        out = Path(home) / "out.csv"
        arguments = [str(case.path), str(out), f"{case.epsilon:g}", f"{case.delta:g}", settings]
        return judged(case, out, run([str(python), "-c", script, *arguments], timeout))


def head(name: str, rows: pl.DataFrame, epsilon: float) -> None:
    """Print the title of a part, with the load of the machine."""
    print(
        f"\n{name}: {rows.height:,} rows x {rows.width} columns, epsilon {epsilon:g}, delta {rows.height**-2:.2g}; "
        f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    )
    print(
        f"{'':24} {'CPU s':>7} {'peak GB':>7} {'1-way':>7} {'2-way':>7} {'3-way':>7} "
        f"{'fabric.':>7} {'missing':>7} {'TVD':>7}   CPU x, 1-, 2-, 3-way x"
    )


def line(tool: str, result: Result, base: Result | None) -> None:
    """One row of the table, with its ratios to `base`."""
    errors = " ".join(f"{error:7.1f}" for error in result.errors)
    shares = f"{result.fabricated:7.0%} {result.missing:7.0%} {result.distance:7.3f}"
    ratios = ""
    if base:
        pairs = [(result.cpu, base.cpu), *zip(result.errors, base.errors, strict=True)]
        ratios = " ".join(f"{theirs / own:6.2f}" if own else "     -" for theirs, own in pairs)
    print(f"{tool:24} {result.cpu:7.1f} {result.peak:7.2f} {errors} {shares}   {ratios}".rstrip(), flush=True)


def prepared(name: str, folder: Path) -> tuple[Path, Path, pl.DataFrame]:
    """A table and its public schema as files."""
    shape: Shape = TABLES[name]
    rows, path, schema = table(shape), folder / f"{name}.csv", folder / f"{name}.toml"
    rows.write_csv(path)
    sections = [f"[columns.{column}]\nvalues = {listed}\n" for column, listed in values(shape).items()]
    schema.write_text("\n".join(sections).replace("'", '"'), encoding="utf-8")
    return path, schema, rows


def main() -> None:
    """Run the requested parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", default="t50,t150,t2")
    parser.add_argument("--epsilon", default="1,4,12")
    parser.add_argument("--presets", default="balanced,careful", help="of Kerege")
    parser.add_argument("--peers", default="pacsynth,mst", help=f"of {', '.join(PEERS)}; '' is none")
    parser.add_argument("--runs", type=int, default=1, help="of Kerege, of which the mean is printed")
    parser.add_argument("--timeout", type=float, default=900, help="seconds for one run")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "kerege-peers")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    for name in asked.tables.split(","):
        path, schema, rows = prepared(name, asked.folder)
        for epsilon in map(float, asked.epsilon.split(",")):
            case, base = Case(path, schema, rows.columns, epsilon, rows.height**-2), None
            head(name, rows, epsilon)
            for preset in filter(None, asked.presets.split(",")):
                tool = f"Kerege, {preset}"
                try:
                    result = ours(case, preset, asked.runs, asked.timeout)
                except (TimeoutError, RuntimeError) as error:
                    print(f"{tool:24} {error}", flush=True)
                    continue
                line(tool, result, None)
                base = base or result
            for peer in filter(None, asked.peers.split(",")):
                for tool, settings in PEERS[peer].items():
                    try:
                        line(tool, theirs(case, peer, settings, asked.folder, asked.timeout), base)
                    except (TimeoutError, RuntimeError) as error:
                        print(f"{tool:24} {error}", flush=True)


if __name__ == "__main__":
    main()
