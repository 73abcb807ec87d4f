"""Authorization rules of the audit log: only auditors read it."""

from __future__ import annotations

from kerege.core.authorization import Grant, Rule
from kerege.core.authorization.rules import rules

rules.add(
    Rule("audit.read", None, [Grant({"auditor"})]),
    Rule("audit.export", None, [Grant({"auditor"})]),
)
