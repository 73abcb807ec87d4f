"""Row-level security of the plan of measures: own plans, and those with an own measure."""

from __future__ import annotations

from kerege.coordination.measures.models import (
    BodyName,
    Measure,
    MeasureBody,
    MeasureChange,
    MeasurePlan,
    MeasureReport,
    PlanPublication,
)
from kerege.core.row_security.policies import Policies, TablePolicy, helper, policies

OWN = "agency_id = (SELECT kerege_agency())"
FUNCTIONS = (
    helper(
        "kerege_plan_of(wanted uuid)",
        "boolean",
        """EXISTS (SELECT 1 FROM measures_measureplan p WHERE p.id = wanted AND p.agency_id = kerege_agency())
        OR EXISTS (SELECT 1 FROM measures_measure m JOIN measures_measurebody b ON b.measure_id = m.id
        WHERE m.plan_id = wanted AND b.agency_id = kerege_agency())""",
    ),
    helper(
        "kerege_measure_of(wanted uuid)",
        "boolean",
        "EXISTS (SELECT 1 FROM measures_measure m WHERE m.id = wanted AND kerege_plan_of(m.plan_id))",
    ),
    helper(
        "kerege_measure_of_body(wanted uuid)",
        "boolean",
        "EXISTS (SELECT 1 FROM measures_measurebody b WHERE b.id = wanted AND kerege_measure_of(b.measure_id))",
    ),
)
GUARDS = (
    TablePolicy(MeasurePlan, f"{OWN} OR kerege_plan_of(id)", OWN),
    TablePolicy(Measure, "kerege_plan_of(plan_id)"),
    TablePolicy(MeasureBody, f"{OWN} OR kerege_measure_of(measure_id)"),
    TablePolicy(MeasureReport, "kerege_measure_of_body(body_id)"),
    TablePolicy(MeasureChange, "kerege_measure_of(measure_id)"),
    TablePolicy(
        PlanPublication,
        "state IN ('published', 'withdrawn') OR kerege_plan_of(plan_id)",  # the public reads these two without a scope
        "kerege_plan_of(plan_id)",
    ),
    TablePolicy(BodyName, "owner_id = (SELECT kerege_agency())"),
)

policies.add(Policies("measures", GUARDS, FUNCTIONS, order=80))
