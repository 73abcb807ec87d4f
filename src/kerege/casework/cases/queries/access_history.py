"""Who saw or changed a person's record: read from the audit, told in words, without names of staff."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import chain
from uuid import UUID

from django.utils import timezone

from kerege.casework.cases.models.case import Case
from kerege.casework.vault.queries.identities import with_merged
from kerege.casework.vault.services.identities import stands_for
from kerege.core.accounts.models import Agency
from kerege.core.audit.hash_chain import ACTED_AS
from kerege.core.audit.models import AuditEvent, AuditSubject, Outcome

# the beginning of an action's name -> the act as the person reads it; the longest that fits counts
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
MANY = 2  # an event that read several persons at once was a list or a search
# of several roles held at once, the one that opens a case is told
OPENING = ("identifying_officer", "supervisor", "caseworker")
# who acted without a role that the event tells
OPERATOR, STAFF, SYSTEM = "", "staff", "system"


@dataclass(frozen=True)
class Line:
    """On this day somebody of this agency did this, so many times; `role` is a code, OPERATOR, STAFF or SYSTEM."""

    on: date
    agency: str
    role: str
    act: str
    times: int


def act(event: AuditEvent, hers: Collection[str] = ()) -> str:
    """What was done, as a code of the list access_act. An act inside a form says more than the form's address.

    `hers` are the ids of the records that are one with the one asked about.
    """
    inside = event.details.get("acts", ())
    for action in [*(str(part.get("action", "")) for part in inside), event.action]:
        if fitting := [start for start in ACTS if action.startswith(start)]:
            return ACTS[max(fitting, key=len)]
    if event.target:  # an act names its target, a page that only reads has none
        return "changed"
    persons = {"" if record in hers else record for record in event.details.get("identities", ())}
    return "listed" if len(persons) >= MANY else "opened"


def role(event: AuditEvent) -> str:
    """The role in which somebody acted, as it was then and not as it is today."""
    kind = event.actor.partition(":")[0]
    if kind != "user":
        return SYSTEM if kind == "token" else OPERATOR
    held = event.details.get(ACTED_AS, ())
    # events of an earlier version tell no role
    return max(held, key=lambda code: OPENING.index(code) if code in OPENING else -1, default=STAFF)


def lines(case: Case) -> list[Line]:
    """Everything done with the record of a case, newest first; acts of one day and kind are one line.

    Records that were merged are one: what was done with any of them is told.
    """
    records = with_merged([stands_for(case.record_id)])
    hers = {str(pk) for pk in records}
    events = list(_events(case, records))
    agencies = {str(row.pk): row.name for row in Agency.objects.filter(pk__in={e.agency for e in events if e.agency})}
    counted = Counter(
        (
            timezone.localtime(e.at).date(),
            agencies.get(e.agency, ""),
            role(e),
            act(e, hers),
        )
        for e in events
    )
    return [Line(*key, times) for key, times in sorted(counted.items(), key=lambda pair: pair[0], reverse=True)]


def _events(case: Case, records: Collection[UUID]) -> Iterable[AuditEvent]:
    """Events that name one of the records, and those about one of their cases at the same agency."""
    named = AuditSubject.objects.filter(subject__in=records).values("seq")
    done = AuditEvent.objects.filter(outcome=Outcome.DONE)
    columns = ("seq", "at", "actor", "agency", "action", "target", "details")
    own = Case.objects.filter(record__in=records, agency=case.agency_id).values_list("pk", flat=True)
    about = done.filter(target__in=[f"case:{pk}" for pk in own])
    seen: set[int] = set()
    for event in chain(done.filter(seq__in=named).only(*columns), about.only(*columns)):
        if event.seq not in seen:
            seen.add(event.seq)
            yield event
