"""Random drawing from a seed: independent streams, and plausible rows with exact margins."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import TypeVar

T = TypeVar("T")
Row = dict[str, str]
# weight of two values in one row, by pair of attributes; unnamed pairs have weight 1
Affinity = Mapping[tuple[str, str], Mapping[tuple[str, str], float]]

NEVER = 1e-12


def stream(seed: int, name: str) -> Random:
    """Return a generator of its own for each name.

    A change of one stream leaves the others unchanged.
    """
    return Random(f"{seed}:{name}")  # noqa: S311 (invented people, not secrets)


def pick(rng: Random, weights: Mapping[T, float]) -> T:
    """Return one key with probability proportional to its weight.

    It is the key that `rng.choices` returns, in half the time.
    """
    sums = list(accumulate(weights.values()))
    return list(weights)[bisect(sums, rng.random() * sums[-1], 0, len(sums) - 1)]


def some(rng: Random, weights: Mapping[str, float]) -> list[str]:
    """Return the keys drawn independently with their probabilities, in the given order."""
    return [value for value, chance in weights.items() if rng.random() < chance]


def day(rng: Random, first: date, last: date) -> date:
    """Return a uniform day from first to last, both included."""
    return first + timedelta(days=rng.randrange((last - first).days + 1))


def exact(rng: Random, margins: Mapping[str, Mapping[str, int]]) -> list[Row]:
    """Return rows in which each attribute has exactly the given counts, in random combination."""
    columns = {}
    for name, counts in margins.items():
        values = [value for value, count in counts.items() for _ in range(count)]
        rng.shuffle(values)
        columns[name] = values
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def arrange(rng: Random, rows: Sequence[Row], affinity: Affinity, sweeps: int = 150) -> None:
    """Swap values between rows until combinations follow the affinities. Every margin stays exact.

    This is a Metropolis walk over the tables with these margins: a swap of one attribute between two rows is accepted
    with probability min(1, weight after / weight before).
    """
    names = list(rows[0])
    tables = {name: [(pair, table) for pair, table in affinity.items() if name in pair] for name in names}
    draw_name, draw_row = below(rng, len(names)), below(rng, len(rows))
    for _ in range(sweeps * len(rows)):
        name = names[draw_name()]
        one, other = rows[draw_row()], rows[draw_row()]
        if one[name] == other[name]:
            continue
        before = _weight(one, tables[name]) * _weight(other, tables[name])
        one[name], other[name] = other[name], one[name]
        after = _weight(one, tables[name]) * _weight(other, tables[name])
        if rng.random() * before >= after:
            one[name], other[name] = other[name], one[name]


def below(rng: Random, count: int) -> Callable[[], int]:
    """Return a function that draws uniform numbers below a count.

    They are the numbers of `rng.randrange`, in a third of the time.
    """
    bits, draw_bits = count.bit_length(), rng.getrandbits

    def draw() -> int:
        value = draw_bits(bits)
        while value >= count:
            value = draw_bits(bits)
        return value

    return draw


def _weight(row: Row, tables: list[tuple[tuple[str, str], Mapping[tuple[str, str], float]]]) -> float:
    weight = 1.0
    for (first, second), table in tables:
        weight *= table.get((row[first], row[second]), 1.0)
    return weight
