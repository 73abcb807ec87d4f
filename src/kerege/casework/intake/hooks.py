"""What intake contributes to the house: how long signals are kept, and which decision ends a review."""

from __future__ import annotations

from kerege.casework.cases.services.decisions import ENDS_REVIEW
from kerege.casework.intake.services import retention  # noqa: F401  declares what goes of signals
from kerege.casework.intake.services.identification import ends_review

ENDS_REVIEW.append(ends_review)
