"""Rates of missed and false links between lists of tokens."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.linkage.matching.model_file import prior_weight
from kerege.linkage.tokens.estimate_overlap import Flags, Overlap
from kerege.linkage.tokens.known_pairs import (
    LEAST_KNOWN,
    LEAST_RECORDS,
    KnownPairs,
    count_by_document,
    count_sample,
    match_pairs,
)
from kerege.linkage.tokens.namesakes import Namesakes, dayless_ratio
from kerege.linkage.tokens.overlap_counts import LEAST_SHARED, counts_of_lists

# true pairs that agree neither in names nor in date, relative to independence: careful records agree in both. Estimated
# from invented lists, with one or several records per person
TOGETHER = 1.15
# family members per record on another list, whatever the overlap; from invented lists, one person in fifty is a twin
FAMILY = 0.006
# cap on the ratio of pairs that agree in one capture only to pairs that agree in both. Without it, if few pairs agree
# in both, one more person would change the expected number by dozens
MOST_ALONE = 1.5
# true errors as a multiple of the model's: the middle between lists of the author to whom the model was fitted, and of
# another author's lists. False links by the model alone, or beside those that the namesakes of the lists explain
MISSED_LEVEL, FALSE_LEVEL, FALSE_BESIDE = 1.25, 2.0, 0.63
# standard deviations: of missed links relative to their number, of the logarithm of false links without and with
# namesakes, and of missed links as a factor of the square root of the persons on both lists. The intervals hold the
# true rates of lists by three authors
MISSED_OFF, FALSE_OFF, FALSE_OFF_BESIDE, CHANCE = 0.45, 1.0, 0.55, 0.45
# normal quantile of an 80% interval
ONE_IN_FIVE = 1.28


@dataclass(frozen=True)
class LinkageErrors:
    """Linkage errors of two lists, in persons.

    links: linked persons. wrong: expected false links. missing: persons on both lists who are expected to be not
    linked, both as the model has them. second: persons on the second list. noise: standard deviation of the noise in
    `wrong` and in `missing`. known: persons known to be on both lists. namesakes: of the two lists, if enough
    records have a day of birth.
    """

    lists: tuple[str, str]
    links: float
    wrong: float
    missing: float
    second: float
    noise: float = 0.0
    known: KnownPairs | None = None
    namesakes: Namesakes | None = None

    @property
    def real(self) -> float:
        """Return the expected number of persons on both lists."""
        return self._found + self._expected_missing[0]

    @property
    def missed(self) -> float:
        """Return the missed link rate: the share of the persons on both lists who are not linked."""
        return _compute_share(self._expected_missing[0], self.real)

    @property
    def missed_between(self) -> tuple[float, float]:
        """Return the 80% interval of the missed link rate."""
        missing, off = self._expected_missing
        shift = ONE_IN_FIVE * math.hypot(off, 1.0)
        # upward the deviation is a factor: unfamiliar names are missed nearly twice as often as the model expects
        part = min(1.0, shift / missing) if missing > 0 else 1.0
        high = missing + shift * math.expm1(part) / part
        return _compute_share(missing - shift, self.real), _compute_share(high, self.real)

    @property
    def false(self) -> float:
        """Return the false link rate: the share of the linked persons who are not on both lists."""
        return _compute_share(self._expected_wrong, self.links)

    @property
    def false_between(self) -> tuple[float, float]:
        """Return the 80% interval of the false link rate."""
        wrong, factor = self._expected_wrong, math.exp(ONE_IN_FIVE * self._false_off)
        # noise and the multiple are seldom both at their limits: noise counts with the root of the factor
        shift = ONE_IN_FIVE * math.hypot(self._false_spread, 1.0) * math.sqrt(factor)
        low, high = wrong - math.hypot(wrong - wrong / factor, shift), wrong + math.hypot(wrong * factor - wrong, shift)
        return _compute_share(low, self.links), _compute_share(high, self.links)

    @property
    def false_per_record(self) -> float:
        """Return the false links per person of the second list who is not on the first."""
        return self._expected_wrong / max(1.0, self.second - self.real)

    @property
    def _expected_wrong(self) -> float:
        if self.namesakes is None:
            return FALSE_LEVEL * max(0.0, self.wrong)
        return FALSE_BESIDE * max(0.0, self.wrong) + self.namesakes.false

    @property
    def _false_off(self) -> float:
        return FALSE_OFF if self.namesakes is None else FALSE_OFF_BESIDE

    @property
    def _false_spread(self) -> float:
        """Return the standard deviation of the false links by noise, with namesakes also by chance."""
        if self.namesakes is None:
            return FALSE_LEVEL * self.noise
        return math.hypot(FALSE_BESIDE * self.noise, self.namesakes.false_off, math.sqrt(self._expected_wrong))

    @property
    def _found(self) -> float:
        return max(0.0, self.links - self._expected_wrong)

    @property
    def _expected_missing(self) -> tuple[float, float]:
        """Return the missing persons and the standard deviation.

        The model and the known pairs, if there are enough, count by their relative precision.
        """
        missing = MISSED_LEVEL * max(0.0, self.missing)
        chance = CHANCE * math.sqrt(self._found + missing)
        off = math.hypot(MISSED_OFF * missing, chance, MISSED_LEVEL * self.noise)
        if self.known is None or self.known.count < LEAST_KNOWN:
            return missing, off
        by_known, known_off = self.known.expected_missing(self._found)
        return _combine((max(1.0, missing), off), (by_known, known_off))


def _combine(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """Return the geometric mean of two numbers, by their relative precision, and its deviation."""
    (first, first_off), (second, second_off) = ((number, off / number) for number, off in (one, other))
    share = first_off**2 / (first_off**2 + second_off**2)
    mean = first ** (1 - share) * second**share
    return mean, mean * first_off * second_off / math.hypot(first_off, second_off)


def _compute_share(part: float, total: float) -> float:
    return min(1.0, max(0.0, part) / total) if total > 0 else 0.0


def rates(overlap_: Overlap, published: NDArray[np.int64], is_exact: bool = True) -> list[LinkageErrors]:
    """Return the expected linkage errors of each two lists, without noise.

    Parameters
    ----------
    overlap_ : Overlap
        Result of `overlap`.
    published : (2^lists - 1,) int64
        Published people by capture history.
    is_exact : bool, default True
        Whether no noise follows. With noise, common documents of short lists say less than their noise hides.

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
    >>> import polars as pl
    >>> from pathlib import Path
    >>> from kerege.linkage.tokens.estimate_overlap import overlap
    >>> from kerege.linkage.tokens.study_key import Terms
    >>> from kerege.linkage.tokens.token_file import Header, Tokens
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
        expected = _estimate_true_pairs(
            *(_sum_capped(p[selection], left[selection], right[selection]) for selection in selections)
        )
        result.append(
            LinkageErrors(
                (names[0], names[1]),
                float(shared),
                false_links,
                max(0.0, expected - linked + false_links),
                float(second_only + shared),
                known=_find_known(overlap_, (first, second), is_pair_of_lists, is_exact),
                namesakes=_find_namesakes(overlap_, (first, second), is_pair_of_lists, published),
            )
        )
    return result


