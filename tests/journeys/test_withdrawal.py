"""The person withdraws a consent while another agency is at work.

Both sides read it, and the other agency sees the person no longer.
"""

from __future__ import annotations

import pytest

from tests.journeys import acts
from tests.journeys.desk import Desk, Staff
from tests.journeys.programme import Programme

pytestmark = pytest.mark.journey
NAME, WORDS = "Тишина", "Соттан бұрын кеңес керек"


def test_a_consent_withdrawn_in_the_middle(staff: Staff, programme: Programme) -> None:
    worker, lawyer, head = staff.desk("ainur", "kk"), staff.desk("aliya", "kk"), staff.desk("bota", "en")
    case = acts.register(worker, family=NAME, given="Анна", birth_year="1990", main_form="forced_marriage")
    reference = worker.heading
    data = ["identity", "contact", "exploitation"]
    acts.record_consent(worker, case, "sharing_with_agency", "umit", data, language="kk")
    referral = acts.refer_to(worker, case, "umit", ["legal_aid"], (NAME,), message=WORDS)
    lawyer_is_at_work(lawyer, referral, case)

    acts.withdraw_consent(worker, case)
    worker.sees("қайтарып алынды")
    lawyer.finds_nothing(case)  # the page that the lawyer had open a moment ago
    lawyer.finds_nothing(f"{case}service/")
    both_read_it(lawyer, head, referral, reference)
    worker.open(f"{case}?tab=sharing")
    worker.sees("Кері қайтарып алынды", "Тек сіздің ұйымыңыз")
    nothing_more_rests_on_it(worker, case)
    assert programme.is_unbroken()


def lawyer_is_at_work(lawyer: Desk, referral: str, case: str) -> None:
    """Accept the referral as the lawyer, open the case and record the first advice."""
    acts.open_referral(lawyer, referral)
    lawyer.sees(NAME, WORDS)
    acts.answer_referral(lawyer, "accepted")
    acts.record_service(lawyer, case, "legal_aid")
    lawyer.open(case)
    lawyer.sees(NAME)
    lawyer.is_accessible()
    lawyer.open("work/cases/")
    lawyer.sees(NAME)


def both_read_it(lawyer: Desk, head: Desk, referral: str, reference: str) -> None:
    """Check that the other agency reads the day of the withdrawal, and no name or purpose."""
    lawyer.open("work/cases/")
    lawyer.sees_not(NAME, reference)
    lawyer.open("work/")
    lawyer.sees("Қайта бағыттау кері қайтарып алынды", referral)
    acts.open_referral(head, referral)
    head.sees("Withdrawn by the person on", "Nothing is shown any more")
    head.sees_not(NAME, WORDS, reference, "Legal aid")
    head.is_accessible()


def nothing_more_rests_on_it(worker: Desk, case: str) -> None:
    """Check that the consent cannot be chosen again, and that help continues."""
    worker.open(f"{case}refer/")
    assert worker.page.locator("[name=consent] option").count() == 1
    acts.record_service(worker, case, "psychological_support")
    worker.sees("Психологиялық")
