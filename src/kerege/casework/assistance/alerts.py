"""Alerts of the assistance app on the overview of a case, and the agencies that serve the person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kerege.base.registry import Entry
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.models.shelter import Stay
from kerege.casework.assistance.services.shelter import ends_on, is_near_end
from kerege.casework.cases.alerts import Alert, Involved, alerts, involved
from kerege.casework.cases.models.case import Case
from kerege.core.authorization import Actor
from kerege.vocabulary.profile import active
from kerege.web.templatetags.kerege import code, day


def find_alerts(actor: Actor, case: Case) -> Iterable[Alert]:
    """Yield alerts about consents, needs assessment and shelter terms; none for a closed case."""
    if case.status == "closed":
        return
    today = timezone.localdate()
    page = reverse("cases:case", kwargs={"pk": case.pk})
    entries = list(case.consents.values_list("given", "withdrawn_on", "until"))
    running = [
        until for given, withdrawn, until in entries if given and not withdrawn and not (until and until < today)
    ]
    ending = [until for until in running if until and until <= today + timedelta(days=active().consent_notice.days)]
    if not entries:
        yield Alert(_("Consent not requested yet"), reverse("assistance:add-consent", kwargs={"pk": case.pk}))
    elif ending:
        yield Alert(_("A consent ends on %(day)s") % {"day": day(min(ending))}, f"{page}?tab=sharing")
    elif not running:
        yield Alert(_("No valid consent: refused, withdrawn or expired"), f"{page}?tab=sharing")
    if not case.risk_level:
        yield Alert(_("Risk and needs are not assessed"), f"{page}?tab=assistance")
    for stay in Stay.objects.filter(case=case, left_on=None):
        if is_near_end(stay, today):
            message = _("The term in the shelter ends on %(day)s") % {"day": day(ends_on(stay))}
            yield Alert(message, f"{page}?tab=assistance", urgent=ends_on(stay) < today)


def find_service_agencies(actor: Actor, case: Case) -> Iterable[Involved]:
    """Return the agencies that provide an ongoing service, by name, each with its kinds of service."""
    kinds_by_agency: dict[str, set[str]] = {}
    rows = Service.objects.filter(~Q(provider=None), case=case, status="ongoing").select_related("provider")
    for row in rows:
        if row.provider:
            kinds_by_agency.setdefault(row.provider.name, set()).add(row.kind)
    labels = {
        name: ", ".join(code(kind, "service") for kind in sorted(kinds)) for name, kinds in kinds_by_agency.items()
    }
    return [Involved(*pair) for pair in sorted(labels.items())]


alerts.add(Entry("assistance", find_alerts))
involved.add(Entry("assistance", find_service_agencies))
