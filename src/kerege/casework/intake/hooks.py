"""What intake contributes to the house: how long signals are kept."""

from __future__ import annotations

from kerege.casework.intake import erasing  # noqa: F401  declares what goes of signals
