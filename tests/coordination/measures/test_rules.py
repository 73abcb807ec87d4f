"""Rights to the plan of measures. The table of expected answers, written by hand, covers every role."""

from __future__ import annotations

from datetime import date

import pytest

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
from tests import rights
from tests.rights import OPERATOR, Rights, make

pytestmark = [pytest.mark.django_db, pytest.mark.db]

KEEPERS, NATIONAL, SYSTEM = {"coordinator", "secretary"}, {"coordinator", "analyst", "publisher"}, {OPERATOR}
APPROVE = {"publisher", OPERATOR}
READ = {"kept": NATIONAL | {"secretary"}, "responsible": NATIONAL | {"secretary"}, "other": NATIONAL}
KEEP = {"kept": KEEPERS | SYSTEM, "responsible": SYSTEM, "other": SYSTEM}
REPORT = {"kept": SYSTEM, "responsible": KEEPERS | SYSTEM, "other": SYSTEM}


def named(what: str, table: dict[str, set[str]]) -> dict[str, set[str]]:
    return {f"{whose} {what}": roles for whose, roles in table.items()}


TABLE: Rights = {
    "measures.set_up": {"own agency": KEEPERS | SYSTEM, "other agency": SYSTEM},
    "measures.read": named("plan", READ),
    "measures.keep": named("plan", KEEP),
    "measures.read_measure": named("measure", READ),
    "measures.change": named("measure", KEEP),
    "measures.report": named("body", REPORT),
    "measures.decide": named("report", KEEP) | named("draft", dict.fromkeys(KEEP, SYSTEM)),
    "measures.list_bodies": named("body", READ),
    "measures.list_reports": named("report", READ) | named("draft", READ),
    "measures.list_changes": named("change", READ),
    "measures.list_publications": named("publication", READ),
    "measures.approve": named("publication", dict.fromkeys(READ, APPROVE)),
    "measures.name": {"own name": KEEPERS | SYSTEM, "other name": SYSTEM},
}


def test_a_body_reports_on_its_measures_and_the_keeper_of_a_plan_decides() -> None:
    rows = rights.start_rows()
    other = make(Agency)
    rows.rows |= {"own agency": rows.own, "other agency": other}
    for whose, keeper, body in (("kept", rows.own, other), ("responsible", other, rows.own), ("other", other, other)):
        days = {"starts_on": date(2025, 1, 1), "ends_on": date(2026, 12, 31)}
        plan = rows.add(f"{whose} plan", MeasurePlan, agency=keeper, **days)
        measure = rows.add(
            f"{whose} measure", Measure, plan=plan, number="1", place=1, term="day", due_on=days["ends_on"]
        )
        responsible = rows.add(f"{whose} body", MeasureBody, measure=measure, agency=body)
        rows.add(f"{whose} report", MeasureReport, body=responsible, half="2025-H1", state="submitted")
        rows.add(f"{whose} draft", MeasureReport, body=responsible, half="2025-H2")
        rows.add(
            f"{whose} publication",
            PlanPublication,
            plan=plan,
            half="2025-H1",
            content={},
            submitted_on=days["starts_on"],
        )
        rows.add(f"{whose} change", MeasureChange, measure=measure, on=date(2025, 2, 1), before={}, after={})
    for whose, owner in (("own", rows.own), ("other", other)):
        rows.rows[f"{whose} name"] = make(BodyName, owner=owner, name="a", agency=owner)
    assert rights.list_differences(TABLE, rows) == []


def test_the_table_holds_every_action_of_the_plan() -> None:
    assert set(rights.list_actions("measures")) == set(TABLE)
