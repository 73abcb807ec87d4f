"""Rates of missed and false links beside the true ones, on lists by another author than the linkage.

Run: python benchmarks/tokens_foreign.py [--times N] [--seed S] [--epsilon E]
The lists are those of offices in `villages.py`, which nothing of the linkage was learned from: few names, many
relatives. A kind of study sets which offices make the two lists, how many records each has, how many times as often
names are mistyped, and whether the lists have numbers of documents. For each kind N populations are made. Printed are
the estimated and the true rates, under the noise of epsilon, and how often the true rate is in the interval of 80 %.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import villages
from benchmarks.linkage_tokens import LISTS, Sample, encoded, true
from kerege.linkage.tokens import estimate_overlap, frequent_names, link_error_rates, published_counts, run_study

OFFICES = villages.OFFICES
HIDDEN = ["office", "person", "street", "house", "town"]


@dataclass(frozen=True)
class Kind:
    """Offices of each list, records of all, typing errors as a multiple, and whether there are documents."""

    name: str
    one: tuple[str, ...]
    two: tuple[str, ...]
    out_of: int
    typos: float = 1.0
    documents: bool = True


KINDS = (
    Kind("clinic, school", ("clinic",), ("school",), 12_000),
    Kind("clinic, consulate", ("clinic",), ("consulate",), 12_000),
    Kind("clinic, charity", ("clinic",), ("charity",), 8_000),
    Kind("school, consulate, three times the errors", ("school",), ("consulate",), 12_000, 3.0),
    Kind("clinic, all others", ("clinic",), ("school", "charity", "consulate"), 8_000),
    Kind("clinic, all others, three times the errors", ("clinic",), ("school", "charity", "consulate"), 8_000, 3.0),
    Kind("clinic, school, no documents", ("clinic",), ("school",), 12_000, documents=False),
    Kind("clinic, all others, no documents", ("clinic",), ("school", "charity", "consulate"), 8_000, documents=False),
)


def draw_lists(kind: Kind, seed: int, folder: Path) -> Sample:
    """Write two lists of a kind."""
    villages.OFFICES = tuple(replace(office, typo=office.typo * kind.typos) for office in OFFICES)
    records, truth = villages.villages(kind.out_of, seed)
    villages.OFFICES = OFFICES
    table, paths = records.join(truth.select("id", "person"), on="id"), {}
    hidden = HIDDEN if kind.documents else [*HIDDEN, "iin", "phone"]
    for name, offices in zip(LISTS, (kind.one, kind.two), strict=True):
        paths[name] = folder / f"{name}.csv"
        table.filter(pl.col("office").is_in(offices)).drop(hidden).write_csv(paths[name])
    return Sample(paths, dict(table.select("id", "person").iter_rows()))


@dataclass(frozen=True)
class Outcome:
    """Persons on both lists; estimate and truth of missed and false links; whether intervals hold."""

    both: int
    estimated: tuple[float, float]
    true: tuple[float, float]
    holds: tuple[bool, bool]


def outcomes(kind: Kind, seeds: range, epsilon: float | None) -> Iterator[Outcome]:
    """Yield the outcome of each population."""
    for seed in seeds:
        with tempfile.TemporaryDirectory() as temporary:
            lists = draw_lists(kind, seed, Path(temporary))
            read, ids = encoded(lists, Path(temporary), frequent_names.SHARE)
        overlap = estimate_overlap.overlap(read)
        was = true(overlap, lists.persons(ids), len(read[0].frame))
        yield judge(
            overlap, was.both, 1 - was.hit / was.both, was.wrong / was.links, epsilon, f"{kind.name} {seed}".encode()
        )


def judge(
    overlap: estimate_overlap.Overlap, both: int, missed: float, false: float, epsilon: float | None, secret: bytes
) -> Outcome:
    """Return the rates that a study publishes beside the true ones."""
    counts = overlap.histories
    if epsilon:
        counts = published_counts.noisy_counts(overlap.names, counts, epsilon, secret)
    rates = run_study._add_noise(link_error_rates.rates(overlap, counts, epsilon is None)[0], 2, epsilon, secret)
    between = ((rates.missed_between, missed), (rates.false_between, false))
    holds = tuple(low <= rate <= high for (low, high), rate in between)
    return Outcome(both, (rates.missed, rates.false), (missed, false), (holds[0], holds[1]))


def main() -> None:
    """Print a line for each kind, and the means."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=2)
    parser.add_argument("--seed", type=int, default=40)
    parser.add_argument("--epsilon", type=float, default=1.0)
    asked = parser.parse_args()
    seeds, everything = range(asked.seed, asked.seed + asked.times), []
    print(f"{'':44} {'both':>6} {'missed':>7} {'true':>6} {'false':>7} {'true':>6}   est. / true   in the interval")
    for kind in KINDS:
        rows = list(outcomes(kind, seeds, asked.epsilon))
        everything += rows
        print(f"{kind.name:44} {line(rows)}", flush=True)
    print(f"{'all':44} {line(everything)}")


def line(rows: list[Outcome]) -> str:
    """Return the means of some outcomes."""
    estimated, was = (np.mean([getattr(row, name) for row in rows], axis=0) for name in ("estimated", "true"))
    holds = np.sum([row.holds for row in rows], axis=0)
    both = np.mean([row.both for row in rows])
    ratios = estimated / was
    return (
        f"{both:6.0f} {estimated[0]:7.3f} {was[0]:6.3f} {estimated[1]:7.3f} {was[1]:6.3f}   "
        f"{ratios[0]:.2f} {ratios[1]:.2f}     {holds[0]} {holds[1]} of {len(rows)}"
    )


if __name__ == "__main__":
    main()
