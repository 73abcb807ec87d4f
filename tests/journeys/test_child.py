"""A child: an act and its exploitation are enough.

The guardian and the child agree, and the return has to serve the child.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys import acts
from tests.journeys.desk import Desk, Staff
from tests.journeys.programme import Programme

pytestmark = pytest.mark.journey
NAME, AUNT = "Зорина", "Тётя Валентина"
# nobody deceived or forced the child: an act, and exploitation
ANSWERS = {
    "deceptive_recruitment": {"act": "yes", "deceived_job": "no"},
    "exploitation": {"exploited_hours": "yes", "exploited_education": "yes", "exploited_pay": "yes"},
}


def test_a_child_is_protected_as_a_child(staff: Staff, programme: Programme) -> None:
    worker, officer, doctor = staff.desk("ainur", "en"), staff.desk("kanat", "en"), staff.desk("dinara", "ru")
    born = str(acts.today().year - 11)
    case = acts.register(
        worker,
        family=NAME,
        given="Алина",
        birth_year=born,
        gender="feminine",
        language="ru",
        citizenship="KZ",
        main_form="child_labour",
        risk_level="high",
    )
    reference = worker.heading
    worker.sees("years old")
    acts.screen(worker, case, "ilo_delphi_child_labour", ANSWERS, "presumed")
    worker.sees("The conclusion is recorded under your name.", "Presumed victim")
    both_have_to_agree(worker, case)
    doctor_sees_the_child_and_no_relative(worker, doctor, case)
    officer_decides(worker, officer, case, reference)
    return_has_to_serve_the_child(worker, case)
    assert programme.is_unbroken()


def both_have_to_agree(worker: Desk, case: str) -> None:
    """Check that the consent needs both the guardian and the child."""
    aunt: dict[str, Any] = {"by_guardian": True, "guardian": AUNT, "guardian_relation": "other_relative"}
    purpose, data = "sharing_with_agency", ["identity", "health"]
    acts.record_consent(worker, case, purpose, "clinic", data, language="ru", **aunt, child_assent="no")
    worker.sees("for a child both the guardian and the child agree")
    worker.fill(by_guardian=False, child_assent="yes")
    worker.press()
    worker.sees("for a child both the guardian and the child agree")
    worker.fill(**aunt)
    worker.press()
    worker.sees("The answer is recorded.")
    acts.record_consent(worker, case, purpose, "office", ["identity", "exploitation"], **aunt, child_assent="yes")


def doctor_sees_the_child_and_no_relative(worker: Desk, doctor: Desk, case: str) -> None:
    """Check that the hospital reads the agreed data, and not the name of the guardian."""
    referral = acts.refer_to(worker, case, "clinic", ["medical_care"], (NAME,), categories=["identity", "health"])
    acts.open_referral(doctor, referral)
    doctor.sees(NAME)
    doctor.sees_not(AUNT, "Детский труд")
    acts.answer_referral(doctor, "accepted")
    doctor.open(case)
    doctor.sees_not(AUNT)


def officer_decides(worker: Desk, officer: Desk, case: str, reference: str) -> None:
    """Check that the child is first in the queue of the office and that it reads the screening."""
    acts.show_to(worker, case, "office", ["identity", "exploitation"])
    acts.ask_for_decision(worker, case)
    acts.decide(
        officer,
        reference,
        kind="formal_identification",
        resulting_status="identified",
        standard_of_proof="balance_of_probabilities",
        documents_used=["screening"],
        grounds="An act and exploitation; a child needs no means.",
    )
    officer.sees("The decision is recorded.")
    worker.open(case)
    worker.sees("Identified as a victim")


def return_has_to_serve_the_child(worker: Desk, case: str) -> None:
    """Risks alone allow no journey: the return must be in the child's best interests."""
    worker.open(f"{case}?tab=assistance")
    worker.follow("/return/")
    worker.fill(country="RU", voluntary=True, manner="written")
    worker.press()
    worker.follow_into("/return/")
    worker.sees("before it is determined that the return is in the child's best interests")
    acts.step_of_return(worker, "risk", risks=["family_involved"], risk_level="high", best_interest="return_harms")
    worker.follow("/depart/")
    worker.fill(on=acts.today())
    worker.press()
    assert worker.faults
    worker.open(f"{case}?tab=assistance")
    worker.follow_into("/return/")
    worker.follow("/cancel/")
    worker.fill(reason="too_risky")
    worker.press()
    worker.sees("cancelled")
