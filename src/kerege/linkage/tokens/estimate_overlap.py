"""Overlap of lists from tokens: persons by capture history, and expected missed and false links."""

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
from kerege.linkage.matching.column_store import Rows, TextColumn
from kerege.linkage.matching.comparison_sql import RecordPairs, truth
from kerege.linkage.matching.model_file import Model, prior_weight
from kerege.linkage.matching.uninformative_values import blank_shared_values
from kerege.linkage.tokens.study_key import THRESHOLD
from kerege.linkage.tokens.token_file import Tokens

# pairs with a lower match probability are ignored
LEAST = 1e-4
# least persons that a list must share with the others; the noisy counts decide, so that a refusal reveals no more than
# they would
LEAST_SHARED = 15
# true pairs per record, estimated from invented lists of 10,000 persons with a seventh of them on both
OTHERS = 0.36
# true pairs that agree neither in names nor in date, relative to independence: careful records agree in both. Estimated
# from invented lists, with one or several records per person
TOGETHER = 1.15
# comparisons of given names, and the bits below which they do not exclude two members of one family
GIVEN, SPEAKING = ("given", "given_common", "given_rank"), 2.0
# family members per record on another list, whatever the overlap; from invented lists, one person in fifty is a twin
FAMILY = 0.006
# cap on the ratio of pairs that agree in one capture only to pairs that agree in both. Without it, if few pairs agree
# in both, one more person would change the expected number by dozens
MOST_ALONE = 1.5
# half-widths of the 80% intervals: relative errors of false and of missed links, and a factor of the square root of the
# persons on both lists; estimated from invented lists
FALSE_OFF, MISSED_OFF, CHANCE = 0.3, 0.2, 0.45
# normal quantile of an 80% interval
ONE_IN_FIVE = 1.28
NAME, BIRTH = "name_key_l = name_key_r", "birth_date_l = birth_date_r"

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class LinkageErrors:
    """Linkage errors of two lists, in persons.

    links: linked persons. wrong: expected false links. missing: persons on both lists who are expected to be not
    linked. second: persons on the second list. noise: standard deviation of the noise in `wrong` and in `missing`.
    """

    lists: tuple[str, str]
    links: float
    wrong: float
    missing: float
    second: float
    noise: float = 0.0

    @property
    def real(self) -> float:
        """Return the expected number of persons on both lists."""
        return self.links - max(0.0, self.wrong) + max(0.0, self.missing)

    @property
    def missed(self) -> float:
        """Return the missed link rate: the share of the persons on both lists who are not linked."""
        return _share(self.missing, self.real)

    @property
    def missed_between(self) -> tuple[float, float]:
        """Return the 80% interval of the missed link rate."""
        off = math.hypot(MISSED_OFF * self.missing, CHANCE * math.sqrt(max(0.0, self.real)), self.noise)
        return _interval(self.missing, off, self.real)

    @property
    def false(self) -> float:
        """Return the false link rate: the share of the linked persons who are not on both lists."""
        return _share(self.wrong, self.links)

    @property
    def false_between(self) -> tuple[float, float]:
        """Return the 80% interval of the false link rate."""
        return _interval(self.wrong, math.hypot(FALSE_OFF * self.wrong, self.noise), self.links)

    @property
    def false_per_record(self) -> float:
        """Return the false links per person of the second list who is not on the first."""
        return max(0.0, self.wrong) / max(1.0, self.second - self.real)


def _interval(part: float, uncertainty: float, total: float) -> tuple[float, float]:
    # an uncertainty of at least one person
    part, uncertainty = max(0.0, part), math.hypot(uncertainty, 1.0)
    return _share(part - ONE_IN_FIVE * uncertainty, total), _share(part + ONE_IN_FIVE * uncertainty, total)


def _share(part: float, total: float) -> float:
    return min(1.0, max(0.0, part) / total) if total > 0 else 0.0


