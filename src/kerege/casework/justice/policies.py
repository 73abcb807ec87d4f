"""Row-level security of crimes: their agency reads them, and no case leads to them."""

from __future__ import annotations

from kerege.casework.cases.policies import OWN
from kerege.casework.justice.models import (
    CaseLink,
    Compensation,
    Crime,
    Hearing,
    ProtectionMeasure,
    StageEntry,
    Suspect,
)
from kerege.core.row_security.policies import Policies, TablePolicy, child_of, policies

OF_A_CRIME = child_of(Crime, "crime_id")
PARTS = (Suspect, StageEntry, Hearing, ProtectionMeasure, Compensation, CaseLink)

policies.add(
    Policies("justice", (TablePolicy(Crime, OWN), *(TablePolicy(part, OF_A_CRIME) for part in PARTS)), order=60)
)
