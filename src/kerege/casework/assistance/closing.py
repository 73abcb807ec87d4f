"""What of assistance is still open when a case closes, and what ends with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kerege.casework.assistance.models import Consent, FollowUp, Referral, Service, Stay
from kerege.casework.assistance.services.steps import SHOWING, step, tell_receiver
from kerege.casework.cases.models import Case
from kerege.casework.cases.services import CHECKS, ON_CLOSE, Concern
from kerege.core import audit
from kerege.core.access import Actor


def still_open(case: Case) -> Iterable[Concern]:
    """Services, beds, referrals, consents and follow-ups of a return."""
    today = timezone.localdate()
    services = Service.objects.filter(case=case, status__in=["requested", "ongoing"])
    consents = Consent.objects.filter(Q(until=None) | Q(until__gte=today), case=case, given=True, withdrawn_on=None)
    follow_ups = FollowUp.objects.filter(journey__case=case, done_on=None)
    return [
        Concern(
            _("Services that run or were asked for"), services.count(), _("They stay as they are: end them first."),
            "assistance",
        ),
        Concern(
            _("Bed in a shelter"), Stay.objects.filter(case=case, left_on=None).count(),
            _("It stays taken: record the departure first."), "assistance",
        ),
        Concern(
            _("Referrals that are not completed"), _running(case).count(), _("They end, and the other agency is told."),
            "sharing",
        ),
        Concern(
            _("Consents that run"), consents.count(), _("They stay in the ledger; nothing rests on them."), "sharing"
        ),
        Concern(
            _("Follow-ups of a return"), follow_ups.count(), _("They stay planned: follow-up may suit better."),
            "assistance",
        ),
    ]  # fmt: skip


def _running(case: Case) -> QuerySet[Referral]:
    return Referral.objects.filter(case=case, status__in=SHOWING)


def end_referrals(actor: Actor, case: Case, on: date) -> None:
    """Referrals that are not completed end, each with its step, and the other agency is told."""
    ended = []
    for row in _running(case).select_for_update():
        row.status = "withdrawn"
        row.save(update_fields=["status"])
        step(actor, row, "withdrawn")
        tell_receiver(row, "referral_withdrawn")
        ended.append(str(row.pk))
    if ended:
        audit.note(referrals=ended)


CHECKS.append(still_open)
ON_CLOSE.append(end_referrals)
