"""Match one person against the candidates of a register, when a record is created or searched.

`blocking_keys` gives the (hashed) entries of the blind index, `match_person` computes match weights for candidates from
that index, and `guards` lists conflict flags: contradictions that require clerical review at any match weight.

The model needs NumPy, Polars and an SQL parser. They load at first use, so that other commands do not wait half a
second for them. A server loads them before its first request (`ready`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kerege.linkage.input import birth_dates, person_fields
from kerege.linkage.input.person_fields import Row
from kerege.linkage.matching.labels import translate_label
from kerege.linkage.names import FOLD_VERSION

if TYPE_CHECKING:
    from kerege.linkage.matching.model_file import Model
    from kerege.linkage.matching.pair_scorer import PairScorer, PairValues

# version of the counting rule behind the relative frequencies; raise it when `share`, `in_steps` or `names_to_count`
# changes
COUNTING = 4
# assumed share of records that have a second record of the same person in the register
DUPLICATED = 0.3
YEARS_APART = 10
# relative frequency of a very common name, by column: the default for a name that the register has not counted, and the
# centre of the smoothing
COMMON = {"given": 0.01, "family": 0.006, "patronymic": 0.01}
# pseudo-records for that smoothing: in a small register, two bearers among six records are weak evidence
FAITH = 100

Shares = Callable[[str, str], float | None]
"""Relative frequency of a value in the column `given`, `family` or `patronymic` of a register; None: not counted."""


@dataclass(frozen=True)
class PersonAttributes:
    """Known attributes of a person.

    names: tuples (given, middle, family). birth_date: ISO date such as 1990-03-07, or part of it. sex: female or male.
    documents, phones: numbers. Unknown attributes are empty.
    """

    names: tuple[tuple[str, str, str], ...] = ()
    birth_date: str = ""
    sex: str = ""
    documents: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """Result of a comparison.

    weight: bits with the prior. probability: from 0 to 1. levels, parts: gamma and bits by name of the comparison.
    """

    weight: float
    probability: float
    levels: Mapping[str, int]
    parts: Mapping[str, float]


@lru_cache
def model_version() -> str:
    """Return the model's name and a digest of its parameters and of the counting rule."""
    from kerege.linkage.matching.model_file import digest, load_bundled_model

    return f"{load_bundled_model().version}.{digest([load_bundled_model().as_dict(), COUNTING])}"


@lru_cache
def index_version() -> str:
    """Return the version of the blind index. Rebuild the index when it changes.

    It depends on the folding tables and on the blocking rules.
    """
    from kerege.linkage.matching.model_file import digest, load_bundled_model

    return f"{FOLD_VERSION}.{digest([rule.columns for rule in load_bundled_model().rules])}"


def load_model() -> None:
    """Load the model and its libraries by one comparison of two empty persons."""
    match_person(PersonAttributes(), [PersonAttributes()], 1)


def rows(person: PersonAttributes) -> list[Row]:
    """Return the comparison columns: one row for each name of the person."""
    shared: Row = {
        **birth_dates.birth_columns(person.birth_date),
        **person_fields.document_columns(person.documents),
        "sex": person_fields.sex(person.sex),
        "contacts": person_fields.distinct_values(person.phones, person_fields.contact),
    }
    names = person.names or (("", "", ""),)
    return [{**person_fields.name_columns(*name), **shared} for name in names]


def blocking_keys(person: PersonAttributes) -> frozenset[str]:
    """Return the blocking keys of a person; two persons without a common key are not a candidate pair.

    Parameters
    ----------
    person : PersonAttributes
        Known attributes of the person.

    Returns
    -------
    frozenset of str
        For each blocking rule of the model and each name of the person: the number of the rule and the values of its
        columns. They are in plain text; hash them before you store them.

    Notes
    -----
    Fellegi and Sunter 1969, "A theory for record linkage": comparisons restricted to a subspace, later called blocking.

    Examples
    --------
    >>> aigul = PersonAttributes(names=(("Айгүл", "", "Серікова"),), birth_date="1990-03-07")
    >>> other = PersonAttributes(names=(("Aigul", "", "Serikova"),), birth_date="1990-03-07")
    >>> blocking_keys(aigul) == blocking_keys(other)
    True
    """
    from kerege.linkage.matching import blocking

    return blocking.index_keys(_restrict_model(), rows(person))


