"""An emergency access of last night to a case of the crisis centre, which awaits its review."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.utils import timezone

from kerege.casework.cases.models.case import Case, Event
from kerege.casework.cases.models.emergency_access import Emergency
from kerege.casework.cases.services import emergency_access
from kerege.core import authorization
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.models import Agency, User
from kerege.demo.programme.staff import HOME, OFFICE

WORDS = (
    "Ночью женщину привезла скорая, документов нет, она называла номер своего дела. Дежурный телефон центра не отвечал;"
    " нужно было узнать, какие лекарства ей нельзя и кому можно звонить."
)
HOUR = time(2, 40)


def load_emergency(cases: dict[str, Case], agencies: dict[str, Agency], users: dict[str, User]) -> None:
    """Open a case by emergency access through the service, then set its times back to last night."""
    officer = actor_for(users["identifying-officer"], agencies[OFFICE])
    own = (case for case in cases.values() if case.agency_id == agencies[HOME].pk and case.status == "open")
    hidden = (case for case in own if not authorization.allows(officer, "cases.view", case))
    case = next(hidden, None)
    if case is None:
        return
    row = emergency_access.open_in_emergency(officer, case.reference, "medical", WORDS)
    if row is not None:
        night = timezone.make_aware(datetime.combine(timezone.localdate() - timedelta(days=1), HOUR))
        until = night + timedelta(hours=emergency_access.EMERGENCY_HOURS)
        Emergency.objects.filter(pk=row.pk).update(opened_at=night, until=until)
        Event.objects.filter(case=case, kind="emergency").update(at=night, on=timezone.localdate(night))
