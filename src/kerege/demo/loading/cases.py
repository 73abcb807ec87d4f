"""Loading of cases with exploitation, services and decisions.

It also loads the links between records of one person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from kerege.casework.assistance.models import provision
from kerege.casework.assistance.services import provision as provision_services
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services import decisions
from kerege.casework.cases.services import registration as registration_services
from kerege.casework.cases.services.inputs import DecisionDraft, Registration
from kerege.casework.vault.identity import Identity
from kerege.casework.vault.models.identities import Membership
from kerege.casework.vault.services import identities as vault
from kerege.core.accounts.models import Agency, User
from kerege.core.authorization import Actor
from kerege.demo.programme import world
from kerege.demo.programme.staff import USERS

# the user who decides for an authority, where the demo has one
DECIDERS = {user.agency: user.username for user in USERS if user.role == "identifying_officer"}


def load_cases(
    actor: Actor,
    rows: list[world.DemoCase],
    agencies: dict[str, Agency],
    users: dict[str, User],
    linked: Mapping[str, str],
) -> dict[str, Case]:
    """Store the cases in the given order; return them by key.

    `linked` maps the key of a case registered as unknown to the person to whom reviewers linked it.
    """
    drafts = [registration(row, agencies, users) for row in rows]
    stored = dict(zip((row.key for row in rows), registration_services.register_many(actor, drafts), strict=True))
    provision_services.add_services(actor, [service(row, stored[key], agencies) for key, row in service_rows(rows)])
    decisions.decide_many(actor, [decision(row, stored[key], agencies) for key, row in decision_rows(rows)])
    link_records(actor, rows, stored, linked)
    return stored


def registration(row: world.DemoCase, agencies: dict[str, Agency], users: dict[str, User]) -> Registration:
    """Return the registration draft of a case."""
    return Registration(
        agency=agencies[row.agency],
        identity=Identity(**row.identity),  # type: ignore[typeddict-item]
        registered_on=row.registered_on,
        caseworker=users.get(row.caseworker),
        route=row.route,
        detected_independently=row.independent,
        region=row.region,
        risk_level=row.risk,
        status=row.status,
        closure_reason=row.closure_reason,
        ended_on=row.ended_on,
        closed_on=row.closed_on,
        age_band=row.age_band,
        origin_country=row.origin,
        exploitations=row.exploitations,
    )


def service_rows(rows: list[world.DemoCase]) -> Iterable[tuple[str, world.DemoService]]:
    """Return each service with the key of its case."""
    return ((row.key, service) for row in rows for service in row.services)


def service(row: world.DemoService, case: Case, agencies: dict[str, Agency]) -> provision.Service:
    """Return an unsaved service."""
    return provision.Service(case=case, **vars(row) | {"provider": agencies[row.provider]})


def decision_rows(rows: list[world.DemoCase]) -> Iterable[tuple[str, world.DemoDecision]]:
    """Return each decision with the key of its case."""
    return ((row.key, decision) for row in rows for decision in row.decisions)


def decision(row: world.DemoDecision, case: Case, agencies: dict[str, Agency]) -> DecisionDraft:
    """Return the draft of a decision by the authority."""
    return DecisionDraft(
        case=case,
        track=row.track,
        kind=row.kind,
        resulting_status=row.status,
        authority=agencies[row.authority],
        decided_on=row.decided_on,
        decided_by=f"user:{DECIDERS.get(row.authority, row.authority)}",
        standard_of_proof=row.standard_of_proof,
        notified_on=row.notified_on,
        review_on=row.review_on,
        documents_used=row.documents,
    )


def link_records(actor: Actor, rows: list[world.DemoCase], stored: dict[str, Case], linked: Mapping[str, str]) -> None:
    """Link each further record of a person to the person's first record."""
    first: dict[str, UUID] = {}
    further: dict[UUID, UUID] = {}
    for row in rows:
        record = stored[row.key].record_id
        main = first.setdefault(linked.get(row.key, row.person), record)
        if main != record:
            further[record] = main
    person = dict(Membership.objects.filter(to_at=None).values_list("record_id", "person_id"))
    vault.link_many(actor, {record: person[main] for record, main in further.items()})
