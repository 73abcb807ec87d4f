"""Groups of which all members share a value: whoever knows somebody of the group knows the value."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kerege.evidence.counting.frequency_table import NOT_REPORTED, OTHER, TOTAL
from kerege.evidence.sdc.constraints.publication import Sheet
from kerege.evidence.sdc.disclosure.disclosures import Disclosure


def groups(sheet: Sheet) -> Iterator[tuple[Disclosure, str, str]]:
    """Lines of a table in which all but one code are known to be nobody, while other lines have more."""
    for d, column in enumerate(sheet.by):
        if column in sheet.multi or column in sheet.incomplete or sheet.counts.shape[d] < 3:
            continue
        upper, lower = np.moveaxis(sheet.upper, d, -1), np.moveaxis(sheet.lower, d, -1)
        some = upper[..., 1:] > 0
        if (some.sum(axis=-1) <= 1).all():
            continue
        for place in np.argwhere((some.sum(axis=-1) == 1) & (lower.max(axis=-1) > 0)):
            at = tuple(int(i) for i in place)
            code = sheet.axes[d][1 + int(np.flatnonzero(some[at])[0])]
            if code not in (NOT_REPORTED, OTHER):
                keys = [axis[i] for axis, i in zip([*sheet.axes[:d], *sheet.axes[d + 1 :]], at, strict=True)]
                names = [name for name in sheet.by if name != column]
                cell = {name: key for name, key in zip(names, keys, strict=True) if key != TOTAL}
                people = int(lower[at].max())
                yield (
                    Disclosure(
                        "group", sheet.release, sheet.name, cell, people, people, drop=sheet.name, where=sheet.where
                    ),
                    column,
                    code,
                )
