"""The trail is read by auditors alone."""

from __future__ import annotations

from kerege.core.access import Grant, Rule
from kerege.core.access.rules import rules

rules.add(
    Rule("audit.read", None, [Grant({"auditor"})]),
    Rule("audit.export", None, [Grant({"auditor"})]),
)
