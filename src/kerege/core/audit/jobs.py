"""What comes round in the audit."""

from __future__ import annotations

from datetime import datetime

from kerege.core.audit import roots, trail
from kerege.core.jobs.registry import every

every("audit.root", days=1)(roots.write)


@every("audit.verify", days=1)
def verify_daily(now: datetime) -> None:
    """The whole chain is walked; the auditor's page says what was found."""
    trail.check(now)
