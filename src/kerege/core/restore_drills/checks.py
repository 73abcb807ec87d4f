"""Registry of the checks of a restored backup: an app adds them in its `restore_checks.py`."""

from __future__ import annotations

from collections.abc import Callable

from kerege.base.registry import Entry, Registry

# a check opens a sample of encrypted values and returns how many; it raises when one does not open
Sample = Callable[[], int]
restore_checks: Registry[Entry[Sample]] = Registry("checks of a restored backup")
