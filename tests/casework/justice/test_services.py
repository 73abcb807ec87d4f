"""Crimes: counted by source, with a stage history, invisible to helping roles."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from kerege.base.errors import BadInput
from kerege.casework.justice import queries, services
from kerege.casework.justice.models import Compensation, Crime, Hearing, ProtectionMeasure, Suspect
from kerege.core import authorization
from kerege.core.authorization import Denied
from kerege.vocabulary.dates import half

pytestmark = [pytest.mark.django_db, pytest.mark.db]
DAY = date(2025, 3, 10)
LATER = DAY + timedelta(days=40)


def crime(agency: Any, number: str = "", source: str = "mia", on: date = DAY) -> Crime:
    return Crime(agency=agency, source=source, register_number=number, offence="kz128", registered_on=on)


@pytest.fixture
def police(make_agency: Any) -> Any:
    return make_agency("police", "internal_affairs")


@pytest.fixture
def officer(make_actor: Any, police: Any) -> Any:
    return make_actor("justice_officer", agency=police)


@pytest.fixture
def row(officer: Any, police: Any) -> Crime:
    return services.record_crimes(officer, [crime(police)])[0]


def test_an_agency_records_a_register_number_once_in_the_count_of_a_source(officer: Any, police: Any) -> None:
    services.record_crimes(officer, [crime(police, "25-1")])
    services.record_crimes(officer, [crime(police, "25-1", "pgo")])
    with pytest.raises(BadInput):
        services.record_crimes(officer, [crime(police, "25-1")])
    with pytest.raises(IntegrityError), transaction.atomic():
        Crime.objects.create(**vars_of(crime(police, "25-1")), created_at="2025-03-10T00:00Z", created_by="x")


def vars_of(row: Crime) -> dict[str, Any]:
    names = ("agency_id", "source", "register_number", "offence", "registered_on")
    return {name: getattr(row, name) for name in names}


def test_a_register_number_of_another_agency_is_neither_revealed_nor_counted_twice(
    officer: Any, police: Any, make_actor: Any, make_agency: Any
) -> None:
    other_agency = make_agency("police-2", "internal_affairs")
    services.record_crimes(officer, [crime(police, "25-7")])
    services.record_crimes(make_actor("justice_officer", agency=other_agency), [crime(other_agency, "25-7")])
    assert Crime.objects.count() == 2
    assert sum(period.crimes for period in queries.count_by_half_year()["mia"]) == 1
    assert queries.count_recorded_twice() == 1


def test_the_snapshot_counts_a_register_number_once_too(
    officer: Any, police: Any, make_actor: Any, make_agency: Any
) -> None:
    from kerege.casework.exchange.snapshots import freeze

    other_agency = make_agency("police-2", "internal_affairs")
    own_crime, other_crime = crime(police, "25-7"), crime(other_agency, "25-7")
    services.record_crimes(officer, [own_crime], [Suspect(crime=own_crime, roles=["exploiter"])])
    services.record_crimes(
        make_actor("justice_officer", agency=other_agency), [other_crime], [Suspect(crime=other_crime)]
    )
    assert len(freeze.rows("crimes", LATER)) == 1
    assert len(freeze.rows("suspects", LATER)) == 1


def test_all_crimes_without_a_number_count(officer: Any, police: Any) -> None:
    services.record_crimes(officer, [crime(police), crime(police)])
    assert queries.count_by_half_year()["mia"][-1].crimes == 2


def test_a_stage_before_the_registration_is_refused(officer: Any, row: Crime) -> None:
    with pytest.raises(BadInput):
        services.move_crime(officer, row, "convicted", date(2025, 3, 9))


def test_every_stage_stays_in_the_history(officer: Any, row: Crime) -> None:
    services.move_crime(officer, row, "investigation", DAY)
    services.move_crime(officer, row, "in_court", LATER)
    assert list(row.stages.values_list("stage", "on")) == [
        ("registered", DAY),
        ("investigation", DAY),
        ("in_court", LATER),
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [("in_court", "investigation"), ("convicted", "in_court"), ("acquitted", "convicted"), ("closed", "registered")],
)
def test_a_stage_goes_back_only_with_a_reason(before: str, after: str, officer: Any, row: Crime) -> None:
    services.move_crime(officer, row, before, DAY)
    with pytest.raises(BadInput):
        services.move_crime(officer, row, after, LATER)
    services.move_crime(officer, row, after, LATER, "returned")
    row.refresh_from_db()
    assert row.stage == after
    assert row.stages.last().correction == "returned"
    assert row.stages.count() == 3


def test_the_snapshot_knows_the_stage_of_a_day(officer: Any, row: Crime) -> None:
    from kerege.casework.exchange.snapshots import freeze

    services.move_crime(officer, row, "investigation", DAY + timedelta(days=5))
    services.move_crime(officer, row, "in_court", LATER)
    stages = {day: freeze.rows("crimes", day)[0]["crime_stage"] for day in (DAY, DAY + timedelta(days=9), LATER)}
    assert list(stages.values()) == ["registered", "investigation", "in_court"]


def test_a_suspect_has_their_own_stage_history(officer: Any, row: Crime) -> None:
    values = {"roles": ["exploiter"], "sex": "female", "organised_group": "yes", "stage": "in_court"}
    suspect = services.save_suspect(officer, row, dict(values))
    with pytest.raises(BadInput):
        services.save_suspect(officer, row, values | {"stage": "investigation"}, suspect)
    services.save_suspect(officer, row, values | {"stage": "convicted", "sanction": "imprisonment"}, suspect)
    assert list(suspect.stages.values_list("stage", flat=True)) == ["in_court", "convicted"]
    assert row.stages.filter(suspect=None).count() == 1


def test_the_share_of_organised_groups_ignores_unknown_answers(officer: Any, police: Any) -> None:
    row = crime(police)
    answers = ["yes", "yes", "no", "unknown", "refused", "not_asked", ""]
    services.record_crimes(officer, [row], [Suspect(crime=row, organised_group=answer) for answer in answers])
    group = queries.count_by_half_year()["mia"][-1].group
    assert (group.yes, group.known, group.unknown) == (2, 3, 4)
    assert round(group.percent or 0) == 67


def test_sources_and_half_years_are_counted_separately(officer: Any, police: Any) -> None:
    rows = [crime(police, source=source, on=on) for source in ("mia", "pgo") for on in (DAY, date(2025, 7, 1))]
    services.record_crimes(officer, rows)
    counts = {source: [(p.half, p.crimes) for p in periods] for source, periods in queries.count_by_half_year().items()}
    for periods in counts.values():
        assert periods[-2:] == [("2025-H2", 1), ("2025-H1", 1)]
        # half-years without crimes appear with zero, up to the current one
        assert periods[0][0] == half(timezone.localdate())
        assert {n for _half, n in periods[:-2]} <= {0}


def test_the_list_of_half_years_has_no_gap() -> None:
    assert queries.list_half_years_between("2024-H2", "2026-H1") == ["2024-H2", "2025-H1", "2025-H2", "2026-H1"]
    assert queries.list_half_years_between("2025-H1", "2025-H1") == ["2025-H1"]


def test_crimes_of_a_source_are_counted_by_article(officer: Any, police: Any, make_user: Any, sign_in: Any) -> None:
    rows = [crime(police), crime(police), crime(police, source="pgo")]
    rows[1].offence = "kz308"
    services.record_crimes(officer, rows)
    articles = {source: periods[-1].articles for source, periods in queries.count_by_half_year().items()}
    assert articles["pgo"] == [(rows[0].offence, 1)]
    assert dict(articles["mia"]) == {rows[0].offence: 1, "kz308": 1}
    page = sign_in(make_user("justice_officer")).get("/en/work/crimes/figures/").content.decode()
    assert page.count("By article") >= 2


def test_the_page_of_figures_has_no_total(officer: Any, police: Any, make_user: Any, sign_in: Any) -> None:
    services.record_crimes(officer, [crime(police), crime(police), crime(police, source="pgo")])
    page = sign_in(make_user("coordinator")).get("/en/work/crimes/figures/").content.decode()
    assert "never added" in page
    assert "74%" in page
    assert "kg-total" not in page
    assert ">3<" not in page


@pytest.mark.parametrize(
    "wrong",
    [
        lambda row: ProtectionMeasure(crime=row, person="victim", kind="escort", starts_on=LATER, ends_on=DAY),
        lambda row: Compensation(crime=row, source="fund", paid=100),
        lambda row: Compensation(crime=row, source="offender"),
    ],
)
def test_contradictory_lines_are_refused(wrong: Any, officer: Any, row: Crime) -> None:
    with pytest.raises(BadInput):
        services.add_line(officer, wrong(row))


def test_upcoming_and_overdue_hearings_are_shown(officer: Any, row: Crime) -> None:
    from django.utils import timezone

    today = timezone.localdate()
    for days in (-3, 5, 90):
        services.add_line(officer, Hearing(crime=row, on=today + timedelta(days=days), kind="main"))
    assert [hearing.on for hearing in queries.list_next_hearings(officer)] == [
        today - timedelta(days=3),
        today + timedelta(days=5),
    ]


@pytest.mark.parametrize("role", ["caseworker", "supervisor", "coordinator", "first_responder", "administrator"])
def test_helping_roles_cannot_see_that_a_criminal_case_exists(
    role: str, make_actor: Any, police: Any, row: Crime, make_user: Any, sign_in: Any
) -> None:
    assert not authorization.allows(make_actor(role, agency=police), "crimes.view", row)
    client = sign_in(make_user(role, agency=police))
    assert client.get(reverse("justice:crime", args=[row.pk])).status_code in {403, 404}


def test_an_officer_of_another_agency_changes_nothing(make_actor: Any, make_agency: Any, row: Crime) -> None:
    stranger = make_actor("justice_officer", agency=make_agency("police-2", "internal_affairs"))
    for act in (
        lambda: services.move_crime(stranger, row, "in_court", LATER),
        lambda: services.save_suspect(stranger, row, {"sex": "male"}),
        lambda: services.add_line(stranger, Hearing(crime=row, on=DAY, kind="main")),
    ):
        with pytest.raises(Denied):
            act()


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_pages_of_justice_work(language: str, make_user: Any, sign_in: Any, police: Any) -> None:
    from django.utils import translation

    client = sign_in(make_user("justice_officer", agency=police))
    days = {"registered_on_day": "10", "registered_on_month": "3", "registered_on_year": "2025"}
    with translation.override(language):
        assert client.get(reverse("justice:record")).status_code == 200
        data = {"source": "mia", "offence": "kz128", "stage": "registered"} | days
        answer = client.post(reverse("justice:record"), data)
        assert answer.status_code == 302, answer.context["form"].errors
        assert client.get(answer["Location"]).status_code == 200
        assert client.get(f"{reverse('justice:crime-list')}?half=2025-H1&offence=kz128").status_code == 200
        assert client.get(reverse("justice:figures")).status_code == 200
