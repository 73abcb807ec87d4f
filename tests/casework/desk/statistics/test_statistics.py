"""The figures of the home pages equal counts by hand in the same register."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from io import BytesIO
from random import Random
from statistics import median
from typing import Any
from unittest.mock import patch

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.cases.models.case import Case, Decision, Exploitation
from kerege.casework.cases.queries import cases as case_queries
from kerege.casework.cases.queries.data_quality import LABELS
from kerege.casework.cases.services import registration
from kerege.casework.cases.services.inputs import Registration
from kerege.casework.desk import team
from kerege.casework.desk.durations import summarise_durations
from kerege.casework.desk.statistics import monthly, programme
from kerege.casework.intake.services.signals import SignalDraft, send_signal
from kerege.core.authorization import Actor
from kerege.vocabulary import codes
from tests.casework.conftest import identity
from tests.django_fixtures import get_agency

pytestmark = [pytest.mark.django_db, pytest.mark.db, pytest.mark.usefixtures("in_english")]
Make = Callable[..., Any]
MONTH = monthly.CalendarMonth(date(2025, 10, 1))
CITIZENSHIPS = [[], ["UZ"], ["KZ"], ["KZ", "UZ"], ["unknown"]]


def at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))


@pytest.fixture(scope="module")
def register(module_rows: None) -> list[Case]:
    """Return sixty random cases of two agencies, which all tests of this module share."""
    rng, home, other_agency = Random(7), get_agency(), get_agency("elsewhere", "ngo")
    operator, cases = Actor.system("tests"), []
    for number in range(60):
        on = date(2025, 9, 1) + timedelta(days=rng.randrange(75))
        case = registration.register(operator, Registration(home if number % 3 else other_agency, identity(), on))
        over = rng.choice(["open", "open", "ended", "closed"])
        ended = None if over == "open" else on + timedelta(days=rng.randrange(40))
        Case.objects.filter(pk=case.pk).update(
            sex=rng.choice(["", "male", "female", "unknown"]),
            age_band=rng.choice(["", "9_17", "18_25", "31_40"]),
            citizenships=rng.choice(CITIZENSHIPS),
            risk_level=rng.choice(["", "low", "high"]),
            status=over,
            ended_on=ended,
            closed_on=ended if over == "closed" else None,
            closure_reason="" if over == "open" else rng.choice(["completed", "returned"]),
            social_status=rng.choice(["", "presumed", "identified"]),
        )
        if rng.random() < 0.7:
            form = rng.choice(["begging", "forced_labour", "unknown", ""])
            Exploitation.objects.create(case=case, main=True, main_form=form, exploitation_country="KZ")
        for _ in range(rng.randrange(3)):
            Service.objects.create(
                case=case,
                kind=rng.choice(["shelter", "legal_aid"]),
                payer=rng.choice(["state", "iom", ""]),
                provider=rng.choice([home, other_agency]),
                status=rng.choice(["ongoing", "completed", "declined"]),
                started_on=on + timedelta(days=rng.randrange(20)),
                created_at=timezone.now(),
                created_by="x",
            )
        if rng.random() < 0.6:
            Decision.objects.create(
                case=case,
                track="social",
                resulting_status="identified",
                kind="formal_identification",
                decided_on=on + timedelta(days=rng.randrange(30)),
                decided_by="x",
                created_at=timezone.now(),
            )
        if rng.random() < 0.5:
            sent, answered = at(on), rng.choice([None, rng.randrange(9)])
            Referral.objects.create(
                case=case,
                from_agency=case.agency,
                to_agency=other_agency if case.agency == home else home,
                legal_basis="x",
                services=["shelter"],
                due_on=on,
                sent_at=sent,
                sent_by="x",
                status=rng.choice(programme.STATES),
                answered_at=None if answered is None else sent + timedelta(days=answered),
            )
        if rng.random() < 0.4:
            signal = send_signal(operator, SignalDraft(other_agency, home, "hotline"))
            signal.received_at = at(on - timedelta(days=rng.randrange(5)))
            signal.save()
            signal.cases.add(case)
        cases.append(Case.objects.get(pk=case.pk))
    return cases


def lines_of(sections: list[monthly.FigureTable], title: str) -> Counter[str]:
    [section] = [section for section in sections if section.title == title]
    return Counter(dict(section.lines))


def count_labels(list_name: str, values: list[str]) -> Counter[str]:
    return Counter(codes.label(list_name, value, "en") if value else "Not recorded" for value in values)


def test_the_month_equals_a_count_by_hand(register: list[Case], make_agency: Make) -> None:
    home = make_agency()
    tables = monthly.list_tables(home.pk, MONTH)
    own = [case for case in register if case.agency == home]
    new_cases = [case for case in own if case.registered_on.month == 10]
    assert len(new_cases) > 8
    assert lines_of(tables, "New cases by sex") == count_labels("sex", [case.sex for case in new_cases])
    groups = [codes.parent("age_band", case.age_band) for case in new_cases]
    assert lines_of(tables, "New cases by age group") == count_labels("age_group", groups)
    citizens = [value for case in new_cases for value in case.citizenships or [""]]
    assert lines_of(tables, "New cases by citizenship") == count_labels("country", citizens)
    forms = [getattr(case.exploitations.filter(main=True).first(), "main_form", "") for case in new_cases]
    assert lines_of(tables, "New cases by main form of exploitation") == count_labels("exploitation_form", forms)
    last = date(2025, 10, 31)
    running = [case for case in own if case.registered_on <= last and not (case.ended_on and case.ended_on <= last)]
    assert lines_of(tables, "Open cases on the last day, by risk") == count_labels(
        "risk_level", [c.risk_level for c in running]
    )
    ended = [case.closure_reason for case in own if case.ended_on and case.ended_on.strftime("%Y-%m") == "2025-10"]
    assert lines_of(tables, "Ended cases by reason") == count_labels("closure_reason", ended)
    services = [
        row
        for row in Service.objects.select_related("case")
        if (row.case.agency_id == home.pk or row.provider_id == home.pk)
        and row.status != "declined"
        and row.started_on
        and row.started_on.month == 10
    ]
    assert lines_of(tables, "Services that began, by kind") == count_labels("service", [row.kind for row in services])
    assert lines_of(tables, "Services that began, by who pays") == count_labels(
        "payer", [row.payer for row in services]
    )
    for title, side in (("sent", "from_agency_id"), ("received", "to_agency_id")):
        rows = [r.status for r in Referral.objects.all() if getattr(r, side) == home.pk and r.sent_at.month == 10]
        assert lines_of(tables, f"Referrals {title}, by current state") == count_labels("referral_status", rows)


def test_every_figure_of_the_month_lists_exactly_its_rows(
    register: list[Case], make_user: Make, sign_in: Make, make_agency: Make
) -> None:
    home, browser = make_agency(), sign_in(make_user("caseworker"))
    tables = monthly.list_tables(home.pk, MONTH)
    assert [section.key for section in tables] == [*monthly.TABLES, monthly.NIGHTS]
    for section in tables:
        for label, n, value in section.figures:
            rows = monthly.counted_rows(home.pk, MONTH, section.key, value)
            assert rows is not None
            assert (rows.count(), rows.values("pk").distinct().count()) == (n, n), (section.title, label)
    page = browser.get(reverse("desk:month"), {"month": "2025-10"}).content.decode()
    address = reverse("desk:month-cases")
    assert "The agency that had a case at the end of the month counts it" in page
    assert page.count(f'href="{address}?month=2025-10&amp;of=') == sum(bool(n) for s in tables for _l, n in s.lines)
    [sex] = [section for section in tables if section.key == "sex"]
    label, n, value = sex.figures[0]
    response = browser.get(address, {"month": "2025-10", "of": "sex", "value": value})
    assert response.context["page"].paginator.count == n
    assert all(entry.url for entry in response.context["entries"])
    assert browser.get(address, {"month": "2025-10", "of": "nothing"}).status_code == 302


def test_the_sheet_holds_the_same_numbers_and_no_formula(
    register: list[Case], make_user: Make, sign_in: Make, make_agency: Make
) -> None:
    home = make_agency()
    home.names["en"] = "=cmd|' /C calc'!A0"
    home.save()
    browser = sign_in(make_user("caseworker"))
    answer = browser.get(reverse("desk:month-sheet"), {"month": "2025-10"})
    if answer["Content-Type"].startswith("text/html"):  # the page asks for reauthentication first
        with patch("kerege.core.pages.reauthentication.is_fresh", return_value=True):
            answer = browser.get(reverse("desk:month-sheet"), {"month": "2025-10"})
    assert answer["Content-Disposition"] == 'attachment; filename="kerege-2025-10.xlsx"'
    rows = list(load_workbook(BytesIO(answer.content)).active.iter_rows())
    assert rows[0][0].value.startswith("=cmd")
    assert all(cell.data_type != "f" for row in rows for cell in row)
    table: dict[str, dict[str, int]] = {}
    title = ""
    for label, number in ((row[0].value, row[1].value if len(row) > 1 else None) for row in rows):
        if number == "Number":
            title = label
        elif isinstance(number, int) and label != "Total":
            table.setdefault(title, {})[label] = number
    for section in monthly.list_tables(home.pk, MONTH):
        assert table.get(section.title, {}) == dict(section.lines), section.title


@pytest.mark.parametrize("invented", [False, True])
def test_only_the_sheet_of_a_demo_states_that_its_people_are_invented(invented: bool) -> None:
    sheet = load_workbook(BytesIO(monthly.workbook("x", [], invented=invented))).active
    assert any(row[0].value == "Invented people." for row in sheet.iter_rows()) is invented


def test_the_process_equals_a_count_by_hand(register: list[Case], make_actor: Make, make_agency: Make) -> None:
    actor = make_actor("coordinator", agency=make_agency("ministry", "social_protection"))
    period = programme.ReportingPeriod(date(2025, 9, 1), date(2025, 12, 31))
    figures = programme.measure_process(actor, period)
    days, waiting = [], 0
    for case in register:
        signal = case.signals.order_by("received_at").first()
        first = timezone.localdate(signal.received_at) if signal else case.registered_on
        served = Service.objects.filter(case=case).exclude(status="declined").order_by("started_on").first()
        if served and served.started_on and served.started_on >= first:
            days.append((served.started_on - first).days)
        else:
            waiting += 1
    assert (figures.to_service.known, figures.to_service.unknown) == (len(days), waiting)
    assert figures.to_service.median == median(days)
    assert figures.to_decision.of == figures.cases == 60
    identified = [case for case in register if case.social_status == "identified"]
    served_too = [c for c in identified if c.services.exclude(status="declined").exists()]
    assert (figures.identified_served.part, figures.identified_served.of) == (len(served_too), len(identified))


def test_referrals_are_counted_by_state_and_receiving_agency(
    register: list[Case], make_actor: Make, make_agency: Make
) -> None:
    actor = make_actor("coordinator", agency=make_agency("ministry", "social_protection"))
    rows = programme.count_referrals(actor, programme.ReportingPeriod(date(2025, 9, 1), date(2025, 12, 31)))
    all_referrals = list(Referral.objects.all())
    assert rows[0].agency is None
    assert rows[0].total == len(all_referrals) == sum(row.total for row in rows[1:])
    assert {state: n for state, n in rows[0].states.items() if n} == Counter(row.status for row in all_referrals)
    answered = [(row.answered_at - row.sent_at).days for row in all_referrals if row.answered_at]
    assert (rows[0].answer.known, rows[0].answer.median) == (len(answered), median(answered))


def test_missing_and_negative_durations_count_as_unknown() -> None:
    summary = summarise_durations([(None, 3), (-2, 1), (0, 1), (4, 2), (9, 1)])
    assert (summary.known, summary.unknown, summary.median, summary.ninety) == (4, 4, 4.0, 9)
    assert summarise_durations([]).median is None


def test_each_missing_item_counts_the_cases_of_its_linked_list(
    register: list[Case], make_actor: Make, make_agency: Make
) -> None:
    supervisor = make_actor("supervisor")
    rows, total = team.count_missing(Case.objects.filter(agency=make_agency()))
    assert total == 40
    assert {row.code for row in rows} == set(LABELS)
    assert sum(row.count for row in rows) > 50
    for row in rows:
        assert case_queries.case_list(supervisor, case_queries.Filters(lacks=row.code)).count() == row.count, row.code


@pytest.mark.parametrize("name", ["team", "quality", "month", "process"])
def test_pages_of_counts_need_no_more_queries_for_more_rows(
    name: str, register: list[Case], make_user: Make, sign_in: Make, make_case: Make, django_assert_max_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser = sign_in(make_user("supervisor", "coordinator"))
    address = reverse(f"desk:{name}")
    browser.get(address)
    with CaptureQueriesContext(connection) as before:
        assert browser.get(address).status_code == 200
    for _ in range(5):
        make_case(caseworker=make_user("caseworker"))
    with django_assert_max_num_queries(len(before)):
        browser.get(address)
