"""Stored cases as the columns of an exchange file, read in bulk for comparison and export."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from kerege.casework.assistance.models.provision import Service
from kerege.casework.cases.models.case import Case, Decision, Exploitation, Note
from kerege.casework.exchange.htcds.columns import file_columns, join_names, name_of
from kerege.casework.exchange.htcds.field_mapping import (
    Groups,
    Values,
    event_rows,
    flat_case,
    flat_identity,
    list_of,
    victim_status,
    with_supplement,
)
from kerege.casework.vault.identity import Identity
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.services.identities import open_text
from kerege.core.authorization import Actor

CHUNK = 1000


@dataclass
class StoredCase:
    """Stored case with all its columns for an exchange file."""

    case: Case
    identity: Identity | None
    episode: Exploitation | None
    person: Values
    values: Values
    groups: Groups
    supplement: dict[str, Any] = field(default_factory=dict)
    services: list[Service] = field(default_factory=list)


def load_stored_cases(
    actor: Actor, cases: Sequence[Case], *, identities: bool, comments: bool = True
) -> list[StoredCase]:
    """Read cases (selected with record and supplement); identities are decrypted only on request."""
    ids = [case.id for case in cases]
    episodes = {row.case_id: row for row in Exploitation.objects.filter(case__in=ids, main=True)}
    services = group_by_case(
        Service.objects.filter(case__in=ids).select_related("provider").order_by("created_at", "pk")
    )
    decisions = group_by_case(
        Decision.objects.filter(case__in=ids)
        .select_related("authority", *(["grounds__data_key"] if comments else []))
        .order_by("decided_on", "created_at", "pk")
    )
    notes = group_by_case(
        Note.objects.filter(case__in=ids).select_related("text__data_key").order_by("created_at", "pk")
        if comments
        else ()
    )
    people = vault.read_many(actor, {case.record_id for case in cases}) if identities else {}
    stored_cases = []
    for case in cases:
        identity = people.get(case.record_id)
        stored = build_stored_case(case, identity, episodes.get(case.id), decisions[case.id])
        stored.services = services[case.id]
        stored.groups["svc"] = [flat_service(row) for row in services[case.id]]
        stored.groups["dec"] = [flat_decision(row, comments) for row in decisions[case.id]]
        stored.groups["cco"] = [{"cco_CaseComment": str(open_text(row.text) or "")} for row in notes[case.id]]
        stored_cases.append(stored)
    return stored_cases


def group_by_case(rows: Iterable[Any]) -> dict[UUID, list[Any]]:
    """Group rows by the id of their case."""
    groups: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        groups[row.case_id].append(row)
    return groups


def build_stored_case(
    case: Case, identity: Identity | None, episode: Exploitation | None, decisions: list[Decision]
) -> StoredCase:
    """Return a case with its values, without the rows of services, decisions and comments."""
    supplement = (open_text(case.supplement) or {}) if case.record.data_key.wrapped is not None else {}
    values = with_supplement(flat_case(case, episode) | victim_status(case, decisions), supplement)
    agency = case.registered_by_agency
    values = {"org_Name": agency.name_in("en"), "org_Kind": name_of("agency_kind", agency.kind)} | values
    person = {name: values.pop(name) for name in list(values) if file_columns()[name].level == "person"}
    if identity is not None:
        person |= flat_identity(identity)
    groups: Groups = {name: supplement.get(name, []) for name in ("hte", "ref", "spl")}
    groups["hte"] = event_rows(episode, groups["hte"])
    return StoredCase(
        case=case,
        identity=identity,
        episode=episode,
        person=person,
        values=values,
        groups=groups,
        supplement=supplement,
    )


def flat_service(row: Service) -> Values:
    """Return the columns of a service."""
    values = {
        "svc_Type": name_of("service", row.kind),
        "svc_Payer": name_of("payer", row.payer),
        "svc_Provider": row.provider.name_in("en") if row.provider else "",
        "svc_ProviderKind": name_of("agency_kind", row.provider.kind) if row.provider else "",
        "svc_Status": name_of("service_status", row.status),
        "svc_RequestDate": row.requested_on,
        "svc_StartDate": row.started_on,
        "svc_EndDate": row.ended_on,
    }
    return without_empty(values)


def flat_decision(row: Decision, comments: bool) -> Values:
    """Return the columns of a decision."""
    values = {
        "dec_Track": name_of("decision_track", row.track),
        "dec_Status": name_of("victim_status", row.resulting_status),
        "dec_Type": name_of("decision_kind", row.kind),
        "dec_Date": row.decided_on,
        "dec_Authority": row.authority.name_in("en") if row.authority else "",
        "dec_AuthorityKind": name_of("agency_kind", row.authority_kind),
        "dec_StandardOfProof": name_of("standard_of_proof", row.standard_of_proof),
        "dec_DocumentsUsed": join_names(list_of("dec_DocumentsUsed"), row.documents_used),
        "dec_NotificationDate": row.notified_on,
        "dec_ReviewDate": row.review_on,
        "dec_Grounds": str(open_text(row.grounds) or "") if comments else "",
    }
    return without_empty(values)


def without_empty(values: dict[str, Any]) -> Values:
    """Return the values as text, without empty ones."""
    return {name: str(value) for name, value in values.items() if value}