@dataclass(frozen=True)
class Persons:
    """Persons of each list, by clustering that list alone, and pairs of persons of two lists.

    `of` (records,) is the person of each record. `owner` and `row` (persons,) are the list and one record of each
    person. `left`, `right`, `weights` (pairs,) are the strongest link of each pair, the strongest first. `unnamed`,
    `by_name`, `by_birth` (pairs,) flag weak evidence of given names, agreement in names and agreement in date of birth.
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
    """Linked lists and their counts without noise.

    `histories` (2^lists - 1,) counts persons by capture history, bit i for list i, from history 1 on. `together`
    (persons,) is the first of the persons of the same cluster.
    """

    names: list[str]
    histories: NDArray[np.int64]
    persons: Persons
    together: NDArray[np.int64]
    linked: link_files.Linked

    @property
    def model(self) -> Model:
        """Return the model that scored the links."""
        return self.linked.model

    @property
    def groups(self) -> NDArray[np.int64]:
        """Return (records,) the first record of each record's cluster."""
        return self.persons.row[self.together[self.persons.of]]


@lru_cache
def shipped() -> Model:
    """Return the bundled model for tokens."""
    text = (resources.files("kerege.linkage.matching") / "models" / "tokens-1.json").read_text("utf-8")
    return model.of_dict(json.loads(text))


def overlap(
    lists: Sequence[Tokens], threshold: float = THRESHOLD, progress: link_files.Progress = link_files.no_progress
) -> Overlap:
    """Link lists of tokens and count the persons of each capture history.

    Parameters
    ----------
    lists : sequence of Tokens
        Token files of one study, a list each.
    threshold : float
        Match probability of a link, between 0 and 1.
    progress : function of a share and a text, optional
        Receives the progress, from 0 to 1.

    Returns
    -------
    Overlap
        `histories`: persons by capture history, without noise. Do not publish them.

    Notes
    -----
    Fellegi and Sunter 1969, "A theory for record linkage", with the bundled model: a model trained on the lists would
    let one more record change many counts.

    Examples
    --------
    >>> from pathlib import Path
    >>> from kerege.linkage.tokens.study_key import Terms
    >>> from kerege.linkage.tokens.token_file import Header
    >>> def tokens(name, numbers):
    ...     header = Header("2026", "", Terms(("a", "b")), "3", name, len(numbers), 0, {}, "2026-11-28")
    ...     return Tokens(Path(name), header, pl.DataFrame({"documents": [[f"{number:016x}"] for number in numbers]}))
    >>> overlap([tokens("a", range(60)), tokens("b", range(40, 100))]).histories.tolist()
    [40, 40, 20]
    """
    # each list alone: otherwise one agency could add names to a telephone number until it is blanked in all lists
    frames = [blank_shared_values(tokens.frame) for tokens in lists]
    frame = pl.concat(frames, how="diagonal")
    owner = np.repeat(np.arange(len(lists)), [len(tokens.frame) for tokens in lists])
    linked = _linked(frame, LEAST, progress)
    persons = _persons(linked, owner, _persons_of_lists(frames, threshold))
    together = _clusters_across_lists(linked, persons, math.log2(threshold / (1 - threshold)))
    names = [tokens.header.list for tokens in lists]
    return Overlap(names, _histories(together, persons.owner, len(lists)), persons, together, linked)


def _linked(
    frame: pl.DataFrame, least: float, progress: link_files.Progress = link_files.no_progress
) -> link_files.Linked:
    """Link with the bundled model, without training.

    A model trained on the lists would let one more record change many counts.
    """
    records = len(frame)
    prior = replace(shipped(), prior=OTHERS / max(1, records))
    ids = [str(row) for row in range(records)]
    return link_files.link_records(ids, frame, prior, least=least, train=False, shared=False, progress=progress)


def _persons_of_lists(frames: Sequence[pl.DataFrame], threshold: float) -> NDArray[np.int64]:
    """Return (records,) the first row of each person of each list, by clustering that list alone.

    Otherwise one record of one list could join any number of records of another, and noise could not hide it.
    """
    persons_by_list = [_persons_of_list(frame, threshold) for frame in frames]
    offsets = np.cumsum([0, *(len(first_rows) for first_rows in persons_by_list[:-1])])
    return np.concatenate([first_rows + rows for first_rows, rows in zip(persons_by_list, offsets, strict=True)])


