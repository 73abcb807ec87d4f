"""Row-level security of the rights of a person: the rows of the cases that the agency can see."""

from __future__ import annotations

from kerege.casework.cases.policies import OF_A_CASE, OWN
from kerege.casework.rights.models.child import AgeDoubt, BestInterest, Guardian
from kerege.casework.rights.models.legal_aid import LegalAid, Penalised
from kerege.casework.rights.models.legal_stay import CountryStay, StayRight, StayStep
from kerege.casework.rights.models.person_rights import Complaint, Reflection, RightsTold, SurveyAnswer
from kerege.core.row_security.policies import Policies, TablePolicy, policies

OF_CASES = (
    StayRight,
    CountryStay,
    StayStep,
    Guardian,
    BestInterest,
    AgeDoubt,
    LegalAid,
    Penalised,
    RightsTold,
    Reflection,
    Complaint,
)
GUARDS = (*(TablePolicy(model, OF_A_CASE) for model in OF_CASES), TablePolicy(SurveyAnswer, OWN))

policies.add(Policies("rights", GUARDS, order=55))
