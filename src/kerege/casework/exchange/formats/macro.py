"""Choices that the macro of IOM's workbook ignores: their names are part of one chosen before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from kerege.casework.exchange.htcds.columns import file_columns
from kerege.casework.exchange.htcds.read_file import FileTable, Row
from kerege.vocabulary.labels import fold_label, htcds_labels

MOST_ROWS_NAMED = 20
# the columns in which the macro joins choices
JOINED = (
    "prs_Citizenship",
    "vic_MethodOfRecruitment",
    "vic_MethodsOfControl",
    "vic_TypeOfExploitation",
    "vic_ForcedLabourIndustry",
    "vic_TypeOfSexExploitation",
)


@cache
def hiding_labels(list_name: str) -> frozenset[str]:
    """Return the folded labels that contain another: after one, the macro ignores the other."""
    labels = htcds_labels(list_name).values()
    return frozenset(fold_label(long) for long in labels if any(part != long and part in long for part in labels))


def warn_of_hidden_choices(rows: Iterable[Row], table: FileTable) -> Iterator[Row]:
    """Yield rows, and note those in which the macro may have ignored a second choice."""
    numbers_by_column: dict[str, list[int]] = {}
    hiding = {name: hiding_labels(file_columns()[name].list_name) for name in JOINED}
    for number, values in rows:
        for name in JOINED:
            if fold_label(values.get(name, "")) in hiding[name]:
                numbers_by_column.setdefault(name, []).append(number)
        yield number, values
    for name, numbers in numbers_by_column.items():
        where = ", ".join(map(str, numbers[:MOST_ROWS_NAMED])) + (" ..." if len(numbers) > MOST_ROWS_NAMED else "")
        table.notes.append(
            f"rows {where}, column {table.faults.titles.get(name, name)}: the macro of the workbook ignores a second "
            "choice whose name is part of the first, check whether one is missing"
        )
