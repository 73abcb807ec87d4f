"""Retention rule for crimes whose proceedings ended."""

from __future__ import annotations

from kerege.casework.cases.services.retention_rules import RetentionRule, retention_rules
from kerege.casework.justice.retention import KIND, count_kept_crimes, delete_crime, old_crimes

retention_rules.add(RetentionRule(KIND, old_crimes, delete_crime, count_kept_crimes, order=50))