def _find_namesakes(
    overlap_: Overlap, lists: tuple[int, int], is_pair_of_lists: Flags, published: NDArray[np.int64]
) -> Namesakes | None:
    """Return the namesakes of two lists; None if too few records have a day of birth."""
    ratio = dayless_ratio(*overlap_.known_dates[list(lists)])
    if ratio is None:
        return None
    persons, names = overlap_.persons, [overlap_.names[place] for place in lists]
    first_only, second_only, shared = counts_of_lists(overlap_.names, published, names).tolist()
    kept = is_pair_of_lists & (persons.dayless >= overlap_.least)
    count = len(match_pairs(persons.left[kept], persons.right[kept], persons.dayless[kept]))
    free = first_only * second_only / max(1, (first_only + shared) * (second_only + shared))
    return Namesakes(count, ratio, free)


def _find_known(
    overlap_: Overlap, lists: tuple[int, int], is_pair_of_lists: Flags, is_exact: bool
) -> KnownPairs | None:
    """Return the pairs of persons of two lists that are known: a reviewed sample, or common documents."""
    persons = overlap_.persons
    if overlap_.known is not None:
        return _count_sample(overlap_, overlap_.known, lists, is_pair_of_lists)
    sizes = np.bincount(persons.owner[persons.of])[list(lists)]
    if not all(overlap_.documents[place] for place in lists) or not (is_exact or sizes.min() >= LEAST_RECORDS):
        return None
    kept = is_pair_of_lists & persons.by_document
    return count_by_document(persons.left[kept], persons.right[kept], persons.undocumented[kept], overlap_.least)


def _count_sample(overlap_: Overlap, codes: pl.Series, lists: tuple[int, int], is_pair: Flags) -> KnownPairs:
    persons = overlap_.persons
    owner = pl.Series("owner", persons.owner[persons.of])
    records = pl.DataFrame({"known": codes, "person": persons.of, "owner": owner}).drop_nulls()
    first, second = (records.filter(pl.col("owner") == place).drop("owner").unique() for place in lists)
    is_first = persons.owner[persons.left] == lists[0]
    sides = np.where(is_first, persons.left, persons.right), np.where(is_first, persons.right, persons.left)
    weights = {"person": sides[0][is_pair], "person_right": sides[1][is_pair], "weight": persons.weights[is_pair]}
    return count_sample(first, second, pl.DataFrame(weights), overlap_.least)


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


def _estimate_true_pairs(all_: float, names: float, dates: float, both: float) -> float:
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


def _sum_capped(probabilities: NDArray[np.float64], left: NDArray[np.int64], right: NDArray[np.int64]) -> float:
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
