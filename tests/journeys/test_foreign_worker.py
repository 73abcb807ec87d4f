"""From a call to the hotline to the last follow-up of a foreign worker.

The worker is found, identified, sheltered, and goes home.
"""

from __future__ import annotations

import pytest

from tests.journeys import acts
from tests.journeys.desk import Desk, Staff
from tests.journeys.programme import Programme

pytestmark = pytest.mark.journey
NAME, STORY = "Юлдашев", "Держат на кирпичном заводе, паспорт у хозяина"
PHONE = "+998 90 555 01 99"
INDICATORS = {
    "deceptive_recruitment": {"deceived_job": "yes", "deceived_wages": "yes"},
    "exploitation": {"exploited_hours": "yes", "exploited_pay": "yes", "evidence": STORY},
    "coercion": {"held_papers": "yes", "held_debt": "yes"},
}


def test_from_the_call_to_the_last_follow_up(staff: Staff, programme: Programme) -> None:
    hotline, worker = staff.desk("zhanna", "ru"), staff.desk("ainur", "ru")
    head, officer, consul = staff.desk("gulzhan", "kk"), staff.desk("kanat", "kk"), staff.desk("ruslan", "en")

    signal = call_comes_in(hotline)
    case, reference = case_opens(worker, signal)
    assert acts.look_up(hotline, signal) == "изучается"
    programme.sql("UPDATE cases_case SET registered_on = date('now', '-14 months') WHERE reference = ?", reference)

    acts.screen(worker, case, "ilo_delphi_adult_labour", INDICATORS, "presumed")
    worker.sees("Вывод записан")
    officer_decides(worker, officer, case, reference)
    help_begins(worker, head, case, room=str(int(reference[-4:])))
    assert acts.look_up(hotline, signal) == "помощь началась"
    paper_is_restored(worker, consul, case)
    goes_home(worker, head, case, programme)
    case_closes(worker, head, case, reference)

    assert acts.look_up(hotline, signal) == "закрыт"
    hotline.sees_not(reference, NAME, STORY)
    hotline.finds_nothing(case)
    consul.finds_nothing(case)
    assert programme.is_unbroken()


def call_comes_in(hotline: Desk) -> str:
    """Send a signal with a relative's words, and check that its reference names nobody."""
    values = {"channel": "hotline", "urgency": "high", "caller": "relative", "suspected_form": "forced_labour"}
    signal = acts.send_signal(hotline, "centre", **values, language="uz", narrative=STORY)
    hotline.sees("Сохраните этот номер")
    hotline.sees_not(STORY)
    assert acts.look_up(hotline, signal) == "получен"
    return signal


def case_opens(worker: Desk, signal: str) -> tuple[str, str]:
    """Read the signal, open a case, and record who the person is and how to reach them."""
    worker.open("work/")
    worker.sees(signal)
    acts.open_signal(worker, signal)
    worker.sees(STORY, "Срочно")
    case = acts.open_case(worker)
    acts.describe(
        worker,
        case,
        family=NAME,
        given="Бахром",
        birth_year="1988",
        gender="masculine",
        citizenship="UZ",
        language="uz",
        phone=PHONE,
        safe_contact="Не звонить днём",
    )
    worker.sees("Не звонить днём", NAME)
    return case, worker.heading


def officer_decides(worker: Desk, officer: Desk, case: str, reference: str) -> None:
    """Record the consent to share with the office, and let its officer decide.

    The officer decides on the social track, and the person is informed.
    """
    acts.record_consent(worker, case, "sharing_with_agency", "office", ["identity", "exploitation"], language="uz")
    acts.show_to(worker, case, "office", ["identity", "exploitation"])
    acts.ask_for_decision(worker, case)
    officer.open(case)
    officer.sees(NAME, "Мәжбүрлі еңбек")
    officer.sees_not(PHONE)
    values = {"kind": "formal_identification", "resulting_status": "identified", "grounds": "Индикаторлар жеткілікті"}
    acts.decide(
        officer, reference, standard_of_proof="balance_of_probabilities", documents_used=["screening"], **values
    )
    worker.open(f"{case}?tab=identification")
    worker.sees("Признан(а) жертвой")
    worker.follow("/notify/")
    worker.fill(manner="in_person", language="uz", interpreter="yes")
    worker.press()


