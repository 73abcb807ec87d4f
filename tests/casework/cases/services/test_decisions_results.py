"""The kind of a decision and its resulting status agree."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.casework.cases.forms.case import DecisionForm
from kerege.casework.cases.services import decisions
from kerege.casework.cases.services.inputs import DecisionDraft

pytestmark = pytest.mark.django_db
DAY = date(2025, 3, 2)


def test_a_refusal_identifies_nobody(make_case: Any, operator: Any) -> None:
    case = make_case()
    with pytest.raises(BadInput):
        decisions.decide(operator, DecisionDraft(case, "social", "identified", DAY, "", kind="refusal"))
    case.refresh_from_db()
    assert case.social_status == "presumed"
    decisions.decide(operator, DecisionDraft(case, "social", "not_identified", DAY, "", kind="refusal", grounds="x"))
    case.refresh_from_db()
    assert case.social_status == "not_identified"


@pytest.mark.parametrize(("status", "valid"), [("identified", False), ("not_identified", True)])
def test_the_form_shows_the_error_at_the_status_field(status: str, valid: bool) -> None:
    day = {"decided_on_day": "2", "decided_on_month": "3", "decided_on_year": "2025"}
    form = DecisionForm("social_protection", {"kind": "refusal", "resulting_status": status, "grounds": "x"} | day)
    assert form.is_valid() is valid
    assert ("resulting_status" in form.errors) is not valid
