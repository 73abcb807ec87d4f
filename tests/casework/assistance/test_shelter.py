"""Beds and stays: nobody sleeps in a taken bed, and no stay is longer than the law lets it be."""

from __future__ import annotations

from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone, translation

from kerege.base.errors import BadInput
from kerege.casework.assistance.models.shelter import Bed, Stay
from kerege.casework.assistance.queries import plans as queries
from kerege.casework.assistance.services import shelter
from kerege.casework.cases.models.case import Task
from kerege.casework.vault.identity import Identity
from kerege.core.authorization import Denied
from tests.casework.conftest import identity

pytestmark = pytest.mark.db
DAY = date(2025, 3, 10)


@pytest.fixture
def actor(make_actor: Any, make_agency: Any) -> Any:
    return make_actor("caseworker", agency=make_agency())


@pytest.fixture
def boss(make_actor: Any, make_agency: Any) -> Any:
    return make_actor("supervisor", agency=make_agency())


def bed(agency: Any, number: str = "1", kind: str = "women") -> Bed:
    return Bed.objects.create(agency=agency, room="2", number=number, kind=kind)


def person(gender: str, birth_date: str = "1990-01-01") -> Identity:
    return identity(gender=gender, birth_date=birth_date)


def test_a_bed_holds_one_person_and_a_person_one_bed(make_case: Any, actor: Any, make_agency: Any) -> None:
    first, second = bed(make_agency()), bed(make_agency(), "2")
    case, other = make_case(), make_case()
    shelter.arrive(actor, case, first, DAY)
    with pytest.raises(BadInput):
        shelter.arrive(actor, other, first, DAY)
    with pytest.raises(BadInput):
        shelter.arrive(actor, case, second, DAY)
    assert Stay.objects.count() == 1


def test_a_bed_for_women_refuses_a_man_and_a_bed_for_men_a_woman(make_case: Any, actor: Any, make_agency: Any) -> None:
    for number, (gender, kind) in enumerate([("masculine", "women"), ("feminine", "men")]):
        with pytest.raises(BadInput, match="not for persons of this sex"):
            shelter.arrive(actor, make_case(told=person(gender)), bed(make_agency(), str(number), kind), DAY)
    assert not Stay.objects.exists()


def test_men_and_women_do_not_sleep_in_one_room(make_case: Any, actor: Any, make_agency: Any) -> None:
    man, woman = make_case(told=person("masculine")), make_case(told=person("feminine"))
    shelter.arrive(actor, man, bed(make_agency(), "1", "men"), DAY)
    beside = bed(make_agency(), "2")
    with pytest.raises(BadInput, match="a person of the other sex sleeps in this room"):
        shelter.arrive(actor, woman, beside, DAY)
    stay = shelter.arrive(
        actor, woman, Bed.objects.create(agency=make_agency(), room="3", number="1", kind="women"), DAY
    )
    with pytest.raises(BadInput, match="a person of the other sex sleeps in this room"):
        shelter.change_bed(actor, stay, beside, DAY)


@pytest.mark.parametrize(
    ("told", "kind"),
    [(person("masculine", "2020-01-01"), "women"), (person(""), "women"), (person("masculine"), "family")],
    ids=["a son", "a sex that is not recorded", "a family's room"],
)
def test_a_child_an_unrecorded_sex_and_a_family_are_refused_nothing(
    make_case: Any, actor: Any, make_agency: Any, told: Identity, kind: str
) -> None:
    shelter.arrive(actor, make_case(told=person("feminine")), bed(make_agency()), DAY)
    shelter.arrive(actor, make_case(told=told), bed(make_agency(), "2", kind), DAY)
    assert Stay.objects.count() == 2


