"""Beds and stays: one person per bed, and no stay beyond the longest term of the law."""

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
def supervisor(make_actor: Any, make_agency: Any) -> Any:
    return make_actor("supervisor", agency=make_agency())


def bed(agency: Any, number: str = "1", kind: str = "women") -> Bed:
    return Bed.objects.create(agency=agency, room="2", number=number, kind=kind)


def person(gender: str, birth_date: str = "1990-01-01") -> Identity:
    return identity(gender=gender, birth_date=birth_date)


def test_a_bed_holds_one_person_and_a_person_has_one_bed(make_case: Any, actor: Any, make_agency: Any) -> None:
    first, second = bed(make_agency()), bed(make_agency(), "2")
    case, second_case = make_case(), make_case()
    shelter.begin_stay(actor, case, first, DAY)
    with pytest.raises(BadInput):
        shelter.begin_stay(actor, second_case, first, DAY)
    with pytest.raises(BadInput):
        shelter.begin_stay(actor, case, second, DAY)
    assert Stay.objects.count() == 1


def test_a_bed_for_the_other_sex_is_refused(make_case: Any, actor: Any, make_agency: Any) -> None:
    for number, (gender, kind) in enumerate([("masculine", "women"), ("feminine", "men")]):
        with pytest.raises(BadInput, match="not for persons of this sex"):
            shelter.begin_stay(actor, make_case(person=person(gender)), bed(make_agency(), str(number), kind), DAY)
    assert not Stay.objects.exists()


def test_men_and_women_do_not_share_a_room(make_case: Any, actor: Any, make_agency: Any) -> None:
    man, woman = make_case(person=person("masculine")), make_case(person=person("feminine"))
    shelter.begin_stay(actor, man, bed(make_agency(), "1", "men"), DAY)
    beside = bed(make_agency(), "2")
    with pytest.raises(BadInput, match="a person of the other sex stays in this room"):
        shelter.begin_stay(actor, woman, beside, DAY)
    stay = shelter.begin_stay(
        actor, woman, Bed.objects.create(agency=make_agency(), room="3", number="1", kind="women"), DAY
    )
    with pytest.raises(BadInput, match="a person of the other sex stays in this room"):
        shelter.change_bed(actor, stay, beside, DAY)


@pytest.mark.parametrize(
    ("second_person", "kind"),
    [(person("masculine", "2020-01-01"), "women"), (person(""), "women"), (person("masculine"), "family")],
    ids=["a son", "a sex that is not recorded", "a family's room"],
)
def test_children_families_and_unrecorded_sex_may_share_a_room(
    make_case: Any, actor: Any, make_agency: Any, second_person: Identity, kind: str
) -> None:
    shelter.begin_stay(actor, make_case(person=person("feminine")), bed(make_agency()), DAY)
    shelter.begin_stay(actor, make_case(person=second_person), bed(make_agency(), "2", kind), DAY)
    assert Stay.objects.count() == 2


