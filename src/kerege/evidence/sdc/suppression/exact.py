"""The suppression that loses least, or one that is proved safe with a bound of how much less any other could lose.

Fischetti and Salazar's programme: choose what to hide at the least loss under a growing list of inequalities
(`Master`), play the outsider against the choice (`Attacker`), add the inequalities that the choice broke. When the
outsider's linear programs are content the auditor has the last word, over integers; a choice that it finds wanting is
cut off as well. So every choice that is handed out was proved safe, and every bound holds for all safe choices.

What is published about this is only that a choice is the best there is, or a gap in coarse steps. The loss itself is
the sum of the hidden counts with known weights, and the bound a function of them: printed, either would be one more
published sum over hidden cells, of which no auditor knows, and could give a cell away. A coarse ratio of two numbers
that nobody knows ties no cells together. (An outsider may run the method, which is public, on every table that fits,
and drop those for which it hides other cells. No method that chooses by the counts escapes that, and saying "best" adds
nothing to it.)
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kerege.evidence.counting.frequency_table import Table
from kerege.evidence.sdc.suppression.branch_and_cut import Optimum
from kerege.evidence.sdc.suppression.master_problem import ALMOST
from kerege.evidence.sdc.suppression.problem import problem_of

SECONDS, LEAST_SECONDS, A_CELL = 40.0, 2.0, 0.06  # of searching: at most, at least, for each cell
STEPS = (5, 10, 20, 50, 100)  # per cent, as a gap is published


@dataclass(frozen=True)
class Suppression:
    """A safe table, and what is told to its maker only: its loss (weighted people) and the least any safe one has."""

    table: Table
    loss: float
    lower_bound: float

    @property
    def gap(self) -> float:
        """By how much more than the least the table may lose, relative to that."""
        return max(self.loss - self.lower_bound, 0.0) / max(self.lower_bound, 1.0)

    @property
    def report(self) -> str:
        """One line for the maker of the table; it tells hidden counts, so it is not for the public."""
        if not self.table.status.any():
            return "suppression: nothing needs it"
        lost = f"suppression: loses {self.loss:,.0f} (people in suppressed cells, margins twice)"
        if self.gap == 0:
            return f"{lost}, and no safe choice of cells loses less"
        return f"{lost}, any safe choice of cells at least {self.lower_bound:,.0f} (gap {100 * self.gap:.1f}%)"


def suppress_exact(
    table: Table,
    threshold: int,
    sensitive: frozenset[str] = frozenset(),
    share: float = 1.0,
    *,
    seconds: float = SECONDS,
) -> Suppression:
    """Suppress the cells that lose least, proved safe, or the best choice found in time with a lower bound.

    Parameters
    ----------
    table : Table
        Counts with their margins. Cells that are suppressed already stay so.
    threshold : int
        No count from 1 to threshold - 1 is published; see `protect` for what is safe.
    sensitive : frozenset of str
        Columns of which no group may be seen to share one value: at least a `share` of it (1: all).
    share : float
        From 0 to 1.
    seconds : float
        Of searching, about; at most.

    Returns
    -------
    Suppression
        `table`; `loss`, people in suppressed cells, margins twice; `lower_bound` of the loss of any safe choice.

    Raises
    ------
    Refused
        Where nothing makes the table safe.

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
    >>> found = suppress_exact(Table.from_csv(text), threshold=10)
    >>> found.loss, found.lower_bound, found.table.tally()["suppressed"]
    (124.0, 124.0, 4)
    """
    problem = problem_of(table, threshold, sensitive, share)
    search = Optimum(problem, min(seconds, max(LEAST_SECONDS, A_CELL * problem.size)))
    hidden = search.run()
    loss = problem.loss(hidden)
    bound = loss if loss - search.bound <= ALMOST else search.bound
    outcome = Suppression(replace(table, status=problem.status(hidden)), loss, bound)
    return replace(outcome, table=replace(outcome.table, params=table.params | _published(outcome)))


def _published(outcome: Suppression) -> dict[str, bool | float]:
    """What the public is told (see above)."""
    if not outcome.table.status.any():
        return {}
    if outcome.gap == 0:
        return {"optimal": True}
    steps = [step / 100 for step in STEPS if outcome.gap <= step / 100]
    return {"gap": steps[0]} if steps else {}
