"""Alerts about the rights of a person on the overview of a case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kerege.base.registry import Entry
from kerege.casework.cases.alerts import Alert, alerts
from kerege.casework.cases.models.case import Case
from kerege.casework.rights.queries.legal_stay import StayState, is_foreigner, read_state
from kerege.casework.rights.queries.person_rights import list_concerns
from kerege.core import authorization
from kerege.core.authorization import Actor
from kerege.web.templatetags.kerege import day


def find_alerts(actor: Actor, case: Case) -> Iterable[Alert]:
    """Yield alerts about the rights of a person and the right to stay, to those who may open their pages.

    A closed case has none.
    """
    if case.status == "closed" or not authorization.allows(actor, "cases.change", case):
        return
    today = timezone.localdate()
    page = reverse("rights:person", args=[case.pk])
    yield from (Alert(text, page, urgent=urgent) for text, urgent in list_concerns(case, today))
    if is_foreigner(case):
        yield from _list_stay_alerts(read_state(case, today))


def _list_stay_alerts(state: StayState) -> Iterator[Alert]:
    page = reverse("rights:legal-stay", args=[state.case.pk])
    if not state.end.is_known:
        yield Alert(_("The right to stay is not known: find out the day of entry and the documents"), page)
    elif state.end.day and state.is_near:
        words = _("The right to stay ended on %(day)s") if state.has_ended else _("The right to stay ends on %(day)s")
        yield Alert(words % {"day": day(state.end.day)}, page, urgent=True)
    for notice in state.notices:
        text = _("Notice of the host: by %(day)s") % {"day": day(notice.due_on)}
        yield Alert(text, page, urgent=notice.due_on <= state.today)


alerts.add(Entry("rights", find_alerts))
