"""Who saw or changed a person's record: read from the audit, told in words, without names of staff."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import chain

from django.utils import timezone

from kerege.casework.cases.models import Case
from kerege.core.accounts.models import Agency, RoleAssignment
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


@dataclass(frozen=True)
class Line:
    """On this day somebody of this agency, in this role, did this, so many times."""

    on: date
    agency: str
    role: str
    act: str
    times: int


def act(event: AuditEvent) -> str:
    """What was done, as a code of the list access_act. An act inside a form says more than the form's address."""
    inside = event.details.get("acts", ())
    for action in [*(str(part.get("action", "")) for part in inside), event.action]:
        if fitting := [start for start in ACTS if action.startswith(start)]:
            return ACTS[max(fitting, key=len)]
    if event.target:  # an act names its target, a page that only reads has none
        return "changed"
    return "listed" if len(event.details.get("identities", ())) >= MANY else "opened"


def lines(case: Case) -> list[Line]:
    """Everything done with the record of a case, newest first; acts of one day and kind are one line."""
    events = list(_events(case))
    agencies = {str(row.pk): row.name for row in Agency.objects.filter(pk__in={e.agency for e in events if e.agency})}
    roles = _roles({(e.actor, e.agency) for e in events})
    counted = Counter(
        (
            timezone.localtime(e.at).date(),
            agencies.get(e.agency, ""),
            roles.get((e.actor, e.agency), ""),
            act(e),
        )
        for e in events
    )
    return [Line(*key, times) for key, times in sorted(counted.items(), key=lambda pair: pair[0], reverse=True)]


def _events(case: Case) -> Iterable[AuditEvent]:
    """Events that name the record, and those about one of its cases at the same agency."""
    named = AuditSubject.objects.filter(subject=case.record_id).values("seq")
    done = AuditEvent.objects.filter(outcome=Outcome.DONE)
    columns = ("seq", "at", "actor", "agency", "action", "target", "details")
    own = Case.objects.filter(record=case.record_id, agency=case.agency_id).values_list("pk", flat=True)
    about = done.filter(target__in=[f"case:{pk}" for pk in own])
    seen: set[int] = set()
    for event in chain(done.filter(seq__in=named).only(*columns), about.only(*columns)):
        if event.seq not in seen:
            seen.add(event.seq)
            yield event


def _roles(pairs: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The role in which each acted: of several, the one that opens a case."""
    names = {label.partition(":")[2] for label, _agency in pairs if label.startswith("user:")}
    rows = RoleAssignment.objects.filter(user__username__in=names).values_list("user__username", "agency", "role")
    order = ["caseworker", "supervisor", "identifying_officer"]
    found: dict[tuple[str, str], str] = {}
    for username, agency, role in rows:
        key = (f"user:{username}", str(agency))
        if key in pairs and (key not in found or (role in order and found[key] not in order)):
            found[key] = role
    return found
