"""Coverage of the headline in simulated worlds, beside the one of the envelope of the methods.

Run `python benchmarks/headline.py [--sets 20] [--random 200] [--seed 1] [-j 2]`.

The true number is known in each world (`benchmarks/worlds`). The methods of the panel run without latent classes, with
200 resamples. Both questions to the operator are answered with yes; `--unreviewed` says that the linkage was not
reviewed, which lowers the floor by a tenth. The range from floor to top is assessed in each set that has one, also
where the top is too far to publish. The envelope of the methods' 80% intervals was published before, if its limits
differed by a factor of four at most; the former rule on the recurrence of a model is left out. A set with fewer than 20
people on two lists, or without a model, has no range and counts as unpublished.

The tables are Markdown. The last lines compare with the bars of the headline.
"""

from __future__ import annotations

import argparse
import math
import os
import resource
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.worlds import DOCUMENTED, DocumentedWorld, draw_random_world
from benchmarks.worlds.coverage import Share, envelope_coverage, floor_coverage, headline_coverage, median_factor
from benchmarks.worlds.outcome import Outcome, measure_set
from kerege.evidence.mse import BadLists, Lists
from kerege.evidence.mse.headline.headline import HeadlineSettings

RANDOM_WORLDS = 1_000  # second number of the seeds of random worlds; the one of a documented world is its letter
LEAST_REPEATED = 20
KINDS = ("good", "bad", "further")
LETTERS = "".join(documented.letter for documented in DOCUMENTED)
HOLDS_IN_GOOD, HOLDS_IN_BAD, WRONG_IN_RANDOM = 0.95, 0.9, 0.05
BANDS = ((-math.inf, 0.8), (0.8, 1.25), (1.25, 2.0), (2.0, 4.0), (4.0, math.inf))
COLUMNS = ("range holds", "width", "published", "and wrong", "floor holds")
COLUMNS_BEFORE = ("envelope holds", "width", "published", "and wrong")


class Task(NamedTuple):
    """A set to measure: true number of people, lists, resamples, and the seed of the resamples."""

    people: int
    lists: Lists
    times: int
    seed: int


def choose_worlds(letters: Iterable[str]) -> list[DocumentedWorld]:
    """Return the worlds with these letters."""
    chosen = set(letters)
    return [documented for documented in DOCUMENTED if documented.letter in chosen]


def draw_documented(documented: DocumentedWorld, sets: int, times: int, seed: int) -> list[Task]:
    """Return sets of a world. The lists of a set depend on its number, not on the number of sets."""
    seeds = ((seed, ord(documented.letter), number) for number in range(sets))
    drawn = [documented.world.draw(np.random.default_rng(numbers)) for numbers in seeds]
    return [Task(documented.world.people, lists, times, number + 1) for number, lists in enumerate(drawn)]


def draw_random(worlds: int, times: int, seed: int) -> tuple[list[Task], int]:
    """Return one set of each random world, and how many worlds were left out.

    A world is left out if nobody is on one of its lists, or too few people are on two lists.
    """
    tasks: list[Task] = []
    number = 0
    while len(tasks) < worlds:
        rng = np.random.default_rng((seed, RANDOM_WORLDS, number))
        number += 1
        world = draw_random_world(rng)
        try:
            lists = world.draw(rng)
        except BadLists:
            continue
        if lists.repeated >= LEAST_REPEATED:
            tasks.append(Task(world.people, lists, times, number))
    return tasks, number - worlds


def measure_task(task: Task, settings: HeadlineSettings) -> Outcome:
    """Return the outcome of a set."""
    return measure_set(task.people, task.lists, task.times, task.seed, settings)


def measure_tasks(tasks: Sequence[Task], settings: HeadlineSettings, processes: int) -> list[Outcome]:
    """Return the outcomes of sets, in their order."""
    measure = partial(measure_task, settings=settings)
    if processes == 1:
        return [measure(task) for task in tasks]
    with ProcessPoolExecutor(processes) as pool:
        return list(pool.map(measure, tasks, chunksize=8))


def print_row(*cells: str) -> None:
    """Print a row of a Markdown table."""
    print(f"| {' | '.join(cells)} |")


def print_head(*columns: str) -> None:
    """Print the head of a Markdown table with the columns of the ranges."""
    names = (*columns, "sets with a range", *COLUMNS, *COLUMNS_BEFORE)
    print_row(*names)
    print_row(*["---"] * len(names))


def range_cells(outcomes: Sequence[Outcome]) -> list[str]:
    """Return the cells of the headline and of the envelope."""
    answers = sum(outcome.headline is not None for outcome in outcomes)
    floor = str(floor_coverage(outcomes))
    number = f"{answers} of {len(outcomes)}"
    return [number, *headline_coverage(outcomes).cells(), floor, *envelope_coverage(outcomes).cells()]