def help_begins(worker: Desk, head: Desk, case: str, room: str) -> None:
    """Record a bed, a needs assessment and services; the page proposes who pays."""
    acts.add_bed(head, room, "men")
    acts.give_bed(worker, case, f" {room},")
    worker.sees(f" {room},")
    worker.open(f"{case}?tab=assistance")
    worker.follow("/needs/new/")
    worker.fill(housing="3", documents="4", work="2", risk_level="high")
    worker.press()
    for kind in ("psychological_support", "material_aid"):
        acts.record_service(worker, case, kind)


def paper_is_restored(worker: Desk, consul: Desk, case: str) -> None:
    """Check that the consulate sees name and nationality only, and issues the document."""
    worker.open(f"{case}?tab=assistance")
    worker.follow("/document/")
    worker.fill(kind="return_certificate", loss="withheld", authority="consulate", country="UZ")
    worker.press()
    acts.record_consent(worker, case, "cross_border", "consulate", ["identity"], language="uz")
    referral = acts.refer_to(worker, case, "consulate", ["documentation"], (NAME,), message="Нужно свидетельство")
    acts.open_referral(consul, referral)
    consul.sees(NAME, "Нужно свидетельство")
    consul.sees_not(PHONE, STORY, "Forced labour", "Shelter")
    acts.answer_referral(consul, "accepted")
    acts.answer_referral(consul, "completed", outcome="helped", reply="Issued, come on Monday.")
    consul.sees_not(NAME)
    worker.open("work/")
    worker.sees(referral)
    acts.open_sent_referral(worker, case, referral)
    worker.sees("Issued, come on Monday.")
    worker.open(f"{case}?tab=assistance")
    worker.follow_into("/document/")
    worker.fill(applied_on=acts.today(), issued_on=acts.today(), handed_over_on=acts.today())
    worker.press()
    worker.sees("выдан на руки")


def goes_home(worker: Desk, head: Desk, case: str, programme: Programme) -> None:
    """Record the person's own decision to return, the risks and the journey.

    Then a year passes.
    """
    worker.open(f"{case}?tab=assistance")
    worker.follow("/return/")
    worker.fill(country="UZ", manner="written")
    worker.press()
    worker.sees("добровольно")  # not without the person's own decision
    worker.fill(voluntary=True)
    worker.press()
    worker.follow_into("/return/")
    assert not worker.offers("/depart/")
    acts.step_of_return(
        worker, "risk", risks=["debt", "traffickers"], risk_level="medium", risk_text="Долг у вербовщика"
    )
    acts.step_of_return(worker, "travel", travels_on=acts.today(), fit_to_travel="yes")
    acts.step_of_return(worker, "depart", on=acts.today())
    head.open("work/shelter/")
    head.sees_not(case)
    acts.step_of_return(worker, "arrive", on=acts.today())
    journey = worker.here
    programme.sql("UPDATE assistance_followup SET due_on = date(due_on, '-13 months')")
    worker.open("work/tasks/")
    for _month in (1, 3, 6, 12):
        worker.open(journey)
        worker.follow_into("/follow-up/")
        worker.fill(outcome="safe")
        worker.press()
    assert not worker.offers("/follow-up/")


def case_closes(worker: Desk, head: Desk, case: str, reference: str) -> None:
    """Closing shows what is still open, and another person approves."""
    worker.open(f"{case}?tab=assistance")
    worker.open(case)
    worker.follow("/close/")
    worker.fill(status="closed", reason="returned", comment="Вернулся домой, связь есть")
    worker.press()
    worker.open("work/")
    head.open("work/approvals/")
    head.follow_into("/approvals/")
    head.sees(reference)
    head.fill(outcome="approved")
    head.press()
    worker.open(case)
    worker.sees("Закрыто")
