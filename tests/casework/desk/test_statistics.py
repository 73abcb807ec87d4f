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
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import load_workbook

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.handovers import Handover
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.models.shelter import Bed, Stay
from kerege.casework.assistance.services import consents, handover_undo, handovers, provision
from kerege.casework.cases.models.case import Case, Decision, Exploitation
from kerege.casework.cases.queries import cases as case_queries
from kerege.casework.cases.queries.data_quality import LABELS
from kerege.casework.desk import queries as desk
from kerege.casework.desk import team
from kerege.casework.desk.durations import summarise_durations
from kerege.casework.desk.statistics import monthly, programme
from kerege.casework.intake.services.signals import SignalDraft, send_signal
from kerege.core.authorization import Actor
from kerege.vocabulary import codes

pytestmark = [pytest.mark.django_db, pytest.mark.db, pytest.mark.usefixtures("in_english")]
Make = Callable[..., Any]
MONTH = monthly.CalendarMonth(date(2025, 10, 1))
CITIZENSHIPS = [[], ["UZ"], ["KZ"], ["KZ", "UZ"], ["unknown"]]


def at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))


@pytest.fixture
def register(make_case: Make, make_agency: Make, operator: Actor) -> list[Case]:
    """Return sixty random cases of two agencies."""
    rng, home, other_agency = Random(7), make_agency(), make_agency("elsewhere", "ngo")
    cases = []
    for number in range(60):
        on = date(2025, 9, 1) + timedelta(days=rng.randrange(75))
        case = make_case(home if number % 3 else other_agency, on=on)
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
        assert lines_of(tables, f"Referrals {title}, by state now") == count_labels("referral_status", rows)


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


def test_a_service_in_an_inaccessible_case_is_listed_without_the_reference(
    make_case: Make, make_agency: Make, make_actor: Make
) -> None:
    from kerege.casework.desk.statistics import drilldown

    home, strange = make_agency(), make_case(make_agency("elsewhere", "ngo"))
    row = Service.objects.create(
        case=strange,
        kind="shelter",
        provider=home,
        status="ongoing",
        started_on=MONTH.first,
        created_at=timezone.now(),
        created_by="x",
    )
    [entry] = drilldown.list_items(make_actor("caseworker"), [row], MONTH)
    assert (entry.url, strange.reference in entry.reference) == ("", False)


class Sides:
    """Two agencies between which a case is transferred, with monthly figures of each on page and sheet."""

    def __init__(self, make_agency: Make, make_actor: Make, make_case: Make, sign_in: Make, make_user: Make) -> None:
        self.iom, self.centre = make_agency("iom", "international_organisation"), make_agency()
        self.third = make_agency("third", "ngo")
        self.sender = make_actor("supervisor", agency=self.iom)
        self.receiver = make_actor("supervisor", agency=self.centre)
        self.case = make_case(self.iom, on=date(2025, 10, 2))
        self.readers = {
            agency: sign_in(make_user("caseworker", agency=agency), Client()) for agency in (self.iom, self.centre)
        }
        self.serve(self.sender, provider=self.third)
        self.sent = Referral.objects.create(
            case=self.case,
            from_agency=self.iom,
            to_agency=self.third,
            legal_basis="x",
            services=["shelter"],
            due_on=MONTH.last,
            sent_at=at(date(2025, 10, 9)),
            sent_by="x",
            status="accepted",
        )
        consent = Consent(case=self.case, purpose="handover", recipient=self.centre, given=True, on=MONTH.first)
        consents.record_consent(self.sender, consent)

    def serve(self, actor: Actor, **values: Any) -> None:
        values = {"kind": "legal_aid", "payer": "iom", "started_on": date(2025, 10, 5)} | values
        provision.add_services(actor, [Service(case=Case.objects.get(pk=self.case.pk), **values)])

    def hand_over(self) -> Handover:
        offer = handovers.offer(self.sender, [Case.objects.get(pk=self.case.pk)], self.centre)
        return handovers.accept(self.receiver, offer.handovers.get())

    def counts(self, month: monthly.CalendarMonth = MONTH) -> dict[str, Any]:
        return {agency.code: self._counts(agency, month) for agency in self.readers}

    def _counts(self, agency: Any, month: monthly.CalendarMonth) -> Any:
        with patch("kerege.core.pages.reauthentication.is_fresh", return_value=True):
            responses = [
                self.readers[agency].get(reverse(f"desk:{page}"), {"month": month.code})
                for page in ("month", "month-sheet")
            ]
        sheet = load_workbook(BytesIO(responses[1].content)).active.iter_rows(values_only=True)
        return [(s.key, s.figures, s.total) for s in responses[0].context["sections"]], list(sheet)

    def totals(self, agency: Any, month: monthly.CalendarMonth = MONTH) -> dict[str, int]:
        return {section.key: section.total for section in monthly.list_tables(agency.pk, month)}


