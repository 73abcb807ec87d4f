"""One plan of changes that stops all disclosures of a publication, and an assessment of its result."""

from __future__ import annotations

import time
from collections.abc import Sequence

from kerege.evidence.sdc.disclosure.intruder import report
from kerege.evidence.sdc.disclosure.planned_changes import NO_CHANGES, Cell, PlannedChanges
from kerege.evidence.sdc.disclosure.report import AttackReport, RemedyPlan
from kerege.evidence.sdc.published_tables.publication import Publication

ROUNDS = 20
SECONDS = 60.0  # processor time, after which the search for changes that are not needed ends


def with_plan(answer: AttackReport, new: Publication, old: Sequence[Publication], threshold: int) -> AttackReport:
    """Return a report with a plan that stops the disclosures which the publication adds.

    Each round takes what the findings advise, which the protector chose at the least loss, and assesses the result. A
    table is left out only where no finding of a round advises to suppress figures. Then everything that need not be
    suppressed or left out is shown again, the last change first.
    """
    if not answer.added:
        return answer
    deadline = time.thread_time() + SECONDS
    changes, left = NO_CHANGES, answer
    for _ in range(ROUNDS):
        further = changes.with_advice(left.added)
        if not left.added or further == changes:
            break
        changes = further
        left = report(new, old, threshold, changes)
    if not left.added:
        changes, left = _without_unneeded(changes, left, new, old, deadline)
    plan = RemedyPlan(steps=changes.remedies, left=len(left.added), undecided=left.undecided)
    return answer.model_copy(update={"plan": plan})


def _without_unneeded(
    changes: PlannedChanges, left: AttackReport, new: Publication, old: Sequence[Publication], deadline: float
) -> tuple[PlannedChanges, AttackReport]:
    """Return the changes without those that nothing needs, and the report on the result."""
    made: list[Cell | str] = [*sorted(changes.tables), *reversed(changes.cells)]
    for change in made:
        if time.thread_time() > deadline:
            break
        fewer = changes.without(change)
        answer = report(new, old, left.threshold, fewer)
        if not answer.added and answer.undecided <= left.undecided:
            changes, left = fewer, answer
    return changes, left
