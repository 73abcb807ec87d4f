"""A woman who refuses to talk to the police is helped all the same, and the police find nobody."""

from __future__ import annotations

import pytest

from kerege.vocabulary import codes
from tests.journeys import acts
from tests.journeys.desk import Desk, Staff
from tests.journeys.programme import Programme

pytestmark = pytest.mark.journey
NAME, PHONE = "Әбенова", "+7 701 555 02 02"


def test_who_refuses_the_police_gets_every_help(staff: Staff, programme: Programme) -> None:
    worker, doctor = staff.desk("ainur", "kk"), staff.desk("dinara", "kk")
    case = acts.register(
        worker,
        family=NAME,
        given="Мадина",
        birth_year="1996",
        gender="feminine",
        citizenship="KZ",
        phone=PHONE,
        route="walk_in",
        main_form="sexual_exploitation",
        exploitation_country="KZ",
        risk_level="high",
    )
    worker.sees("тіркелді", NAME)
    reference = worker.heading
    acts.record_consent(worker, case, "sharing_with_police", "police", given="no", language="kk")
    worker.sees("Жауап жазылды")
    worker.open(f"{case}?tab=sharing")
    worker.sees("бас тартылды", "Полицияға мәлімет беру")
    every_service_works(worker, case)
    she_cannot_be_shown_to_the_police(worker, case)
    doctor_helps(worker, doctor, case)
    police_find_nobody(staff.desk("serik", "kk"), case, reference)
    justice_finds_nobody(staff.desk("marat", "kk"), case, reference)
    worker.open(f"{case}?tab=history")
    worker.sees_not("ҚР ҚК", "сотқа дейінгі")
    assert programme.is_unbroken()


def every_service_works(worker: Desk, case: str) -> None:
    """Record every kind of service without a status, a decision or contact with the police."""
    kinds = list(codes.code_list("service").codes)
    for kind in kinds:
        worker.open(f"{case}service/")
        worker.fill(kind=kind)
        worker.press()
    worker.sees(*(codes.label("service", kind, "kk") for kind in kinds))
    worker.open(case)
    worker.sees("Болжамды құрбан")


def she_cannot_be_shown_to_the_police(worker: Desk, case: str) -> None:
    """There is no consent to choose, and nothing is sent without one."""
    worker.open(f"{case}share/")
    worker.choose("to_agency", acts.agency(worker, "police"))
    worker.fill(categories=["identity"])
    worker.press()
    assert worker.here == f"{case}share/"
    assert worker.faults
    worker.open(f"{case}?tab=sharing")
    worker.sees("Тек сіздің ұйымыңыз")


def doctor_helps(worker: Desk, doctor: Desk, case: str) -> None:
    """Check that the doctor sees what the person agreed to, and no refusal or police data."""
    acts.record_consent(worker, case, "sharing_with_agency", "clinic", ["identity", "health"], language="kk")
    referral = acts.refer_to(worker, case, "clinic", ["medical_care"], (NAME,), urgency="immediate")
    acts.open_referral(doctor, referral)
    doctor.sees(NAME)
    doctor.sees_not(PHONE, "Полицияға мәлімет беру", "Сексуалдық қанау")
    acts.answer_referral(doctor, "accepted")
    acts.record_service(doctor, case, "medical_care")
    acts.open_referral(doctor, referral)
    acts.answer_referral(doctor, "completed", outcome="helped")
    worker.open(f"{case}?tab=sharing")
    worker.sees("Аяқталды")


def police_find_nobody(police: Desk, case: str, reference: str) -> None:
    """Empty lists, no result, no page; the number itself discloses nothing."""
    for path in ("work/", "work/decisions/", "work/cases/", "work/referrals/", "work/signals/", "work/tasks/"):
        police.open(path)
        police.sees_not(reference, NAME)
    for typed in (reference, NAME):
        police.open("work/search/")
        police.fill(text=typed)
        police.press(form="/search/")
        assert police.page.locator("main a[href*='/work/cases/']").count() == 0
        police.sees("Адам табылмады")
    for path in ("", "?tab=assistance", "decide/", "share/", "note/", "screening/"):
        police.finds_nothing(case + path)


def justice_finds_nobody(justice: Desk, case: str, reference: str) -> None:
    """Check that a justice officer can record a crime but cannot link it to the person.

    A number that belongs to nobody gets the same answer.
    """
    justice.open("work/crimes/")
    justice.follow("/crimes/new/")
    offence = next(iter(codes.code_list("offence").codes))
    justice.fill(source="mia", offence=offence, stage="registered")
    justice.press()
    messages = []
    for number in (reference, "KZ-1999-99999"):
        justice.follow("/link/")
        justice.fill(reference=number)
        justice.press()
        messages.append(justice.faults)
        justice.page.go_back()
        justice.page.go_back()
    assert messages[0] == messages[1] != ""
    justice.finds_nothing(case)
    justice.finds_nothing(f"{case}?tab=assistance")
