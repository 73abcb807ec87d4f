"""Public pages of the plan: what a reader without an account sees."""

from __future__ import annotations

import csv
from typing import Any

import pytest
from django.test import Client

from kerege.coordination.measures import publications
from kerege.core.authorization import session_scope
from tests.coordination.measures.test_publications import AFTER, HALF, SECRET, make_plan, publish

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture
def published(make_agency: Any, make_actor: Any) -> Any:
    """Return a summary that is public."""
    plan = make_plan(make_agency("mlsp", "social_protection"))
    return publish(make_actor("secretary", agency=plan.agency), make_actor("publisher"), plan)


def address(publication: Any, language: str, name: str = "") -> str:
    return f"/{language}/plan/{publication.plan_id}/{HALF}/{name}"


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_reader_without_an_account_reads_states_and_no_report(published: Any, language: str) -> None:
    page = Client().get(address(published, language))
    text = page.content.decode()
    assert page.status_code == 200
    assert [text.count(f'data-plan-state="{state}"') for state in ("done", "overdue")] == [1, 1]
    assert "<mark>" in text  # the days for reports wait for a lawyer
    assert 'lang="ru"' in text  # the act has its wording in Russian alone
    assert SECRET not in text
    assert address(published, language) in Client().get(f"/{language}/plan/").content.decode()


def test_the_csv_holds_the_measures_of_the_page(published: Any) -> None:
    text = Client().get(address(published, "ru", "plan.csv")).content.decode("utf-8-sig")
    _heads, first, second = csv.reader(text.splitlines())
    assert (first[1], first[-1], second[-1]) == ("Мера на 200 человек 1", "Исполнено", "Просрочено")


def test_a_summary_that_waits_for_approval_answers_nobody(make_agency: Any, make_actor: Any) -> None:
    plan = make_plan(make_agency())
    row = publications.request_publication(make_actor("secretary", agency=plan.agency), plan, HALF, AFTER)
    assert {Client().get(address(row, "en", name)).status_code for name in ("", "plan.json", "plan.csv")} == {404}
    assert "No summary of the plan is published yet." in Client().get("/en/plan/").content.decode()


def test_a_withdrawn_summary_answers_410_with_its_reason_and_without_a_measure(published: Any, make_actor: Any) -> None:
    publications.withdraw(make_actor("publisher"), published, {"ru": "Ошибка в сроках"})
    page = Client().get(address(published, "en"))
    assert page.status_code == 410
    assert "Ошибка в сроках" in page.content.decode()
    assert "Мера на" not in page.content.decode()
    for name in ("plan.json", "plan.csv"):
        answer = Client().get(address(published, "en", name))
        text = b"".join(answer).decode()
        assert (answer.status_code, answer["Content-Type"]) == (410, "text/plain; charset=utf-8")
        assert "Ошибка в сроках" in text
        assert "Мера на" not in text


def test_without_a_scope_the_database_answers_public_summaries_alone(make_agency: Any, make_actor: Any) -> None:
    plan = make_plan(make_agency())
    keeper = make_actor("secretary", agency=plan.agency)
    publications.request_publication(keeper, plan, HALF, AFTER)
    with session_scope.closed():
        assert publications.list_public(AFTER) == []
