"""Services: provider, payer, period and deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.assistance.models.provision import Interruption, Service, ServiceDelivery
from kerege.casework.cases.models.case import Event
from kerege.casework.cases.services.code_checks import check_codes, digest
from kerege.casework.cases.services.lifecycle import require_open
from kerege.casework.cases.services.timeline_events import add_timeline_event, new_event
from kerege.casework.vault.services.identities import save_text
from kerege.core import audit, authorization
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
from kerege.core.database.bulk_insert import insert
from kerege.vocabulary.profile import active


def get_usual_payer(provider: Agency | None) -> str:
    """Return the usual payer of an agency's services, by the country profile; else `unknown`."""
    return active().payers.by_agency_kind.get(provider.kind, "unknown") if provider else "unknown"


def add_services(actor: Actor, services: Sequence[Service]) -> list[Service]:
    """Record services (unsaved rows) in one audited act. Raises BadInput for days that contradict."""
    with audit.act(actor, "services.add") as event:
        events: list[Event] = []
        for row in services:
            if len(services) == 1:
                authorization.require(actor, "services.add", row.case)
                require_open(actor, row.case)
                event.target = f"case:{row.case_id}"
            row.created_at, row.created_by = timezone.now(), actor.label
            check_codes(row)
            check_days(row)
            on = row.started_on or row.requested_on or row.case.registered_on
            events.append(new_event(actor, row.case, on, "service", {"service": row.kind, "status": row.status}))
        if len(services) != 1:
            authorization.require(actor, "services.add_many")
            event.note(services=len(services), digests=[digest(row) for row in services])
        insert(services)
        insert(events)
    return list(services)


def check_days(row: Service) -> None:
    """Raise BadInput for a begun service without a first day, or for an end before the beginning."""
    if row.status in {"ongoing", "completed"} and row.started_on is None:
        raise BadInput(
            Fault(
                gettext_noop("a service that has begun needs the day on which it began"),
                gettext_noop("enter the day or choose requested"),
            )
        )
    if row.started_on and row.ended_on and row.ended_on < row.started_on:
        raise BadInput(
            Fault(gettext_noop("the service ends before it begins"), gettext_noop("correct one of the two days"))
        )


def set_parties(service: Service, provider: Agency | None, payer: str) -> list[str]:
    """Set the provider and payer that a service lacks; return the names of the changed columns.

    A recorded provider or payer never changes.
    """
    values = {"provider": provider, "payer": payer}
    changed = [name for name, value in values.items() if value and not getattr(service, name)]
    for name in changed:
        setattr(service, name, values[name])
    return changed


def begin_service(actor: Actor, service: Service, on: date, provider: Agency | None = None, payer: str = "") -> Service:
    """Begin a requested service or resume an interrupted one; set a missing provider and payer."""
    with audit.act(actor, "services.begin", target=f"case:{service.case_id}"):
        authorization.require(actor, "services.add", service.case)
        require_open(actor, service.case)
        stored = Service.objects.select_for_update().get(pk=service.pk)
        if stored.status not in {"requested", "interrupted"}:
            raise BadInput(Fault(gettext_noop("this service does not wait to begin"), gettext_noop("reload the page")))
        if stored.ended_on and on < stored.ended_on:
            raise BadInput(
                Fault(gettext_noop("the service was interrupted after this day"), gettext_noop("correct the day"))
            )
        service.interruptions.filter(ended_on=None).update(ended_on=on)
        service.status, service.started_on = "ongoing", stored.started_on or on
        service.ended_on, service.outcome, service.end_reason = None, "", ""
        parties = set_parties(service, provider, payer)
        check_codes(service)
        service.save(update_fields=["status", "started_on", "ended_on", "outcome", "end_reason", *parties])
        add_timeline_event(actor, service.case, on, "service", service=service.kind, status="ongoing")
    return service


def end_service(actor: Actor, service: Service, status: str, on: date, outcome: str = "", reason: str = "") -> Service:
    """Complete a service (with outcome), or decline or interrupt it (with reason)."""
    with audit.act(actor, "services.end", target=f"case:{service.case_id}"):
        authorization.require(actor, "services.add", service.case)
        current_status = Service.objects.select_for_update().values_list("status", flat=True).get(pk=service.pk)
        if current_status not in {"requested", "ongoing"}:
            raise BadInput(Fault(gettext_noop("this service has ended already"), gettext_noop("reload the page")))
        service.status, service.ended_on = status, on
        service.outcome, service.end_reason = outcome, reason
        check_codes(service)
        check_days(service)
        service.save(update_fields=["status", "ended_on", "outcome", "end_reason"])
        if status == "interrupted":
            Interruption.objects.create(service=service, reason=reason, began_on=on)
        add_timeline_event(actor, service.case, on, "service", service=service.kind, status=status)
    return service


def deliver(
    actor: Actor,
    service: Service,
    delivery: ServiceDelivery,
    remark: str = "",
    provider: Agency | None = None,
    payer: str = "",
) -> ServiceDelivery:
    """Record a delivery (unsaved row) within a service. The first delivery begins a requested service.

    `provider` and `payer` fill in what the service lacks. Raises BadInput for a day outside the service.
    """
    with audit.act(actor, "services.deliver", target=f"case:{service.case_id}"):
        authorization.require(actor, "services.add", service.case)
        require_open(actor, service.case)
        stored = Service.objects.select_for_update().get(pk=service.pk)
        if stored.status == "requested":
            begin_service(actor, service, delivery.on, provider, payer)
        elif (stored.started_on and delivery.on < stored.started_on) or (
            stored.ended_on and delivery.on > stored.ended_on
        ):
            raise BadInput(
                Fault(
                    gettext_noop("the service was not given on this day"),
                    gettext_noop("correct the day, or resume the service"),
                )
            )
        if parties := set_parties(service, provider, payer):
            check_codes(service)
            service.save(update_fields=parties)
        delivery.service, delivery.delivered_by, delivery.created_at = service, actor.label, timezone.now()
        check_codes(delivery)
        delivery.remark = save_text(service.case.record.data_key, remark) if remark else None
        delivery.save()
    return delivery
