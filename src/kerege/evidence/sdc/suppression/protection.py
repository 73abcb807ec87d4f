"""Protection of one table: the threshold rule, and the choice of suppression, recoding or rounding."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from kerege.base.errors import BadInput, Fault
from kerege.evidence.data.publication_threshold import THRESHOLD, check_threshold

if TYPE_CHECKING:
    from kerege.evidence.counting.frequency_table import Table


def protect(
    table: Table, method: str = "suppress", threshold: int = THRESHOLD, sensitive: Collection[str] = ()
) -> Table:
    """Return the safe version of a table with the least loss; its notes state what was done.

    A table is safe when no count from 1 to threshold - 1 is published, and when every unpublished cell that could be
    below the threshold has at least as many possible counts as the threshold, one of which is not small. The intruder
    knows that a suppressed figure is at least 1; in a table with a sensitive column it can be 0.

    Parameters
    ----------
    table : Table
        Counts with their margins. Cells that are already suppressed stay suppressed.
    method : {"suppress"}
        Suppression, or recoding or rounding where their loss is smaller. `cell_key` and `noised_table` need the rows.
    threshold : int
        The smallest count that may be published, 5 or more.
    sensitive : collection of str
        Columns in which no group may be seen to share one value.

    Returns
    -------
    Table
        A safe table; unpublished cells are suppressed, recoded or rounded.

    Raises
    ------
    BadInput
        For another method or a threshold below 5.
    Refused
        When no method makes the table safe.

    Notes
    -----
    Fischetti and Salazar 2001, Management Science 47, for the suppression. Proved safe by `audit`.

    Examples
    --------
    >>> from kerege.evidence.sdc import Table
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
        raise BadInput(Fault(f"the method {method!r} needs the rows of the table", "use suppress"))
    # imported here: the solvers take a second to load, and reading tables does not need them
    from kerege.evidence.sdc.suppression.method_choice import best_version

    return best_version(table, threshold, frozenset(sensitive)) if sensitive else best_version(table, threshold)
