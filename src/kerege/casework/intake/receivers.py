"""What intake contributes to the house: how long signals are kept, and which decision ends a review."""

from __future__ import annotations

from kerege.casework.cases.services.deciding import ENDS_REVIEW
from kerege.casework.intake import erasing  # noqa: F401  declares what goes of signals
from kerege.casework.intake.services.identifying import ends_review

ENDS_REVIEW.append(ends_review)
