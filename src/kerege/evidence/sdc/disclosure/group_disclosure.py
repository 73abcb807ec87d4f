"""Group disclosure: all members of a group share a value, so that a member's value is known."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kerege.evidence.counting.frequency_table import NOT_REPORTED, OTHER, TOTAL
from kerege.evidence.sdc.constraints.publication import Sheet
from kerege.evidence.sdc.disclosure.disclosures import Disclosure


def shared_value_groups(sheet: Sheet) -> Iterator[tuple[Disclosure, str, str]]:
    """Yield lines of a table in which only one code can be above 0, while other lines have more.

    Each comes as a disclosure, the column and the shared code.
    """
    for d, column in enumerate(sheet.by):
        if column in sheet.multi or column in sheet.incomplete or sheet.counts.shape[d] < 3:
            continue
        upper, lower = np.moveaxis(sheet.upper, d, -1), np.moveaxis(sheet.lower, d, -1)
        is_possible = upper[..., 1:] > 0
        if (is_possible.sum(axis=-1) <= 1).all():
            continue
        for line in np.argwhere((is_possible.sum(axis=-1) == 1) & (lower.max(axis=-1) > 0)):
            position = tuple(int(i) for i in line)
            code = sheet.axes[d][1 + int(np.flatnonzero(is_possible[position])[0])]
            if code not in (NOT_REPORTED, OTHER):
                keys = [axis[i] for axis, i in zip([*sheet.axes[:d], *sheet.axes[d + 1 :]], position, strict=True)]
                names = [name for name in sheet.by if name != column]
                cell = {name: key for name, key in zip(names, keys, strict=True) if key != TOTAL}
                people = int(lower[position].max())
                yield (
                    Disclosure(
                        "group", sheet.release, sheet.name, cell, people, people, drop=sheet.name, where=sheet.where
                    ),
                    column,
                    code,
                )
