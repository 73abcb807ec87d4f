"""Parts of help.

They are a plan with its goal, a stay in a bed, a document, a return with its follow-up.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from kerege.casework.assistance.models.documents import Document
from kerege.casework.assistance.models.plans import Plan
from kerege.casework.assistance.models.returns import FollowUp, Return
from kerege.casework.assistance.models.shelter import Bed
from kerege.casework.assistance.services import documents, needs, plans, returns, shelter
from kerege.core.authorization import Actor

SUBJECT: dict[str, str] = {}
READ_ONLY = {f"assistance:{page}" for page in ("service", "needs", "plan", "print-plan", "journey")}
OPERATOR = Actor.system("tests")


def furnish(own: Any, elsewhere: Any, words: Any) -> dict[str, Any]:
    """Rows of the own agency's case."""
    case, day = own.case, own.service.started_on
    plan = plans.begin_plan(OPERATOR, case, Plan(starts_on=day))
    bed = shelter.add_bed(OPERATOR, own.agency, "1", f"a{Bed.objects.count()}", "women")
    shelter.add_bed(OPERATOR, own.agency, "1", f"b{Bed.objects.count()}", "women")
    needs.assess(OPERATOR, case, day, {"housing": 4}, "high", words.note)
    document = documents.want_document(OPERATOR, case, Document(kind="passport", requested_on=day))
    journey = returns.plan_return(OPERATOR, case, Return(country="UZ", decided_on=day, manner="written"))
    home = Return.objects.create(
        case=case, country="UZ", decided_on=day, manner="written", risk_level="low", departed_on=day, arrived_on=day
    )
    follow_up = FollowUp.objects.create(journey=home, months=1, due_on=day + timedelta(days=31))
    return {
        "plan": plan,
        "goal": plans.add_goal(OPERATOR, plan, "housing", words.note),
        "bed": bed,
        "stay": shelter.begin_stay(OPERATOR, case, bed, day),
        "document": document,
        "journey": journey,
        "follow_up": follow_up,
    }
