"""Comparing persons one with another: what a register asks when somebody is registered.

`blocking_keys` are what an index keeps (hashed), `compare` weighs one person against those the index names, `guards`
names what must make a human hesitate whatever the weight.

Behind the model stand numpy, Polars and a parser of SQL: they are loaded when it is first asked for, so that a command
which asks for none does not wait half a second for them. A server asks for it before it serves (`ready`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from rapidfuzz.distance import DamerauLevenshtein

from kerege.linkage.input import birth_dates, person_fields
from kerege.linkage.input.person_fields import Row
from kerege.linkage.matching.labels import said
from kerege.linkage.names import FOLD_VERSION

if TYPE_CHECKING:
    from kerege.linkage.matching.model_file import Model
    from kerege.linkage.matching.pair_scorer import Known, Weigher

# changed where names are counted in another way
COUNTING = 2
# of a register, how many records have another one of the same person in it
DUPLICATED = 0.3
YEARS_APART = 10
# a name is taken to be as common as the commonest ones, until a register says how common it is; of a small one as if it
# had so many records more with such a name: two of six are no third of mankind
COMMON = {"given": 0.01, "family": 0.006, "patronymic": 0.01}
FAITH = 100

Shares = Callable[[str, str], float | None]
"""How large a share of a register has this value in the column `given`, `family` or `patronymic`; None: not counted."""


@dataclass(frozen=True)
class Person:
    """What is known of a person.

    names: all of them, as (given, middle, family). birth_date: 1990-03-07, or what is known of it. sex: female or male.
    documents, phones: numbers. Empty where nothing is known.
    """

    names: tuple[tuple[str, str, str], ...] = ()
    birth_date: str = ""
    sex: str = ""
    documents: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """How well two persons agree: bits with the prior, the probability, the level and the bits of each comparison."""

    weight: float
    probability: float
    levels: Mapping[str, int]
    parts: Mapping[str, float]


@lru_cache
def model_version() -> str:
    """The model's name and a digest: weights that were changed are another model, and so is another way of counting."""
    from kerege.linkage.matching.model_file import digest, shipped

    return f"{shipped().version}.{digest([shipped().as_dict(), COUNTING])}"


@lru_cache
def index_version() -> str:
    """Of an index: one made by other folding tables or other rules does not find what this one asks for."""
    from kerege.linkage.matching.model_file import digest, shipped

    return f"{FOLD_VERSION}.{digest([rule.columns for rule in shipped().rules])}"


def ready() -> None:
    """Load what the first comparison would wait for."""
    match_person(Person(), [Person()], 1)


def rows(told: Person) -> list[Row]:
    """The compared columns, a row for each name that she gave."""
    shared: Row = {
        **birth_dates.birth_columns(told.birth_date),
        **person_fields.documents_columns(told.documents),
        "sex": person_fields.sex(told.sex),
        "contacts": person_fields.several(told.phones, person_fields.contact),
    }
    names = told.names or (("", "", ""),)
    return [{**person_fields.name_columns(*name), **shared} for name in names]


def blocking_keys(told: Person) -> frozenset[str]:
    """The keys under which a person is found; two persons who share none are not compared."""
    from kerege.linkage.matching import blocking

    return blocking.keys(_model(), rows(told))


def match_person(person: Person, register: Sequence[Person], size: int, shares: Shares | None = None) -> list[Match]:
    """Weigh one person against each of others, in their order; of several names the pair that agrees best counts.

    Parameters
    ----------
    person : Person
        Who is looked for.
    register : sequence of Person
        The candidates.
    size : int
        Records in the register: the more people, the less one agreement says.
    shares : function of column and value, optional
        How large a share of the register has a name; without it every name counts as a common one.

    Returns
    -------
    list of Match
        One a candidate: `weight` in bits with the prior, `probability` from 0 to 1, levels and bits by comparison.

    Notes
    -----
    Fellegi and Sunter 1969, with the weights of the bundled model.

    Examples
    --------
    >>> aigul = Person(names=(("Айгүл", "", "Серікова"),), birth_date="1990-03-07", sex="female")
    >>> others = [
    ...     Person(names=(("Aigul", "", "Serikova"),), birth_date="1990-03-07", sex="female"),
    ...     Person(names=(("Dana", "", "Omarova"),), birth_date="1985-01-02", sex="female"),
    ... ]
    >>> [round(match.probability, 2) for match in match_person(aigul, others, size=1000)]
    [1.0, 0.0]
    """
    from kerege.linkage.matching.model_file import prior_weight

    weigh, prior_bits = _weigher(), prior_weight(prior(size))

    def share(name: str, value: str) -> float | None:
        return ((shares(name, value) if shares else None) or COMMON[name]) if name in COMMON else None

    def match(pair: Known) -> Match:
        levels, parts = weigh(pair, share)
        weight = sum(parts.values()) + prior_bits
        return Match(weight, 1 / (1 + 2.0**-weight), levels, parts)

    mine = [weigh.side(row, "_l") for row in rows(person)]
    found = []
    for other in register:
        theirs = [weigh.side(row, "_r") for row in rows(other)]
        found.append(max((match(one | two) for two in theirs for one in mine), key=lambda match: match.weight))
    return found


