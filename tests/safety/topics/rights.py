"""Rights of a person: a right to stay, a time in the country, a step."""

from __future__ import annotations

from typing import Any

from kerege.casework.rights.models.legal_stay import CountryStay, StayRight, StayStep
from kerege.casework.rights.services import legal_stay
from kerege.core.authorization import Actor

SUBJECT: dict[str, str] = {}
READ_ONLY = {"rights:legal-stay", "rights:stay-letter"}
OPERATOR = Actor.system("tests")


def furnish(own: Any, elsewhere: Any, words: Any) -> dict[str, Any]:
    """Rows of the own agency's case."""
    case, day = own.case, own.service.started_on
    right = legal_stay.save_right(OPERATOR, case, StayRight(ground="visa", source="told"), words.note)
    legal_stay.record_step(OPERATOR, case, StayStep(kind="insurance", done_on=day), remark=words.note)
    time = legal_stay.save_country_stay(OPERATOR, case, CountryStay(entered_on=day, source="told"))
    return {"stay_right": right, "country_stay": time}
