"""Number of clocks of the law that run, by the name of their deadline in the country profile."""

from __future__ import annotations

from collections.abc import Callable

from kerege.casework.assistance.models.handovers import Handover, TransferRequest
from kerege.casework.assistance.models.plans import Plan
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.cases.models.case import Task
from kerege.casework.intake.services.identification import open_requests

# deadline -> beginning of the key of the tasks that its clock created
TASKS = {
    "first_needs_assessment": "needs:",
    "complaint_answer": "complaint:",
    "return_arrangement": "return:",
    "guardian": "guardian:",
    "stay_question": "stay_question:",
    "host_notice": "host_notice:",
}
URGENCIES = {"referral_answer": "normal", "referral_answer_high": "high", "referral_answer_immediate": "immediate"}


def count_running(clock: str) -> int | None:
    """Return how many clocks of a deadline run; None if nothing records them."""
    if clock in URGENCIES:
        return Referral.objects.filter(status__in=["sent", "seen"], urgency=URGENCIES[clock]).count()
    if clock in TASKS:
        return Task.objects.filter(done_at=None, source__startswith=TASKS[clock]).count()
    counts: dict[str, Callable[[], int]] = {
        "identification_decision": lambda: open_requests().count(),
        "handover_answer": lambda: Handover.objects.filter(status="offered").count(),
        "transfer_request": lambda: TransferRequest.objects.exclude(status="ended").count(),
        "plan_review": lambda: Plan.objects.filter(ended_on=None).exclude(review_on=None).count(),
    }
    return counts[clock]() if clock in counts else None
