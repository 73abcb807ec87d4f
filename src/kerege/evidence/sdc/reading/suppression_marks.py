"""Marks of unpublished figures: whether each mark of a table means at least one person.

An intruder takes a suppressed figure to be at least 1. A mark in a line that leaves no room for one person also means
zero in this table. A bound such as `<5` can mean zero, unless the table publishes zeros.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from kerege.base.message_text import listed
from kerege.evidence.counting.frequency_table import OK
from kerege.evidence.sdc.reading.figures import LESS, NOT_APPLICABLE

Floats = NDArray[np.float64]
Texts = NDArray[np.object_]


_LEGEND = re.compile(r"\s*[(\[\"'«]*(?P<mark>\S{1,6}?)[)\]\"'»]*\s*(?:[:=–—-]|\s)\s*(?P<words>.+)")
_SECRET = re.compile(
    r"confiden|suppress|secret|protect|withheld|not (?:published|shown|disclosed|released)|non diffus|geheim"
    r"|nicht ver[öo]ff|скрыт|конфиденц|не публик|тайн|құпия|жарияланбай|tajemnic",
    re.I,
)


def secret_marks(texts: Iterable[str]) -> frozenset[str]:
    """Return the marks that can mean zero, and that a note explains as those of suppressed figures.

    Examples
    --------
    >>> secret_marks(["nd : non diffusé (secret statistique)", "n/a not collected"])
    frozenset({'nd'})
    """
    notes = (match for text in texts if (match := _LEGEND.fullmatch(text)) and _SECRET.search(match["words"]))
    return frozenset(mark for note in notes if (mark := note["mark"].casefold()) in NOT_APPLICABLE)


def bounds_of_marks(
    lower: Floats, upper: Floats, status: NDArray[np.uint8], marks: Texts, summed: Sequence[int]
) -> tuple[Floats, tuple[str, ...]]:
    """Return the lower bounds of all cells, and the notes about marks that also mean zero.

    Index 0 of every axis is the total. `summed` are the axes whose values add up to their total. `marks` has the mark
    of each cell, '' where there is none.
    """
    is_marked = np.asarray(marks != "")
    publishes_zeros = bool(((status == OK) & (upper == 0)).any())
    bounded = np.array([LESS.fullmatch(str(mark)) is not None for mark in marks.flat], dtype=bool).reshape(marks.shape)
    one = is_marked & (upper >= 1) & (publishes_zeros | ~bounded)
    raised = np.where(one, np.maximum(lower, 1), lower)
    zeros = sorted({str(mark) for mark in marks[one & _without_room(lower, raised, upper, summed)]})
    if zeros:
        raised = np.where(np.isin(marks.astype(str), zeros), lower, raised)
    shown = [mark or "an empty cell" for mark in zeros]
    note = f"The mark {listed(shown)} also means zero in this table, because the sums leave no room for a person."
    return raised, (note,) if zeros else ()


def _without_room(lower: Floats, raised: Floats, upper: Floats, summed: Sequence[int]) -> NDArray[np.bool_]:
    """Return the cells of lines that contradict their sums by the raised bounds alone."""
    contradicted = np.zeros(lower.shape, dtype=bool)
    for d in summed:
        low, high, top = (np.moveaxis(bounds, d, 0) for bounds in (lower, upper, raised))
        over = (top[1:].sum(axis=0) > high[0]) & (low[1:].sum(axis=0) <= high[0])
        under = (high[1:].sum(axis=0) < top[0]) & (high[1:].sum(axis=0) >= low[0])
        lines = np.moveaxis(contradicted, d, 0)
        lines |= (over | under)[None]
    return contradicted
