"""A report, a summary and a decision are decided by a button of the page, and by nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from kerege.coordination.measures import publications
from kerege.coordination.measures.models import MeasureReport, PlanPublication
from kerege.core.accounts.actors import actor_for
from tests.coordination.measures.test_publications import make_plan

pytestmark = [pytest.mark.django_db, pytest.mark.db]
FORGED = [{"do": "return "}, {"do": "erase"}, {}, {"do": ""}]
SENT = {"remark": "Нет акта", "half": "2025-H1", "text": "Сделано"}


@pytest.fixture
def keeper(make_user: Any, make_agency: Any) -> Any:
    """Return a secretary of the body that keeps the plan."""
    return make_user("secretary", agency=make_agency("mlsp", "social_protection"))


@pytest.mark.parametrize("button", FORGED)
def test_a_report_is_neither_returned_nor_submitted_by_a_form_without_a_button_of_the_page(
    keeper: Any, sign_in: Callable[..., Client], button: dict[str, str]
) -> None:
    make_plan(keeper.assignments.get().agency)
    waiting, draft = MeasureReport.objects.get(state="accepted"), MeasureReport.objects.get(state="draft")
    MeasureReport.objects.filter(pk=waiting.pk).update(state="submitted", decided_on=None, remark="")
    browser = sign_in(keeper)
    before = list(MeasureReport.objects.order_by("pk").values())
    own, decision = f"/en/work/measures/bodies/{draft.body_id}/", f"/en/work/measures/reports/{waiting.pk}/"
    assert [browser.post(page, SENT | button).status_code for page in (own, decision)] == [404, 404]
    assert list(MeasureReport.objects.order_by("pk").values()) == before
    assert browser.post(own, SENT | {"do": "draft"}).status_code == 302
    assert browser.post(decision, SENT | {"do": "return"}).status_code == 302


@pytest.mark.parametrize("button", FORGED)
def test_a_summary_is_not_returned_by_a_form_without_a_button_of_the_page(
    keeper: Any, make_user: Any, sign_in: Callable[..., Client], button: dict[str, str]
) -> None:
    plan = make_plan(keeper.assignments.get().agency)
    row = publications.request_publication(actor_for(keeper), plan, "2025-H1", date(2025, 7, 17))
    browser = sign_in(make_user("publisher"))
    assert browser.post(f"/en/work/measures/publications/{row.pk}/", SENT | button).status_code == 404
    assert PlanPublication.objects.get().state == "submitted"
    browser.post(f"/en/work/measures/publications/{row.pk}/", SENT | {"do": "return"})
    assert PlanPublication.objects.get().state == "returned"
