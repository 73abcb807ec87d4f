"""Choice of the protection method with the least information loss.

Suppression alone is taken when every large category keeps its figure. Otherwise it competes with recoding, and with
rounding that does not show small categories. The same audit proves each version safe.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from kerege.base.errors import Refused
from kerege.evidence.counting.frequency_table import OK, Table
from kerege.evidence.data.publication_threshold import VERSIONS
from kerege.evidence.sdc.suppression import recoding
from kerege.evidence.sdc.suppression.complementary import ProtectionRule
from kerege.evidence.sdc.suppression.large_tables import is_large
from kerege.evidence.sdc.suppression.messages import explain
from kerege.evidence.sdc.suppression.rounding import loss_of, rounded, softened

LARGE = 0.05  # a category with at least this share of the total is large
NOTABLE = 0.01  # a cell with at least this share of the total is rounded rather than hidden for another cell
SECONDS = 10.0  # for each alternative to suppression
SUPPRESSED_VERSION, ROUNDED_VERSION = VERSIONS
MERGED = 0.5  # loss of each person whose category is merged with others


@dataclass(frozen=True)
class SafeVersion:
    """A safe table, and its information loss: people whose figures are hidden, rounded or merged.

    `optimum` is the loss of the suppression and the least loss of any safe one, both with the weights of the optimiser
    (margins count twice); None where figures are rounded or merged.
    """

    table: Table
    loss: float
    optimum: tuple[float, float] | None = None


def best_version(table: Table, threshold: int, sensitive: frozenset[str] = frozenset(), share: float = 1.0) -> Table:
    """Return the safe version with the least loss; raises Refused when there is none.

    `sensitive` and `share` are as for `suppress`.
    """
    return best_reported(table, threshold, sensitive, share)[0]


def chosen_version(table: Table, threshold: int, sensitive: frozenset[str], version: str) -> Table:
    """Return the suppressed or the rounded version of a table. Raise Refused if none is safe."""
    versions = compared_versions(table, threshold, sensitive)
    if version not in versions:
        raise Refused(f"this table has no safe version that is {version}: do not choose the version")
    return explain(table, versions[version].table, threshold, sensitive)


def compared_versions(table: Table, threshold: int, sensitive: frozenset[str] = frozenset()) -> dict[str, SafeVersion]:
    """Return the suppressed version of a table, and the rounded one with the least loss, if any.

    Both are proved safe by the audit, each by itself.
    """
    rule = ProtectionRule(threshold, sensitive)
    outcome = rule.suppressed(table)
    plain = SafeVersion(*_with_loss(outcome.table), optimum=(outcome.loss, outcome.lower_bound))
    rounded_versions = list(_rounded_versions(table, plain, rule))
    dimensions = [d for d in range(table.counts.ndim) if table.by[d] not in table.multi]
    if dimensions and (fully := rounded(table, dimensions, rule)) is not None:
        rounded_versions.append(SafeVersion(*_with_loss(fully)))
    best = min(rounded_versions, key=lambda candidate: candidate.loss, default=None)
    return {SUPPRESSED_VERSION: plain} | ({ROUNDED_VERSION: best} if best is not None else {})


def best_reported(
    table: Table, threshold: int, sensitive: frozenset[str] = frozenset(), share: float = 1.0
) -> tuple[Table, str]:
    """Return the safe version with the least loss, and a line for its maker.

    The line must not be published: see `Suppression.report`.
    """
    rule = ProtectionRule(threshold, sensitive, share)
    outcome = rule.suppressed(table)
    plain = SafeVersion(*_with_loss(outcome.table))
    floor = max(threshold, LARGE * table.total)
    lost_figures = lost_dimensions(table, plain.table, floor)
    versions = [plain, *_alternatives(table, lost_figures, rule)] if lost_figures else [plain]
    versions += [softer for version in versions for softer in _rounded_versions(table, version, rule)]
    chosen = min(versions, key=lambda candidate: candidate.loss)
    report = outcome.report
    if chosen is not plain:
        report += f"; rounded or merged figures have the loss {chosen.loss:,.0f} and were chosen instead"
    return explain(table, chosen.table, threshold, sensitive), report


def _rounded_versions(table: Table, version: SafeVersion, rule: ProtectionRule) -> Iterator[SafeVersion]:
    """Yield versions in which large suppressed cells are rounded instead."""
    if version.table.axes != table.axes or version.table.truth is not None:
        return
    for share in (LARGE, NOTABLE):
        for rounded_table in softened(table, version.table, rule, max(2 * rule.threshold, share * table.total)):
            yield SafeVersion(*_with_loss(rounded_table))


def lost_dimensions(table: Table, protected: Table, floor: float) -> list[int]:
    """Return the dimensions in which a category of at least `floor` people lost its own figure."""
    lost = []
    for d in range(table.counts.ndim):
        line = tuple(slice(1, None) if i == d else 0 for i in range(table.counts.ndim))
        if ((table.counts[line] >= floor) & (protected.status[line] != OK)).any():
            lost.append(d)
    return lost


def _alternatives(table: Table, lost: list[int], rule: ProtectionRule) -> Iterator[SafeVersion]:
    """Yield recoded versions, and a rounded one."""
    most = 1 if is_large(table) else None
    for merged, people in islice(recoding.candidates(table, lost, rule.threshold), most):
        with suppress(Refused):
            safe, loss = _with_loss(rule.suppressed(merged, SECONDS).table)
            yield SafeVersion(safe, loss + MERGED * people)
    rounded_table = rounded(table, lost, rule)
    if rounded_table is not None:
        yield SafeVersion(*_with_loss(rounded_table))


def _with_loss(protected: Table) -> tuple[Table, float]:
    """Return the table with its loss."""
    return protected, loss_of(protected)


def unchanged(table: Table) -> Table:
    """Return a copy of a table whose status may be changed."""
    return replace(table, status=np.zeros_like(table.status))
