"""Health check of the retention periods."""

from __future__ import annotations

from datetime import date, timedelta

from kerege.base.registry import Entry
from kerege.casework.cases.services import retention_rules
from kerege.core.audit import clock
from kerege.core.authorization import session_scope
from kerege.core.health import Check, health_checks

LATE = timedelta(days=90)  # an item that waits longer for an approval is reported


def retention() -> Check:
    """Warn about kinds of records that are past their period for long and that no coordinator approved."""
    name, last = "retention", clock.today() - LATE
    with session_scope.bypass_row_security("the check counts the kinds with records past their retention period"):
        late = [rule.name for rule in retention_rules.retention_rules.all() if _is_late(rule.name, last)]
    if late:
        words = f"due for more than {LATE.days} days: {', '.join(late)}; a coordinator approves on the page Retention"
        return Check(name, "warn", words)
    return Check(name, "ok", "nothing waits long for an approval")


def _is_late(kind: str, last: date) -> bool:
    """Return whether the oldest due item of a kind was due before a day."""
    oldest = next(retention_rules.due(kind, clock.today()), None)
    return oldest is not None and oldest.due_on < last


health_checks.add(Entry("retention", retention, order=49))
