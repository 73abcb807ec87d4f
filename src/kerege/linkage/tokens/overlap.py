"""How many persons are on which lists, from tokens; and how many links were missed or are false."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.linkage import files, model
from kerege.linkage.clusters import clusters
from kerege.linkage.columns import Rows, Text
from kerege.linkage.conditions import Pairs, truth
from kerege.linkage.model import Model
from kerege.linkage.scoring import prior_weight, probability
from kerege.linkage.tokens.keys import THRESHOLD
from kerege.linkage.tokens.store import Tokens
from kerege.standard.faults import Refused

# pairs under this probability are counted as nothing
LEAST = 1e-4
# of a list that shares fewer persons with the others nothing is told; the counts that would be told decide, so that the
# refusal tells no more than they would
LEAST_SHARED = 15
# how many true pairs there are for each record, learned from invented lists of 10,000 of whom a seventh are on both
OTHERS = 0.36
# whoever is written well agrees in both names and in the date: so many times more pairs agree in neither than if these
# had nothing to do with each other, learned from invented lists too, where people stand once or several times
TOGETHER = 1.15
ROUNDS = 30
NAME, BIRTH = "name_key_l = name_key_r", "birth_date_l = birth_date_r"

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Rates:
    """Of two lists: persons linked, links that are expected to be false, persons expected to be on both, and persons of
    the second."""

    lists: tuple[str, str]
    links: float
    wrong: float
    real: float
    second: float

    @property
    def missed(self) -> float:
        """The share of the true links that was missed."""
        return _share(self.real - (self.links - self.wrong), self.real)

    @property
    def false(self) -> float:
        """The share of the links that are false."""
        return _share(self.wrong, self.links)

    @property
    def false_per_record(self) -> float:
        """False links for each person of the second list who is not on the first."""
        return max(0.0, self.wrong) / max(1.0, self.second - self.real)


def _share(part: float, whole: float) -> float:
    return min(1.0, max(0.0, part) / whole) if whole > 0 else 0.0


@dataclass(frozen=True)
class Persons:
    """The persons of each list, as that list alone tells them apart, and pairs of persons of two lists.

    `of` (records,) is the person of each record, `owner` her list and `row` one of her records; `left`, `right`,
    `weights` (pairs,) are the strongest link of each pair, the strongest first.
    """

    of: NDArray[np.int64]
    owner: NDArray[np.int64]
    row: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    weights: NDArray[np.float64]
    by_name: Flags
    by_birth: Flags


@dataclass(frozen=True)
class Overlap:
    """`histories` (2^lists - 1,) persons by list, bit i for list i, from history 1 on; without noise yet."""

    names: list[str]
    histories: NDArray[np.int64]
    rates: list[Rates]
    model: Model
    linked: files.Linked
    groups: NDArray[np.int64]


@lru_cache
def shipped() -> Model:
    """The model for tokens that comes with Kerege."""
    text = (resources.files("kerege.linkage") / "models" / "tokens-1.json").read_text("utf-8")
    return model.of_dict(json.loads(text))


def overlap(
    lists: Sequence[Tokens], threshold: float = THRESHOLD, progress: files.Progress = files.no_progress
) -> Overlap:
    """Link the lists and count the persons of every capture history."""
    frame = pl.concat([tokens.frame for tokens in lists], how="diagonal")
    owner = np.repeat(np.arange(len(lists)), [len(tokens.frame) for tokens in lists])
    linked = _linked(frame, LEAST, progress)
    persons = _persons(linked, owner, _alone(lists, threshold))
    together = _joined(linked, persons, math.log2(threshold / (1 - threshold)))
    names = [tokens.header.list for tokens in lists]
    return Overlap(names, _histories(together, persons.owner, len(lists)),
                   _rates(names, persons, together, linked.model.prior),
                   linked.model, linked, persons.row[together[persons.of]])  # fmt: skip


def _linked(frame: pl.DataFrame, least: float, progress: files.Progress = files.no_progress) -> files.Linked:
    """Links by the model as shipped: one that learned from the lists moved a score of counts for one record more."""
    records = len(frame)
    prior = replace(shipped(), prior=OTHERS / max(1, records))
    return files.link([str(row) for row in range(records)], frame, prior, least=least, train=False, progress=progress)


def _alone(lists: Sequence[Tokens], threshold: float) -> NDArray[np.int64]:
    """(records,) the first row of each person of each list, told from that list alone: else one record of one list
    would glue together any number of records of another, and be seen through every noise."""
    homes = [_own(tokens.frame, threshold) for tokens in lists]
    before = np.cumsum([0, *(len(home) for home in homes[:-1])])
    return np.concatenate([home + rows for home, rows in zip(homes, before, strict=True)])


def _own(frame: pl.DataFrame, threshold: float) -> NDArray[np.int64]:
    own = _linked(frame, threshold)
    return clusters(len(frame), own.left, own.right, own.weights, lambda one, two: own.scores(one, two).weights)


def _persons(linked: files.Linked, owner: NDArray[np.int64], home: NDArray[np.int64]) -> Persons:
    left, right, weights = linked.left, linked.right, linked.weights
    row, of = np.unique(home, return_inverse=True)
    across = owner[left] != owner[right]
    one, two = of[left[across]], of[right[across]]
    pair = np.minimum(one, two) * len(row) + np.maximum(one, two)
    # links come strongest first, and so the first of a pair is its strongest
    pairs, first, number = np.unique(pair, return_index=True, return_inverse=True)
    flags = [np.bincount(number, way[across], len(pairs)) > 0 for way in (_agree(linked, NAME), _agree(linked, BIRTH))]
    order = np.argsort(first)
    return Persons(of, owner[row], row, pairs[order] // len(row), pairs[order] % len(row),
                   weights[across][first[order]], *(flag[order] for flag in flags))  # fmt: skip


def _joined(linked: files.Linked, persons: Persons, least: float) -> NDArray[np.int64]:
    """(persons,) the first of those who are one; nobody is joined with two persons of one list."""
    owner, row = persons.owner, persons.row

    def weigh(one: Rows, two: Rows) -> NDArray[np.float64]:
        return np.where(owner[one] == owner[two], -math.inf, linked.scores(row[one], row[two]).weights)

    taken = persons.weights >= least
    return clusters(len(row), persons.left[taken], persons.right[taken], persons.weights[taken], weigh)


def _histories(together: NDArray[np.int64], owner: NDArray[np.int64], lists: int) -> NDArray[np.int64]:
    on = np.zeros(len(together), np.int64)
    np.bitwise_or.at(on, together, 1 << owner)
    return np.bincount(on[on > 0], minlength=1 << lists)[1:]


def _rates(names: list[str], persons: Persons, together: NDArray[np.int64], prior: float) -> list[Rates]:
    """Expected errors of each two lists: false links 1 - p of what is linked, as it was weighed when it was taken;
    persons on both p of all pairs, at a prior of the two lists' own, and those that were never compared."""
    left, right = persons.left, persons.right
    one, two, size = persons.owner[left], persons.owner[right], np.bincount(persons.owner, minlength=len(names))
    found = []
    for first, second in combinations(range(len(names)), 2):
        here = (np.minimum(one, two) == first) & (np.maximum(one, two) == second)
        odds = np.zeros(len(left))
        odds[here] = _odds(persons.weights[here], left[here], right[here], prior, int(size[first] * size[second]))
        ways = (here, here & persons.by_name, here & persons.by_birth, here & persons.by_name & persons.by_birth)
        kept = here & (together[left] == together[right])
        found.append(
            Rates(
                lists=(names[first], names[second]),
                links=float(kept.sum()),
                wrong=float((1 - probability(persons.weights[kept])).sum()),
                real=_expected(*(_total(odds[way], left[way], right[way]) for way in ways)),
                second=float(size[second]),
            )
        )
    return found


