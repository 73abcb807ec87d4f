"""Labels whose figures count everybody so far, beside labels that count the people of a period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from kerege.evidence.sdc.reading.periods import LabelledPeriod, parse_period
from kerege.evidence.sdc.reading.published_rows import PublishedRows, keys_of_rows
from kerege.evidence.sdc.reading.texts_beside import state_a_register
from kerege.evidence.sdc.reading.total_labels import is_total_label

FEWEST_STEPS = 2  # differences between periods; a single one can agree by chance
MOST_LABELS = 30  # labels of a column that are compared in pairs
Series = dict[LabelledPeriod, int]


def running_totals(rows: PublishedRows) -> list[str]:
    """Return the labels of running totals, by words or by figures that grow by those of another label.

    Examples
    --------
    >>> from kerege.evidence.sdc.reading.figures import PublishedCount
    >>> years, labels = ["2021", "2022", "2023"] * 2, ["New"] * 3 + ["Known"] * 3
    >>> figures = [PublishedCount(n, 0, n, n) for n in (30, 12, 25, 130, 142, 167)]
    >>> running_totals(PublishedRows(("year", "count"), [years, labels], figures, [2, 3, 4] * 2))
    ['Known']
    """
    return [*dict.fromkeys([*_by_words(rows), *_by_figures(rows)])]


def _by_words(rows: PublishedRows) -> Iterator[str]:
    """Yield the labels with words such as `to date`, beside other labels that are not all periods."""
    for labels in map(dict.fromkeys, rows.codes):
        running = [label for label in labels if state_a_register([label]) and parse_period(label) is None]
        others = [label for label in labels if label not in running and not is_total_label(label)]
        if not all(map(parse_period, others)):
            yield from running


def _by_figures(rows: PublishedRows) -> Iterator[str]:
    """Yield the labels whose figures grow from one period to the next by those of another label.

    Labels with the same figure in all periods are left out: beside zeros they agree, and reveal nobody.
    """
    t = next((d for d, column in enumerate(rows.codes) if _are_periods(column)), None)
    if t is None:
        return
    for d, column in enumerate(rows.codes):
        labels = [*dict.fromkeys(column)]
        if d == t or len(labels) > MOST_LABELS:
            continue
        lines = _series(rows, d, t)
        changing = [label for label in labels if any(len({*line.get(label, {}).values()}) > 1 for line in lines)]
        yield from (known for known in changing if any(_grows_by(lines, known, new) for new in labels if new != known))


def _are_periods(column: Sequence[str]) -> bool:
    labels = {*column}
    return len(labels) > FEWEST_STEPS and all(map(parse_period, labels))


def _series(rows: PublishedRows, d: int, t: int) -> list[dict[str, Series]]:
    """Return the exact figures by label of column `d` and period of column `t`, for each other key."""
    lines: dict[tuple[str, ...], dict[str, Series]] = {}
    for key, figure in zip(keys_of_rows(rows), rows.counts, strict=True):
        others = tuple(code for i, code in enumerate(key) if i not in (d, t))
        period = parse_period(key[t])
        if period is not None and figure.lower == figure.upper:
            lines.setdefault(others, {}).setdefault(key[d], {})[period] = figure.count
    return [*lines.values()]


def _grows_by(lines: Sequence[Mapping[str, Series]], known: str, new: str) -> bool:
    """Return whether the figures of one label grow from each period to the next by those of another."""
    number = 0
    for line in lines:
        for agrees in _steps(line.get(new, {}), line.get(known, {})):
            if not agrees:
                return False
            number += 1
    return number >= FEWEST_STEPS


def _steps(new: Series, known: Series) -> Iterator[bool]:
    """Yield for each period whether the figures known so far grow by the new ones."""
    ordered = sorted(known, key=lambda period: (period.first, period.last))
    yield from (known[after] - known[before] == new[after] for before, after in pairwise(ordered) if after in new)