def match_person(
    person: PersonAttributes, register: Sequence[PersonAttributes], size: int, shares: Shares | None = None
) -> list[Match]:
    """Score one person against each candidate, in the order of the candidates.

    Among several names of a person the best pair of names counts.

    Parameters
    ----------
    person : PersonAttributes
        The person to search for.
    register : sequence of PersonAttributes
        The candidates.
    size : int
        Number of records in the register. The prior match probability falls as it grows.
    shares : function of column and value, optional
        Relative frequency of a name in the register. Without it every name has the frequency of a common one.

    Returns
    -------
    list of Match
        One for each candidate: `weight` in bits with the prior, `probability` from 0 to 1, levels, bits.

    Notes
    -----
    The match weight is the log2 of the prior odds plus the sum of log2(m / u) over the comparisons: Fellegi and Sunter
    1969, "A theory for record linkage". The parameters are those of the bundled model, with a term frequency adjustment
    of names. The probability is 1 / (1 + 2^-weight).

    Examples
    --------
    >>> aigul = PersonAttributes(names=(("Айгүл", "", "Серікова"),), birth_date="1990-03-07", sex="female")
    >>> others = [
    ...     PersonAttributes(names=(("Aigul", "", "Serikova"),), birth_date="1990-03-07", sex="female"),
    ...     PersonAttributes(names=(("Dana", "", "Omarova"),), birth_date="1985-01-02", sex="female"),
    ... ]
    >>> [round(match.probability, 2) for match in match_person(aigul, others, size=1000)]
    [1.0, 0.0]
    """
    return match_rows(rows(person), map(rows, register), size, shares)


def match_rows(
    person: Sequence[Row], register: Iterable[Sequence[Row]], size: int, shares: Shares | None = None
) -> list[Match]:
    """Score one person against each candidate as `match_person`, from the `rows` of each.

    A caller who compares the same persons often derives their columns once.
    """
    from kerege.linkage.matching.model_file import prior_weight

    weigh, prior_bits = _build_weigher(), prior_weight(prior(size))

    def share(name: str, value: str) -> float | None:
        return ((shares(name, value) if shares else None) or COMMON[name]) if name in COMMON else None

    def match(pair: PairValues) -> Match:
        levels, parts = weigh(pair, share)
        weight = sum(parts.values()) + prior_bits
        return Match(weight, 1 / (1 + 2.0**-weight), levels, parts)

    left_sides = [weigh.side(row, "_l") for row in person]
    matches = []
    for candidate in register:
        right_sides = [weigh.side(row, "_r") for row in candidate]
        matches.append(
            max((match(left | right) for right in right_sides for left in left_sides), key=lambda match: match.weight)
        )
    return matches


def score_pair(one: PersonAttributes, other: PersonAttributes, size: int) -> Match:
    """Score a pair of persons in a register of `size` records.

    Parameters
    ----------
    one, other : PersonAttributes
        The two persons. The order does not change the weight.
    size : int
        Number of records in the register.

    Returns
    -------
    Match
        `weight` in bits with the prior, `probability` from 0 to 1, levels and bits by comparison.

    Notes
    -----
    Fellegi and Sunter 1969, "A theory for record linkage"; see `match_person`.

    Examples
    --------
    >>> one = PersonAttributes(names=(("Ivan", "Petrovich", "Sidorov"),), birth_date="1980-05-01")
    >>> other = PersonAttributes(names=(("Иван", "Петрович", "Сидоров"),), birth_date="1980-05-01")
    >>> score_pair(one, other, size=500).probability > 0.9
    True
    """
    return match_person(one, [other], size)[0]


def names_to_count(person: PersonAttributes) -> set[tuple[str, str]]:
    """Return the names of a person, as (column, value), whose frequency adjusts a match."""
    return {(name, value) for row in rows(person) for name in COMMON if isinstance(value := row[name], str)}


