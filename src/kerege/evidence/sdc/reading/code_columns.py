"""Columns of codes beside the column of their labels, such as KATO beside Region."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from kerege.evidence.sdc.reading.column_names import concept, folded
from kerege.evidence.sdc.reading.published_rows import PublishedRows

CODES = {
    *("code", "id", "no", "no.", "nr", "nr.", "№", "iso", "iso2", "iso3", "iso code", "geo", "nuts", "lau", "kato"),
    *("country code", "region code", "area code", "код", "код региона", "код страны", "като", "оквэд", "коды"),
    *("kod", "schlüssel", "ags", "teryt", "dguid", "fips", "insee"),
}
CODE = re.compile(r"[A-Za-z]{0,8}\d[\w.-]*|[A-Z_]{2,8}|[-–—]+")
FEWEST = 3  # rows from which two columns hardly agree by chance
NARROWEST = 4  # fewest digits of codes whose zeros at the end say their level


def without_code_columns(rows: PublishedRows) -> PublishedRows:
    """Return the rows without columns of codes that only repeat the labels of another column.

    Each code has one label and each label one code. The label can be that of a total, the code never is. A column with
    another value in each row numbers the rows, if the columns whose values repeat tell all rows apart.
    """
    while (d := next(_repeated(rows), None)) is not None:
        parents = _parents_of_labels(rows, d)
        by, codes = ([*part[:d], *part[d + 1 :]] for part in (rows.by, rows.codes))
        rows = replace(rows, by=tuple(by), codes=codes, code_parents=rows.code_parents or parents)
    return rows


def _repeated(rows: PublishedRows) -> Iterator[int]:
    """Yield the columns that can be left out, those with the name of codes first."""
    order = sorted(range(len(rows.by)), key=lambda d: (not _are_codes(rows.codes[d]), folded(rows.by[d]) not in CODES))
    yield from (d for d in order if _label_column(rows, d) is not None)
    yield from (d for d in order if _numbers_rows(rows, d))
    yield from (d for d in reversed(range(len(rows.by))) if _repeats_labels(rows, d))


def _label_column(rows: PublishedRows, d: int) -> int | None:
    """Return the column whose labels a column of codes repeats, None without one."""
    is_named = folded(rows.by[d]) in CODES
    if not is_named and not holds_codes(rows.by[d], rows.codes[d]):
        return None
    for other, labels in enumerate(rows.codes):
        has_labels = not _are_codes(labels) or (is_named and folded(rows.by[other]) not in CODES)
        if other != d and has_labels and is_one_to_one(rows.codes[d], labels):
            return other
    return None


def _repeats_labels(rows: PublishedRows, d: int) -> bool:
    """Return whether a column repeats one of the same usual name, as in a second language."""
    name = concept(rows.by[d])
    others = (other for other in range(len(rows.by)) if other != d and name == concept(rows.by[other]))
    return name != "" and any(is_one_to_one(rows.codes[d], rows.codes[other]) for other in others)


def is_one_to_one(codes: Sequence[str], labels: Sequence[str]) -> bool:
    """Return whether each code has one label, and each label one code."""
    pairs = {*zip(codes, labels, strict=True)}
    return len(pairs) > 1 and len(pairs) == len({*codes}) == len({*labels})


def holds_codes(name: str, values: Sequence[str]) -> bool:
    """Return whether a column without a usual name has a code in each row, in enough rows to be no chance."""
    return len(values) >= FEWEST and not concept(name) and _are_codes(values)


def _are_codes(values: Sequence[str]) -> bool:
    """Return whether all values look like codes, as `232010`, `DE1` or `ROU`."""
    return all(CODE.fullmatch(value.strip()) for value in values)


def has_codes_of_one_width(cells: Sequence[str]) -> bool:
    """Return whether all cells are numbers of one width, and one begins with 0: no count does."""
    numbers = [cell.strip() for cell in cells if CODE.fullmatch(cell.strip()) and cell.strip().isdigit()]
    return len(numbers) > 1 and len({*map(len, numbers)}) == 1 < len(numbers[0]) and any(n[0] == "0" for n in numbers)


def _numbers_rows(rows: PublishedRows, d: int) -> bool:
    """Return whether each row has a code of its own, and columns with repeated values identify it."""
    values = rows.codes[d]
    if len({*values}) < len(values) or not holds_codes(rows.by[d], values):
        return False
    repeating = [column for column in rows.codes if len({*column}) < len(values)]
    return bool(repeating) and len({*zip(*repeating, strict=True)}) == len(values)


def _parents_of_labels(rows: PublishedRows, d: int) -> tuple[tuple[str, str], ...]:
    other = _label_column(rows, d)
    return () if other is None else parents_of_labels(rows.codes[d], rows.codes[other])


def parents_of_labels(codes: Sequence[str], labels: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return the labels with those that their codes place them in: 232012 is in 232010.

    Examples
    --------
    >>> parents_of_labels(["2300", "2310", "2320"], ["All", "North", "South"])
    (('North', 'All'), ('South', 'All'))
    """
    label_of = {code.strip(): label.strip() for code, label in zip(codes, labels, strict=True)}
    numbers = [code for code in label_of if code.isdigit()]
    widths = {*map(len, numbers)}
    if numbers and len(widths) == 1 and min(widths) >= NARROWEST:
        stems = {code.rstrip("0"): code for code in numbers}
    elif len({*map(len, label_of)}) > 1 and min(map(len, label_of)) > 1 and _are_codes([*label_of]):
        stems = {code: code for code in label_of}  # as AT, AT1 and AT12
    else:
        return ()
    parents = []
    for stem, code in stems.items():
        above = next((stems[stem[:end]] for end in range(len(stem) - 1, -1, -1) if stem[:end] in stems), "")
        parents += [(label_of[code], label_of[above])] if above else []
    return tuple(parents)