def _persons_of_list(frame: pl.DataFrame, threshold: float) -> NDArray[np.int64]:
    linked = _linked(frame, threshold)
    return clusters(
        len(frame), linked.left, linked.right, linked.weights, lambda left, right: linked.scores(left, right).weights
    )


def _persons(linked: link_files.Linked, owner: NDArray[np.int64], first_rows: NDArray[np.int64]) -> Persons:
    left, right, weights = linked.left, linked.right, linked.weights
    row, person_of = np.unique(first_rows, return_inverse=True)
    is_across = owner[left] != owner[right]
    left_person, right_person = person_of[left[is_across]], person_of[right[is_across]]
    pair = np.minimum(left_person, right_person) * len(row) + np.maximum(left_person, right_person)
    # links are sorted by weight, so the first link of a pair is its strongest
    pairs, first, number = np.unique(pair, return_index=True, return_inverse=True)
    flags = [
        np.bincount(number, flag[is_across], len(pairs)) > 0 for flag in (_agrees(linked, NAME), _agrees(linked, BIRTH))
    ]
    order = np.argsort(first)
    strongest = first[order]
    return Persons(
        person_of,
        owner[row],
        row,
        pairs[order] // len(row),
        pairs[order] % len(row),
        weights[is_across][strongest],
        _has_weak_given_names(linked, left[is_across][strongest], right[is_across][strongest]),
        *(flag[order] for flag in flags),
    )


def _has_weak_given_names(linked: link_files.Linked, left: Rows, right: Rows) -> Flags:
    """Return (pairs,) whether the given names carry little evidence for the pair."""
    parts = linked.scores(left, right).parts
    bits: NDArray[np.float64] = sum(
        (part for comparison, part in zip(linked.model.comparisons, parts, strict=True) if comparison.name in GIVEN),
        np.zeros(len(left)),
    )
    return bits < SPEAKING


def _clusters_across_lists(linked: link_files.Linked, persons: Persons, least: float) -> NDArray[np.int64]:
    """Return (persons,) the first person of each cluster; no cluster holds two persons of one list."""
    owner, row = persons.owner, persons.row

    def weigh(left: Rows, right: Rows) -> NDArray[np.float64]:
        return np.where(owner[left] == owner[right], -math.inf, linked.scores(row[left], row[right]).weights)

    is_link = persons.weights >= least
    return clusters(len(row), persons.left[is_link], persons.right[is_link], persons.weights[is_link], weigh)


def _histories(together: NDArray[np.int64], owner: NDArray[np.int64], lists: int) -> NDArray[np.int64]:
    history = np.zeros(len(together), np.int64)
    np.bitwise_or.at(history, together, 1 << owner)
    return np.bincount(history[history > 0], minlength=1 << lists)[1:]