def score_pair(one: Person, other: Person, size: int) -> Match:
    """Weigh two persons against each other in a register of `size` records: see `match_person`.

    Examples
    --------
    >>> one = Person(names=(("Ivan", "Petrovich", "Sidorov"),), birth_date="1980-05-01")
    >>> other = Person(names=(("Иван", "Петрович", "Сидоров"),), birth_date="1980-05-01")
    >>> score_pair(one, other, size=500).probability > 0.9
    True
    """
    return match_person(one, [other], size)[0]


def names_to_count(told: Person) -> set[tuple[str, str]]:
    """The names whose frequency weighs, as (column, value): those that another one can agree in are hers."""
    return {(name, value) for row in rows(told) for name in COMMON if isinstance(value := row[name], str)}


def share(name: str, borne: int, records: int) -> float:
    """How common a name counts that so many records of a register bear; two that agree in it bear it both."""
    most = COMMON[name]
    return min(most, (max(2, borne) + FAITH * most) / (records + FAITH))


def prior(records: int) -> float:
    """The probability that two records of a register of this size are of one person."""
    return min(0.5, DUPLICATED / max(1, records))


def guards(left: Person, right: Person) -> list[str]:
    """What speaks against one person, whatever the weight: names of guards, [] if nothing does.

    `sex`, `birth_year` (more than ten years apart), `sibling` (same family and patronymic, another given name),
    `twin` (and born on the same day), `documents` (numbers of both known and none equal).
    """
    one, two = rows(left), rows(right)
    found = []
    if one[0]["sex"] and two[0]["sex"] and one[0]["sex"] != two[0]["sex"]:
        found.append("sex")
    if _years_apart(one[0], two[0]) > YEARS_APART:
        found.append("birth_year")
    if any(_sibling(a, b) for a in one for b in two) and not any(_same_given(a, b) for a in one for b in two):
        same_day = one[0]["birth_date"] is not None and one[0]["birth_date"] == two[0]["birth_date"]
        found.append("twin" if same_day else "sibling")
    if _apart(one[0]["documents"], two[0]["documents"]):
        found.append("documents")
    return found


def _sibling(one: Row, two: Row) -> bool:
    if None in (one["family_key"], two["family_key"]) or _same_given(one, two):
        return False
    if one["family_key"] != two["family_key"] and _apart(one["family_forms"], two["family_forms"]):
        return False
    return one["patronymic_key"] == two["patronymic_key"] or None in (one["patronymic_key"], two["patronymic_key"])


def _same_given(one: Row, two: Row) -> bool:
    """Whether the given names may be one. A slip of the pen is one only where the birthdays do not tell otherwise."""
    left, right = one["given"], two["given"]
    if not isinstance(left, str) or not isinstance(right, str):
        return None in (one["given_initial"], two["given_initial"]) or one["given_initial"] == two["given_initial"]
    if left == right:
        return True
    if not _apart(one["given_forms"], two["given_forms"]):
        return True
    if one["given_known"] is not None and two["given_known"] is not None:
        return one["given_known"] == two["given_known"]
    slip = one["given_key"] == two["given_key"] and DamerauLevenshtein.distance(left, right) <= 1
    return slip and not _other_birthday(one, two)


def _other_birthday(one: Row, two: Row) -> bool:
    return None not in (one["birth_date"], two["birth_date"]) and one["birth_date"] != two["birth_date"]


def _apart(one: object, two: object) -> bool:
    """Whether two lists are both told and share nothing."""
    return isinstance(one, Iterable) and isinstance(two, Iterable) and not set(one) & set(two)


def _years_apart(one: Row, two: Row) -> int:
    first, second = one["birth_year"], two["birth_year"]
    return abs(first - second) if isinstance(first, int) and isinstance(second, int) else 0


@lru_cache
def _model() -> Model:
    """The shipped model, as far as what is told of a person reaches."""
    from kerege.linkage.matching.model_file import shipped

    return shipped().only(set(person_fields.COLUMNS) - {"street", "house", "place", "postcode", "family_known"})


@lru_cache
def _weigher() -> Weigher:
    from kerege.linkage.matching.pair_scorer import Weigher

    return Weigher(_model())


def explain(match: Match, language: str) -> list[tuple[str, str, float]]:
    """Say in words (kk, ru or en) what each comparison of a match adds: its name, the level and its weight in bits.

    Examples
    --------
    >>> one = Person(names=(("Ivan", "", "Sidorov"),), sex="male")
    >>> other = Person(names=(("Иван", "", "Сидоров"),), sex="male")
    >>> comparison, level, bits = explain(score_pair(one, other, size=500), "en")[0]
    >>> comparison, level, round(bits, 1)
    ('family name', 'same family name', 6.8)
    """
    from kerege.linkage.matching.waterfall_chart import steps

    return [(s.comparison, s.level, s.bits) for s in steps(_model(), match.levels, match.parts, language)[1:]]


def explain_parts(match: Match, language: str) -> list[tuple[str, str, float]]:
    """The same of a match that another version of the model weighed: what its levels were called is not known."""
    return [
        (said(name, language), "", match.parts[name])
        for name, level in match.levels.items()
        if level >= 0 and match.parts[name]
    ]
