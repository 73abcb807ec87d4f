"""Plain loops that count as the engines must count."""

from __future__ import annotations

from collections import Counter

from kerege.evidence.counting import (
    Marginals,
)

Key = tuple[tuple[str, str], ...]


def as_counter(marginals: Marginals) -> Counter[Key]:
    """Return the counts of the result in the same form."""
    counts: Counter[Key] = Counter()
    assert (marginals.hits > 0).all()
    for length in range(1, marginals.order + 1):
        for columns, cells, hits in zip(*marginals.combinations(length), strict=True):
            names = [marginals.columns[column] for column in columns]
            values = [marginals.values[name][code] for name, code in zip(names, cells, strict=True)]
            counts[tuple(zip(names, values, strict=True))] += int(hits)
    return counts
