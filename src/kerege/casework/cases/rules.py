"""Who may see and change a case: the agency that owns it; others only what is shared with them."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils import timezone

from kerege.casework.cases.models.case import Case, Share, Task
from kerege.casework.cases.models.emergency_access import Emergency
from kerege.casework.cases.models.notices import Notice
from kerege.casework.cases.models.workload import Approval, Cover, Reassignment
from kerege.casework.cases.queries.cases import hers
from kerege.casework.cases.records_rules import KEEPING
from kerege.core.accounts.models import Agency, Role
from kerege.core.authorization import Actor, Grant, Rule, everything, nothing, own_agency, own_user
from kerege.core.authorization.rules import rules

CASEWORK = {"caseworker", "supervisor", "identifying_officer"}


def owned_or_shared(actor: Actor) -> Q:
    """Cases of the actor's agency, and those shared with it now."""
    # a list of its own and no join: the many cases of an agency are not walked through for the few that are shared
    return Q(agency=actor.agency_id) | Q(pk__among=shared_now(actor).values("case"))


def shared_now(actor: Actor) -> QuerySet[Share]:
    """What other agencies share with the actor's at this moment."""
    now = timezone.now()
    return Share.objects.filter(Q(to_at=None) | Q(to_at__gt=now), agency=actor.agency_id, from_at__lte=now)


def in_emergency(actor: Actor) -> Q:
    """Cases of another agency that the actor herself opened in an emergency, while it lasts."""
    running = Emergency.objects.filter(ended_at=None, until__gt=timezone.now())
    return Q(pk__among=running.filter(user=actor.user_id, agency=actor.agency_id).values("case"))


def told_to(actor: Actor) -> Q:
    """Notices for the actor or a colleague for whom she steps in, for a role of hers, or for all who work on cases."""
    roles = [*actor.roles, *([""] if actor.roles & CASEWORK else [])]
    mine = hers(actor, "user") if actor.user_id else nothing(actor)
    return Q(agency=actor.agency_id) & (mine | Q(user=None, role__in=roles))


rules.add(
    Rule(
        "cases.view",
        Case,
        [Grant(CASEWORK, owned_or_shared), Grant(CASEWORK, in_emergency), Grant({"operator"}, everything)],
    ),
    # by an exact number, never by looking around; see services/emergencies.py
    Rule("emergencies.open", None, [Grant(CASEWORK)]),
    Rule("emergencies.mine", Emergency, [Grant(CASEWORK, own_user("user"))]),
    Rule("emergencies.end", Emergency, [Grant(CASEWORK, own_user("user")), Grant({"supervisor"}, own_agency("owner"))]),
    Rule(
        "emergencies.review",
        Emergency,
        [Grant({"supervisor"}, own_agency("owner")), Grant({"auditor", "operator"}, everything)],
    ),
    Rule(
        "cases.change",
        Case,
        [Grant({"caseworker", "supervisor"}, own_agency("agency")), Grant({"operator"}, everything)],
    ),
    Rule(
        "cases.share",
        Case,
        [Grant({"caseworker", "supervisor", "api:referrals"}, own_agency("agency")), Grant({"operator"}, everything)],
    ),
    Rule("cases.decide", Case, [Grant({"identifying_officer"}, owned_or_shared), Grant({"operator"}, everything)]),
    Rule("cases.decide_many", None, [Grant({"operator"}, everything)]),
    Rule("cases.register", Agency, [Grant(CASEWORK, own_agency("pk")), Grant({"operator"}, everything)]),
    Rule("tasks.view", Task, [Grant(CASEWORK, own_agency("agency"))]),
    Rule("tasks.change", Task, [Grant(CASEWORK, own_agency("agency")), Grant({"operator"}, everything)]),
    Rule("tasks.plan", None, [Grant({"operator"}, everything)]),
    Rule("team.manage", Agency, [Grant({"supervisor"}, own_agency("pk")), Grant({"operator"}, everything)]),
    Rule("approvals.view", Approval, [Grant({"caseworker", "supervisor"}, own_agency("case__agency"))]),
    Rule(
        "approvals.decide",
        Approval,
        [Grant({"supervisor"}, own_agency("case__agency")), Grant({"operator"}, everything)],
    ),
    Rule(
        "covers.change",
        Cover,
        [Grant(CASEWORK, own_user("absent")), Grant({"supervisor"}, own_agency("agency"))],
    ),
    Rule("reassignments.undo", Reassignment, [Grant({"supervisor"}, own_agency("agency"))]),
    # an administrator has nothing to do with cases, not even with word of one
    Rule("notices.read", Notice, [Grant(set(Role.values) - {Role.ADMINISTRATOR}, told_to)]),
    *KEEPING,
)
