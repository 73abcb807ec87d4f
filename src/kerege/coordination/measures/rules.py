"""Authorization rules of the plan of measures.

A body sees the plans in which it is responsible for a measure, and reports on these measures. The body that keeps a
plan imports it, changes it, decides on reports and asks for the publication of a summary, which a publisher approves.
National roles read every plan.
"""

from __future__ import annotations

from django.db.models import Q

from kerege.coordination.measures.models import (
    BodyName,
    Measure,
    MeasureBody,
    MeasureChange,
    MeasurePlan,
    MeasureReport,
    PlanPublication,
)
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Grant, Rule, any_of, everything, own_agency
from kerege.core.authorization.rules import Within, rules

KEEPERS = {"coordinator", "secretary"}
READERS = {"coordinator", "analyst", "publisher"}


def of_plan(path: str = "") -> Within:
    """Return the scope of the rows of plans that the actor's agency keeps, or in which it is responsible."""
    return any_of(own_agency(f"{path}agency"), own_agency(f"{path}measures__responsible__agency"))


def _submitted(within: Within) -> Within:
    """Return a scope without drafts: only the body that writes a draft sees it."""
    return lambda actor: within(actor) & ~Q(state="draft")


RULES = (
    Rule("measures.set_up", Agency, [Grant(KEEPERS, own_agency("pk")), Grant({"operator"}, everything)]),
    Rule("measures.read", MeasurePlan, [Grant(READERS, everything), Grant({"secretary"}, of_plan())]),
    Rule("measures.keep", MeasurePlan, [Grant(KEEPERS, own_agency("agency")), Grant({"operator"}, everything)]),
    Rule("measures.read_measure", Measure, [Grant(READERS, everything), Grant({"secretary"}, of_plan("plan__"))]),
    Rule("measures.change", Measure, [Grant(KEEPERS, own_agency("plan__agency")), Grant({"operator"}, everything)]),
    Rule("measures.report", MeasureBody, [Grant(KEEPERS, own_agency("agency")), Grant({"operator"}, everything)]),
    Rule(
        "measures.decide",
        MeasureReport,
        [Grant(KEEPERS, _submitted(own_agency("body__measure__plan__agency"))), Grant({"operator"}, everything)],
    ),
    Rule("measures.name", BodyName, [Grant(KEEPERS, own_agency("owner")), Grant({"operator"}, everything)]),
    Rule(
        "measures.list_bodies",
        MeasureBody,
        [Grant(READERS, everything), Grant({"secretary"}, of_plan("measure__plan__"))],
    ),
    Rule(
        "measures.list_reports",
        MeasureReport,
        [Grant(READERS, everything), Grant({"secretary"}, of_plan("body__measure__plan__"))],
    ),
    Rule(
        "measures.list_changes",
        MeasureChange,
        [Grant(READERS, everything), Grant({"secretary"}, of_plan("measure__plan__"))],
    ),
    Rule(
        "measures.list_publications",
        PlanPublication,
        [Grant(READERS, everything), Grant({"secretary"}, of_plan("plan__"))],
    ),
    Rule("measures.approve", PlanPublication, [Grant({"publisher"}, everything), Grant({"operator"}, everything)]),
)
rules.add(*RULES)
