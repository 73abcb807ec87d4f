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

from kerege.base.errors import Refused
from kerege.linkage.matching import link_files
from kerege.linkage.matching import model_file as model
from kerege.linkage.matching.clusters import clusters
from kerege.linkage.matching.column_store import Rows, Text
from kerege.linkage.matching.comparison_sql import Pairs, truth
from kerege.linkage.matching.model_file import Model, prior_weight
from kerege.linkage.matching.uninformative_values import without_shared
from kerege.linkage.tokens.study_key import THRESHOLD
from kerege.linkage.tokens.token_file import Tokens

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
# a pair whose given names say less than so many bits for it may be of one family, whatever else agrees, and each record
# has so many of its family on another list, however few the lists share; learned from invented lists too, of which one
# person in fifty is a twin
GIVEN, SPEAKING = ("given", "given_common", "given_rank"), 2.0
FAMILY = 0.006
# of those who agree in one thing only, so many count for each who agrees in both: else one person more, where hardly
# anybody agrees in both, would move what is expected by dozens
MOST_ALONE = 1.5
# a rate that is told is off by more, once in five: of false links by these parts of them and of missed ones too, and by
# chance (of persons on both the root, times this); learned from invented lists
FALSE_OFF, MISSED_OFF, CHANCE = 0.3, 0.2, 0.45
ONE_IN_FIVE = 1.28
NAME, BIRTH = "name_key_l = name_key_r", "birth_date_l = birth_date_r"

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Rates:
    """Of two lists: persons linked, links that are expected to be false, persons on both who are expected not to be
    linked, and persons of the second; `noise` is the standard deviation of that of the second and the third."""

    lists: tuple[str, str]
    links: float
    wrong: float
    missing: float
    second: float
    noise: float = 0.0

    @property
    def real(self) -> float:
        """Persons who are expected to be on both."""
        return self.links - max(0.0, self.wrong) + max(0.0, self.missing)

    @property
    def missed(self) -> float:
        """The share of the persons on both who are not linked."""
        return _share(self.missing, self.real)

    @property
    def missed_between(self) -> tuple[float, float]:
        """Where that is, four times of five."""
        off = math.hypot(MISSED_OFF * self.missing, CHANCE * math.sqrt(max(0.0, self.real)), self.noise)
        return _between(self.missing, off, self.real)

    @property
    def false(self) -> float:
        """The share of the persons linked who are not on both."""
        return _share(self.wrong, self.links)

    @property
    def false_between(self) -> tuple[float, float]:
        """Where that is, four times of five."""
        return _between(self.wrong, math.hypot(FALSE_OFF * self.wrong, self.noise), self.links)

    @property
    def false_per_record(self) -> float:
        """False links for each person of the second list who is not on the first."""
        return max(0.0, self.wrong) / max(1.0, self.second - self.real)


def _between(part: float, off: float, whole: float) -> tuple[float, float]:
    # whatever is expected, one person more or less is
    part, off = max(0.0, part), math.hypot(off, 1.0)
    return _share(part - ONE_IN_FIVE * off, whole), _share(part + ONE_IN_FIVE * off, whole)


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
    unnamed: Flags
    by_name: Flags
    by_birth: Flags


@dataclass(frozen=True)
class Overlap:
    """`histories` (2^lists - 1,) persons by list, bit i for list i, from history 1 on; without noise yet.
    `together` (persons,) is the first of those who are one."""

    names: list[str]
    histories: NDArray[np.int64]
    persons: Persons
    together: NDArray[np.int64]
    linked: link_files.Linked

    @property
    def model(self) -> Model:
        """The model that weighed the links."""
        return self.linked.model

    @property
    def groups(self) -> NDArray[np.int64]:
        """(records,) the first record of each one's group."""
        return self.persons.row[self.together[self.persons.of]]


@lru_cache
def shipped() -> Model:
    """The model for tokens that comes with Kerege."""
    text = (resources.files("kerege.linkage.matching") / "models" / "tokens-1.json").read_text("utf-8")
    return model.of_dict(json.loads(text))


def overlap(
    lists: Sequence[Tokens], threshold: float = THRESHOLD, progress: link_files.Progress = link_files.no_progress
) -> Overlap:
    """Link the lists and count the persons of every capture history."""
    # each list by itself: with names of his own on a telephone somebody would set the edge at which links by it vanish
    frames = [without_shared(tokens.frame) for tokens in lists]
    frame = pl.concat(frames, how="diagonal")
    owner = np.repeat(np.arange(len(lists)), [len(tokens.frame) for tokens in lists])
    linked = _linked(frame, LEAST, progress)
    persons = _persons(linked, owner, _alone(frames, threshold))
    together = _joined(linked, persons, math.log2(threshold / (1 - threshold)))
    names = [tokens.header.list for tokens in lists]
    return Overlap(names, _histories(together, persons.owner, len(lists)), persons, together, linked)


