"""Protection of frequency tables: suppression proved by an auditor, noise by cell key, or differential privacy."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from kerege.base.errors import BadInput, Fault
from kerege.evidence.release.method_params import LEAST, THRESHOLD

if TYPE_CHECKING:
    from kerege.evidence.counting.frequency_table import Table
    from kerege.evidence.data.snapshot import Snapshot
    from kerege.evidence.release.spec import TableSpec

__all__ = ["LEAST", "THRESHOLD", "check_threshold", "make_table", "protect"]


def check_threshold(threshold: int) -> None:
    """Raise BadInput for a threshold below 5."""
    if threshold < LEAST:
        raise BadInput(Fault(f"the threshold {threshold} is below {LEAST}", f"give {LEAST} or more"))


def protect(
    table: Table, method: str = "suppress", threshold: int = THRESHOLD, sensitive: Collection[str] = ()
) -> Table:
    """The table in the safe version that loses least, with notes in plain words of what was done.

    Safe: no count from 1 to threshold - 1 is published, and every cell that is not published and could be below the
    threshold has an integer feasible interval at least as wide as the threshold. Of the columns in `sensitive` no group
    is seen to share one value. The methods that need the rows, `cellkey` and `dp`, are those of `make_table`.
    """
    check_threshold(threshold)
    if method != "suppress":
        raise BadInput(Fault(f"no method {method!r} for a table without its rows", "use suppress"))
    # the solvers take a second to load, and whoever only reads tables needs none
    from kerege.evidence.sdc.suppression.method_choice import best

    return best(table, threshold, frozenset(sensitive)) if sensitive else best(table, threshold)


def make_table(snapshot: Snapshot, wanted: TableSpec, *, secret: bytes | None = None) -> Table:
    """Count one table of a specification and protect it by its method; raises BadInput.

    `secret` (32 bytes, `recordkeys.secret_of(home)`) makes the record keys of rows that have none, for `cellkey`. A
    table of the method `dp` is drawn anew at each call: to publish one, go through `evidence.draw`, which charges
    the ledger and returns what was drawn before.
    """
    if wanted.method == "cellkey":
        from kerege.evidence.sdc.perturbation.cell_key import perturbed

        return perturbed(snapshot, wanted.by, wanted.where, wanted.params, secret, name=wanted.name)
    if wanted.method == "dp":
        from kerege.evidence.dp.tables import noised

        return noised(snapshot, wanted.by, wanted.where, wanted.params, name=wanted.name)
    from kerege.evidence.counting.frequency_table import tabulate

    counted = tabulate(snapshot, wanted.by, wanted.where, name=wanted.name)
    return protect(counted, threshold=wanted.threshold, sensitive=wanted.sensitive)
