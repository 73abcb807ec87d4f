"""Retention rule for signals that led to no case."""

from __future__ import annotations

from kerege.casework.cases.services.retention_rules import RetentionRule, retention_rules
from kerege.casework.intake.services.retention import erase_signal, old_signals

retention_rules.add(RetentionRule("signal", old_signals, erase_signal, order=40))
