"""Read operations of referrals and usable consents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.referrals import Referral, ReferralStep
from kerege.casework.assistance.services.consents import SHARING_PURPOSES
from kerege.casework.assistance.services.referral_steps import SHOWING, WAITING
from kerege.casework.cases import timeline
from kerege.casework.cases.models.case import Case, Share
from kerege.casework.cases.queries import cases
from kerege.casework.cases.services.shares import running_shares
from kerege.core import authorization
from kerege.core.authorization import Actor
from kerege.vocabulary.profile import active

MAX_ROWS, MAX_ENDED = 200, 10
RECENT_PERIOD = timedelta(days=60)


@dataclass(frozen=True)
class Resting:
    """Shares and referrals that end when a consent is withdrawn."""

    shares: list[Share]
    referrals: list[Referral]


def resting_on(consent: Consent) -> Resting:
    """Return the running shares and open referrals of a consent, each with its agency."""
    shares = running_shares().filter(case=consent.case_id, basis_id=consent.pk).select_related("agency")
    referrals = consent.referrals.filter(status__in=SHOWING).select_related("to_agency")
    return Resting(list(shares.order_by("agency__code", "pk")), list(referrals))


def inbox(actor: Actor) -> QuerySet[Referral]:
    """Return referrals that wait for an answer of the actor's agency, the earliest due date first."""
    waiting = authorization.scope(actor, Referral, action="referrals.answer").filter(status__in=["sent", "seen"])
    return waiting.select_related("from_agency").order_by("due_on", "sent_at", "pk")


def waiting_for_others(actor: Actor) -> QuerySet[Referral]:
    """Return referrals of the actor's agency without an answer, the earliest due date first."""
    sent = authorization.scope(actor, Referral, action="referrals.follow").filter(status__in=["sent", "seen"])
    return sent.select_related("case", "to_agency").order_by("due_on", "sent_at", "pk")


@dataclass(frozen=True)
class InboxGroup:
    """Referrals of one state in the inbox."""

    code: str
    rows: list[Referral]


def open_referrals(actor: Actor, *, mine: bool = False, late: bool = False, urgency: str = "") -> QuerySet[Referral]:
    """Return open referrals to the actor's agency, by the filters of the inbox."""
    rows = authorization.scope(actor, Referral, action="referrals.answer").filter(status__in=SHOWING)
    if mine:
        rows = rows.filter(cases.assigned_or_covered(actor, "assignee") | Q(assignee=None))
    if late:
        rows = rows.filter(due_on__lt=timezone.localdate(), status__in=WAITING)
    return rows.filter(urgency=urgency) if urgency else rows


def list_inbox_groups(
    actor: Actor, *, mine: bool = False, late: bool = False, urgency: str = "", service: str = ""
) -> list[InboxGroup]:
    """Return open referrals to the actor's agency as new, seen and accepted groups, by due date."""
    rows = open_referrals(actor, mine=mine, late=late, urgency=urgency)
    matches = list(rows.select_related("from_agency", "assignee").order_by("due_on", "sent_at", "pk")[:MAX_ROWS])
    if service:
        matches = [row for row in matches if service in row.services]
    states = {"new": {"sent"}, "seen": {"seen"}, "working": {"accepted", "started"}}
    return [InboxGroup(name, [row for row in matches if row.status in statuses]) for name, statuses in states.items()]


def list_recently_ended(actor: Actor) -> list[Referral]:
    """Return up to 10 referrals to the actor's agency that ended in the last 60 days, newest first.

    Each has `ended_at`, the time of its last step.
    """
    ended = Coalesce(Max("steps__at"), "sent_at")
    rows = authorization.scope(actor, Referral, action="referrals.answer").filter(
        status__in=["declined", "completed", "expired", "withdrawn"]
    )
    lately = rows.annotate(ended_at=ended).filter(ended_at__gte=timezone.now() - RECENT_PERIOD)
    return list(lately.select_related("from_agency", "consent").order_by("-ended_at", "pk")[:MAX_ENDED])


def unanswered(actor: Actor) -> QuerySet[Referral]:
    """Return overdue referrals without an answer."""
    rows = authorization.scope(actor, Referral, action="referrals.chase")
    return rows.filter(status__in=WAITING, due_on__lt=timezone.localdate())


def list_unanswered(actor: Actor) -> list[Referral]:
    """Return at most MAX_ROWS overdue referrals without an answer, the earliest due date first."""
    rows = unanswered(actor).select_related("from_agency", "to_agency")
    return list(rows.order_by("due_on", "sent_at", "pk")[:MAX_ROWS])


@dataclass(frozen=True)
class ReferralStepLine:
    """A step of a referral as the page shows it."""

    kind: str
    at: datetime
    by: str


def list_steps(actor: Actor, referral: Referral) -> list[ReferralStepLine]:
    """Return the steps of a referral: colleagues by name, the other agency by its name."""
    rows = list(referral.steps.select_related("agency"))
    directory = timeline.directory(row.by for row in rows if row.agency_id == actor.agency_id)
    return [ReferralStepLine(row.kind, row.at, _name_author(row, directory)) for row in rows]


def _name_author(row: ReferralStep, directory: timeline.Directory) -> str:
    return directory.workers.get(row.by, "") or (row.agency.name if row.agency else "")


def usable_consents(case: Case) -> QuerySet[Consent]:
    """Return consents for sharing that are given, not withdrawn and not expired."""
    running = Q(until=None) | Q(until__gte=timezone.localdate())
    rows = Consent.objects.filter(running, case=case, given=True, withdrawn_on=None, purpose__in=SHARING_PURPOSES)
    return rows.select_related("recipient")


def get_basis_title(basis: str, language: str) -> str:
    """Return the title of a legal basis; its code when the country profile no longer has it."""
    titles = {entry.id: entry.title.in_language(language) for entry in active().legal_basis}
    return titles.get(basis, basis)