def _odds(
    weights: NDArray[np.float64], left: NDArray[np.int64], right: NDArray[np.int64], prior: float, every: int
) -> NDArray[np.float64]:
    """(pairs,) p of pairs of persons of two lists, of `every` there are, at the prior at which as many are expected as
    it says (as in `training`): that of the links knows the sizes only, and of lists that share more it told too few."""
    evidence = weights - prior_weight(prior)
    for _ in range(ROUNDS):
        odds = probability(evidence + prior_weight(prior))
        before, prior = prior, min(0.5, max(1.0, _total(odds, left, right)) / max(2, every))
        if abs(math.log2(prior / before)) < 1e-4:
            break
    return odds


def _expected(all_: float, names: float, dates: float, both: float) -> float:
    """How many true pairs there are, with those that no blocking rule found: by capture and recapture (Chapman 1951).

    Of those that agree in both names and of those that agree in the date of birth: each goes wrong for its own reasons,
    or nearly, and so those that agree in neither are `TOGETHER` times as many as if it did.
    """
    return max(all_, names + dates - both + TOGETHER * (names - both) * (dates - both) / (both + 1))


def _total(odds: NDArray[np.float64], left: NDArray[np.int64], right: NDArray[np.int64]) -> float:
    """The sum of p, of which nobody has more than 1: an agency that sends many versions of one person would read off it
    whether she is there. Taken from the most likely pair to the least, a person more moves it by at most 1."""
    size = int(max(left.max(initial=0), right.max(initial=0))) + 1
    crowded = np.bincount(left, odds, size) + np.bincount(right, odds, size) > 1
    slow = crowded[left] | crowded[right]
    total, room = float(odds[~slow].sum()), dict[int, float]()
    for p, one, two in zip(odds[slow].tolist(), left[slow].tolist(), right[slow].tolist(), strict=True):
        used = min(p, room.get(one, 1.0), room.get(two, 1.0))
        room[one], room[two] = room.get(one, 1.0) - used, room.get(two, 1.0) - used
        total += used
    return total


