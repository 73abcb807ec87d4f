"""A referral is declined and goes on to the next agency, which does not answer.

It is escalated without a person, and ends well.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kerege.casework.assistance.services.referral_escalation import coordinator_on
from tests.journeys import acts
from tests.journeys.desk import Desk, Staff
from tests.journeys.programme import Programme

pytestmark = pytest.mark.journey
NAME, WORDS = "Рахимова", "Нужен адвокат до пятницы"


def test_declined_sent_on_not_answered_escalated_and_completed(staff: Staff, programme: Programme) -> None:
    sender, head = staff.desk("ainur", "ru"), staff.desk("gulzhan", "ru")
    first, second, coordinator = staff.desk("aliya", "kk"), staff.desk("irina", "ru"), staff.desk("saule", "ru")
    case = acts.register(sender, family=NAME, given="Нодира", birth_year="1999", language="uz", main_form="begging")
    reference = sender.heading
    acts.record_consent(sender, case, "sharing_with_agency", "", ["identity", "needs"], language="uz")

    declined = acts.refer_to(sender, case, "umit", ["legal_aid"], (NAME,), message=WORDS, urgency="high")
    first_agency_declines(first, declined, case)
    sender_is_told(sender, case, declined)
    silent = acts.refer_again(sender, case, (acts.agency(sender, "korgau"), NAME))
    assert silent != declined

    days_go_by(programme, silent)
    programme.run_the_clocks()
    second.open("work/")
    second.sees("Перенаправление ожидает вашего ответа", silent)
    head.open("work/")
    head.sees("На перенаправление не ответили в срок", silent)
    coordinator_sees_silence_and_no_person(coordinator, silent, reference, case)

    second_agency_helps(second, silent, case)
    sender_reads_the_outcome(sender, case, silent)
    coordinator.open("work/referrals/silent/")
    coordinator.sees_not(silent)
    second.finds_nothing(case)
    assert programme.is_unbroken()


def first_agency_declines(first: Desk, referral: str, case: str) -> None:
    """Check what the agency sees, and that it must give a reason to decline.

    Afterwards it sees nothing more.
    """
    acts.open_referral(first, referral)
    first.sees(NAME, WORDS)
    acts.answer_referral(first, "declined")
    assert first.faults
    acts.answer_referral(first, "declined", reason="no_capacity")
    first.sees("Қабылданбады")
    first.sees_not(NAME, WORDS)
    first.finds_nothing(case)


def sender_is_told(sender: Desk, case: str, referral: str) -> None:
    """Check that the sender sees the reason, and that one button leads to the next agency."""
    sender.open("work/")
    sender.sees("Ваше перенаправление отклонено", referral)
    acts.open_sent_referral(sender, case, referral)
    sender.sees("Отклонено", "Нет свободных мест")


def days_go_by(programme: Programme, referral: str) -> None:
    """So many days that it is the coordinator's turn, and it has not run out yet."""
    today = acts.today()
    due = next(day for back in range(1, 30) if coordinator_on(day := today - timedelta(days=back)) < today)
    sent = due - timedelta(days=5)
    moved = f"{sent.isoformat()} 06:00:00"
    programme.sql(
        "UPDATE assistance_referral SET sent_at = ?, due_on = ? WHERE reference = ?", moved, due.isoformat(), referral
    )
    assert isinstance(due, date)


def coordinator_sees_silence_and_no_person(coordinator: Desk, referral: str, reference: str, case: str) -> None:
    """Check that the coordinator sees a reference, two agencies and a day, and no person."""
    coordinator.open("work/")
    coordinator.sees("Перенаправление остаётся без ответа", referral)
    coordinator.open("work/referrals/")
    coordinator.follow("/silent/")
    coordinator.sees(referral, acts.agency(coordinator, "centre"), acts.agency(coordinator, "korgau"))
    coordinator.sees_not(NAME, WORDS, reference, "Юридическая помощь")
    coordinator.finds_nothing(case)


def second_agency_helps(second: Desk, referral: str, case: str) -> None:
    """Take the referral, accept it, record the services and the outcome."""
    acts.open_referral(second, referral)
    second.press(form="/claim/")
    second.sees(NAME, WORDS)
    acts.answer_referral(second, "accepted")
    acts.record_service(second, case, "legal_aid")
    second.sees("Юридическая помощь")
    acts.open_referral(second, referral)
    response = {"outcome": "helped_in_part", "delivered": ["legal_aid"], "reply": "Суд в понедельник"}
    acts.answer_referral(second, "completed", **response)
    second.sees_not(NAME)


def sender_reads_the_outcome(sender: Desk, case: str, referral: str) -> None:
    """Check that the sender reads every step with its hour, and the outcome."""
    sender.open("work/")
    sender.sees("Получен результат по перенаправлению")
    acts.open_sent_referral(sender, case, referral)
    sender.sees("Суд в понедельник", "Сообщено координатору", "Сотрудник взял в работу", "Завершено")