def in_steps(number: int) -> int:
    """Return a count of records, rounded to four binary digits.

    Parameters
    ----------
    number : int
        Number of records, 0 or more.

    Returns
    -------
    int
        The number itself below 16, else the nearest of eight steps of each power of two.

    Notes
    -----
    A match weight changes by at most 0.09 bits for each rounded count. Without steps one more record would change the
    weight of every pair of the register, and a nightly run could not leave out a pair.

    Examples
    --------
    >>> [in_steps(number) for number in (7, 15, 100, 104, 100_000)]
    [7, 15, 96, 104, 98304]
    """
    shift = max(0, number.bit_length() - 4)
    return (number + (1 << shift >> 1)) >> shift << shift


def share(name: str, borne: int, records: int) -> float:
    """Return the smoothed relative frequency of a name in a register.

    Parameters
    ----------
    name : str
        Column of the name: `given`, `family` or `patronymic`.
    borne : int
        Number of records with the name. A name in agreement has at least two bearers, so it counts as 2 or more.
    records : int
        Number of records in the register.

    Returns
    -------
    float
        Relative frequency, above 0 and at most that of a common name.

    Raises
    ------
    KeyError
        If there is no such column.

    Notes
    -----
    (b + a f) / (n + a) for b bearers among n records, with the frequency f of a common name and a = 100 pseudo-records.
    It is additive smoothing, the mean of a beta posterior.

    Examples
    --------
    >>> share("family", borne=3, records=100_000) < share("family", borne=3, records=200)
    True
    >>> share("family", borne=50, records=200)  # at most the frequency of a common family name
    0.006
    """
    most = COMMON[name]
    return min(most, (max(2, borne) + FAITH * most) / (records + FAITH))


def prior(records: int) -> float:
    """Return the prior probability that two random records of a register of this size match.

    Parameters
    ----------
    records : int
        Number of records in the register.

    Returns
    -------
    float
        Probability, at most 0.5.

    Notes
    -----
    0.3 / n for n records: three records in ten have a second record of the same person. The prior of the odds in
    Fellegi and Sunter 1969, "A theory for record linkage".

    Examples
    --------
    >>> prior(1_000)
    0.0003
    """
    return min(0.5, DUPLICATED / max(1, records))


@lru_cache
def _restrict_model() -> Model:
    """Return the bundled model, restricted to the columns that a `PersonAttributes` can fill."""
    from kerege.linkage.matching.model_file import load_bundled_model

    return load_bundled_model().only(
        set(person_fields.COLUMNS) - {"street", "house", "place", "postcode", "family_known"}
    )


@lru_cache
def _build_weigher() -> PairScorer:
    from kerege.linkage.matching.pair_scorer import PairScorer

    return PairScorer(_restrict_model())


def explain(match: Match, language: str) -> list[tuple[str, str, float]]:
    """Describe each comparison of a match in words.

    Parameters
    ----------
    match : Match
        Result of `match_person` or `score_pair`.
    language : str
        Language of the words: kk, ru or en.

    Returns
    -------
    list of tuple
        For each comparison with evidence: its name, its level, and its weight in bits. The prior is left out.

    Examples
    --------
    >>> one = PersonAttributes(names=(("Ivan", "", "Sidorov"),), sex="male")
    >>> other = PersonAttributes(names=(("Иван", "", "Сидоров"),), sex="male")
    >>> comparison, level, bits = explain(score_pair(one, other, size=500), "en")[0]
    >>> comparison, level, round(bits, 1)
    ('family name', 'same family name', 6.8)
    """
    from kerege.linkage.matching.waterfall_chart import chart_steps

    return [
        (s.comparison, s.level, s.bits) for s in chart_steps(_restrict_model(), match.levels, match.parts, language)[1:]
    ]


def explain_parts(match: Match, language: str) -> list[tuple[str, str, float]]:
    """Describe a match that another version of the model scored: as `explain`, without level texts.

    The texts of that version's levels are not available; each is ''.
    """
    return [
        (translate_label(name, language), "", match.parts[name])
        for name, level in match.levels.items()
        if level >= 0 and match.parts[name]
    ]
