"""Rates of missed and false links beside the true ones, on lists by three authors.

Run: python benchmarks/tokens_rates.py [--lists villages|people|febrl] [--times N] [--seed S] [--epsilon E]
     [--reviewed PERSONS]
`villages` are lists of offices in `villages.py`, which nothing of the linkage was learned from: few names, many
relatives. A kind of study sets which offices make the two lists, how many records each has, how many times as often
names are mistyped, and whether the lists have numbers of documents. `people` are twelve kinds of lists of
`benchmarks/people`, of other seeds than those that the model was fitted to. `febrl` is data set 4 of FEBRL (names of
Australia), of which a part of the persons is on both lists. With `--reviewed` so many persons on both lists, drawn at
random, are a reviewed sample. For each kind N populations are made. Printed are the estimated and the true rates, under
the noise of epsilon, and how often the true rate is in the interval of 80 %.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.linkage_febrl import downloaded, read, truth
from benchmarks.tokens_lists import EXERCISES, KINDS, LISTS, Sample, draw_lists, encoded, exercise, review, true
from kerege.linkage.tokens import estimate_overlap, frequent_names, link_error_rates, published_counts, run_study


@dataclass(frozen=True)
class Outcome:
    """Persons on both lists; estimate and truth of missed and false links; whether intervals hold."""

    both: int
    estimated: tuple[float, float]
    true: tuple[float, float]
    holds: tuple[bool, bool]


Draw = Callable[[int, Path], Sample]


def draw_febrl(both: int, folder: Path, seed: int, work: Path) -> Sample:
    """Write both files of FEBRL 4, with this number of persons on both; the others are on one of them."""
    tables = [read(downloaded(folder) / f"dataset4{part}.csv") for part in "ab"]
    who = truth(tables)
    order = np.random.default_rng(seed).permutation(who["person"].unique().sort().to_numpy())
    ends, paths = both + (len(order) - both) // 2, {}
    for name, table, own in zip(LISTS, tables, (order[both:ends], order[ends:]), strict=True):
        kept = table.join(who, on="id").filter(pl.col("person").is_in([*order[:both].tolist(), *own.tolist()]))
        paths[name] = work / f"{name}.csv"
        kept.select("id", "given_name", "surname", "date_of_birth").write_csv(paths[name])
    return Sample(paths, dict(who.iter_rows()))


def kinds(lists: str, folder: Path) -> dict[str, Draw]:
    """Return by kind of study how its lists are drawn."""
    if lists == "febrl":
        return {f"FEBRL 4, {both} on both": partial(draw_febrl, both, folder) for both in (600, 2_000)}
    if lists == "people":
        return {kind.name: partial(exercise, kind) for kind in EXERCISES}
    return {kind.name: partial(draw_lists, kind) for kind in KINDS}


def outcomes(name: str, draw: Draw, seeds: range, epsilon: float | None, reviewed: int) -> Iterator[Outcome]:
    """Yield the outcome of each population."""
    for seed in seeds:
        with tempfile.TemporaryDirectory() as temporary:
            lists = draw(seed, Path(temporary))
            if reviewed:
                lists = review(lists, reviewed, seed)
            tokens, ids = encoded(lists, Path(temporary), frequent_names.SHARE)
        overlap = estimate_overlap.overlap(tokens)
        was = true(overlap, lists.persons(ids), len(tokens[0].frame))
        yield judge(
            overlap, was.both, 1 - was.hit / was.both, was.wrong / was.links, epsilon, f"{name} {seed}".encode()
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
    parser.add_argument("--lists", choices=("villages", "people", "febrl"), default="villages")
    parser.add_argument("--times", type=int, default=2)
    parser.add_argument("--seed", type=int, default=40)
    parser.add_argument("--epsilon", type=float, default=1.0)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "kerege-peers")
    parser.add_argument("--reviewed", type=int, default=0)
    asked = parser.parse_args()
    everything = []
    print(f"{'':44} {'both':>6} {'missed':>7} {'true':>6} {'false':>7} {'true':>6}   est. / true   in the interval")
    for place, (name, draw) in enumerate(kinds(asked.lists, asked.folder).items()):
        first = asked.seed + asked.times * place
        rows = list(outcomes(name, draw, range(first, first + asked.times), asked.epsilon, asked.reviewed))
        everything += rows
        print(f"{name:44} {line(rows)}", flush=True)
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
