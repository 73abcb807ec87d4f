"""Models of the rights app."""

from __future__ import annotations

from kerege.casework.rights.models.child import AgeDoubt, BestInterest, Guardian
from kerege.casework.rights.models.legal_aid import LegalAid, Penalised
from kerege.casework.rights.models.legal_stay import CountryStay, StayRight, StayStep
from kerege.casework.rights.models.person_rights import Complaint, Reflection, RightsTold, SurveyAnswer

__all__ = [
    "AgeDoubt",
    "BestInterest",
    "Complaint",
    "CountryStay",
    "Guardian",
    "LegalAid",
    "Penalised",
    "Reflection",
    "RightsTold",
    "StayRight",
    "StayStep",
    "SurveyAnswer",
]
