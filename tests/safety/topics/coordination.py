"""Plan of measures of an agency: no row names a person."""

from __future__ import annotations

from datetime import date
from typing import Any

from kerege.coordination.measures.models import (
    BodyName,
    Measure,
    MeasureBody,
    MeasureChange,
    MeasurePlan,
    MeasureReport,
    PlanPublication,
)
from kerege.coordination.measures.public_summary import compose
from kerege.coordination.measures.queries import PlanSummary

SUBJECT = {
    "measures:plan": "plan_of_measures",
    "measures:import": "plan_of_measures",
    "measures:summary": "plan_of_measures",
    "measures:summary-file": "plan_of_measures",
    "measures:publish": "plan_of_measures",
    "measures:publication": "plan_publication",
    "measures:measure": "measure",
    "measures:change": "measure",
    "measures:report": "measure_body",
    "measures:decide": "measure_report",
}
PLANS = {"measures:plan", "measures:summary", "measures:summary-file", "measures:publication", "measures:measure"}
READ_ONLY = PLANS
# national roles read every plan; the body that keeps one changes it
EVERYWHERE = {(role, page) for role in ("coordinator", "analyst", "publisher") for page in PLANS}


def furnish(own: Any, elsewhere: Any, words: Any) -> dict[str, Any]:
    """Create a plan with one measure, its body, a submitted report, and a submitted and a public summary."""
    first, last = date(2025, 1, 1), date(2026, 12, 31)
    plan = MeasurePlan.objects.create(agency=own.agency, titles={"en": "Plan"}, starts_on=first, ends_on=last)
    measure = Measure.objects.create(plan=plan, number="1", place=1, texts={"en": "x"}, term="day", due_on=last)
    body = MeasureBody.objects.create(measure=measure, agency=own.agency, leads=True)
    sent = {"state": "submitted", "submitted_on": first, "written_by": "x"}
    report = MeasureReport.objects.create(body=body, half="2025-H1", text="x", **sent)
    MeasureChange.objects.create(measure=measure, on=first, act="x", before={}, after={})
    name = f"x {BodyName.objects.count()}"  # an agency knows a name once
    BodyName.objects.create(owner=own.agency, name=name, agency=own.agency)
    asked = {"submitted_on": first, "submitted_by": "x", "content": compose(PlanSummary(plan, "2025-H1", first, []))}
    publication = PlanPublication.objects.create(plan=plan, half="2025-H1", **asked)
    PlanPublication.objects.create(plan=plan, half="2025-H2", state="published", decided_on=first, **asked)
    rows = {"plan_of_measures": plan, "measure": measure, "measure_body": body, "measure_report": report}
    return rows | {"plan_publication": publication, "plan_id": plan}
