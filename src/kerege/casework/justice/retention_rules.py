"""Retention rules for crimes: those whose proceedings ended, and those whose end nobody entered."""

from __future__ import annotations

from kerege.casework.cases.services.retention_rules import RetentionRule, retention_rules
from kerege.casework.justice.retention import KIND, KIND_OPEN, crime_finder, delete_crime, kept_crime_counter

retention_rules.add(
    RetentionRule(KIND, crime_finder(KIND), delete_crime, kept_crime_counter(KIND), order=50),
    RetentionRule(KIND_OPEN, crime_finder(KIND_OPEN), delete_crime, kept_crime_counter(KIND_OPEN), order=55),
)
