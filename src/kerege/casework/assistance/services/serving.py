"""Services: who provides, who pays, from when until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.casework.assistance.models import Service
from kerege.casework.cases.models import Event
from kerege.casework.cases.services import check_codes, digest, new_event, tell
from kerege.core import access, audit
from kerege.core.access import Actor
from kerege.core.bulk import insert
from kerege.standard.faults import BadInput, Fault


def add_services(actor: Actor, services: Sequence[Service]) -> list[Service]:
    """Record services (unsaved rows) in one audited act; the days of each are checked against one another."""
    with audit.act(actor, "services.add") as event:
        events: list[Event] = []
        for row in services:
            if len(services) == 1:
                access.require(actor, "services.add", row.case)
                event.target = f"case:{row.case_id}"
            row.created_at, row.created_by = timezone.now(), actor.label
            check_codes(row)
            check_days(row)
            on = row.started_on or row.requested_on or row.case.registered_on
            events.append(new_event(actor, row.case, on, "service", {"service": row.kind, "status": row.status}))
        if len(services) != 1:
            access.require(actor, "services.add_many")
            event.note(services=len(services), digests=[digest(row) for row in services])
        insert(services)
        insert(events)
    return list(services)


def check_days(row: Service) -> None:
    """A service that has begun has a day on which it began, and does not end before it."""
    if row.status in {"ongoing", "completed"} and row.started_on is None:
        raise BadInput(
            Fault(
                gettext_noop("a service that has begun needs the day on which it began"),
                gettext_noop("enter the day or choose requested"),
            )
        )
    if row.started_on and row.ended_on and row.ended_on < row.started_on:
        raise BadInput(
            Fault(gettext_noop("the service ends before it began"), gettext_noop("correct one of the two days"))
        )


def end_service(actor: Actor, service: Service, status: str, on: date) -> Service:
    """A service is completed, declined or interrupted."""
    with audit.act(actor, "services.end", target=f"case:{service.case_id}"):
        access.require(actor, "services.add", service.case)
        now = Service.objects.select_for_update().values_list("status", flat=True).get(pk=service.pk)
        if now not in {"requested", "ongoing"}:
            raise BadInput(Fault(gettext_noop("this service has ended already"), gettext_noop("reload the page")))
        service.status, service.ended_on = status, on
        check_codes(service)
        check_days(service)
        service.save(update_fields=["status", "ended_on"])
        tell(actor, service.case, on, "service", service=service.kind, status=status)
    return service
