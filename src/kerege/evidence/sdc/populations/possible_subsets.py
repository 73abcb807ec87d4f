"""Tables of other publishers that can count a part of the people of another one, with no word for it.

Titles such as `Female victims` or `Identified in 2022` say who is counted, and no reader knows all their words. So
where no figure of a table exceeds that of another one, and they differ by few people, the two are undecided.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

from kerege.evidence.sdc.populations.populations import PublishedPopulation, shared_cells
from kerege.evidence.sdc.published_tables.sheet import UNNAMED, Sheet, is_same_table

LEAST = 2  # figures that both tables show


def possible_subsets(populations: Sequence[PublishedPopulation], threshold: int) -> Iterator[tuple[Sheet, Sheet, int]]:
    """Yield tables with one that can count a part of their people, and the least small difference."""
    for whole, part in permutations(populations, 2):
        for sheet in whole.own:
            for other in part.own:
                if _can_be_part(other, sheet) and (few := _small_differences(other, sheet, threshold)):
                    yield sheet, other, min(few)


def _can_be_part(part: Sheet, whole: Sheet) -> bool:
    """Return whether nothing says how two tables are related, and no figure of one exceeds the other."""
    if any(sheet.stated or sheet.of != UNNAMED for sheet in (part, whole)) or is_same_table(part, whole):
        return False
    if (part.release, part.filter, part.as_of, part.period) != (whole.release, whole.filter, whole.as_of, whole.period):
        return False
    shared = shared_cells(part, whole)
    return len(shared) >= LEAST and all(least <= most for (least, _), (_, most) in shared)


def _small_differences(part: Sheet, whole: Sheet, threshold: int) -> list[int]:
    """Return the differences below the threshold of figures that both tables state exactly."""
    exact = (
        all_of - of_part
        for (of_part, high), (all_of, top) in shared_cells(part, whole)
        if of_part == high and all_of == top
    )
    return [int(difference) for difference in exact if 0 < difference < threshold]
