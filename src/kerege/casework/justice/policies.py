"""Row-level security of crimes: their agency reads them, and no case leads to them."""

from __future__ import annotations

from kerege.casework.cases.policies import OWN
from kerege.casework.justice.models import (
    Breach,
    CaseLink,
    Compensation,
    CompensationStep,
    Crime,
    Hearing,
    ProtectionMeasure,
    StageEntry,
    Suspect,
)
from kerege.core.row_security.policies import Policies, TablePolicy, child_of, policies

OF_A_CRIME = child_of(Crime, "crime_id")
PARTS = (Suspect, StageEntry, Hearing, ProtectionMeasure, Compensation, CaseLink)

GUARDS = (
    TablePolicy(Crime, OWN),
    *(TablePolicy(part, OF_A_CRIME) for part in PARTS),
    TablePolicy(Breach, child_of(ProtectionMeasure, "measure_id")),
    TablePolicy(CompensationStep, child_of(Compensation, "compensation_id")),
)
policies.add(Policies("justice", GUARDS, order=60))