def test_the_database_refuses_a_second_person_in_a_bed(make_case: Any, actor: Any, make_agency: Any) -> None:
    shelter_bed = bed(make_agency())
    shelter.begin_stay(actor, make_case(), shelter_bed, DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Stay.objects.create(case=make_case(), agency=shelter_bed.agency, bed=shelter_bed, arrived_on=DAY, bed_since=DAY)


@pytest.mark.django_db(transaction=True)
def test_one_of_two_concurrent_arrivals_gets_the_bed(make_case: Any, actor: Any, make_agency: Any) -> None:
    shelter_bed, cases, barrier, results = bed(make_agency()), [make_case(), make_case()], Barrier(2), []

    def take(case: Any) -> None:
        barrier.wait()
        try:
            shelter.begin_stay(actor, case, shelter_bed, DAY)
            results.append("bed")
        except BadInput:
            results.append("taken")
        finally:
            connection.close()

    threads = [Thread(target=take, args=[case]) for case in cases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["bed", "taken"]
    assert Stay.objects.count() == 1


def test_a_bed_is_free_on_the_day_of_departure(make_case: Any, actor: Any, make_agency: Any) -> None:
    shelter_bed = bed(make_agency())
    stay = shelter.begin_stay(actor, make_case(), shelter_bed, DAY)
    shelter.end_stay(actor, stay, DAY + timedelta(days=10), "own_home")
    with pytest.raises(BadInput):
        shelter.begin_stay(actor, make_case(), shelter_bed, DAY + timedelta(days=9))
    shelter.begin_stay(actor, make_case(), shelter_bed, DAY + timedelta(days=10))


def test_the_shelter_service_begins_and_ends_with_the_stay(make_case: Any, actor: Any, make_agency: Any) -> None:
    case = make_case()
    stay = shelter.begin_stay(actor, case, bed(make_agency()), DAY)
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


def test_a_change_of_bed_does_not_restart_the_term(make_case: Any, actor: Any, make_agency: Any) -> None:
    stay = shelter.begin_stay(actor, make_case(), bed(make_agency()), DAY)
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
def test_the_term_is_six_months_and_at_most_nine(
    arrived: date, ordinary: date, longest: date, make_case: Any, actor: Any, supervisor: Any, make_agency: Any
) -> None:
    stay = shelter.begin_stay(actor, make_case(), bed(make_agency()), arrived)
    assert shelter.ends_on(stay) == ordinary
    with pytest.raises(BadInput):
        shelter.extend(supervisor, stay, longest + timedelta(days=1), "in_hospital")
    with pytest.raises(BadInput):
        shelter.extend(supervisor, stay, ordinary, "in_hospital")
    shelter.extend(supervisor, stay, longest, "proceedings")
    stay.refresh_from_db()
    assert shelter.ends_on(stay) == longest
    with pytest.raises(BadInput):
        shelter.extend(supervisor, stay, longest + timedelta(days=1), "proceedings")


def test_an_extension_needs_a_supervisor_and_a_ground(
    make_case: Any, actor: Any, supervisor: Any, make_agency: Any
) -> None:
    stay = shelter.begin_stay(actor, make_case(), bed(make_agency()), DAY)
    with pytest.raises(Denied):
        shelter.extend(actor, stay, date(2025, 10, 10), "in_hospital")
    with pytest.raises(BadInput):
        shelter.extend(supervisor, stay, date(2025, 10, 10), "")


def test_the_end_is_near_from_thirty_days_before(make_case: Any, actor: Any, make_agency: Any) -> None:
    stay = shelter.begin_stay(actor, make_case(), bed(make_agency()), DAY)
    end = shelter.ends_on(stay)
    assert not shelter.is_near_end(stay, end - timedelta(days=31))
    assert shelter.is_near_end(stay, end - timedelta(days=30))
    assert shelter.is_near_end(stay, end + timedelta(days=5))
    assert Task.objects.get(kind="extend_term").due_on == end - timedelta(days=30)


def test_a_bed_of_another_centre_cannot_be_used(make_case: Any, actor: Any, make_agency: Any) -> None:
    with pytest.raises(Denied):
        shelter.begin_stay(actor, make_case(), bed(make_agency("other")), DAY)


def test_an_occupied_bed_cannot_be_closed(make_case: Any, actor: Any, supervisor: Any, make_agency: Any) -> None:
    shelter_bed = bed(make_agency())
    stay = shelter.begin_stay(actor, make_case(), shelter_bed, DAY)
    with pytest.raises(BadInput):
        shelter.update_bed(supervisor, shelter_bed, "women", False)
    shelter.end_stay(actor, stay, DAY, "own_wish")
    shelter.update_bed(supervisor, shelter_bed, "women", False)
    with pytest.raises(BadInput):
        shelter.begin_stay(actor, make_case(), shelter_bed, DAY + timedelta(days=1))


def add_past_stay(case: Any, agency: Any, arrived: date, left: date) -> None:
    number = str(Bed.objects.count() + 10)
    values = {"arrived_on": arrived, "bed_since": arrived, "left_on": left, "end_reason": "transferred"}
    Stay.objects.create(case=case, agency=agency, bed=bed(agency, number), **values)


def test_nights_beyond_the_longest_term_give_a_warning_but_no_refusal(
    make_case: Any, actor: Any, make_agency: Any
) -> None:
    case = make_case()
    add_past_stay(case, make_agency("other"), date(2025, 1, 1), date(2025, 9, 30))
    earlier = queries.count_earlier_nights(actor, case, date(2025, 10, 1))
    assert earlier == queries.EarlierNights(272, date(2025, 1, 1), date(2025, 10, 2), exceeds=True)
    stay = shelter.begin_stay(actor, case, bed(make_agency()), date(2025, 10, 1))
    assert shelter.ends_on(stay) == date(2026, 4, 1)


def test_stays_less_than_thirty_days_apart_count_together(make_case: Any, actor: Any, make_agency: Any) -> None:
    case, centre = make_case(), make_agency()
    assert queries.count_earlier_nights(actor, case, DAY) is None
    add_past_stay(case, centre, date(2024, 1, 1), date(2024, 9, 1))
    add_past_stay(case, centre, date(2025, 1, 1), date(2025, 1, 31))
    add_past_stay(case, centre, date(2025, 2, 10), date(2025, 2, 20))
    earlier = queries.count_earlier_nights(actor, case, date(2025, 3, 21))
    assert earlier is not None
    assert (earlier.nights, earlier.since, earlier.exceeds) == (40, date(2025, 1, 1), False)
    assert queries.count_earlier_nights(actor, case, date(2025, 3, 22)) is None


def test_an_earlier_stay_of_the_same_person_in_another_case_counts(
    make_case: Any, actor: Any, make_agency: Any
) -> None:
    first = make_case()
    add_past_stay(first, make_agency(), date(2025, 1, 1), date(2025, 3, 1))
    again = make_case(record=first.record)
    earlier = queries.count_earlier_nights(actor, again, DAY)
    assert earlier is not None
    assert (earlier.nights, earlier.exceeds) == (59, False)


def test_a_centre_with_a_shared_case_sees_no_nights_elsewhere(make_case: Any, actor: Any, make_agency: Any) -> None:
    case = make_case(make_agency("owner", "ngo"))
    add_past_stay(case, make_agency("other"), date(2025, 1, 1), date(2025, 3, 1))
    assert queries.count_earlier_nights(actor, case, DAY) is None


def test_the_arrival_page_shows_earlier_nights_and_warns(
    make_case: Any, make_user: Any, sign_in: Any, make_agency: Any
) -> None:
    case, centre, today = make_case(), make_agency(), timezone.localdate()
    add_past_stay(case, centre, today - timedelta(days=260), today - timedelta(days=1))
    with translation.override("en"):
        browser, address = sign_in(make_user("caseworker")), reverse("assistance:arrive", args=[case.pk])
    page = browser.get(address).content.decode()
    assert "259 nights in shelters" in page
    assert "With the earlier nights the longest term ends on" in page
    free = bed(centre)
    on = {"on_day": today.day, "on_month": today.month, "on_year": today.year}
    answer = browser.post(address, {"bed": str(free.pk)} | on, follow=True).content.decode()
    assert "The bed can be given all the same." in answer
    assert case.stays.filter(left_on=None).exists()