def _agree(linked: files.Linked, condition: str) -> Flags:
    column = linked.table.get(condition.split(" = ")[0].removesuffix("_l"))
    if not isinstance(column, Text):
        return np.zeros(len(linked.left), np.bool_)
    return truth(condition, Pairs(linked.table, linked.left, linked.right))


def shared(histories: NDArray[np.int64], lists: int) -> list[int]:
    """For each list, how many of its persons are on another one too."""
    history = np.arange(1, 1 << lists)
    several = (history & (history - 1)) > 0
    return [int(histories[several & ((history >> place) & 1 == 1)].sum()) for place in range(lists)]


def check_shared(names: list[str], told: NDArray[np.int64]) -> None:
    """Raise Refused when a list shares so few persons with the others that they could be guessed."""
    for name, count in zip(names, shared(told, len(names)), strict=True):
        if count < LEAST_SHARED:
            raise Refused(f"the list {name} shares too few persons with the others to tell how many; leave it out")


def of_lists(names: list[str], told: NDArray[np.int64], wanted: list[str]) -> NDArray[np.int64]:
    """The counts of some of the lists, in their order, as sums of those of all lists."""
    history = np.arange(1, 1 << len(names))
    places = [names.index(name) for name in wanted]
    on = sum(((history >> place) & 1) << new for new, place in enumerate(places))
    found = np.zeros(1 << len(wanted), np.int64)
    np.add.at(found, on, told)
    return found[1:]


def table(names: list[str], histories: NDArray[np.int64], deviation: float | None = None) -> pl.DataFrame:
    """What `kerege estimate` reads: a 0/1 column a list and `count`, a row a capture history; and in every row `noise`,
    the standard deviation of that of the counts, unless they are exact."""
    history = np.arange(1, 1 << len(names))
    columns: dict[str, Any] = {name: (history >> place) & 1 for place, name in enumerate(names)}
    made = pl.DataFrame({**columns, "count": histories})
    return made if deviation is None else made.with_columns(noise=round(deviation, 4))
