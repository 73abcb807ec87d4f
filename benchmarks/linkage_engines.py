"""The engines of the linkage benchmarks, each in its own process: Kerege, and Splink on DuckDB.

Both get the same columns, made by `kerege.linkage.input.read_tables` from names as written, as `anyascii` makes them,
or folded.
`python benchmarks/linkage_engines.py columns|link ARM RECORDS FOLDER` makes the columns, or links with our engine.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.peer_environments import environment
from benchmarks.synthesis import run

ARMS = ("as written", "anyascii", "folded")
SPLINK = ("splink==5.0.0", "duckdb==2.0.1", "pandas<3", "numpy")
LEAST, STRICT = 0.5, 0.9
SCRIPT = Path(__file__).with_name("linkage_splink.py")


@dataclass(frozen=True)
class Run:
    """The files with an engine's links, and the time and memory used."""

    pairs: Path
    clusters: Path
    wall: float
    cpu: float
    peak: float
    seconds: dict[str, float]


def timed(command: list[str], timeout: float, variables: dict[str, str] | None = None) -> tuple[float, float, float]:
    """Return elapsed and CPU seconds and peak gigabytes of a process and its children."""
    start = time.perf_counter()
    cpu, peak = run(command, timeout, variables)
    return time.perf_counter() - start, cpu, peak


def ours(arm: str, records: Path, folder: Path, timeout: float = 3600) -> Run:
    """Our engine through its Python API, the names made by one of ARMS."""
    return _run([sys.executable, __file__, "link", arm, str(records), str(folder)], folder, timeout)


def ours_by_command(records: list[Path], folder: Path, timeout: float = 3600) -> Run:
    """Our engine as its command, on tables with a column `id`."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [str(Path(sys.executable).with_name("kerege")), "link", *map(str, records), "--id", "id",
               "--out", str(folder / "pairs.csv"), "--clusters", str(folder / "clusters.csv")]  # fmt: skip
    with tempfile.TemporaryDirectory() as home:
        took = timed(command, timeout, {"KEREGE_HOME": home})
    return Run(folder / "pairs.csv", folder / "clusters.csv", *took, {})


def columns(arm: str, records: Path, folder: Path) -> Path:
    """The columns that both engines compare, as a Parquet file."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, __file__, "columns", arm, str(records), str(folder)], check=True)
    return folder / "columns.parquet"


def splink(table: Path, folder: Path, home: Path, timeout: float = 3600, kind: str = "people") -> Run:
    """Splink on columns that are made already, in an environment made in `home`."""
    folder.mkdir(parents=True, exist_ok=True)
    python = environment(home / "splink", *SPLINK)
    return _run([str(python), str(SCRIPT), str(table), str(folder), kind], folder, timeout)


def _run(command: list[str], folder: Path, timeout: float) -> Run:
    folder.mkdir(parents=True, exist_ok=True)
    took = timed(command, timeout)
    seconds = json.loads((folder / "seconds.json").read_text())
    return Run(folder / "pairs.csv", folder / "clusters.csv", *took, seconds)


def _names_by(arm: str) -> None:
    """Let the engine make its columns without folding.

    It makes them from names as written or as `anyascii` has them.
    """
    from anyascii import anyascii

    from kerege.linkage.input import person_fields

    if arm == "folded":
        return

    def plain(name: str) -> str:
        text = name if arm == "as written" else anyascii(name)
        return " ".join(re.sub(r"[\W\d_]+", " ", text.casefold()).split())

    def key(name: str) -> str:
        return name[:4] if arm == "as written" else name[:1] + re.sub("[aeiouy]+", "", name[1:])

    person_fields.fold = plain
    person_fields.stem_folded = str
    person_fields.skeleton_folded = key
    person_fields.diminutives = lambda _: frozenset()
    person_fields.known_given = lambda _: None


def _columns(records: Path) -> tuple[list[str], pl.DataFrame]:
    from kerege.linkage.matching.link_files import gather

    return gather([records], {}, "id")


def _link(records: Path, folder: Path) -> None:
    """Link, and tell how many of the true pairs were compared, when the truth lies beside the records."""
    from kerege.linkage.matching.link_files import link_records
    from kerege.linkage.matching.model_file import load_bundled_model

    start = time.perf_counter()
    ids, frame = _columns(records)
    read = time.perf_counter()
    linked = link_records(ids, frame, load_bundled_model(), least=LEAST)
    compared = time.perf_counter()
    names = np.array(ids, dtype=object)
    groups = linked.groups()
    done = time.perf_counter()
    chances = 1 / (1 + 2.0**-linked.weights)
    pl.DataFrame(
        {"left": names[linked.left].tolist(), "right": names[linked.right].tolist(), "probability": chances}
    ).write_csv(folder / "pairs.csv")
    pl.DataFrame({"id": ids, "cluster": groups}).write_csv(folder / "clusters.csv")
    # the same links with a stricter threshold, as a desk would take them without looking
    strict = np.flatnonzero(chances >= STRICT)
    fewer = replace(linked, left=linked.left[strict], right=linked.right[strict], weights=linked.weights[strict])
    pl.DataFrame({"id": ids, "cluster": fewer.groups()}).write_csv(folder / f"clusters-{STRICT}.csv")
    seconds = {
        "columns": read - start,
        "pairs": compared - read,
        "clusters": done - compared,
        "compared": float(linked.compared),
    }
    (folder / "seconds.json").write_text(json.dumps(seconds))


def blocking_recall(arm: str, records: Path, truth: Path) -> float:
    """The share of true pairs that our engine compares."""
    process = subprocess.run(
        [sys.executable, __file__, "recall", arm, str(records), str(truth)], check=True, capture_output=True, text=True
    )
    return float(process.stdout)


def _recall(records: Path, truth: Path) -> float:
    from kerege.linkage.matching import blocking
    from kerege.linkage.matching.column_store import of_frame
    from kerege.linkage.matching.model_file import load_bundled_model

    ids, frame = _columns(records)
    model = load_bundled_model().only(set(frame.columns))
    known = pl.read_csv(truth)
    person = pl.DataFrame({"id": ids}).join(known, on="id", maintain_order="left")["person"].to_numpy()
    compared = sum(int((person[left] == person[right]).sum()) for left, right in blocking.pairs(model, of_frame(frame)))
    sizes = np.bincount(person)
    return compared / int((sizes * (sizes - 1) // 2).sum())


def main() -> None:
    """Do the work of the processes of the benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("columns", "link", "recall"))
    parser.add_argument("arm", choices=ARMS)
    parser.add_argument("records", type=Path)
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args()
    _names_by(asked.arm)
    if asked.what == "columns":
        ids, frame = _columns(asked.records)
        frame.insert_column(0, pl.Series("id", ids)).write_parquet(asked.folder / "columns.parquet")
    elif asked.what == "link":
        _link(asked.records, asked.folder)
    else:
        print(_recall(asked.records, asked.folder))


if __name__ == "__main__":
    main()