def print_fidelity(outcomes: dict[str, list[Outcome]]) -> None:
    """Print the worlds beside the figures that the study states."""
    print("\n## People on lists, and on two lists or more: as the study states, and mean of these sets\n")
    print_row("world", "", "people", "on lists", "here", "on two or more", "here", "true / stepwise's undetected")
    print_row(*["---"] * 8)
    for documented in choose_worlds(outcomes):
        sets = outcomes[documented.letter]
        observed, repeated = (
            f"{np.mean([getattr(outcome, name) for outcome in sets]):,.0f}" for name in ("observed", "repeated")
        )
        stated = f"{documented.observed:,}", observed, f"{documented.repeated:,}", repeated
        people = f"{documented.world.people:,}"
        print_row(documented.letter, documented.what, people, *stated, f"{median_factor(sets):.2f}")


def print_kind(kind: str, outcomes: dict[str, list[Outcome]]) -> list[Outcome]:
    """Print the table of the good, bad or further worlds, and return all their outcomes."""
    worlds = [documented for documented in choose_worlds(outcomes) if documented.kind == kind]
    if not worlds:
        return []
    print(f"\n## {kind.capitalize()} worlds\n")
    print_head("world", "")
    together: list[Outcome] = []
    for documented in worlds:
        together += outcomes[documented.letter]
        print_row(documented.letter, documented.what, *range_cells(outcomes[documented.letter]))
    print_row("all", "", *range_cells(together))
    return together


def print_random(outcomes: Sequence[Outcome], left_out: int) -> None:
    """Print the table of the random worlds, by how wrong the stepwise estimate is."""
    print(f"\n## Random worlds; {left_out} more have too few people on two lists or more\n")
    print_head("true / stepwise's undetected")
    for low, high in BANDS:
        band = [outcome for outcome in outcomes if low <= outcome.factor < high]
        name = f"below {high}" if low < 0 else f"above {low}" if high == math.inf else f"{low} to {high}"
        print_row(name, *range_cells(band))
    print_row("all", *range_cells(outcomes))


def print_bar(what: str, share: Share, bar: float, *, at_least: bool) -> None:
    """Print whether a bar is kept, and the standard error of the share."""
    is_kept = share.value >= bar if at_least else share.value <= bar
    limit = f"{'at least' if at_least else 'at most'} {bar:.0%}"
    verdict = "kept" if is_kept else "NOT kept"
    print(f"- {what}: {share.value:.1%} ± {share.error:.1%} of {share.sets} sets; bar {limit}: {verdict}")


def print_bars(good: Sequence[Outcome], bad: Sequence[Outcome], random: Sequence[Outcome]) -> None:
    """Print the bars of the headline; one without sets is left out."""
    print("\n## Bars (with one standard error)\n")
    if good:
        print_bar("range holds in good worlds", headline_coverage(good).holds, HOLDS_IN_GOOD, at_least=True)
    if bad:
        print_bar("range holds in bad worlds", headline_coverage(bad).holds, HOLDS_IN_BAD, at_least=True)
    if random:
        wrong = headline_coverage(random).wrong
        print_bar("published and wrong in random worlds", wrong, WRONG_IN_RANDOM, at_least=False)


def cpu_seconds() -> float:
    """Return the CPU seconds of this process and of the processes that it has ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=20, help="of each world (default: 20)")
    parser.add_argument("--worlds", default=LETTERS, help="letters of the worlds (default: all 22)")
    parser.add_argument("--random", type=int, default=200, help="random worlds, one set each (default: 200)")
    parser.add_argument("--resamples", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1, help="of all sets and random worlds (default: 1)")
    parser.add_argument("--unreviewed", action="store_true", help="the linkage was not reviewed: a lower floor")
    parser.add_argument("-j", "--processes", type=int, choices=(1, 2), default=1)
    asked = parser.parse_args()
    start = time.perf_counter()
    tasks: list[Task] = []
    worlds = choose_worlds(asked.worlds)
    for documented in worlds:
        tasks += draw_documented(documented, asked.sets, asked.resamples, asked.seed)
    random_tasks, left_out = draw_random(asked.random, asked.resamples, asked.seed)
    settings = HeadlineSettings(referrals_out=True, linkage_reviewed=not asked.unreviewed)
    measured = iter(measure_tasks(tasks + random_tasks, settings, asked.processes))
    outcomes = {documented.letter: list(islice(measured, asked.sets)) for documented in worlds}
    random = list(measured)
    sizes = (
        f"{asked.sets} sets of each of {len(worlds)} worlds, {asked.random} random worlds, {asked.resamples} resamples"
    )
    print(f"Seed {asked.seed}, {sizes}, linkage {'not ' * asked.unreviewed}reviewed.")
    by_kind = {}
    if tasks:
        print_fidelity(outcomes)
        by_kind = {kind: print_kind(kind, outcomes) for kind in KINDS}
    if random:
        print_random(random, left_out)
    print_bars(by_kind.get("good", []), by_kind.get("bad", []), random)
    wall = time.perf_counter() - start
    print(f"\n{cpu_seconds():.0f} CPU s, {wall:.0f} s with {asked.processes} processes; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