def rates(overlap_: Overlap, published: NDArray[np.int64]) -> list[LinkageErrors]:
    """Return the expected linkage errors of each two lists, without noise.

    Parameters
    ----------
    overlap_ : Overlap
        Result of `overlap`.
    published : (2^lists - 1,) int64
        Published people by capture history.

    Returns
    -------
    list of LinkageErrors
        In the order 12, 13, ..., 1t, 23, ...; in persons.

    Notes
    -----
    A link of probability p is false with probability 1 - p. The persons on both lists are the sum of p over all pairs,
    plus the pairs that no blocking rule found: agreement in names and in date of birth are two captures, and the pairs
    outside both follow from Chapman 1951, "Some properties of the hypergeometric distribution with applications to
    zoological sample censuses".

    Examples
    --------
    >>> from pathlib import Path
    >>> from kerege.linkage.tokens.study_key import Terms
    >>> from kerege.linkage.tokens.token_file import Header
    >>> def tokens(name, numbers):
    ...     header = Header("2026", "", Terms(("a", "b")), "3", name, len(numbers), 0, {}, "2026-11-28")
    ...     return Tokens(Path(name), header, pl.DataFrame({"documents": [[f"{number:016x}"] for number in numbers]}))
    >>> linked = overlap([tokens("a", range(60)), tokens("b", range(40, 100))])
    >>> [(errors.lists, errors.links) for errors in rates(linked, linked.histories)]
    [(('a', 'b'), 20.0)]
    """
    persons, evidence = overlap_.persons, overlap_.persons.weights - prior_weight(overlap_.linked.model.prior)
    left, right = persons.left, persons.right
    left_list, right_list, size = persons.owner[left], persons.owner[right], np.bincount(persons.owner)
    result = []
    for first, second in combinations(range(len(overlap_.names)), 2):
        names = [overlap_.names[first], overlap_.names[second]]
        is_pair_of_lists = (np.minimum(left_list, right_list) == first) & (np.maximum(left_list, right_list) == second)
        (_, _, linked), (_, second_only, shared) = (
            counts_of_lists(overlap_.names, counts, names) for counts in (overlap_.histories, published)
        )
        p = np.where(
            is_pair_of_lists, _match_probabilities(evidence, persons.unnamed, size[[first, second]], shared), 0.0
        )
        false_links = float((1 - p[is_pair_of_lists & (overlap_.together[left] == overlap_.together[right])]).sum())
        selections = (
            is_pair_of_lists,
            is_pair_of_lists & persons.by_name,
            is_pair_of_lists & persons.by_birth,
            is_pair_of_lists & persons.by_name & persons.by_birth,
        )
        expected = _expected_pairs(
            *(_capped_sum(p[selection], left[selection], right[selection]) for selection in selections)
        )
        result.append(
            LinkageErrors(
                (names[0], names[1]),
                float(shared),
                false_links,
                max(0.0, expected - linked + false_links),
                float(second_only + shared),
            )
        )
    return result


def _match_probabilities(
    evidence: NDArray[np.float64], unnamed: Flags, size: NDArray[np.int64], shared: int
) -> NDArray[np.float64]:
    """Return (pairs,) p of pairs of persons of two lists.

    The prior is that of lists that share `shared` persons. The prior of the links depends on the list sizes only. A
    prior estimated from the pairs would let one more person change all of them.
    """
    shared = max(LEAST_SHARED, shared)
    prior_odds = np.exp2(evidence) * (shared / (float(size[0]) * float(size[1])))
    family = np.where(unnamed, FAMILY * float(size.min()) / shared, 0.0)
    p: NDArray[np.float64] = 1 / (1 + 1 / prior_odds + family)
    return p


def _expected_pairs(all_: float, names: float, dates: float, both: float) -> float:
    """Return the expected number of true pairs, with those that no blocking rule found (Chapman 1951).

    Pairs that agree in both names and pairs that agree in the date of birth are the two captures. Errors in them are
    nearly independent; pairs that agree in neither are `TOGETHER` times as many as under independence.
    """
    names_only, dates_only = names - both, dates - both
    return max(
        all_,
        both
        + names_only
        + dates_only
        + TOGETHER * names_only * dates_only / max(both + 1, names_only / MOST_ALONE, dates_only / MOST_ALONE),
    )


def _capped_sum(probabilities: NDArray[np.float64], left: NDArray[np.int64], right: NDArray[np.int64]) -> float:
    """Return the sum of p with at most 1 for each person, from the most likely pair to the least.

    Otherwise an agency that sends many versions of one person could read from the sum whether that person is on another
    list. With the cap, one more person changes the sum by at most 1.
    """
    size = int(max(left.max(initial=0), right.max(initial=0))) + 1
    is_crowded = np.bincount(left, probabilities, size) + np.bincount(right, probabilities, size) > 1
    needs_cap = is_crowded[left] | is_crowded[right]
    total, remaining = float(probabilities[~needs_cap].sum()), dict[int, float]()
    for p, left_person, right_person in zip(
        probabilities[needs_cap].tolist(), left[needs_cap].tolist(), right[needs_cap].tolist(), strict=True
    ):
        used = min(p, remaining.get(left_person, 1.0), remaining.get(right_person, 1.0))
        remaining[left_person], remaining[right_person] = (
            remaining.get(left_person, 1.0) - used,
            remaining.get(right_person, 1.0) - used,
        )
        total += used
    return total