def _linked(
    frame: pl.DataFrame, least: float, progress: link_files.Progress = link_files.no_progress
) -> link_files.Linked:
    """Links by the model as shipped: one that learned from the lists moved a score of counts for one record more."""
    records = len(frame)
    prior = replace(shipped(), prior=OTHERS / max(1, records))
    ids = [str(row) for row in range(records)]
    return link_files.link_records(ids, frame, prior, least=least, train=False, shared=False, progress=progress)


def _alone(frames: Sequence[pl.DataFrame], threshold: float) -> NDArray[np.int64]:
    """(records,) the first row of each person of each list, told from that list alone: else one record of one list
    would glue together any number of records of another, and be seen through every noise."""
    homes = [_own(frame, threshold) for frame in frames]
    before = np.cumsum([0, *(len(home) for home in homes[:-1])])
    return np.concatenate([home + rows for home, rows in zip(homes, before, strict=True)])


def _own(frame: pl.DataFrame, threshold: float) -> NDArray[np.int64]:
    own = _linked(frame, threshold)
    return clusters(len(frame), own.left, own.right, own.weights, lambda one, two: own.scores(one, two).weights)


def _persons(linked: link_files.Linked, owner: NDArray[np.int64], home: NDArray[np.int64]) -> Persons:
    left, right, weights = linked.left, linked.right, linked.weights
    row, of = np.unique(home, return_inverse=True)
    across = owner[left] != owner[right]
    one, two = of[left[across]], of[right[across]]
    pair = np.minimum(one, two) * len(row) + np.maximum(one, two)
    # links come strongest first, and so the first of a pair is its strongest
    pairs, first, number = np.unique(pair, return_index=True, return_inverse=True)
    flags = [np.bincount(number, way[across], len(pairs)) > 0 for way in (_agree(linked, NAME), _agree(linked, BIRTH))]
    order = np.argsort(first)
    strongest = first[order]
    return Persons(
        of,
        owner[row],
        row,
        pairs[order] // len(row),
        pairs[order] % len(row),
        weights[across][strongest],
        _unnamed(linked, left[across][strongest], right[across][strongest]),
        *(flag[order] for flag in flags),
    )


def _unnamed(linked: link_files.Linked, left: Rows, right: Rows) -> Flags:
    """Which pairs the given names say little for."""
    parts = linked.scores(left, right).parts
    speak: NDArray[np.float64] = sum(
        (part for each, part in zip(linked.model.comparisons, parts, strict=True) if each.name in GIVEN),
        np.zeros(len(left)),
    )
    return speak < SPEAKING


def _joined(linked: link_files.Linked, persons: Persons, least: float) -> NDArray[np.int64]:
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


def rates(found: Overlap, told: NDArray[np.int64]) -> list[Rates]:
    """Expected errors of each two lists, without noise yet: false links 1 - p of what is linked; persons on both p of
    all pairs, and those that were never compared. `told` are the counts that everybody may know."""
    persons, evidence = found.persons, found.persons.weights - prior_weight(found.linked.model.prior)
    left, right = persons.left, persons.right
    one, two, size = persons.owner[left], persons.owner[right], np.bincount(persons.owner)
    result = []
    for first, second in combinations(range(len(found.names)), 2):
        names = [found.names[first], found.names[second]]
        here = (np.minimum(one, two) == first) & (np.maximum(one, two) == second)
        (_, _, linked), (_, alone, shared) = (of_lists(found.names, each, names) for each in (found.histories, told))
        p = np.where(here, _odds(evidence, persons.unnamed, size[[first, second]], shared), 0.0)
        wrong = float((1 - p[here & (found.together[left] == found.together[right])]).sum())
        ways = (here, here & persons.by_name, here & persons.by_birth, here & persons.by_name & persons.by_birth)
        real = _expected(*(_total(p[way], left[way], right[way]) for way in ways))
        result.append(
            Rates((names[0], names[1]), float(shared), wrong, max(0.0, real - linked + wrong), float(alone + shared))
        )
    return result


def _odds(evidence: NDArray[np.float64], unnamed: Flags, size: NDArray[np.int64], shared: int) -> NDArray[np.float64]:
    """(pairs,) p of pairs of persons of two lists, at the prior of lists that share so many: that of the links
    knows the sizes only. A prior that the pairs themselves tell would let one person more move all of them."""
    shared = max(LEAST_SHARED, shared)
    odds = np.exp2(evidence) * (shared / (float(size[0]) * float(size[1])))
    family = np.where(unnamed, FAMILY * float(size.min()) / shared, 0.0)
    p: NDArray[np.float64] = 1 / (1 + 1 / odds + family)
    return p


def _expected(all_: float, names: float, dates: float, both: float) -> float:
    """How many true pairs there are, with those that no blocking rule found: by capture and recapture (Chapman 1951).

    Of those that agree in both names and of those that agree in the date of birth: each goes wrong for its own reasons,
    or nearly, and so those that agree in neither are `TOGETHER` times as many as if it did.
    """
    one, two = names - both, dates - both
    return max(all_, both + one + two + TOGETHER * one * two / max(both + 1, one / MOST_ALONE, two / MOST_ALONE))


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


def _agree(linked: link_files.Linked, condition: str) -> Flags:
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
