"""Rights told, reflection, complaints, legal aid, charges for acts under force, five questions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.casework.cases.models.case import Task
from kerege.casework.rights.models.legal_aid import LegalAid, Penalised
from kerege.casework.rights.models.legal_stay import CountryStay, StayRight
from kerege.casework.rights.models.person_rights import Complaint, Reflection, RightsTold, SurveyAnswer
from kerege.casework.rights.queries.legal_stay import read_state
from kerege.casework.rights.queries.person_rights import read_survey
from kerege.casework.rights.services import legal_aid, legal_stay, person_rights
from kerege.core.audit.models import AuditEvent
from kerege.vocabulary.profile import active

pytestmark = [pytest.mark.django_db, pytest.mark.db]
DAY = date(2026, 3, 2)  # a Monday


def test_only_a_right_that_was_told_is_not_understood(foreigner: Any, actor: Any) -> None:
    values = {"told_on": DAY, "language": "uz", "manner": "in_person"}
    for rights, doubts in ((["help"], ["lawyer"]), ([], [])):
        with pytest.raises(BadInput):
            person_rights.save_rights_told(
                actor, foreigner, RightsTold(rights=rights, not_understood=doubts, **values), {}
            )
    row = RightsTold(rights=["help", "lawyer"], not_understood=["lawyer"], **values)
    assert person_rights.save_rights_told(actor, foreigner, row, {}).pk


def test_a_reflection_period_that_the_law_knows_is_a_right_to_stay_and_moves_with_its_extension(
    foreigner: Any, actor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed = active().model_copy(update={"reflection": active().reflection.model_copy(update={"confirmed": True})})
    monkeypatch.setattr(person_rights, "active", lambda: confirmed)
    row = Reflection(starts_on=DAY, ends_on=DAY + timedelta(days=29), suspended=["removal"])
    person_rights.save_reflection(actor, foreigner, row, {})
    assert read_state(foreigner, DAY).end.day == DAY + timedelta(days=29)
    row.extended_until = DAY + timedelta(days=59)
    person_rights.save_reflection(actor, foreigner, row, {})
    assert read_state(foreigner, DAY).end.day == DAY + timedelta(days=59)
    assert foreigner.stay_rights.count() == 1
    assert Task.objects.get(kind="end_reflection").due_on == DAY + timedelta(days=56)


def test_a_reflection_period_of_a_guess_leaves_the_last_lawful_day(foreigner: Any, actor: Any) -> None:
    legal_stay.save_country_stay(actor, foreigner, CountryStay(entered_on=DAY - timedelta(days=20), source="told"))
    legal_stay.save_right(actor, foreigner, StayRight(ground="visa_free", source="told"))
    before = read_state(foreigner, DAY).end
    row = Reflection(starts_on=DAY, ends_on=DAY + timedelta(days=29))
    person_rights.save_reflection(actor, foreigner, row, {})
    assert read_state(foreigner, DAY).end == before
    assert Task.objects.get(kind="end_reflection").due_on == DAY + timedelta(days=26)


def complain(actor: Any, case: Any, about: Any, receiver: str, **values: Any) -> Complaint:
    row = Complaint(about=about, subject="conduct", receiver=receiver, sent_on=DAY, told_no_reprisal="yes", **values)
    return person_rights.save_complaint(actor, case, row, {"text": "сөз", "answer": ""})


def test_a_complaint_goes_to_an_independent_receiver_with_a_clock(foreigner: Any, actor: Any, make_agency: Any) -> None:
    police = make_agency("police", "internal_affairs")
    with pytest.raises(BadInput, match="own agency"):
        complain(actor, foreigner, foreigner.agency, "prosecution")
    with pytest.raises(BadInput, match="same kind"):
        complain(actor, foreigner, police, "internal_affairs")
    row = complain(actor, foreigner, police, "prosecution")
    task = Task.objects.get(kind="answer_complaint")
    # fifteen working days: 3 to 20, and the 24 March; 8 is a Sunday, 21 to 23 March are holidays
    assert task.due_on == date(2026, 3, 24)
    row.answered_on, row.outcome = DAY + timedelta(days=9), "upheld"
    person_rights.save_complaint(actor, foreigner, row, {})
    task.refresh_from_db()
    assert task.done_at


def test_legal_aid_is_granted_or_refused_after_it_was_asked_for(foreigner: Any, actor: Any) -> None:
    for days in ({"granted_on": DAY, "refused_on": DAY}, {"granted_on": DAY - timedelta(days=1)}):
        with pytest.raises(BadInput):
            legal_aid.save_legal_aid(actor, foreigner, LegalAid(matter="wages", asked_on=DAY, **days), {})
    assert legal_aid.save_legal_aid(actor, foreigner, LegalAid(matter="wages", asked_on=DAY), {}).pk


def test_a_charge_that_is_open_has_no_day_of_an_outcome(foreigner: Any, actor: Any) -> None:
    for values in ({"outcome": "fined"}, {"outcome": "open", "outcome_on": DAY}):
        with pytest.raises(BadInput):
            legal_aid.save_penalised(actor, foreigner, Penalised(act="migration", since_on=DAY, **values), {})
    row = Penalised(act="migration", since_on=DAY, outcome="discontinued", outcome_on=DAY)
    assert legal_aid.save_penalised(actor, foreigner, row, {}).pk


def answer_questions(actor: Any, agency: Any, safe: str = "fully") -> SurveyAnswer:
    return person_rights.record_survey(actor, SurveyAnswer(agency=agency, half="2026-H1", moment="closing", safe=safe))


def test_answers_are_counted_from_the_threshold_on_and_name_no_case(actor: Any, make_agency: Any) -> None:
    agency = make_agency()
    for _ in range(9):
        answer_questions(actor, agency)
    assert read_survey(agency, "2025-H1").questions == []
    assert read_survey(agency, "2025-H1").sheets == 0
    answer_questions(actor, agency, "hardly")
    safe = read_survey(agency, "2025-H1").questions[0]
    assert (safe.question, dict(safe.counts)) == ("safe", {"fully": 9, "partly": 0, "hardly": 1, "refused": 0})
    assert read_survey(agency, "2026-H2").questions == []
    event = AuditEvent.objects.filter(action="surveys.record").latest("seq")
    assert (event.target, set(event.details)) == (f"agency:{agency.pk}", {"acted_as"})