def _agrees(linked: link_files.Linked, condition: str) -> Flags:
    column = linked.table.get(condition.split(" = ")[0].removesuffix("_l"))
    if not isinstance(column, TextColumn):
        return np.zeros(len(linked.left), np.bool_)
    return truth(condition, RecordPairs(linked.table, linked.left, linked.right))


def count_shared(histories: NDArray[np.int64], lists: int) -> list[int]:
    """Return for each list how many of its persons are on another list too.

    Parameters
    ----------
    histories : (2^lists - 1,) int64
        People by capture history, from history 1 on.
    lists : int
        Number of lists.

    Returns
    -------
    list of int
        People by list.

    Examples
    --------
    >>> count_shared(np.array([40, 30, 20]), lists=2)  # on the first only, on the second only, on both
    [20, 20]
    """
    history = np.arange(1, 1 << lists)
    is_on_several = (history & (history - 1)) > 0
    return [int(histories[is_on_several & ((history >> position) & 1 == 1)].sum()) for position in range(lists)]


def check_shared(names: list[str], counts: NDArray[np.int64]) -> None:
    """Raise Refused if a list shares so few persons with the others that they could be identified."""
    for name, count in zip(names, count_shared(counts, len(names)), strict=True):
        if count < LEAST_SHARED:
            raise Refused(f"the list {name} shares too few persons with the others to tell how many; leave it out")


def counts_of_lists(names: list[str], counts: NDArray[np.int64], chosen: list[str]) -> NDArray[np.int64]:
    """Return the counts of some of the lists, in their order, as sums of the counts of all lists.

    Parameters
    ----------
    names : list of str
        Names of all lists; bit i of a history is list i.
    counts : (2^lists - 1,) int64
        People by capture history, from history 1 on.
    chosen : list of str
        Names of the lists to keep.

    Returns
    -------
    (2^chosen - 1,) int64
        People by capture history of the chosen lists. People on none of them are left out.

    Raises
    ------
    ValueError
        If a chosen list is not in `names`.

    Examples
    --------
    >>> counts_of_lists(["a", "b", "c"], np.array([1, 2, 3, 4, 5, 6, 7]), ["c", "a"])
    array([10,  4, 12])
    """
    history = np.arange(1, 1 << len(names))
    positions = [names.index(name) for name in chosen]
    new_history = sum(((history >> position) & 1) << new for new, position in enumerate(positions))
    sums = np.zeros(1 << len(chosen), np.int64)
    np.add.at(sums, new_history, counts)
    return sums[1:]


def overlap_table(names: list[str], histories: NDArray[np.int64], deviation: float | None = None) -> pl.DataFrame:
    """Return the input of `kerege estimate`: a row for each capture history.

    Parameters
    ----------
    names : list of str
        Names of the lists; bit i of a history is list i.
    histories : (2^lists - 1,) int64
        People by capture history, from history 1 on.
    deviation : float, optional
        Standard deviation of the noise of a count, in people.

    Returns
    -------
    DataFrame
        A 0/1 column for each list, and `count`. With `deviation`, every row also holds `noise`.

    Examples
    --------
    >>> overlap_table(["police", "shelter"], np.array([40, 30, 20])).rows()
    [(1, 0, 40), (0, 1, 30), (1, 1, 20)]
    """
    history = np.arange(1, 1 << len(names))
    columns: dict[str, Any] = {name: (history >> position) & 1 for position, name in enumerate(names)}
    frame = pl.DataFrame({**columns, "count": histories})
    return frame if deviation is None else frame.with_columns(noise=round(deviation, 4))
