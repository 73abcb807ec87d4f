"""Row-level security of the rights of a person: the rows of the cases that the agency can see."""

from __future__ import annotations

from kerege.casework.cases.policies import OF_A_CASE
from kerege.casework.rights.models.legal_stay import CountryStay, StayRight, StayStep
from kerege.core.row_security.policies import Policies, TablePolicy, policies

GUARDS = tuple(TablePolicy(model, OF_A_CASE) for model in (StayRight, CountryStay, StayStep))

policies.add(Policies("rights", GUARDS, order=55))
