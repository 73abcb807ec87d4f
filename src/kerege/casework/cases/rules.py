"""Policy rules for cases: the owner sees and changes them; other agencies see what is shared."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from kerege.casework.cases.models.case import Case, Share, Task
from kerege.casework.cases.models.emergency_access import Emergency
from kerege.casework.cases.models.notices import Notice
from kerege.casework.cases.models.workload import Approval, Cover, Reassignment
from kerege.casework.cases.queries.cases import assigned_or_covered
from kerege.casework.cases.records_rules import RECORDS_RULES
from kerege.core.accounts.models import Agency, Role
from kerege.core.audit import clock
from kerege.core.authorization import Actor, Grant, Rule, everything, nothing, own_agency, own_user
from kerege.core.authorization.rules import rules

CASEWORK = {"caseworker", "supervisor", "identifying_officer"}


def owned_or_shared(actor: Actor) -> Q:
    """Return a filter for cases of the actor's agency and cases shared with it now."""
    # A subquery instead of a join: a join would scan all cases of the agency to find the few shared ones.
    return Q(agency=actor.agency_id) | Q(pk__among=running_shares_with(actor).values("case"))


def running_shares_with(actor: Actor) -> QuerySet[Share]:
    """Return the shares that give the actor's agency access now."""
    now = clock.now()
    return Share.objects.filter(Q(to_at=None) | Q(to_at__gt=now), agency=actor.agency_id, from_at__lte=now)


def in_emergency(actor: Actor) -> Q:
    """Return a filter for cases that the actor opened in an emergency that has not ended."""
    running = Emergency.objects.filter(ended_at=None, until__gt=clock.now())
    return Q(pk__among=running.filter(user=actor.user_id, agency=actor.agency_id).values("case"))


def notices_for(actor: Actor) -> Q:
    """Return a filter for the actor's notices.

    They include notices for a covered colleague, for the actor's roles, and for all who work on cases.
    """
    roles = [*actor.roles, *([""] if actor.roles & CASEWORK else [])]
    mine = assigned_or_covered(actor, "user") if actor.user_id else nothing(actor)
    return Q(agency=actor.agency_id) & (mine | Q(user=None, role__in=roles))


rules.add(
    Rule(
        "cases.view",
        Case,
        [Grant(CASEWORK, owned_or_shared), Grant(CASEWORK, in_emergency), Grant({"operator"}, everything)],
    ),
    # the case is found by an exact number only; see services/emergency_access.py
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
    # administrators and ministers have no access to cases, so they read no notices about them
    Rule("notices.read", Notice, [Grant(set(Role.values) - {Role.ADMINISTRATOR, Role.MINISTER}, notices_for)]),
    *RECORDS_RULES,
)
