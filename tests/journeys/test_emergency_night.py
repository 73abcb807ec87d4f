"""A night: a user opens a case of another agency by its exact number.

They may read it for four hours, and the access is judged.
"""

from __future__ import annotations

import pytest

from tests.journeys import acts
from tests.journeys.desk import Desk, Staff
from tests.journeys.programme import Programme

pytestmark = pytest.mark.journey
NAME, PHONE = "Канарейкина", "+7 701 555 07 07"
WHY = "Стоит у нашей двери и не может говорить"


def test_a_night_is_opened_told_judged_and_over(staff: Staff, programme: Programme) -> None:
    owner, night = staff.desk("ainur", "kk"), staff.desk("madina", "ru")
    head, auditor = staff.desk("gulzhan", "kk"), staff.desk("olga", "ru")
    identity = {"phone": PHONE, "safe_contact": "Тек Сәуле апай арқылы", "risk_level": "high", "main_form": "servitude"}
    case = acts.register(owner, family=NAME, given="Айгүл", birth_year="1996", **identity)
    reference = owner.heading

    nothing_is_found_by_looking_around(night, case)
    case_is_opened(night, case, reference)
    only_to_look(night, case)
    staff.desk("irina", "ru").finds_nothing(case)
    everybody_is_told(head, auditor, reference, case)
    four_hours_are_over(programme, night, case)
    judged(auditor, head)
    owner.open(f"{case}?tab=history")
    owner.sees(acts.agency(owner, "night"))
    assert programme.is_unbroken()


def nothing_is_found_by_looking_around(night: Desk, case: str) -> None:
    """Check that the search shows no page and no result, also for half a number or a name."""
    night.finds_nothing(case)
    night.open("work/search/")
    night.fill(text=NAME)
    night.press(form="/search/")
    night.sees("Человек не найден")
    night.follow("/emergency/")
    night.fill(number=NAME, kind="at_the_door", reason=WHY)
    night.press(form="")
    night.sees("Попытка записана")


def case_is_opened(night: Desk, case: str, reference: str) -> None:
    """Open the case by its exact number, and read who the person is and how to reach them."""
    night.fill(number=reference, kind="at_the_door", reason=WHY)
    night.press()
    assert night.here == case
    night.sees("Открыто в экстренном порядке", NAME, "Сәуле апай")
    night.sees_not(PHONE)
    night.is_accessible()
    night.press("group=contact")
    night.sees(PHONE)


def only_to_look(night: Desk, case: str) -> None:
    """Check that the user can write, share, decide and refer nothing."""
    for path in ("note/", "person/", "task/", "service/", "refer/", "consent/", "close/", "files/add/"):
        night.finds_nothing(case + path)
    night.open(case)
    assert not night.offers("/note/")


def everybody_is_told(head: Desk, auditor: Desk, reference: str, case: str) -> None:
    """Check that the supervisor of the case and the auditor are notified; the auditor sees no case."""
    head.open("work/")
    head.sees("Ұйымыңыздың ісі шұғыл жағдайда ашылды")
    auditor.open("work/")
    auditor.sees("Дело открыто в экстренном порядке", reference)
    for desk in (head, auditor):
        desk.open("work/emergencies/")
        desk.sees(reference)
        desk.sees_not(NAME, PHONE)
        desk.follow_into("/emergencies/")
        desk.sees(WHY)
    auditor.finds_nothing(case)


def four_hours_are_over(programme: Programme, night: Desk, case: str) -> None:
    """Check that the access ends after four hours."""
    night.open(case)
    programme.sql(
        "UPDATE cases_emergency SET opened_at = datetime('now', '-5 hours'), until = datetime('now', '-1 minute')"
        " WHERE verdict = ''"
    )
    night.finds_nothing(case)
    night.open("work/cases/")
    night.sees_not(NAME)


def judged(auditor: Desk, head: Desk) -> None:
    """Assess the access once with a comment, and check that both agencies read it."""
    auditor.open("work/emergencies/")
    auditor.follow_into("/emergencies/")
    auditor.fill(verdict="justified", comment="Спасибо, что не ждали")
    auditor.press()
    auditor.sees("Оценка записана")
    head.open("work/emergencies/")
    head.follow_into("/emergencies/")
    head.sees("Негізді болды", "Спасибо, что не ждали")
