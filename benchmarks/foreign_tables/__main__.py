"""Answers to planted leaks in foreign layouts: `python -m benchmarks.foreign_tables`."""

from __future__ import annotations

from collections import Counter

from benchmarks.foreign_tables import (
    first_set,
    first_set_continued,
    second_set,
    second_set_continued,
    third_set,
    third_set_continued,
)
from benchmarks.foreign_tables.plants import FIRST, SECOND, THIRD, answer

MODULES = (
    *(first_set, first_set_continued, second_set, second_set_continued),
    *(third_set, third_set_continued),
)  # they add to the sets


def main() -> None:
    """Print the answers to each leak and its counterpart, and how many leaks are called safe."""
    for plants in (FIRST, SECOND, THIRD):
        answers: Counter[tuple[str, str]] = Counter()
        for name, plant in plants.by_name.items():
            pair = answer(plant, plant.leak), answer(plant, plant.counterpart)
            answers[pair] += 1
            print(f"{name:32} leak {pair[0]:10} counterpart {pair[1]}", flush=True)
        missed = sum(count for (leak, _), count in answers.items() if leak == "safe")
        print(f"{missed} of {answers.total()} leaks are called safe\n", flush=True)


if __name__ == "__main__":
    main()
