"""Policy rules for screenings, decision requests, notifications, reviews and figures of both tracks."""

from __future__ import annotations

from django.db.models import Q

from kerege.casework.cases.models.case import Case, Decision
from kerege.casework.cases.rules import CASEWORK, owned_or_shared
from kerege.casework.cases.shared_view import sees_category
from kerege.casework.intake.models import DecisionRequest, Screening, Signal
from kerege.core.authorization import Actor, Grant, Rule, any_of, everything, own_agency

HELPERS = {"caseworker", "supervisor"}
OFFICER = {"identifying_officer"}
OPERATOR = Grant({"operator"}, everything)
FIRST = {"first_responder", "justice_officer"}


def agency_screenings(actor: Actor) -> Q:
    """Return a filter for screenings by the actor's agency, of its cases, and of signals it received."""
    own = any_of(own_agency("agency"), own_agency("case__agency"))(actor)
    return own | Q(case=None) & own_agency("signal__to_agency")(actor)


def shared_with_agency(actor: Actor) -> Q:
    """Return a filter for screenings of cases whose exploitation data the actor may see."""
    return Q(case__in=Case.objects.filter(sees_category(actor, "exploitation")))


def not_yet_opened(actor: Actor) -> Q:
    """Return a filter for screenings of the agency that a sender may still complete.

    Their signal has not been opened by the receiving agency.
    """
    return own_agency("agency")(actor) & Q(case=None, signal__state=Signal.State.NEW, concluded_at=None)


def begun_by_mistake(actor: Actor) -> Q:
    """Return a filter for screenings that the actor began and that hold no answer and no evidence."""
    empty = Q(answers={}, evidence=None, concluded_at=None, screened_by=actor.label)
    return empty & any_of(agency_screenings, not_yet_opened)(actor)


def sent_and_not_yet_opened(actor: Actor) -> Q:
    """Return a filter for signals of the actor's agency that the receiver has not opened."""
    return own_agency("from_agency")(actor) & Q(state=Signal.State.NEW)


RULES = [
    Rule(
        "screenings.start",
        Case,
        [Grant(HELPERS, own_agency("agency")), Grant(OFFICER, owned_or_shared), OPERATOR],
    ),
    Rule(
        "screenings.start_on_signal",
        Signal,
        [Grant(CASEWORK, own_agency("to_agency")), Grant(FIRST | CASEWORK, sent_and_not_yet_opened), OPERATOR],
    ),
    Rule("screenings.view", Screening, [Grant(CASEWORK, any_of(agency_screenings, shared_with_agency)), OPERATOR]),
    Rule("screenings.fill", Screening, [Grant(CASEWORK, agency_screenings), Grant(FIRST, not_yet_opened), OPERATOR]),
    Rule("screenings.discard", Screening, [Grant(CASEWORK | FIRST, begun_by_mistake)]),
    Rule("screenings.conclude", Screening, [Grant(CASEWORK, agency_screenings), OPERATOR]),
    Rule("decisions.queue", None, [Grant(OFFICER)]),
    Rule(
        "decisions.request",
        Case,
        [Grant(CASEWORK, own_agency("agency")), OPERATOR],
    ),
    Rule("decisions.withdraw_request", DecisionRequest, [Grant(CASEWORK, own_agency("from_agency")), OPERATOR]),
    Rule(
        "decisions.notify",
        Decision,
        [Grant(HELPERS, own_agency("case__agency")), Grant(OFFICER, own_agency("authority")), OPERATOR],
    ),
    Rule(
        "decisions.review",
        Decision,
        [
            Grant(HELPERS, own_agency("case__agency")),
            Grant(OFFICER, any_of(own_agency("case__agency"), own_agency("authority"))),
            OPERATOR,
        ],
    ),
    Rule("statuses.count", Decision, [Grant({"coordinator", "analyst"}, everything)]),
]
