"""A foreigner's case from the first day to the ninth month, through the pages alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from kerege.casework.assistance.models.shelter import Bed, Stay
from kerege.casework.cases.models.case import Case, Task
from kerege.casework.rights.models.person_rights import RightsTold
from kerege.vocabulary.profile import active
from tests.casework.rights.views.moving_clock import FIRST, Clock, Pages, after

pytestmark = pytest.mark.django_db


@pytest.fixture
def move_to(monkeypatch: pytest.MonkeyPatch, sign_in: Any, make_user: Any) -> Callable[[int], Pages]:
    """Return a function that moves the clock to a day of the story and signs the caseworker in."""
    user = make_user("caseworker", "supervisor")
    clock = Clock(monkeypatch, (user, sign_in(user)))

    def move(number: int) -> Pages:
        clock.move(number)
        return clock.desks[0]

    return move


def test_a_foreigners_case_from_the_first_day_to_the_ninth_month(move_to: Any, make_agency: Any) -> None:
    bed = Bed.objects.create(agency=make_agency(), room="1", number="1", kind="men")
    centre = move_to(0)
    person = {"family": "Тишина", "given": "Бахром", "gender": "masculine", "citizenship": "UZ", "language": "uz"}
    assert centre.send("register/", registered_on=FIRST, **person) == ""
    case = Case.objects.get()
    page, stay_page = f"cases/{case.pk}/", f"cases/{case.pk}/legal-stay/"
    assert centre.send(f"{page}stay/", bed=bed.pk, on=FIRST) == ""
    overview = centre.read(page)
    for line in (
        "The rights were not told yet",
        "The right to stay is not known",
        "Notice of the host: by 4 March 2027",
    ):
        assert line in overview
    # the rights are told in the person's language; one of them was not understood
    assert re.search(r'<option value="uz"[^>]*selected', centre.html(f"{page}rights/told/"))
    explained = {"language": "uz", "manner": "in_person", "interpreter": "yes", "rights": ["help", "stay"]}
    assert centre.send(f"{page}rights/told/", told_on=FIRST, not_understood=["stay"], **explained) == ""
    assert "Tell these rights again: Right to stay" in centre.read(page)
    # day 1: the entry and the ground are known, so the last lawful day is
    move_to(1)
    assert centre.send(f"{stay_page}entry/", entered_on=after(-10), source="told") == ""
    assert "Record a right to stay" in centre.read(stay_page)
    assert centre.send(f"{stay_page}right/", ground="visa_free", source="told") == ""
    assert "The right to stay ends on 20 March 2027 19 days left" in centre.read(stay_page)
    # day 3: the host reports to the police, on the page that the task names
    move_to(3)
    task = Task.objects.get(kind="host_notice", done_at=None)
    assert f'href="/en/work/{stay_page}"' in centre.html(f"tasks/{task.pk}/")
    form = centre.html(f"{stay_page}step/?kind=host_notice")
    assert "permit_until" not in form
    assert centre.send(f"{stay_page}step/?kind=host_notice", done_on=after(3)) == ""
    assert "Notice of the host: by" not in centre.read(page)
    assert centre.send(f"{page}rights/told/", told_on=after(3), **explained) == ""
    assert RightsTold.objects.count() == 2
    assert "Tell these rights again" not in centre.read(page)
    # a reflection period that no lawyer has confirmed says so, and does not move the last lawful day
    assert "The suggested day is not confirmed by a lawyer" in centre.read(f"{page}rights/reflection/")
    ends_on = after(3 + active().reflection.days - 1)
    assert (
        f'value="{ends_on.day}"'
        in centre.html(f"{page}rights/reflection/").split('name="ends_on_day"')[1].split(">")[0]
    )
    assert centre.send(f"{page}rights/reflection/", starts_on=after(3), ends_on=ends_on) == ""
    assert "The right to stay ends on 20 March 2027" in centre.read(stay_page)
    assert centre.send(f"{page}rights/legal-aid/", matter="criminal_victim", asked_on=after(3)) == ""
    # the papers, in the order of the page
    for number, kind in enumerate(active().stay.victim_permit.steps[:-1], start=5):
        move_to(number)
        assert f'href="/en/work/{stay_page}step/?kind={kind}"' in centre.html(stay_page)
        assert centre.send(f"{stay_page}step/?kind={kind}", done_on=after(number)) == ""
    assert case.reference in centre.read(f"{stay_page}letter/")
    assert "Only the person decides" in centre.send(f"{stay_page}step/?kind=application", done_on=after(9))
    assert centre.send(f"{stay_page}step/?kind=application", done_on=after(9), decided="on") == ""
    # day 25: the right has ended, nobody is called illegal, help goes on
    move_to(25)
    text = centre.read(stay_page)
    assert "The right to stay ended on 20 March 2027" in text
    assert "Help goes on." in text
    assert "illegal" not in text.lower()
    assert centre.send(f"{stay_page}step/?kind=permit", done_on=after(25), permit_until=after(205)) == ""
    assert "The right to stay ends on 22 September 2027" in centre.read(stay_page)
    # month 6: the term of the shelter is extended; the permit too
    move_to(170)
    stay = Stay.objects.get()
    assert "Extend the right to stay" in centre.read("tasks/")
    assert centre.send(f"{page}stay/{stay.pk}/extend/", until=after(270), reason="proceedings") == ""
    assert centre.send(f"{stay_page}right/", ground="trp_victim", until=after(386), source="seen") == ""
    assert "The right to stay ends on 21 March 2028" in centre.read(stay_page)
    # month 9: the person goes home; the page of closing says what is open, and has the five questions
    move_to(270)
    assert centre.send(f"{stay_page}step/?kind=exit", done_on=after(270)) == ""
    closing = centre.html(f"{page}close/")
    assert "Legal aid that has not ended" in closing
    assert 'href="/en/work/questions/sheet/"' in closing
    assert "Open steps to a permit" not in closing
    answers = dict.fromkeys(("safe", "informed", "decided", "helped", "respected"), "fully")
    assert centre.send("questions/", moment="closing", **answers) == ""
    assert (
        centre.send(
            f"{page}close/", status="closed", reason="returned", on=after(270), version=Case.objects.get().version
        )
        == ""
    )
    assert Case.objects.get().approvals.filter(kind="closure").count() == 1
