"""Group disclosure: all members of a group share a value, so that a member's value is known."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from kerege.evidence.counting.frequency_table import NOT_REPORTED, OTHER, TOTAL
from kerege.evidence.sdc.disclosure.disclosures import Disclosure
from kerege.evidence.sdc.disclosure.report import SharedValue
from kerege.evidence.sdc.groups.shared_values import SharedValueGroup
from kerege.evidence.sdc.published_tables.publication import Sheet
from kerege.evidence.sdc.reading.set_codes import column_of_sets


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
                        kind="group",
                        release=sheet.release,
                        table=sheet.name,
                        cell=cell,
                        lower=people,
                        upper=people,
                        drop=sheet.name,
                        where=sheet.where,
                    ),
                    column,
                    code,
                )


def derived_group(
    group: SharedValueGroup, sheets: Sequence[Sheet], own: Collection[str]
) -> tuple[SharedValue, Disclosure]:
    """Return the list entry and the disclosure of a group that shares a value by several tables together.

    Both name a table with the column, preferably one that can still be changed.
    """
    columns = {group.column, column_of_sets(group.column)}
    showing = [sheet for sheet in sheets if columns & {*sheet.by}]
    sheet = max(showing, key=lambda shown: (shown.release in own, len({*shown.by} & group.group.labels.keys())))
    listed = SharedValue(
        release=sheet.release,
        table=sheet.name,
        where={},
        cell=group.group.labels,
        shares={group.column: group.value},
        people=group.least,
    )
    disclosure = Disclosure(
        kind="group",
        release=sheet.release,
        table=sheet.name,
        cell=group.group.labels | {group.column: group.value},
        lower=group.least,
        upper=group.least,
        drop=sheet.name,
    )
    return listed, disclosure
