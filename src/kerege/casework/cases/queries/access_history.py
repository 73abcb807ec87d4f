"""Access statement: who saw or changed a person's record, from the audit log, without staff names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from itertools import chain
from uuid import UUID

from django.utils import timezone

from kerege.casework.cases.models.case import Case
from kerege.casework.vault.queries.identities import with_merged
from kerege.casework.vault.services.identities import surviving_record_id
from kerege.core.accounts.models import Agency
from kerege.core.audit.hash_chain import ACTED_AS
from kerege.core.audit.models import AuditEvent, AuditSubject, Outcome
from kerege.core.authorization import session_scope

# start of an action name -> code of the act as the person reads it; the longest match counts
ACTS = {
    "cases.decide": "decided",
    "decisions.": "decided",
    "intake.decide": "decided",
    "cases.share": "shared",
    "cases.end_shares": "shared",
    "assistance.refer": "shared",
    "assistance.handover": "shared",
    "referrals.": "shared",
    "handovers.": "shared",
    "transfers.": "shared",
    "files.view": "file",
    "exchange.": "exported",
    "vault.link": "linked",
    "matching.": "linked",
    "emergencies.": "emergency",
    "erasure.decide": "erased",
    "vault.erase": "erased",
    "vault.replay": "erased",
    "retention.": "erased",
}
MANY = 2  # an event with at least this many persons was a list or a search
# when a user held several roles, the last of these that they held is shown
OPENING = ("identifying_officer", "supervisor", "caseworker")
# values of `role` for actors whose event records no role
OPERATOR, STAFF, SYSTEM = "", "staff", "system"


@dataclass(frozen=True)
class AccessLine:
    """A number of acts of one kind, on one day, by one role of one agency.

    `role` is a role code, OPERATOR, STAFF or SYSTEM.
    """

    on: date
    agency: str
    role: str
    act: str
    times: int


def act_code(event: AuditEvent, same_person: Collection[str] = ()) -> str:
    """Return the code of an event in the list access_act.

    An act inside a form is more specific than the address of the form, so it takes precedence. `same_person` are the
    ids of the records merged with the requested one; together they count as one person.
    """
    inner_acts = event.details.get("acts", ())
    for action in [*(str(inner.get("action", "")) for inner in inner_acts), event.action]:
        if matches := [start for start in ACTS if action.startswith(start)]:
            return ACTS[max(matches, key=len)]
    if event.target:  # an act names its target, a page that only reads has none
        return "changed"
    persons = {"" if record in same_person else record for record in event.details.get("identities", ())}
    return "listed" if len(persons) >= MANY else "opened"


def acting_role(event: AuditEvent) -> str:
    """Return the role in which the actor acted, as recorded in the event."""
    kind = event.actor.partition(":")[0]
    if kind != "user":
        return SYSTEM if kind == "token" else OPERATOR
    held = event.details.get(ACTED_AS, ())
    # events of an earlier version record no role
    return max(held, key=lambda code: OPENING.index(code) if code in OPENING else -1, default=STAFF)


def list_accesses(case: Case) -> list[AccessLine]:
    """Return all acts on the record of a case, newest first, summed by day, agency, role and act.

    Includes acts on every record that was merged with it.
    """
    records = with_merged([surviving_record_id(case.record_id)])
    same_person = {str(pk) for pk in records}
    events = _events(case, records)
    agencies = {
        str(row.pk): row.name
        for row in Agency.objects.filter(pk__in={event.agency for event in events if event.agency})
    }
    times_by_key = Counter(
        (
            timezone.localtime(event.at).date(),
            agencies.get(event.agency, ""),
            acting_role(event),
            act_code(event, same_person),
        )
        for event in events
    )
    return [
        AccessLine(*key, times) for key, times in sorted(times_by_key.items(), key=lambda pair: pair[0], reverse=True)
    ]


def _events(case: Case, records: Collection[UUID]) -> list[AuditEvent]:
    """Return the events about one of the records, or about one of their cases at the same agency."""
    naming = AuditSubject.objects.filter(subject__in=records).values("seq")
    successful = AuditEvent.objects.filter(outcome=Outcome.DONE)
    columns = ("seq", "at", "actor", "agency", "action", "target", "details")
    own = Case.objects.filter(record__in=records, agency=case.agency_id).values_list("pk", flat=True)
    about_cases = successful.filter(target__in=[f"case:{pk}" for pk in own])
    with session_scope.bypass_row_security("the rules have authorised the reader of this record's history"):
        events = chain(successful.filter(seq__in=naming).only(*columns), about_cases.only(*columns))
        return list({event.seq: event for event in events}.values())
