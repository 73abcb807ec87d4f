"""Confirmation of facts of the country profile: one person asks, another one confirms.

The first one names the lawyer and the document. Both work in a national agency. What was confirmed is written to a
file that every process reads, also one without a database. One person alone can take a confirmation back.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from kerege.base.errors import BadInput, Fault, Refused
from kerege.core import audit, authorization
from kerege.core.accounts.models import Agency, FactConfirmation
from kerege.core.accounts.second_person import is_national, record_decision
from kerege.core.authorization import Actor
from kerege.vocabulary import confirmations
from kerege.vocabulary.profile import ProfileFact, active


@dataclass(frozen=True)
class FactRequest:
    """Request to confirm a fact: lawyer, document, and the digest that the page showed."""

    path: str
    digest: str
    lawyer: str
    document: str


def national_agency(actor: Actor) -> Q:
    """Return the condition on the actor's agency, if it is national."""
    return Q(pk=actor.agency_id, national=True)


def confirmable_facts(actor: Actor) -> Q:
    """Return the condition on the requests that an actor of a national agency may decide or take back."""
    if actor.agency_id is None or not is_national(actor.agency_id):
        return authorization.nothing(actor)
    return Q()


def find_fact(path: str) -> ProfileFact:
    """Return a fact of the profile. Raises BadInput when there is none."""
    fact = next((fact for fact in active().facts() if fact.path == path), None)
    if fact is None:
        raise BadInput(Fault(_("there is no such fact"), _("reload the page")))
    return fact


def request_confirmation(actor: Actor, agency: Agency, request: FactRequest) -> FactConfirmation:
    """Ask to confirm a fact. Raises BadInput when it changed since the page, or was asked for already."""
    with audit.act(actor, "facts.request", f"fact:{request.path}") as event:
        authorization.require(actor, "facts.request", agency)
        fact = find_fact(request.path)
        if confirmations.digest_of(fact.fact) != request.digest:
            raise BadInput(Fault(_("the fact has another value now"), _("read it again")))
        if fact.confirmed or FactConfirmation.objects.filter(path=request.path, outcome="").exists():
            raise BadInput(Fault(_("this was asked for already"), _("wait for the second person")))
        row = FactConfirmation.objects.create(
            path=request.path,
            digest=request.digest,
            value=fact.value,
            lawyer=request.lawyer.strip(),
            reason=request.document.strip(),
            asked_by=actor.label,
        )
        event.note(request=str(row.pk))
    return row


def decide_confirmation(actor: Actor, request: FactConfirmation, *, give: bool) -> FactConfirmation:
    """Confirm a fact as the second person, or refuse. Raises Refused for an own or decided request.

    Raises BadInput when the fact has another value than the request.
    """
    with audit.act(actor, "facts.confirm", f"fact:{request.path}") as event:
        authorization.require(actor, "facts.confirm", request)
        if give and confirmations.digest_of(find_fact(request.path).fact) != request.digest:
            raise BadInput(Fault(_("the fact has another value now"), _("refuse the request and ask again")))
        if give:
            earlier = FactConfirmation.objects.filter(path=request.path, outcome="given", ended_at=None)
            earlier.update(ended_at=timezone.now(), ended_by=actor.label)
        row = record_decision(actor, request, give=give)
        transaction.on_commit(write_file)
        event.note(request=str(row.pk), outcome=row.outcome, asked_by=row.asked_by)
    return row


def withdraw_confirmation(actor: Actor, request: FactConfirmation) -> None:
    """Take a confirmation back: the fact is marked as not confirmed again. One person is enough."""
    with audit.act(actor, "facts.withdraw", f"fact:{request.path}") as event:
        authorization.require(actor, "facts.confirm", request)
        row = FactConfirmation.objects.select_for_update().get(pk=request.pk)
        if row.outcome != row.Outcome.GIVEN or row.ended_at:
            raise Refused(_("This request was decided already."))
        row.ended_at, row.ended_by = timezone.now(), actor.label
        row.save(update_fields=["ended_at", "ended_by"])
        transaction.on_commit(write_file)
        event.note(request=str(row.pk))


def write_file() -> None:
    """Write the confirmations that hold to the file of the installation, if it says something else."""
    rows = FactConfirmation.objects.filter(outcome="given", ended_at=None)
    stored = {
        row.path: confirmations.Confirmation(
            path=row.path,
            digest=row.digest,
            lawyer=row.lawyer,
            document=row.reason,
            on=timezone.localdate(row.decided_at),
        )
        for row in rows
    }
    if stored != confirmations.read_home():
        confirmations.write(stored.values())
