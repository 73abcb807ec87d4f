"""Receivers for signals of the cases app: answers about assistance, and its end when a case closes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from kerege.casework.assistance.models.handovers import Handover
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.models.shelter import Stay
from kerege.casework.assistance.services import case_closing
from kerege.casework.assistance.services.plans import is_running
from kerege.casework.assistance.services.police_consent import find_police_consent
from kerege.casework.assistance.services.referral_steps import SHOWING
from kerege.casework.cases.events import (
    case_closed,
    collect_concerns,
    collect_missing_subjects,
    collect_police_consents,
)
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.closing import Concern
from kerege.core.accounts.events import collect_agency_work
from kerege.core.accounts.models import Agency
from kerege.core.accounts.open_work import OpenWork
from kerege.core.authorization import Actor


@receiver(collect_police_consents, dispatch_uid="assistance.answer_police_consent")
def answer_police_consent(sender: Any, case: Case, agency: Agency, **kwargs: Any) -> UUID | None:
    """Return the consent to share the case with this police body, prosecution or court."""
    return find_police_consent(case, agency)


@receiver(collect_concerns, dispatch_uid="assistance.answer_concerns")
def answer_concerns(sender: Any, case: Case, **kwargs: Any) -> Iterable[Concern]:
    """Return the open assistance of a case that is about to close, as concerns."""
    return case_closing.list_open_assistance(case)


@receiver(case_closed, dispatch_uid="assistance.end_with_case")
def end_with_case(sender: Any, actor: Actor, case: Case, on: date, **kwargs: Any) -> None:
    """End open assistance when a case closes. One receiver, because the steps have an order."""
    case_closing.end_with_case(actor, case, on)


@receiver(collect_missing_subjects, dispatch_uid="assistance.answer_missing_plan")
def answer_missing_plan(sender: Any, kind: str, case: Case, subject: UUID | None, **kwargs: Any) -> bool:
    """Return whether the plan to be approved is missing or has ended."""
    return kind == "plan" and not is_running(case, subject)


@receiver(collect_agency_work, dispatch_uid="assistance.agency_work")
def list_work_of_agency(sender: object, agency: Agency, **kwargs: object) -> list[OpenWork]:
    """Return the referrals, handovers and stays of an agency that are not finished."""
    either = Q(from_agency=agency) | Q(to_agency=agency)
    referrals = Referral.objects.filter(either, status__in=SHOWING).count()
    handovers = Handover.objects.filter(either, status="offered").count()
    stays = Stay.objects.filter(agency=agency, left_on=None).count()
    return [
        OpenWork(_("open referrals"), referrals, _("Complete, decline or withdraw them.")),
        OpenWork(_("offered handovers"), handovers, _("Answer or withdraw them.")),
        OpenWork(_("people in its shelter"), stays, _("They move to another place first.")),
    ]