def test_the_database_itself_refuses_the_second_person(make_case: Any, actor: Any, make_agency: Any) -> None:
    here = bed(make_agency())
    shelter.arrive(actor, make_case(), here, DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Stay.objects.create(case=make_case(), agency=here.agency, bed=here, arrived_on=DAY, bed_since=DAY)


@pytest.mark.django_db(transaction=True)
def test_of_two_caseworkers_at_once_one_gets_the_bed(make_case: Any, actor: Any, make_agency: Any) -> None:
    here, cases, together, got = bed(make_agency()), [make_case(), make_case()], Barrier(2), []

    def take(case: Any) -> None:
        together.wait()
        try:
            shelter.arrive(actor, case, here, DAY)
            got.append("bed")
        except BadInput:
            got.append("taken")
        finally:
            connection.close()

    threads = [Thread(target=take, args=[case]) for case in cases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == ["bed", "taken"]
    assert Stay.objects.count() == 1


def test_whoever_leaves_in_the_morning_makes_room_for_the_evening(make_case: Any, actor: Any, make_agency: Any) -> None:
    here = bed(make_agency())
    stay = shelter.arrive(actor, make_case(), here, DAY)
    shelter.end_stay(actor, stay, DAY + timedelta(days=10), "own_home")
    with pytest.raises(BadInput):
        shelter.arrive(actor, make_case(), here, DAY + timedelta(days=9))
    shelter.arrive(actor, make_case(), here, DAY + timedelta(days=10))


def test_the_shelter_service_begins_and_ends_with_the_stay(make_case: Any, actor: Any, make_agency: Any) -> None:
    case = make_case()
    stay = shelter.arrive(actor, case, bed(make_agency()), DAY)
    service = case.services.get()
    assert (service.kind, service.status, service.payer, service.provider) == (
        "shelter",
        "ongoing",
        "state",
        case.agency,
    )
    shelter.end_stay(actor, stay, DAY + timedelta(days=3), "to_family")
    service.refresh_from_db()
    assert (service.status, service.ended_on) == ("completed", DAY + timedelta(days=3))


def test_a_change_of_bed_does_not_set_the_term_back(make_case: Any, actor: Any, make_agency: Any) -> None:
    stay = shelter.arrive(actor, make_case(), bed(make_agency()), DAY)
    shelter.change_bed(actor, stay, bed(make_agency(), "2"), DAY + timedelta(days=60))
    assert shelter.ends_on(stay) == date(2025, 9, 10)
    assert Bed.objects.get(number="1").stays.count() == 0


@pytest.mark.parametrize(
    ("arrived", "ordinary", "longest"),
    [
        (date(2025, 8, 31), date(2026, 2, 28), date(2026, 5, 31)),
        (date(2023, 8, 29), date(2024, 2, 29), date(2024, 5, 29)),
        (date(2025, 5, 31), date(2025, 11, 30), date(2026, 2, 28)),
        (date(2025, 1, 1), date(2025, 7, 1), date(2025, 10, 1)),
    ],
)
def test_the_term_is_six_months_and_nine_at_the_longest(
    arrived: date, ordinary: date, longest: date, make_case: Any, actor: Any, boss: Any, make_agency: Any
) -> None:
    stay = shelter.arrive(actor, make_case(), bed(make_agency()), arrived)
    assert shelter.ends_on(stay) == ordinary
    with pytest.raises(BadInput):
        shelter.extend(boss, stay, longest + timedelta(days=1), "in_hospital")
    with pytest.raises(BadInput):
        shelter.extend(boss, stay, ordinary, "in_hospital")
    shelter.extend(boss, stay, longest, "proceedings")
    stay.refresh_from_db()
    assert shelter.ends_on(stay) == longest
    with pytest.raises(BadInput):
        shelter.extend(boss, stay, longest + timedelta(days=1), "proceedings")


def test_only_a_supervisor_extends_and_only_on_a_ground(
    make_case: Any, actor: Any, boss: Any, make_agency: Any
) -> None:
    stay = shelter.arrive(actor, make_case(), bed(make_agency()), DAY)
    with pytest.raises(Denied):
        shelter.extend(actor, stay, date(2025, 10, 10), "in_hospital")
    with pytest.raises(BadInput):
        shelter.extend(boss, stay, date(2025, 10, 10), "")


def test_the_clock_shows_thirty_days_before_the_end(make_case: Any, actor: Any, make_agency: Any) -> None:
    stay = shelter.arrive(actor, make_case(), bed(make_agency()), DAY)
    end = shelter.ends_on(stay)
    assert not shelter.is_near_end(stay, end - timedelta(days=31))
    assert shelter.is_near_end(stay, end - timedelta(days=30))
    assert shelter.is_near_end(stay, end + timedelta(days=5))
    assert Task.objects.get(kind="extend_term").due_on == end - timedelta(days=30)


def test_beds_of_another_centre_are_not_to_be_had(make_case: Any, actor: Any, make_agency: Any) -> None:
    with pytest.raises(Denied):
        shelter.arrive(actor, make_case(), bed(make_agency("other")), DAY)


def test_a_bed_in_use_is_not_taken_away(make_case: Any, actor: Any, boss: Any, make_agency: Any) -> None:
    here = bed(make_agency())
    stay = shelter.arrive(actor, make_case(), here, DAY)
    with pytest.raises(BadInput):
        shelter.update_bed(boss, here, "women", False)
    shelter.end_stay(actor, stay, DAY, "own_wish")
    shelter.update_bed(boss, here, "women", False)
    with pytest.raises(BadInput):
        shelter.arrive(actor, make_case(), here, DAY + timedelta(days=1))


def slept(case: Any, agency: Any, arrived: date, left: date) -> None:
    number = str(Bed.objects.count() + 10)
    values = {"arrived_on": arrived, "bed_since": arrived, "left_on": left, "end_reason": "transferred"}
    Stay.objects.create(case=case, agency=agency, bed=bed(agency, number), **values)


def test_nine_months_that_go_on_elsewhere_the_next_day_are_shown_and_warned_of_but_not_forbidden(
    make_case: Any, actor: Any, make_agency: Any
) -> None:
    case = make_case()
    slept(case, make_agency("other"), date(2025, 1, 1), date(2025, 9, 30))
    told = queries.count_earlier_nights(actor, case, date(2025, 10, 1))
    assert told == queries.EarlierNights(272, date(2025, 1, 1), date(2025, 10, 2), exceeds=True)
    stay = shelter.arrive(actor, case, bed(make_agency()), date(2025, 10, 1))
    assert shelter.ends_on(stay) == date(2026, 4, 1)


def test_stays_count_together_while_less_than_thirty_days_lie_between_them(
    make_case: Any, actor: Any, make_agency: Any
) -> None:
    case, here = make_case(), make_agency()
    assert queries.count_earlier_nights(actor, case, DAY) is None
    slept(case, here, date(2024, 1, 1), date(2024, 9, 1))
    slept(case, here, date(2025, 1, 1), date(2025, 1, 31))
    slept(case, here, date(2025, 2, 10), date(2025, 2, 20))
    told = queries.count_earlier_nights(actor, case, date(2025, 3, 21))
    assert told is not None
    assert (told.nights, told.since, told.exceeds) == (40, date(2025, 1, 1), False)
    assert queries.count_earlier_nights(actor, case, date(2025, 3, 22)) is None


def test_an_earlier_stay_of_the_same_person_in_another_case_counts(
    make_case: Any, actor: Any, make_agency: Any
) -> None:
    first = make_case()
    slept(first, make_agency(), date(2025, 1, 1), date(2025, 3, 1))
    again = make_case(record=first.record)
    told = queries.count_earlier_nights(actor, again, DAY)
    assert told is not None
    assert (told.nights, told.exceeds) == (59, False)


def test_a_centre_that_only_helps_learns_nothing_of_nights_elsewhere(
    make_case: Any, actor: Any, make_agency: Any
) -> None:
    case = make_case(make_agency("owner", "ngo"))
    slept(case, make_agency("other"), date(2025, 1, 1), date(2025, 3, 1))
    assert queries.count_earlier_nights(actor, case, DAY) is None


def test_the_page_of_arrival_shows_and_warns(make_case: Any, make_user: Any, sign_in: Any, make_agency: Any) -> None:
    case, here, today = make_case(), make_agency(), timezone.localdate()
    slept(case, here, today - timedelta(days=260), today - timedelta(days=1))
    with translation.override("en"):
        browser, where = sign_in(make_user("caseworker")), reverse("assistance:arrive", args=[case.pk])
    page = browser.get(where).content.decode()
    assert "259 nights in shelters" in page
    assert "With the earlier nights the longest term ends on" in page
    free = bed(here)
    on = {"on_day": today.day, "on_month": today.month, "on_year": today.year}
    answer = browser.post(where, {"bed": str(free.pk)} | on, follow=True).content.decode()
    assert "The bed can be given all the same." in answer
    assert case.stays.filter(left_on=None).exists()