@pytest.fixture
def sides(make_agency: Make, make_actor: Make, make_case: Make, sign_in: Make, make_user: Make) -> Sides:
    return Sides(make_agency, make_actor, make_case, sign_in, make_user)


def test_a_transfer_and_its_undo_change_no_past_month_of_either_agency(sides: Sides, make_case: Make) -> None:
    record = sides.case.record
    make_case(sides.iom, on=date(2025, 10, 3), record=record)
    before = sides.counts()
    totals = sides.totals(sides.iom)
    assert [totals[key] for key in ("sex", "running", "service", "sent")] == [2, 2, 1, 1]
    handover = sides.hand_over()
    assert set(Case.objects.values_list("agency", flat=True)) == {sides.centre.pk}
    assert Referral.objects.get().from_agency == sides.centre
    assert sides.counts() == before
    handover_undo.undo(sides.receiver, handover)
    assert sides.counts() == before


def test_a_case_that_ended_before_its_transfer_counts_at_the_first_agency(sides: Sides) -> None:
    Case.objects.filter(pk=sides.case.pk).update(
        status="ended", ended_on=date(2025, 10, 20), closure_reason="completed"
    )
    before = sides.counts()
    assert (sides.totals(sides.iom)["ended"], sides.totals(sides.centre)["ended"]) == (1, 0)
    sides.hand_over()
    assert sides.counts() == before


def test_the_month_of_a_transfer_counts_for_the_new_owner(sides: Sides) -> None:
    sides.hand_over()
    this = monthly.CalendarMonth(timezone.localdate().replace(day=1))
    assert (sides.totals(sides.iom, this)["running"], sides.totals(sides.centre, this)["running"]) == (0, 1)


def test_a_later_entry_of_the_new_owner_changes_no_figure_of_the_old_owner(sides: Sides) -> None:
    before = sides.counts()
    sides.hand_over()
    sides.serve(sides.receiver, provider=sides.centre, payer="state")
    assert sides.counts()["iom"] == before["iom"]
    assert (sides.totals(sides.iom)["service"], sides.totals(sides.centre)["service"]) == (1, 1)


def test_transferred_cases_are_listed_without_a_link(sides: Sides) -> None:
    sides.hand_over()
    for key in ("running", "sent"):
        response = sides.readers[sides.iom].get(reverse("desk:month-cases"), {"month": MONTH.code, "of": key})
        assert response.context["page"].paginator.count == 1
        assert [entry.url for entry in response.context["entries"]] == [""]
        assert sides.case.reference not in response.content.decode()


def test_a_stay_counts_the_nights_of_the_month_only(make_case: Make, make_agency: Make) -> None:
    home = make_agency()
    for number, (first, left_on) in enumerate(
        [
            (date(2025, 9, 20), date(2025, 10, 3)),
            (date(2025, 10, 30), None),
            (date(2025, 10, 5), date(2025, 10, 5)),
            (date(2025, 8, 1), date(2025, 10, 1)),
        ]
    ):
        bed = Bed.objects.create(agency=home, room="1", number=str(number))
        Stay.objects.create(case=make_case(), agency=home, bed=bed, arrived_on=first, bed_since=first, left_on=left_on)
    nights = monthly.list_tables(home.pk, MONTH)[-1]
    assert nights.total == 2 + 2 + 0


def test_the_sheet_holds_the_same_numbers_and_no_formula(
    register: list[Case], make_user: Make, sign_in: Make, make_agency: Make
) -> None:
    home = make_agency()
    home.name_en = "=cmd|' /C calc'!A0"
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


def test_the_coordinator_sees_both_tracks_and_no_sum(
    make_case: Make, make_user: Make, make_actor: Make, sign_in: Make, operator: Any
) -> None:
    both, police = make_case(), make_case()
    Case.objects.filter(pk=both.pk).update(social_status="identified", police_status="identified")
    Case.objects.filter(pk=police.pk).update(social_status="presumed", police_status="identified")
    pipeline = desk.pipeline(make_actor("coordinator"))
    assert pipeline.tracks == {"social": (1, 1), "police": (0, 2)}
    with translation.override("en"):
        page = sign_in(make_user("coordinator")).get("/en/work/").content.decode()
    assert "Track: Police" in page
    assert "Track: Social protection" in page
    assert "either track" not in page
