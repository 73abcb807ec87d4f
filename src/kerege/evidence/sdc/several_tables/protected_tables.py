"""Protection of several tables together, from counts alone or with the rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.message_text import listed
from kerege.evidence.counting.frequency_table import Table
from kerege.evidence.data.publication_threshold import THRESHOLD
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.sdc.disclosure.assessment import assess_disclosure
from kerege.evidence.sdc.published_tables.publication import Publication, as_sheet
from kerege.evidence.sdc.several_tables import means as versions
from kerege.evidence.sdc.several_tables.counted_rows import fill_suppressed, make_rows
from kerege.evidence.sdc.several_tables.means import LEAVE_OUT, MEANS, MERGE, ROUND, SUPPRESS, TableVersions
from kerege.evidence.sdc.suppression.complementary import suppress as suppress_table
from kerege.evidence.sdc.suppression.linked_tables import protect_together
from kerege.evidence.sdc.suppression.rounding import round_table

LEAST = 3  # the smallest threshold of the field
LABEL = "protected"
__all__ = ["MEANS", "ProtectedTables", "protect_tables"]


@dataclass(frozen=True)
class ProtectedTables:
    """Safe tables, what was done to them, and the information loss in people.

    Do not publish the loss: it is a sum over hidden counts.
    """

    tables: list[Table]
    steps: list[str]
    loss: float
    losses: dict[str, float] = field(default_factory=dict)  # by means: loss of the best safe version

    @property
    def publication(self) -> Publication:
        """Return the tables as an intruder will find them."""
        return Publication(LABEL, [as_sheet(table, LABEL) for table in self.tables])


def protect_tables(
    tables: Sequence[Table],
    threshold: int = THRESHOLD,
    *,
    rows: Snapshot | None = None,
    published: Sequence[Publication] = (),
    sensitive: Collection[str] = (),
    means: Collection[str] = MEANS,
) -> ProtectedTables:
    """Protect tables of the same people together, with every group of up to three conditions.

    The means are tried in the order of `MEANS`. Suppression comes first. A table is omitted if its loss is smaller
    than that of its cells. Codes are merged, and figures rounded, when suppression is not enough or hides half of all
    figures. The version with the smallest loss is returned. `assess_disclosure` finds no disclosure in it, and no
    undecided group.

    Parameters
    ----------
    tables : sequence of Table
        Counts with their margins, of one unit. Their names differ. Cells that are suppressed already stay suppressed.
    threshold : int
        The smallest group of people that may be found, 3 or more.
    rows : Snapshot, optional
        The rows behind the tables. Without them, rows that fit the counts are worked out; the result is as safe.
    published : sequence of Publication
        Earlier publications of the same people, oldest first. They cannot be changed.
    sensitive : collection of str
        Columns in which no group may be seen to share one value.
    means : collection of str
        The means that are allowed, of `suppress`, `leave_out`, `merge` and `round`.

    Returns
    -------
    ProtectedTables
        `tables` in order, without those left out; `steps`, sentences on what was done; `loss` in people.

    Raises
    ------
    BadInput
        For a threshold below 3, unknown means, tables of several units, or counts that no people fit.
    Refused
        When none of the means makes the tables safe.

    Notes
    -----
    Complementary suppression in linked tables: Duncan, Elliot and Salazar 2011, "Statistical Confidentiality", chapter
    4.

    Examples
    --------
    >>> all_men = Table.from_csv("sex,count,status\\n_T,20000,ok\\nmen,11000,ok\\nwomen,9000,ok\\n", name="all")
    >>> but_mali = Table.from_csv("sex,count,status\\n_T,19990,ok\\nmen,10996,ok\\nwomen,8994,ok\\n", name="but Mali")
    >>> but_mali.where["country"] = ["Chad", "Niger"]
    >>> safe = protect_tables([all_men, but_mali], threshold=10)
    >>> [table.tally()["suppressed"] for table in safe.tables], safe.steps
    ([0, 2], ['Cells are suppressed.'])
    """
    _check(tables, threshold, means)
    source = make_rows(tables, threshold) if rows is None else rows
    counted = tables if rows is not None else fill_suppressed(tables, source)
    protector = _Protector(source, threshold, tuple(published), frozenset(sensitive))
    best = protector.try_all(counted, means)
    if best is None:
        todo = "publish coarser tables, or allow further means" if len(means) < len(MEANS) else "publish coarser tables"
        raise Refused(f"none of {listed(list(means))} makes the tables safe together: {todo}")
    return best


def _check(tables: Sequence[Table], threshold: int, means: Collection[str]) -> None:
    """Raise BadInput for arguments that make no sense."""
    if threshold < LEAST:
        raise BadInput(Fault(f"the threshold {threshold} is below {LEAST}", f"give {LEAST} or more"))
    if unknown := sorted(set(means) - set(MEANS)):
        raise BadInput(Fault(f"{unknown[0]!r} is not a means of protection", f"choose among: {listed(MEANS)}"))
    if not tables or len({table.of for table in tables}) > 1:
        raise BadInput(Fault("the tables count different units", "give one or more tables of the same people"))
    if len({table.name for table in tables}) < len(tables):
        raise BadInput(Fault("two tables have the same name", "name each table once"))


@dataclass
class _Protector:
    """The attempts to protect some tables; `best` is the safe version with the least loss so far."""

    rows: Snapshot
    threshold: int
    published: tuple[Publication, ...]
    sensitive: frozenset[str]
    best: ProtectedTables | None = None
    losses: dict[str, float] = field(default_factory=dict)

    def try_all(self, tables: Sequence[Table], means: Collection[str]) -> ProtectedTables | None:
        """Try the means in their order; return the best safe version."""
        if SUPPRESS in means:
            self._try(SUPPRESS, TableVersions(tuple(tables)))
        if LEAVE_OUT in means:
            for variant in versions.left_out(tables):
                if self._can_be_better(variant):
                    self._try(LEAVE_OUT, variant)
        if self._is_poor(tables) and MERGE in means:
            for variant in versions.merged(tables, self.threshold):
                if self._can_be_better(variant):
                    self._try(MERGE, variant)
        if self._is_poor(tables) and ROUND in means:
            for variant in versions.rounded(tables):
                if self._try(ROUND, variant):
                    break
        return None if self.best is None else replace(self.best, losses=self.losses)

    def _is_poor(self, tables: Sequence[Table]) -> bool:
        """Return whether no version is safe so far, or the best hides most figures."""
        return self.best is None or versions.hides_most(tables, self.best.loss)

    def _can_be_better(self, variant: TableVersions) -> bool:
        return self.best is None or variant.loss < self.best.loss

    def _try(self, name: str, variant: TableVersions) -> bool:
        """Protect one version; keep it if it is safe and has the smallest loss. Return whether it is safe."""
        safe = None
        with suppress(Refused):
            safe = self._protected(variant)
        if safe is None:
            return False
        before = [table for table in variant.tables if not variant.base]
        loss = variant.loss + versions.lost(before, safe)
        self.losses[name] = min(loss, self.losses.get(name, loss))
        if self.best is None or loss < self.best.loss:
            has_hidden = any(table.tally()["suppressed"] for table in safe)
            steps = [*variant.steps, *(["Cells are suppressed."] if has_hidden else [])]
            self.best = ProtectedTables(safe, steps, loss)
        return True

    def _protected(self, variant: TableVersions) -> list[Table] | None:
        """Return the tables of a version made safe by suppression, None when a disclosure remains."""
        if variant.base:
            alone = [round_table(table, variant.base, self.threshold) for table in variant.tables]
        else:
            alone = [suppress_table(table, self.threshold, self.sensitive) for table in variant.tables]
        safe = protect_together(alone, self.threshold, [self.rows], earlier=self.published)
        report = assess_disclosure(ProtectedTables(safe, [], 0.0).publication, self.published, self.threshold)
        return safe if report.safe or not (report.added or report.undecided) else None
