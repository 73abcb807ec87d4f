"""Row-level security of the audit log: everybody appends, and auditors alone read.

The rule `audit.read` opens the log to auditors. Other queries of it bypass the policies for a stated reason.
"""

from __future__ import annotations

from kerege.core.audit.models import AuditEvent, AuditSubject
from kerege.core.row_security.policies import ANYBODY, NOBODY, Policies, TablePolicy, policies

READS_EVENTS = f"(SELECT kerege_whole('{AuditEvent._meta.db_table}'))"

policies.add(
    Policies(
        "audit",
        (
            TablePolicy(AuditEvent, NOBODY, writes=ANYBODY),
            TablePolicy(AuditSubject, READS_EVENTS, writes=ANYBODY),
        ),
        order=90,
    )
)
