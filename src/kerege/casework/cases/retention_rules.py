"""Retention rule for cases that nobody closed; closed cases are in `services.retention_rules`."""

from __future__ import annotations

from kerege.casework.cases.services import inactive_cases
from kerege.casework.cases.services.retention_rules import RetentionRule, retention_rules

retention_rules.add(
    RetentionRule(
        inactive_cases.KIND,
        inactive_cases.find_inactive_cases,
        inactive_cases.close_inactive,
        inactive_cases.count_kept_cases,
        order=5,
    )
)
