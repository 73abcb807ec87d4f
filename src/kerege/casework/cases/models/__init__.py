"""Models of a case: decisions, exploitation, workload, attachments, retention and emergency access."""

from __future__ import annotations

from kerege.casework.cases.models.case import Case, Decision, Event, Exploitation, Note, ReferenceCounter, Share, Task
from kerege.casework.cases.models.emergency_access import Emergency
from kerege.casework.cases.models.notices import Notice
from kerege.casework.cases.models.records import CaseFile, ErasureRequest, LegalHold, RetentionApproval
from kerege.casework.cases.models.workload import Approval, Cover, Reassignment

__all__ = [
    "Approval",
    "Case",
    "CaseFile",
    "Cover",
    "Decision",
    "Emergency",
    "ErasureRequest",
    "Event",
    "Exploitation",
    "LegalHold",
    "Note",
    "Notice",
    "Reassignment",
    "ReferenceCounter",
    "RetentionApproval",
    "Share",
    "Task",
]
