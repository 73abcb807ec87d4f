"""Receivers that answer about reviews, and name the keys of signals of an erased person."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from kerege.casework.cases.events import collect_review_endings
from kerege.casework.cases.models.case import Decision
from kerege.casework.intake.models import DecisionRequest, Signal
from kerege.casework.intake.services.identification import ends_review
from kerege.casework.intake.services.retention import signal_keys
from kerege.casework.vault.events import person_erased
from kerege.core.accounts.events import collect_agency_work
from kerege.core.accounts.models import Agency
from kerege.core.accounts.open_work import OpenWork


@receiver(collect_review_endings, dispatch_uid="intake.answer_review_ending")
def answer_review_ending(sender: Any, decision: Decision, **kwargs: Any) -> bool:
    """Return whether the decision is the outcome of a review."""
    return ends_review(decision)


@receiver(person_erased, dispatch_uid="intake.name_keys")
def name_keys(sender: Any, record_ids: Collection[UUID], **kwargs: Any) -> Iterable[UUID]:
    """Return the ids of the keys of signals that led to a case of the person."""
    return set(signal_keys(record_ids))  # evaluate the query now, before other receivers delete rows


@receiver(collect_agency_work, dispatch_uid="intake.agency_work")
def list_work_of_agency(sender: object, agency: Agency, **kwargs: object) -> list[OpenWork]:
    """Return the signals and requests for a decision that wait at an agency."""
    signals = Signal.objects.filter(to_agency=agency, state__in=["new", "seen"]).count()
    later = Decision.objects.filter(
        case=OuterRef("case"), track=OuterRef("track"), created_at__gte=OuterRef("created_at")
    )
    requests = DecisionRequest.objects.filter(~Exists(later), authority=agency, withdrawn_at=None)
    waiting = requests.exclude(case__status="closed").count()
    return [
        OpenWork(_("signals without an answer"), signals, _("Open a case or close them.")),
        OpenWork(_("requests for a decision"), waiting, _("Decide, or ask the other agency to send them elsewhere.")),
    ]
