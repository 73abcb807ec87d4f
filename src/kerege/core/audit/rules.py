"""Authorization rules of the audit log: only auditors read it."""

from __future__ import annotations

from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Grant, Rule, everything
from kerege.core.authorization.rules import rules

rules.add(
    Rule("audit.read", AuditEvent, [Grant({"auditor"}, everything)]),
    Rule("audit.export", None, [Grant({"auditor"})]),
)
