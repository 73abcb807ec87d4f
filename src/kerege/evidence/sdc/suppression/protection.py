"""A safe version of one table: the threshold, and the choice among suppression, recoding and rounding."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from kerege.base.errors import BadInput, Fault

if TYPE_CHECKING:
    from kerege.evidence.counting.frequency_table import Table

THRESHOLD, LEAST = 10, 5


def check_threshold(threshold: int) -> None:
    """Raise BadInput for a threshold below 5."""
    if threshold < LEAST:
        raise BadInput(Fault(f"the threshold {threshold} is below {LEAST}", f"give {LEAST} or more"))


def protect(
    table: Table, method: str = "suppress", threshold: int = THRESHOLD, sensitive: Collection[str] = ()
) -> Table:
    """Return the safe version of a table that loses least, with notes in plain words of what was done.

    Safe: no count from 1 to threshold - 1 is published, and every cell that is not published and could be below the
    threshold has an integer feasible interval at least as wide as the threshold.

    Parameters
    ----------
    table : Table
        Counts with their margins. Cells that are suppressed already stay so.
    method : {"suppress"}
        Suppression, or recoding or rounding where they lose less. `cell_key` and `noised_table` need the rows.
    threshold : int
        The smallest count that may be published, 5 or more.
    sensitive : collection of str
        Columns of which no group may be seen to share one value.

    Raises
    ------
    BadInput
        For another method or a threshold below 5.
    Refused
        Where nothing makes the table safe.

    Notes
    -----
    Fischetti and Salazar 2001, Management Science 47, for the suppression. Proved safe by `audit`.

    Examples
    --------
    >>> text = "sex,form,count,status\\n"
    >>> cells = {"_T": (120, 70, 50), "female": (85, 62, 23), "male": (35, 8, 27)}
    >>> for sex, counts in cells.items():
    ...     text += "".join(f"{sex},{form},{n},ok\\n" for form, n in zip(("_T", "sexual", "labour"), counts))
    >>> safe = protect(Table.from_csv(text))
    >>> [keys for keys, cell in safe.cells.items() if cell.count is None]
    [('female', 'sexual'), ('female', 'labour'), ('male', 'sexual'), ('male', 'labour')]
    """
    check_threshold(threshold)
    if method != "suppress":
        raise BadInput(Fault(f"no method {method!r} for a table without its rows", "use suppress"))
    # the solvers take a second to load, and whoever only reads tables needs none
    from kerege.evidence.sdc.suppression.method_choice import best

    return best(table, threshold, frozenset(sensitive)) if sensitive else best(table, threshold)
