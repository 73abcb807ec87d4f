"""A child's case from the first day to the ninth month, through the pages of centre and police."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.test import Client

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.cases.models.case import Case, Task
from kerege.casework.justice.models import Crime
from kerege.casework.rights.models.child import Guardian
from kerege.casework.rights.models.legal_aid import LegalAid, Penalised
from kerege.vocabulary.profile import active
from tests.casework.rights.views.moving_clock import FIRST, Clock, Pages, after

pytestmark = pytest.mark.django_db


@dataclass
class Story:
    """The pages of the centre and of the police on one clock."""

    clock: Clock
    centre: Pages
    police: Pages

    def on_day(self, number: int) -> date:
        """Move to a day of the story and return it."""
        self.clock.move(number)
        return after(number)


@pytest.fixture
def story(monkeypatch: pytest.MonkeyPatch, sign_in: Any, make_user: Any, make_agency: Any) -> Story:
    """Return the story of a caseworker and of an officer of the police."""
    worker = make_user("caseworker", "supervisor", username="worker")
    officer = make_user("justice_officer", username="officer", agency=make_agency("police", "internal_affairs"))
    clock = Clock(monkeypatch, (worker, sign_in(worker)), (officer, sign_in(officer, Client())))
    return Story(clock, *clock.desks)


def register_child(story: Story) -> str:
    """Register the child; return the address of the case."""
    child = {"family": "Тишина", "given": "Сабина", "gender": "feminine", "citizenship": "KZ", "language": "ru"}
    assert story.centre.send("register/", registered_on=FIRST, birth_year="2012", **child) == ""
    return f"cases/{Case.objects.get().pk}/"


def test_a_childs_case_from_the_first_day_to_the_ninth_month(story: Story, make_agency: Any) -> None:
    today = story.on_day(0)
    centre, police = story.centre, story.police
    page = register_child(story)
    assert "Nobody is recorded who speaks for the child" in centre.read(page)
    # the only relative is a suspect and cannot consent
    aunt = {"kind": "relative", "name": "Тётя Валентина", "conflict": "yes"}
    assert "needs its ground" in centre.send(f"{page}rights/guardian/", from_on=today, **aunt)
    aunt["conflict_ground"] = "suspect"
    assert "cannot consent" in centre.send(f"{page}rights/guardian/", from_on=today, consented_to=["help"], **aunt)
    assert centre.send(f"{page}rights/guardian/", from_on=today, **aunt) == ""
    assert "The guardian has a conflict of interest" in centre.read(page)
    agency = make_agency("police").pk
    agreed = {
        "purpose": "sharing_with_police",
        "recipient": agency,
        "given": "yes",
        "categories": ["identity"],
        "manner": "written",
        "language": "ru",
        "by_guardian": "on",
        "guardian": "Тётя Валентина",
        "guardian_relation": "other_relative",
        "child_assent": "yes",
    }
    assert "has a conflict of interest and cannot consent" in centre.send(f"{page}consent/", on=today, **agreed)
    # day 1: the task names the page; the guardianship authority speaks for the child
    today = story.on_day(1)
    task = Task.objects.get(kind="find_guardian", done_at=None)
    assert task.due_on == after(1)
    assert f'href="/en/work/{page}rights/"' in centre.html(f"tasks/{task.pk}/")
    body = {"kind": "authority", "name": "Отдел опеки", "act": "Приказ 7", "conflict": "no", "consented_to": ["help"]}
    assert centre.send(f"{page}rights/guardian/", from_on=today, **body) == ""
    assert not Task.objects.filter(kind="find_guardian", done_at=None).exists()
    assert "Nobody is recorded" not in centre.read(page)
    agreed |= {"guardian": "Отдел опеки", "guardian_relation": "guardianship_authority"}
    assert centre.send(f"{page}consent/", on=today, **agreed) == ""
    assert Consent.objects.get().given
    case = Case.objects.get()
    # day 2: an interview needs a psychologist or a lawyer; the police are told of it, the charge is answered
    today = story.on_day(2)
    interview = {"question": "interview", "answer": "serves", "schooling": "unknown", "facts": "Спокойна с психологом"}
    interest = f"{page}rights/best-interest/"
    assert "without a psychologist or a lawyer" in centre.send(interest, decided_on=today, **interview)
    interview |= {"took_part": ["child", "psychologist"], "child_words": "Хочу в школу"}
    assert centre.send(interest, decided_on=today, review_on=after(32), **interview) == ""
    aid = {"matter": "own_charge", "kind": "state", "lawyer": "Бекова, 8 700"}
    assert centre.send(f"{page}rights/legal-aid/", asked_on=today, **aid) == ""
    charge = {"act": "prostitution", "body": "internal_affairs", "outcome": "open", "account": "Отобрали телефон"}
    assert centre.send(f"{page}rights/penalised/", since_on=today, **charge) == ""
    assert "A charge against the person is open" in centre.read(page)
    # the police record the crime and link the case by its reference; the person must be told of the fund
    crime_form = {"source": "mia", "register_number": "27-11", "offence": "kz134", "stage": "registered"}
    assert police.send("crimes/new/", registered_on=today, **crime_form) == ""
    crime_page = f"crimes/{Crime.objects.get().pk}/"
    assert police.send(f"{crime_page}link/", reference=case.reference) == ""
    assert "1 person was not told of the fund" in police.read(crime_page)
    assert "Victims who were not told of the fund" in police.read("crimes/")
    link = Crime.objects.get().case_links.get().pk
    assert re.search(rf'<option value="{link}" selected', police.html(f"{crime_page}compensation/"))
    assert police.send(f"{crime_page}compensation/", source="fund", link=link, currency="KZT") == ""
    claim = Crime.objects.get().compensations.get()
    assert "Victims who were not told of the fund" in police.read("")
    assert police.send(f"compensations/{claim.pk}/", state="told", on=today) == ""
    for address in ("", "crimes/"):
        assert "Victims who were not told of the fund" not in police.read(address)
    # day 5: protection is asked for; day 7: it begins
    asked_on = story.on_day(5)
    ask = {"person": "victim", "link": link, "kind": "safe_place", "threat": "high"}
    assert police.send(f"{crime_page}protection/", requested_on=asked_on, **ask) == ""
    measure = Crime.objects.get().protections.get()
    today = story.on_day(7)
    begun = {"requested_on": asked_on, "decided_on": today, "starts_on": today}
    assert police.send(f"protections/{measure.pk}/", **begun, **ask) == ""
    # day 12: a breach; the centre is told at once to contact the person, and nothing of the crime
    today = story.on_day(12)
    assert police.send(f"protections/{measure.pk}/breach/", kind="threat", on=today, reported_to="prosecution") == ""
    assert Task.objects.filter(case=case, kind="contact_person", due_on=today, done_at=None).exists()
    home = centre.read("")
    assert "The police report a danger to a person: contact them at once" in home
    assert "27-11" not in home + centre.read(page)
    # day 33: the review of the interview; the new assessment is the review
    today = story.on_day(33)
    review = Task.objects.get(case=case, kind="review_interests", done_at=None)
    assert review.due_on == after(32)
    again = {"question": "interview", "answer": "serves", "schooling": "in_school", "took_part": ["child", "lawyer"]}
    assert centre.send(interest, decided_on=today, review_on=after(63), **again) == ""
    review.refresh_from_db()
    assert review.done_at
    assert Task.objects.get(case=case, kind="review_interests", done_at=None).due_on == after(63)
    # day 45: the police are reminded of the protection on their first page
    story.on_day(45)
    assert "Protection to review" in police.read("")
    assert police.send(f"protections/{measure.pk}/", reviewed_on=after(45), **begun, **ask) == ""
    assert "Protection to review" not in police.read("")
    # month 3: the order of the guardianship authority ends, so nobody speaks for the child
    guardian = Guardian.objects.get(kind="authority")
    assert centre.send(f"{page}rights/guardian/{guardian.pk}/", from_on=after(1), until=after(90), **body) == ""
    story.on_day(91)
    search = Task.objects.get(kind="find_guardian", done_at=None)
    assert search.due_on == active().due("guardian", after(91))
    assert "another one must speak for the child" in centre.read(page)
    sister = {"kind": "relative", "name": "Тишина Дана", "conflict": "no"}
    assert centre.send(f"{page}rights/guardian/", from_on=after(91), **sister) == ""
    assert not Task.objects.filter(kind="find_guardian", done_at=None).exists()
    # month 5: the lawyer is granted, the body is told, the charge is dropped
    story.on_day(150)
    listed = centre.read("legal-aid/")
    assert case.reference in listed
    assert "not told yet" in listed
    assert "no answer yet" in listed
    lawyer, blame = (model.objects.get() for model in (LegalAid, Penalised))
    granted = {"asked_on": after(2), "granted_on": after(150), "at_first_interview": "no"}
    assert centre.send(f"{page}rights/legal-aid/{lawyer.pk}/", **aid, **granted) == ""
    assert "not told yet" in centre.read("legal-aid/")
    ended = charge | {"outcome": "not_charged", "since_on": after(2), "informed_on": after(150)}
    assert "needs its day" in centre.send(f"{page}rights/penalised/{blame.pk}/", **ended)
    assert centre.send(f"{page}rights/penalised/{blame.pk}/", outcome_on=after(150), **ended) == ""
    assert "A charge against the person is open" not in centre.read(page)
    # month 8: the fund pays; the amount that was not known before is added
    story.on_day(240)
    for state, day in (("asked", 160), ("decided", 200), ("paid", 240)):
        assert police.send(f"compensations/{claim.pk}/", state=state, on=after(day)) == ""
    amounts = {"source": "fund", "link": link, "currency": "KZT", "paid": "110000"}
    assert "needs the day" in police.send(f"compensations/{claim.pk}/amounts/", **amounts)
    assert police.send(f"compensations/{claim.pk}/amounts/", paid_on=after(240), **amounts) == ""
    assert "110,000" in police.read(crime_page)
    # month 9: legal aid has ended, the page of closing names what is open
    story.on_day(270)
    granted |= {"ended_on": after(260), "outcome": "in_favour"}
    assert centre.send(f"{page}rights/legal-aid/{lawyer.pk}/", **aid, **granted) == ""
    closing = centre.read(f"{page}close/")
    assert "Legal aid that has not ended" not in closing
    assert "Open charges against the person" not in closing
    assert "Open tasks They will be cancelled." in closing
    closed = {"status": "closed", "reason": "completed", "version": Case.objects.get().version}
    assert centre.send(f"{page}close/", on=after(270), **closed) == ""
