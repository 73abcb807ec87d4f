"""Optimal cell suppression, or a safe suppression with a proved bound of the loss of any other.

The algorithm of Fischetti and Salazar chooses the cells to hide at the least loss under a growing list of inequalities
(`MasterProblem`). It solves the intruder's problem against the choice (`Intruder`) and adds the violated inequalities.
When the linear programs find no violation, the audit decides over integers; a choice that fails is cut off as well.
Every returned choice is therefore proved safe, and every bound holds for all safe choices.

The publication states neither the loss nor whether the choice is optimal. The loss is a sum of hidden counts with known
weights: one more sum over hidden cells, which no audit considers. That a choice has the least loss is a fact for an
intruder who runs this public method on every consistent table, and discards those for which it hides other cells. Both
are for the maker of the table alone (`Suppression.report`).

Such an intruder also knows that each block of hidden cells has a small one. A block with only one cell that can be
small would disclose which it is (`small_blocks`), so that every block has at least two.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kerege.evidence.counting.frequency_table import Table
from kerege.evidence.sdc.suppression.branch_and_cut import BranchAndCut
from kerege.evidence.sdc.suppression.master_problem import ALMOST
from kerege.evidence.sdc.suppression.problem import problem_of

SECONDS, LEAST_SECONDS, A_CELL = 90.0, 2.0, 0.06  # search time: at most, at least, for each cell


@dataclass(frozen=True)
class Suppression:
    """A safe table, with its loss and the least loss of any safe one (in weighted people).

    Only the maker of the table may see the losses.
    """

    table: Table
    loss: float
    lower_bound: float

    @property
    def gap(self) -> float:
        """Return the relative excess of the loss over its lower bound."""
        return max(self.loss - self.lower_bound, 0.0) / max(self.lower_bound, 1.0)

    @property
    def report(self) -> str:
        """Return one line for the maker of the table. It discloses hidden counts: do not publish it."""
        if not self.table.status.any():
            return "suppression: no cell needs it"
        lost = f"suppression: loss {self.loss:,.0f} (people in suppressed cells, margins counted twice)"
        if self.gap == 0:
            return f"{lost}, and no other choice of cells has a smaller loss"
        return f"{lost}, other choices of cells have at least {self.lower_bound:,.0f} (gap {100 * self.gap:.1f}%)"


def suppress_exact(
    table: Table,
    threshold: int,
    sensitive: frozenset[str] = frozenset(),
    share: float = 1.0,
    *,
    seconds: float = SECONDS,
) -> Suppression:
    """Suppress the cells with the least loss, or the best choice found in time with a lower bound.

    The result is proved safe.

    Parameters
    ----------
    table : Table
        Counts with their margins. Cells that are already suppressed stay suppressed.
    threshold : int
        No count from 1 to threshold - 1 is published; see `protect` for what is safe.
    sensitive : frozenset of str
        Columns in which no group may be seen to share one value, at least for a `share` of the group (1: all).
    share : float
        From 0 to 1.
    seconds : float
        Approximate upper limit of the search time.

    Returns
    -------
    Suppression
        `table`; `loss`, people in suppressed cells, margins twice; `lower_bound` of the loss of any safe choice.

    Raises
    ------
    Refused
        When no suppression makes the table safe.

    Notes
    -----
    Fischetti and Salazar 2001, "Solving the cell suppression problem on tabular data with linear constraints",
    Management Science 47.

    Examples
    --------
    >>> text = "sex,form,count,status\\n"
    >>> cells = {"_T": (120, 70, 50), "female": (85, 62, 23), "male": (35, 8, 27)}
    >>> for sex, counts in cells.items():
    ...     text += "".join(f"{sex},{form},{n},ok\\n" for form, n in zip(("_T", "sexual", "labour"), counts))
    >>> result = suppress_exact(Table.from_csv(text), threshold=10)
    >>> result.loss, result.lower_bound, result.table.tally()["suppressed"]
    (124.0, 124.0, 4)
    """
    problem = problem_of(table, threshold, sensitive, share)
    search = BranchAndCut(problem, min(seconds, max(LEAST_SECONDS, A_CELL * problem.size)))
    hidden = search.run()
    loss = problem.loss(hidden)
    bound = loss if loss - search.bound <= ALMOST else search.bound
    status = problem.status(hidden)
    return Suppression(replace(table, status=status, params=table.params | problem.stated(status)), loss, bound)
