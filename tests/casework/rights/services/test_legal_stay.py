"""Right to stay: what is recorded, what is refused, and what follows from a step."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from kerege.base.errors import BadInput
from kerege.casework.assistance.models.shelter import Bed
from kerege.casework.assistance.services import shelter
from kerege.casework.cases.models.case import Event, Task
from kerege.casework.rights import reminders
from kerege.casework.rights.models.legal_stay import CountryStay, StayRight, StayStep
from kerege.casework.rights.queries.legal_stay import is_foreigner, read_state
from kerege.casework.rights.services import legal_stay as services
from kerege.casework.vault.services import erasure
from kerege.casework.vault.services.identities import open_text
from kerege.core.authorization import Actor, Denied
from tests.casework.rights.conftest import DAY

pytestmark = [pytest.mark.django_db, pytest.mark.db]
SYSTEM = Actor.system("tests")


def after(days: int) -> date:
    return DAY + timedelta(days=days)


def enter(actor: Any, case: Any, on: date, left_on: date | None = None) -> CountryStay:
    return services.save_country_stay(actor, case, CountryStay(entered_on=on, left_on=left_on, source="told"))


def record(actor: Any, case: Any, kind: str, on: date, **more: Any) -> StayStep:
    return services.record_step(actor, case, StayStep(kind=kind, done_on=on, refusal=more.pop("refusal", "")), **more)


def open_tasks(case: Any) -> list[tuple[str, date]]:
    kinds = ("clarify_stay", "extend_stay", "host_notice")
    rows = Task.objects.filter(case=case, done_at=None, kind__in=kinds).order_by("due_on", "kind")
    return list(rows.values_list("kind", "due_on"))


def test_a_foreigners_case_from_the_first_day_to_the_ninth_month(foreigner: Any, actor: Any, make_agency: Any) -> None:
    case, centre = foreigner, make_agency()
    bed = Bed.objects.create(agency=centre, room="1", number="1", kind="women")
    # day 0: nothing is known, the person moves in
    stay = shelter.begin_stay(actor, case, bed, DAY)
    reminders.plan(SYSTEM, DAY)
    assert read_state(case, DAY).end.rule == "unknown_right"
    third_working_day = date(2026, 3, 5)
    assert open_tasks(case) == [("clarify_stay", third_working_day), ("host_notice", third_working_day)]
    # day 1: the day of entry is known; the passport is withheld
    enter(actor, case, after(-10))
    services.save_right(actor, case, StayRight(ground="visa_free", source="told"))
    assert read_state(case, after(1)).end.day == after(19)
    # day 3: the host has told the migration police
    record(actor, case, "host_notice", after(3))
    assert read_state(case, after(3)).notices == []
    reminders.plan(SYSTEM, after(3))
    assert open_tasks(case) == [("extend_stay", after(5))]
    # the papers follow in their order
    for step, day in (("identity_paper", 8), ("akimat_request", 9), ("insurance", 10), ("owner_consent", 10)):
        assert read_state(case, after(day)).next_step == step
        record(actor, case, step, after(day))
    record(actor, case, "fingerprints", after(12))
    reminders.plan(SYSTEM, after(12))
    assert open_tasks(case)[-1] == ("extend_stay", after(16))
    record(actor, case, "application", after(13))
    assert read_state(case, after(13)).next_step == "permit"
    # day 20: the right has ended, and the permit is not there yet
    state = read_state(case, after(20))
    assert (state.has_ended, state.is_near) == (True, True)
    # day 25: the permit lasts half a year, and the old tasks are gone
    record(actor, case, "permit", after(25), permit=services.PermitTerm(after(25), after(205)))
    state = read_state(case, after(25))
    assert (state.end.day, state.next_step, state.is_near) == (after(205), "", False)
    reminders.plan(SYSTEM, after(25))
    assert open_tasks(case) == []
    # month 6: the term of the shelter ends and is extended; a month before its end the permit asks for the next one
    assert shelter.ends_on(stay) == date(2026, 9, 2)
    reminders.plan(SYSTEM, after(170))
    assert open_tasks(case) == [("extend_stay", after(175))]
    services.save_right(
        actor, case, StayRight(ground="trp_victim", from_on=after(206), until=after(386), source="seen")
    )
    assert read_state(case, after(190)).end.day == after(386)
    # month 9: the person goes home by their own decision
    shelter.end_stay(actor, stay, after(270), "returned")
    record(actor, case, "exit", after(271))
    assert case.country_stays.get().left_on == after(271)
    assert Event.objects.filter(case=case, kind__in=["legal_stay", "stay_step"]).count() == 12


def test_a_corrected_day_of_entry_moves_the_tasks(foreigner: Any, actor: Any) -> None:
    time = enter(actor, foreigner, after(-20))
    services.save_right(actor, foreigner, StayRight(ground="visa_free", source="seen"))
    reminders.plan(SYSTEM, DAY)
    assert open_tasks(foreigner) == [("extend_stay", after(6))]
    time.entered_on = after(-10)
    services.save_country_stay(actor, foreigner, time)
    reminders.plan(SYSTEM, DAY)
    assert open_tasks(foreigner) == [("extend_stay", after(5))]


def test_tasks_are_planned_once(foreigner: Any) -> None:
    assert reminders.plan(SYSTEM, DAY) == 1
    assert reminders.plan(SYSTEM, DAY) == 0


@pytest.mark.parametrize(
    ("citizenships", "expected"),
    [(["KZ"], False), (["UZ", "KZ"], False), (["UZ"], True), (["no"], True), ([], None), (["unknown"], None)],
)
def test_a_foreigner_is_known_by_citizenship(citizenships: list[str], expected: bool | None, make_case: Any) -> None:
    case = make_case()
    case.citizenships = citizenships
    assert is_foreigner(case) is expected


def test_a_citizen_gets_no_task(make_case: Any) -> None:
    make_case(on=DAY)
    assert reminders.plan(SYSTEM, DAY) == 0


def test_times_in_the_country_do_not_overlap(foreigner: Any, actor: Any) -> None:
    enter(actor, foreigner, after(-60), after(-40))
    enter(actor, foreigner, after(-40), after(-30))  # left and came back on one day
    with pytest.raises(BadInput):
        enter(actor, foreigner, after(-50))
    with pytest.raises(BadInput):
        enter(actor, foreigner, after(-20), after(-25))
    enter(actor, foreigner, after(-20))
    with pytest.raises(BadInput):
        enter(actor, foreigner, after(-10))


def test_only_a_refusal_has_a_reason_and_an_appeal_follows_it(foreigner: Any, actor: Any) -> None:
    with pytest.raises(BadInput):
        record(actor, foreigner, "refusal", DAY)
    record(actor, foreigner, "refusal", DAY, refusal="status")
    assert read_state(foreigner, DAY).next_step == "appeal"
    record(actor, foreigner, "appeal", DAY)
    assert read_state(foreigner, DAY).next_step == ""


def test_citizens_of_the_union_need_no_insurance(make_case: Any, actor: Any) -> None:
    case = make_case(on=DAY)
    case.citizenships = ["KG"]
    for step in ("identity_paper", "akimat_request"):
        record(actor, case, step, DAY)
    assert read_state(case, DAY).next_step == "owner_consent"


def test_another_agency_records_nothing(foreigner: Any, make_actor: Any, make_agency: Any) -> None:
    stranger = make_actor("caseworker", agency=make_agency("other", "ngo"))
    with pytest.raises(Denied):
        services.save_right(stranger, foreigner, StayRight(ground="visa_free", source="told"))
    with pytest.raises(Denied):
        enter(stranger, foreigner, DAY)
    with pytest.raises(Denied):
        record(stranger, foreigner, "application", DAY)


def test_numbers_and_remarks_are_encrypted_and_go_with_the_person(foreigner: Any, actor: Any) -> None:
    right = services.save_right(actor, foreigner, StayRight(ground="visa", source="seen"), "AB7654321")
    step = record(actor, foreigner, "application", timezone.localdate(), remark="жеке себеп")
    with connection.cursor() as cursor:
        cursor.execute("SELECT ciphertext FROM vault_sealedtext")
        stored = b"".join(bytes(row[0]) for row in cursor.fetchall())
    assert b"AB7654321" not in stored
    assert open_text(right.number) == "AB7654321"
    erasure.erase(SYSTEM, foreigner.record.memberships.get(to_at=None).person)
    assert open_text(StayRight.objects.select_related("number__data_key").get(pk=right.pk).number) is None
    assert open_text(StayStep.objects.select_related("remark__data_key").get(pk=step.pk).remark) is None
