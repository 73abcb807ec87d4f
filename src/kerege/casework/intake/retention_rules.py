"""Retention rule for signals that led to no case."""

from __future__ import annotations

from kerege.casework.cases.services.retention_rules import Rule, retention_rules
from kerege.casework.intake.services.retention import erase_signal, old_signals

retention_rules.add(Rule("signal", old_signals, erase_signal, order=40))
