"""Rights of a person: right to stay, guardian, legal aid, charges, rights told, complaints."""

from __future__ import annotations

from datetime import date
from typing import Any

from kerege.casework.rights.models.child import AgeDoubt, BestInterest, Guardian
from kerege.casework.rights.models.legal_aid import LegalAid, Penalised
from kerege.casework.rights.models.legal_stay import CountryStay, StayRight, StayStep
from kerege.casework.rights.models.person_rights import Complaint, Reflection, RightsTold, SurveyAnswer
from kerege.casework.rights.services import child, legal_aid, legal_stay, person_rights
from kerege.core.authorization import Actor

SUBJECT: dict[str, str] = {}
READ_ONLY = {"rights:legal-stay", "rights:stay-letter", "rights:person"}
OPERATOR = Actor.system("tests")


def furnish(own: Any, elsewhere: Any, words: Any) -> dict[str, Any]:
    """Rows of the own agency's case."""
    case, day = own.case, own.service.started_on
    right = legal_stay.save_right(OPERATOR, case, StayRight(ground="visa", source="told"), words.note)
    legal_stay.record_step(OPERATOR, case, StayStep(kind="insurance", done_on=day), remark=words.note)
    time = legal_stay.save_country_stay(OPERATOR, case, CountryStay(entered_on=day, source="told"))
    person_rights.record_survey(OPERATOR, SurveyAnswer(agency=own.agency, half="2025-H1", moment="closing"))
    texts = {"account": words.note}
    charge = Penalised(act="migration", since_on=day)
    told_rights = RightsTold(told_on=day, language="uz", manner="in_person", rights=["help"])
    complaint = Complaint(about=elsewhere, subject="help", receiver="prosecution", sent_on=day, told_no_reprisal="yes")
    best = BestInterest(question="school", answer="later", decided_on=day, schooling="waiting")
    guardian = Guardian(kind="relative", from_on=day, conflict="no")
    aid = LegalAid(matter="stay", asked_on=day)
    return {
        "stay_right": right,
        "country_stay": time,
        "guardian": child.save_guardian(OPERATOR, case, guardian, {"name": words.note}),
        "best_interest": child.save_best_interest(OPERATOR, case, best, {"child_words": words.note}),
        "age_doubt": child.save_age_doubt(OPERATOR, case, _decided_age(day), {"reasons": words.note}),
        "told": person_rights.save_rights_told(OPERATOR, case, told_rights, {}),
        "reflection": person_rights.save_reflection(OPERATOR, case, Reflection(starts_on=day, ends_on=day), {}),
        "legal_aid": legal_aid.save_legal_aid(OPERATOR, case, aid, {"lawyer": words.note}),
        "penalised": legal_aid.save_penalised(OPERATOR, case, charge, texts),
        "complaint": person_rights.save_complaint(OPERATOR, case, complaint, {"text": words.note}),
    }


def _decided_age(day: date) -> AgeDoubt:
    """Return a doubt that was decided: an open one would make the person a child."""
    return AgeDoubt(raised_on=day, decided_on=day, result="adult")
