"""Writing of an import plan through the bulk services of the other apps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.services.provision import add_services, end_service
from kerege.casework.cases.models.case import Case, Exploitation
from kerege.casework.cases.services.bulk_updates import add_notes, complete
from kerege.casework.cases.services.decisions import decide_many
from kerege.casework.cases.services.inputs import DecisionDraft, Registration
from kerege.casework.cases.services.registration import change_identity, register_many
from kerege.casework.exchange.agency_lookup import AgencyLookup
from kerege.casework.exchange.htcds.changes import CaseChange, merge_values
from kerege.casework.exchange.htcds.columns import code_of, codes_of, file_columns, name_of
from kerege.casework.exchange.htcds.existing_cases import StoredCase
from kerege.casework.exchange.htcds.field_mapping import (
    Groups,
    Values,
    as_day,
    build_identity,
    build_supplement,
    case_fields,
    exploitation_fields,
    flat_case,
    list_of,
    trafficking_status,
)
from kerege.casework.exchange.htcds.parsed_cases import OWN_ID, ParsedCase, ParsedPerson, registered_on
from kerege.casework.exchange.htcds.read_file import Faults
from kerege.casework.vault.identity import Identity
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
from kerege.core.database.bulk_insert import new

NewPerson = tuple[ParsedPerson, IdentityRecord | None, StoredCase | None, list[ParsedCase]]


def write_new(actor: Actor, parties: AgencyLookup, batch: Sequence[NewPerson]) -> None:
    """Register new cases of new or known persons, with services, decisions and comments."""
    today = timezone.localdate()
    drafts: list[Registration] = []
    parsed_cases: list[ParsedCase] = []
    for person, record, example, cases in batch:
        identity = person_identity(actor, person, record, example)
        drafts.extend(build_registration(person, record, identity, case, today) for case in cases)
        parsed_cases.extend(cases)
    groups = [case.groups | {"dec": case.all_decisions()} for case in parsed_cases]
    write_groups(actor, parties, list(zip(register_many(actor, drafts), groups, strict=True)))


def person_identity(
    actor: Actor, person: ParsedPerson, record: IdentityRecord | None, example: StoredCase | None
) -> Identity:
    """Return the identity of a person; for a known person, store a new version with additional values."""
    if record is None or example is None or example.identity is None:
        identity = build_identity(Identity(), identity_values(person.values))
        if source_id := person.values.get("prs_Id"):
            identity["source_id"] = source_id
        return identity
    if additions := merge_values(Faults(""), person.row, person.values, example.person):
        identity = build_identity(example.identity, identity_values(additions))
        change_identity(actor, example.case, identity)
        return identity
    return example.identity


def identity_values(values: Values) -> Values:
    """Return the values of a person that the vault stores."""
    return {c: v for c, v in values.items() if file_columns()[c].identity or c in {"prs_Gender", "prs_Citizenship"}}


def build_registration(
    person: ParsedPerson, record: IdentityRecord | None, identity: Identity, parsed: ParsedCase, today: date
) -> Registration:
    """Return the registration of one case."""
    values = parsed.values | {c: v for c, v in person.values.items() if not file_columns()[c].identity}
    if not OWN_ID.fullmatch(values.get("prs_Id", "")):
        values.pop("prs_Id", None)  # the identity keeps it
    fields = case_fields(values)
    episode = exploitation_fields(values, parsed.groups.get("hte", ()))
    registered = fields.pop("registered_on", None) or registered_on(values, parsed.groups, today)
    draft = Registration(
        agency=person.agency,
        identity=identity,
        registered_on=registered,
        record=record,
        source_id=person.key,
        case_source_id=parsed.key,
        exploitations=[episode] if episode else [],
        **fields,
    )
    status, agency = status_of(parsed.all_decisions()), agency_values(person.agency)

    def supplement(case: Case, episodes: Sequence[Exploitation]) -> dict[str, Any]:
        derived = flat_case(case, episodes[0] if episodes else None) | status | agency
        return build_supplement(values, derived, parsed.groups)

    draft.supplement = supplement
    return draft


def agency_values(agency: Agency) -> Values:
    """Return the columns of an agency in an export."""
    return {"org_Name": agency.name_in("en"), "org_Kind": name_of("agency_kind", agency.kind)}


def status_of(decisions: list[Values]) -> Values:
    """Return the HTCDS status from the latest decision of each track, and the authority behind it."""
    latest: dict[str, str] = {}
    concluded = []
    for row in sorted(decisions, key=lambda row: row.get("dec_Date", "")):
        status = code_of("victim_status", row["dec_Status"])
        latest[row["dec_Track"]] = status
        concluded.append((status, code_of("agency_kind", row.get("dec_AuthorityKind", ""))))
    return trafficking_status(set(latest.values()), concluded)


def write_groups(actor: Actor, parties: AgencyLookup, rows: Sequence[tuple[Case, Groups]]) -> None:
    """Write services, decisions and comments of cases."""
    services = [build_service(parties, case, row) for case, groups in rows for row in groups.get("svc", ())]
    decisions = [build_decision(actor, parties, case, row) for case, groups in rows for row in groups.get("dec", ())]
    notes = [(case, row["cco_CaseComment"]) for case, groups in rows for row in groups.get("cco", ())]
    if services:
        add_services(actor, services)
    if decisions:
        decide_many(actor, decisions)
    if notes:
        add_notes(actor, notes)


def build_service(parties: AgencyLookup, case: Case, row: Values) -> Service:
    """Return an unsaved service."""
    return new(
        Service,
        case=case,
        kind=code_of("service", row["svc_Type"]),
        payer=code_of("payer", row.get("svc_Payer", "")),
        provider=parties.named(row["svc_Provider"]) if "svc_Provider" in row else None,
        status=code_of("service_status", row["svc_Status"]),
        requested_on=as_day(row.get("svc_RequestDate", "")),
        started_on=as_day(row.get("svc_StartDate", "")),
        ended_on=as_day(row.get("svc_EndDate", "")),
    )


def build_decision(actor: Actor, parties: AgencyLookup, case: Case, row: Values) -> DecisionDraft:
    """Return the draft of a decision; without a day, it gets the registration day."""
    return DecisionDraft(
        case=case,
        track=code_of("decision_track", row["dec_Track"]),
        resulting_status=code_of("victim_status", row["dec_Status"]),
        decided_on=as_day(row.get("dec_Date", "")) or case.registered_on,
        decided_by=actor.label,
        kind=code_of("decision_kind", row.get("dec_Type", "")),
        authority=parties.named(row["dec_Authority"]) if "dec_Authority" in row else None,
        authority_kind=code_of("agency_kind", row.get("dec_AuthorityKind", "")),
        standard_of_proof=code_of("standard_of_proof", row.get("dec_StandardOfProof", "")),
        grounds=row.get("dec_Grounds", ""),
        documents_used=codes_of(list_of("dec_DocumentsUsed"), row.get("dec_DocumentsUsed", "")),
        notified_on=as_day(row.get("dec_NotificationDate", "")),
        review_on=as_day(row.get("dec_ReviewDate", "")),
    )


def write_changes(actor: Actor, parties: AgencyLookup, changes: Sequence[CaseChange]) -> None:
    """Write the changes of known cases."""
    for change in changes:
        stored = change.stored
        if change.person:
            identity = build_identity(stored.identity or Identity(), identity_values(change.person))
            if identity != stored.identity:
                change_identity(actor, stored.case, identity)
        if change.person or change.values or change.groups.keys() & {"hte", "ref", "spl"}:
            store_merged_values(actor, change)
        for row, values in change.progress:
            row.started_on = row.started_on or as_day(values.get("svc_StartDate", ""))
            day = as_day(values.get("svc_EndDate", "")) or row.started_on or timezone.localdate()
            end_service(actor, row, code_of("service_status", values["svc_Status"]), day)
    write_groups(actor, parties, [(change.stored.case, change.groups) for change in changes])


def store_merged_values(actor: Actor, change: CaseChange) -> None:
    """Store the merged values of a known case: its fields, main exploitation and supplement."""
    stored = change.stored
    person = {c: v for c, v in (change.person or stored.person).items() if not file_columns()[c].identity}
    values = (change.values or stored.values) | person
    groups = {level: [*stored.groups[level], *change.groups.get(level, [])] for level in ("hte", "ref", "spl")}
    fields = case_fields(values)
    for name in ("registered_on", "status"):
        fields.pop(name, None)
    episode = exploitation_fields(values, groups["hte"])
    supplement = build_supplement(values, values_after_change(stored, fields, episode), groups)
    complete(actor, stored.case, fields, episode, supplement)


def values_after_change(stored: StoredCase, fields: dict[str, Any], episode: dict[str, Any]) -> Values:
    """Return the values that the register will hold for a known case, without its supplement."""
    for name, value in fields.items():
        setattr(stored.case, name, value)
    values = flat_case(stored.case, Exploitation(**episode) if episode else None)
    status = {c: v for c, v in stored.values.items() if c.startswith("vic_TraffickingStatus")}
    return values | status | agency_values(stored.case.registered_by_agency)
