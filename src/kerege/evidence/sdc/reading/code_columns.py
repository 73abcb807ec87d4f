"""Columns of codes beside the column of their labels, such as KATO beside Region."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kerege.evidence.sdc.reading.column_names import folded
from kerege.evidence.sdc.reading.published_rows import PublishedRows

CODES = {
    *("code", "id", "no", "no.", "nr", "nr.", "№", "iso", "iso2", "iso3", "iso code", "geo", "nuts", "lau", "kato"),
    *("country code", "region code", "area code", "код", "код региона", "код страны", "като", "оквэд", "коды"),
}


def without_code_columns(rows: PublishedRows) -> PublishedRows:
    """Return the rows without columns of codes that only repeat the labels of another column.

    Each code has one label and each label one code. The label can be that of a total, the code never is.
    """
    repeated = set(_repeated(rows))
    kept = [d for d in range(len(rows.by)) if d not in repeated]
    return replace(rows, by=tuple(rows.by[d] for d in kept), codes=[rows.codes[d] for d in kept])


def _repeated(rows: PublishedRows) -> Iterator[int]:
    for d, name in enumerate(rows.by):
        if folded(name) not in CODES:
            continue
        for other, labels in enumerate(rows.codes):
            pairs = {*zip(rows.codes[d], labels, strict=True)}
            if other != d and len(pairs) > 1 and len(pairs) == len({*rows.codes[d]}) == len({*labels}):
                yield d
                break
