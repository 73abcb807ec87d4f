"""The home page shows the waiting work of each role, and no work of other users."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.cases.models.case import Task
from kerege.casework.cases.services import assignment, decisions, shares, tasks
from kerege.casework.intake.services.signals import SignalDraft, send_signal
from kerege.casework.justice.models import Crime, Hearing
from kerege.casework.justice.services import record_crimes
from kerege.core.accounts.models import Role
from tests.casework.conftest import CANARY, identity

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def home(browser: Any) -> str:
    response = browser.get(reverse("desk:home"))
    assert response.status_code == 200
    return str(response.content.decode())


def add_task(operator: Any, case: Any, user: Any, days: int, kind: str = "follow_up") -> Task:
    due = timezone.localdate() + timedelta(days=days)
    return tasks.add_tasks(operator, [Task(agency=case.agency, case=case, assignee=user, kind=kind, due_on=due)])[0]


@pytest.mark.parametrize("role", sorted(set(Role.values) - {Role.MINISTER}))
@pytest.mark.parametrize("language", ["kk", "ru", pytest.param("en", marks=pytest.mark.db)])
def test_every_role_has_a_home_page_even_without_waiting_work(
    sign_in: Callable[..., Any], make_user: Callable[..., Any], role: str, language: str
) -> None:
    with translation.override(language):
        page = home(sign_in(make_user(role)))
    body = page[page.index('id="main-content"') :]
    assert any(mark in body for mark in ("kg-empty", "kg-card"))


def test_a_minister_is_led_from_home_to_the_board(sign_in: Callable[..., Any], make_user: Callable[..., Any]) -> None:
    answer = sign_in(make_user("minister")).get(reverse("desk:home"))
    assert (answer.status_code, answer["Location"]) == (302, reverse("desk:ministry-board"))


@pytest.mark.parametrize(
    ("number", "russian", "english"),
    [
        (1, "дело назначено вам", "case assigned to you"),
        (2, "дела назначены вам", "cases assigned to you"),
        (5, "дел назначено вам", "cases assigned to you"),
    ],
)
def test_a_number_and_its_noun_agree(
    number: int, russian: str, english: str, sign_in: Any, make_user: Any, make_case: Any, operator: Any
) -> None:
    user = make_user("caseworker")
    for _ in range(number):
        assignment.assign(operator, make_case(), user)
    client = sign_in(user)
    for language, label in (("ru", russian), ("en", english)):
        with translation.override(language):
            assert (
                f'<span class="kg-tile__number">{number}</span><a class="kg-tile__label" href="#cases">{label}</a>'
                in (home(client))
            )


@pytest.mark.db
def test_a_user_without_a_role_has_no_home_page(sign_in: Callable[..., Any], make_user: Callable[..., Any]) -> None:
    assert sign_in(make_user()).get(reverse("desk:home")).status_code == 403


@pytest.mark.db
def test_tasks_and_cases_are_sorted_by_urgency(
    sign_in: Callable[..., Any], make_user: Callable[..., Any], make_case: Callable[..., Any], operator: Any
) -> None:
    user = make_user("caseworker")
    low, high, unknown = (make_case(caseworker=user, risk_level=risk) for risk in ("low", "high", ""))
    add_task(operator, low, user, -2, "home_visit")
    add_task(operator, low, user, 0, "follow_up")
    add_task(operator, high, user, 5, "documents")
    page = home(sign_in(user))
    order = [page.index(text) for text in ("2 days late", 'id="today"', 'id="soon"', 'id="cases"')]
    assert f'href="{reverse("desk:month")}"' in page
    assert order == sorted(order)
    cases = page[page.index('id="cases"') :]
    assert cases.index(high.reference) < cases.index(unknown.reference) < cases.index(low.reference)
    assert cases.count(CANARY) == 3


@pytest.mark.db
def test_a_caseworker_sees_no_tasks_or_cases_of_others(
    sign_in: Callable[..., Any],
    make_user: Callable[..., Any],
    make_case: Callable[..., Any],
    make_agency: Callable[..., Any],
    operator: Any,
) -> None:
    user, colleague = make_user("caseworker"), make_user("caseworker")
    add_task(operator, make_case(caseworker=colleague), colleague, 0)
    elsewhere = make_case(make_agency("elsewhere", "ngo"))
    add_task(operator, elsewhere, None, 0)
    page = home(sign_in(user))
    assert CANARY not in page
    assert elsewhere.reference not in page
    assert "No case is assigned to you" in page


def test_the_home_page_needs_as_many_queries_for_twenty_cases_as_for_two(
    sign_in: Callable[..., Any],
    make_user: Callable[..., Any],
    make_case: Callable[..., Any],
    operator: Any,
    django_assert_num_queries: Any,
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    user = make_user("caseworker")
    for _ in range(2):
        add_task(operator, make_case(caseworker=user), user, 0)
    browser = sign_in(user)
    home(browser)
    with CaptureQueriesContext(connection) as first_queries:
        home(browser)
    for _ in range(18):
        add_task(operator, make_case(caseworker=user), user, -1)
    with django_assert_num_queries(len(first_queries)):
        home(browser)


@pytest.mark.db
def test_a_task_can_be_completed_on_the_home_page(
    sign_in: Callable[..., Any], make_user: Callable[..., Any], make_case: Callable[..., Any], operator: Any
) -> None:
    user = make_user("caseworker")
    task = add_task(operator, make_case(caseworker=user), user, 0)
    browser = sign_in(user)
    address = reverse("cases:task-done", kwargs={"pk": task.pk})
    assert address in home(browser)
    browser.post(address, {"back": "home"})
    assert address not in home(browser)


@pytest.mark.db
def test_the_inbox_shows_urgent_signals_first(
    sign_in: Callable[..., Any], make_user: Callable[..., Any], make_agency: Callable[..., Any], operator: Any
) -> None:
    police = make_agency("police", "internal_affairs")
    calm = send_signal(operator, SignalDraft(police, make_agency(), "border"))
    urgent = send_signal(operator, SignalDraft(police, make_agency(), "raid", urgency="immediate"))
    page = home(sign_in(make_user("supervisor")))
    assert page.index(urgent.reference) < page.index(calm.reference)


@pytest.mark.db
def test_a_supervisor_sees_the_caseload_of_the_team(
    sign_in: Callable[..., Any], make_user: Callable[..., Any], make_case: Callable[..., Any], operator: Any
) -> None:
    worker = make_user("caseworker", username="busy")
    for _ in range(3):
        add_task(operator, make_case(caseworker=worker, risk_level="high"), worker, -1)
    free = make_case()
    page = home(sign_in(make_user("supervisor")))
    assert reverse("cases:assign", kwargs={"pk": free.pk}) in page
    assert worker.full_name in page
    assert "1 day late" in page
    assert CANARY not in page


@pytest.mark.db
def test_an_identifying_officer_sees_their_tasks_and_the_inbox(
    sign_in: Callable[..., Any],
    make_user: Callable[..., Any],
    make_case: Callable[..., Any],
    make_agency: Callable[..., Any],
    operator: Any,
) -> None:
    police = make_agency("police", "internal_affairs")
    officer, case = make_user("identifying_officer", agency=police), make_case(risk_level="high")
    shares.share(operator, case, police, "legal", categories=["exploitation"])
    for days, kind in ((-2, "home_visit"), (0, "documents"), (5, "follow_up")):
        due = timezone.localdate() + timedelta(days=days)
        tasks.add_tasks(operator, [Task(agency=police, case=case, assignee=officer, kind=kind, due_on=due)])
    row = Referral.objects.create(
        case=case,
        from_agency=case.agency,
        to_agency=police,
        legal_basis="x",
        due_on=timezone.localdate(),
        sent_at=timezone.now(),
        sent_by="x",
        services=["legal_aid"],
    )
    page = home(sign_in(officer))
    order = [page.index(text) for text in ("2 days late", 'id="today"', 'id="soon"')]
    assert order == sorted(order)
    assert reverse("assistance:referral", args=[row.pk]) in page
    assert f"{reverse('cases:tasks')}?state=overdue" in page
    assert "govuk-tag--red" not in page[page.index('id="overdue"') :]  # the risk is not shared with the police
    assert CANARY not in page


@pytest.mark.db
def test_a_justice_officer_sees_hearings_by_day_and_a_link_for_every_count(
    sign_in: Callable[..., Any], make_user: Callable[..., Any], make_agency: Callable[..., Any], operator: Any
) -> None:
    today = timezone.localdate()
    crimes = [
        Crime(
            agency=make_agency(code),
            source="mia",
            register_number=f"257700{n}",
            offence="kz128",
            registered_on=today - timedelta(days=60),
            stage=stage,
        )
        for n, (code, stage) in enumerate([("centre", "in_court"), ("centre", "registered"), ("other", "in_court")])
    ]
    record_crimes(operator, crimes)
    crime, _second, foreign = crimes
    days = {"late": -2, "now": 0, "soon": 12, "far": 60}
    rows = {name: Hearing.objects.create(crime=crime, on=today + timedelta(n), kind="main") for name, n in days.items()}
    held = Hearing.objects.create(crime=crime, on=today - timedelta(days=9), kind="main", state="held")
    strange = Hearing.objects.create(crime=foreign, on=today, kind="main")
    page = home(sign_in(make_user("justice_officer")))
    places = [page.find(reverse("justice:change-hearing", args=[rows[name].pk])) for name in days]
    assert 0 < places[0] < places[1] < places[2]
    assert places[3] == -1
    assert all(reverse("justice:change-hearing", args=[row.pk]) not in page for row in (held, strange))
    assert "2 days late" in page
    links = [page.index(f"{reverse('justice:crime-list')}?stage={stage}") for stage in ("registered", "in_court")]
    assert links == sorted(links)
    assert reverse("justice:crime", args=[crime.pk]) in page


@pytest.mark.db
def test_a_coordinators_counts_link_to_their_pages(
    sign_in: Callable[..., Any], make_user: Callable[..., Any], make_agency: Callable[..., Any]
) -> None:
    page = home(sign_in(make_user("coordinator", agency=make_agency("ministry", "social_protection"))))
    menu = page.split('id="navigation"')[1].split("</nav>")[0]
    assert f'href="{reverse("assistance:silent")}"' in menu
    assert f'href="{reverse("assistance:referral-inbox")}"' not in menu
    tiles = page[page.index("Your work list") :]
    for name in ("assistance:silent", "intake:signal-list", "cases:erasures"):
        assert f'href="{reverse(name)}"' in tiles


@pytest.mark.db
def test_a_supervisors_overdue_list_starts_with_high_risk_cases(
    sign_in: Callable[..., Any], make_user: Callable[..., Any], make_case: Callable[..., Any], operator: Any
) -> None:
    low, high = make_case(risk_level="low"), make_case(risk_level="high")
    add_task(operator, low, None, -9)
    add_task(operator, high, None, -1)
    add_task(operator, low, None, 0)
    page = home(sign_in(make_user("supervisor")))
    overdue_html = page[page.index("9 days late") - 4000 :]
    assert overdue_html.index(high.reference) < overdue_html.index(low.reference)
    assert f"{reverse('cases:tasks')}?whose=agency&amp;state=today" in page


@pytest.mark.db
def test_a_case_waits_until_the_agency_has_decided(
    sign_in: Callable[..., Any],
    make_user: Callable[..., Any],
    make_case: Callable[..., Any],
    make_agency: Callable[..., Any],
    operator: Any,
) -> None:
    from kerege.casework.cases.services.inputs import DecisionDraft

    police = make_agency("police", "internal_affairs")
    case, unshared = make_case(), make_case()
    shares.share(operator, case, police, "legal", categories=["proceedings"])
    decisions.decide(operator, DecisionDraft(case, "police", "presumed", case.registered_on, "x"))
    browser = sign_in(make_user("identifying_officer", agency=police))
    page = home(browser)
    assert reverse("cases:decide", kwargs={"pk": case.pk}) in page
    assert unshared.reference not in page
    today = timezone.localdate()
    draft = DecisionDraft(
        case, "police", "identified", today, "x", authority=police, review_on=today + timedelta(days=5)
    )
    decisions.decide(operator, draft)
    page = home(browser)
    assert "No decision waits for you" in page
    assert case.reference in page[page.index("To be reviewed") :]


@pytest.mark.db
def test_the_coordinator_sees_counts_and_no_case(
    sign_in: Callable[..., Any],
    make_user: Callable[..., Any],
    make_case: Callable[..., Any],
    make_agency: Callable[..., Any],
) -> None:
    case = make_case(make_agency("elsewhere", "ngo"))
    nine_days_ago = timezone.now() - timedelta(days=9)
    Referral.objects.create(
        case=case,
        from_agency=case.agency,
        to_agency=make_agency(),
        legal_basis="x",
        due_on=nine_days_ago.date(),
        sent_at=nine_days_ago,
        sent_by="x",
        services=["shelter"],
    )
    page = home(sign_in(make_user("coordinator", agency=make_agency("ministry", "social_protection"))))
    assert "overdue referral" in page
    assert case.reference not in page
    assert CANARY not in page


@pytest.mark.db
def test_crimes_appear_only_on_the_justice_officers_page(
    sign_in: Callable[..., Any],
    make_user: Callable[..., Any],
    make_case: Callable[..., Any],
    make_agency: Callable[..., Any],
    operator: Any,
) -> None:
    case = make_case(person=identity())
    crime = Crime(
        agency=make_agency(), source="mia", register_number="2577001", offence="kz128", registered_on=case.registered_on
    )
    record_crimes(operator, [crime])
    for role in set(Role.values) - {Role.MINISTER}:
        assert ("2577001" in home(sign_in(make_user(role)))) == (role == "justice_officer"), role


@pytest.mark.db
def test_a_first_responder_sees_only_the_state_of_sent_signals(
    sign_in: Callable[..., Any], make_user: Callable[..., Any], make_agency: Callable[..., Any], operator: Any
) -> None:
    police = make_agency("police", "internal_affairs")
    signal = send_signal(operator, SignalDraft(police, make_agency(), "raid", narrative=CANARY))
    page = home(sign_in(make_user("first_responder", agency=police)))
    assert signal.reference in page
    assert "received" in page
    assert CANARY not in page
