"""Codes that overlap, as 15-17 and 15-24 or a region and its district, and the pieces that they share.

A code with its path (`North › Groningen`) lies within each code that begins its path. A band lies within a wider one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise, product

from kerege.evidence.sdc.reading.bands import NumberBand, parse_band, pieces
from kerege.evidence.sdc.reading.hierarchies import STEP, is_within
from kerege.evidence.sdc.reading.periods import parse_period

AGE = re.compile(
    r"(age|ages|возраст|возраста|возрастная группа|возрастные группы|жас|жасы|жас тобы|жас топтары|âge|alter"
    r"|(?:tranche|groupe|classe)s? d['’]âges?|altersgruppen?|edad|wiek|leeftijd)"
    r"([\s_(]*(\d+|[a-z]|groups?|bands?|class|classes|years|in years|category|categories|range|broad|fine)\)?){0,2}",
    re.I,
)
PERIOD = re.compile(
    r"year|time|time_period|period|год|годы|период|жыл|жылы|жылдар|кезең|half|quarter|month|полугодие|квартал|месяц"
    r"|жартыжылдық|тоқсан|ай",
    re.I,
)
_NUMBERED = re.compile(r"(.*) \[(?:bands|level) \d+\]")
_MINORS = (
    "child",
    "children",
    "minor",
    "minors",
    "дети",
    "детей",
    "несовершеннолетние",
    "несовершеннолетних",
    "балалар",
    *("mineurs", "minderjährige", "kinder", "enfants", "menores"),
)
_ADULTS = (
    "adult",
    "adults",
    "majeurs",
    "erwachsene",
    "adultes",
    "volljährige",
    "взрослые",
    "взрослых",
    "совершеннолетние",
    "совершеннолетних",
    "ересектер",
)
AGE_GROUPS = dict.fromkeys(_MINORS, "0-17") | dict.fromkeys(_ADULTS, "18+")
Atom = tuple[str, ...]


def base_name(column: str) -> str:
    """Return the name of a column without the number that `numbered` added."""
    match = _NUMBERED.fullmatch(column)
    return match[1] if match else column


def numbered(column: str, number: int, codes: Iterable[str]) -> str:
    """Return the name of a column for the first, second ... set of its disjoint codes."""
    if number == 1:
        return column
    kind = "bands" if any(map(band_of, codes)) else "level"
    return f"{column} [{kind} {number}]"


def band_of(code: str) -> NumberBand | None:
    """Return the band of numbers that a code names: ages (0-17 for `child`) or the days of a period.

    None when it names none.
    """
    period = parse_period(code)
    return period.band if period and not period.needs_column else parse_band(AGE_GROUPS.get(code.casefold(), code))


def is_age(column: str, codes: Iterable[str]) -> bool:
    """Return whether a column has the name of a column of ages, and a code that is a band."""
    return AGE.fullmatch(base_name(column)) is not None and any(map(band_of, codes))


def is_dated(column: str, codes: Iterable[str]) -> bool:
    """Return whether a column has the name of a column of periods, and a code that states its year."""
    periods = map(parse_period, codes)
    return PERIOD.fullmatch(base_name(column)) is not None and any(period and period.has_year for period in periods)


def overlap(first: str, second: str) -> bool:
    """Return whether people can have both of two different codes."""
    if first == second:
        return False
    band, other = band_of(first), band_of(second)
    if band and other:
        return band.overlaps(other)
    return is_within(first, second) or is_within(second, first)


def are_disjoint(codes: Sequence[str]) -> bool:
    """Return whether no two codes overlap."""
    bands = sorted(band for code in codes if (band := band_of(code)))
    if any(band.high >= following.low for band, following in pairwise(bands)):
        return False
    paths = set(codes)
    return not any(
        STEP.join(steps[:end]) in paths
        for code in codes
        if STEP in code
        for steps in [code.split(STEP)]
        for end in range(1, len(steps))
    )


def disjoint_layers(codes: Sequence[str]) -> list[list[str]]:
    """Return sets of disjoint codes that together hold all codes, the finest first.

    Each is as large as possible.
    """
    if are_disjoint(codes):
        return [list(codes)]
    open_codes = sorted(codes, key=_width)
    layers: list[list[str]] = []
    while open_codes:
        layer: list[str] = []
        for code in [*open_codes, *codes]:
            if code not in layer and not any(overlap(code, other) for other in layer):
                layer.append(code)
        layers.append([code for code in codes if code in layer])
        open_codes = [code for code in open_codes if code not in layer]
    return layers


def leaves_out_pieces(codes: Sequence[str], all_codes: Iterable[str]) -> bool:
    """Return whether bands leave out numbers that bands of the same column hold."""
    held = [band for code in codes if (band := band_of(code))]
    parts = pieces(band for code in all_codes if (band := band_of(code)))
    return bool(held) and not all(any(band.contains(piece) for band in held) for piece in parts)


def _width(code: str) -> tuple[float, int]:
    band = band_of(code)
    return (band.high - band.low if band else 0.0, -code.count(STEP))


def common_atoms(columns: Sequence[str], named: Mapping[str, set[str]], rest: str) -> tuple[Atom, ...]:
    """Return the values that columns of one variable can have together, by the pieces of their codes.

    `named` has the codes of each column, disjoint within a column. `rest` is the value of people in none of them.
    """
    codes = set().union(*(named[column] for column in columns)) - {rest}
    bands = {code: band for code in codes if (band := band_of(code))}
    atoms = {tuple(rest for _ in columns)}
    for piece in pieces(bands.values()):
        holding = {code for code, band in bands.items() if band.contains(piece)}
        atoms.add(tuple(next(iter(named[column] & holding), rest) for column in columns))
    for code in codes - bands.keys():
        steps = code.split(STEP)
        above = {STEP.join(steps[: end + 1]) for end in range(len(steps))}
        values = [_values(named[column], above, bands.keys(), rest) for column in columns]
        atoms.update(product(*values))
    return tuple(sorted(atoms))


def _values(named: set[str], above: set[str], bands: Iterable[str], rest: str) -> list[str]:
    """Return the values of a column for people with a code that is not a band, such as `not stated`."""
    same = sorted(named & above)
    return same[:1] or [rest, *sorted(named & set(bands))]


def same_variable(columns: Sequence[str], named: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the groups of columns that describe one variable by codes that overlap between them.

    These are columns whose names differ only by the number of `numbered`, columns of ages in bands, and those of
    periods with their years.
    """
    groups: dict[str, list[str]] = {}
    for column in columns:
        kind = "age" if is_age(column, named[column]) else "period" if is_dated(column, named[column]) else ""
        groups.setdefault(f"[{kind}]" if kind else base_name(column), []).append(column)
    return [group for group in groups.values() if len(group) > 1]
