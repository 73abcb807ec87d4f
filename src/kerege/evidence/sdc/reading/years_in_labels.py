"""Labels that end with a year, such as `Men 2023` and `Men, 2024`: two columns in one."""

from __future__ import annotations

import re
from dataclasses import replace

from kerege.evidence.sdc.reading.column_names import concept
from kerege.evidence.sdc.reading.published_rows import PublishedRows

YEAR = "year"
_DATED = re.compile(r"(?P<label>.*[^\W\d_].*?)[\s,;:(]+(?P<year>(?:19|20)\d\d)\)?")


def with_years_apart(rows: PublishedRows) -> PublishedRows:
    """Return the rows with the years at the end of all labels of a column as a column of their own.

    The labels must have several years, and some label must have two of them.
    """
    if any(concept(name) == YEAR for name in rows.by):
        return rows
    for d, column in enumerate(rows.codes):
        dated = [_DATED.fullmatch(code.strip()) for code in column]
        pairs = [(match["label"].strip(), match["year"]) for match in dated if match]
        labels, years = {label for label, _ in pairs}, {year for _, year in pairs}
        if len(pairs) == len(column) and len(years) > 1 and 1 < len(labels) < len({*pairs}):
            codes = [[label for label, _ in pairs], [year for _, year in pairs]]
            by = (*rows.by[:d], rows.by[d], YEAR, *rows.by[d + 1 :])
            return replace(rows, by=by, codes=[*rows.codes[:d], *codes, *rows.codes[d + 1 :]])
    return rows
