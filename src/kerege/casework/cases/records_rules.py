"""Policy rules for attachments, legal holds, erasure, retention and the access statement."""

from __future__ import annotations

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.models.records import CaseFile, ErasureRequest, LegalHold
from kerege.core.authorization import Grant, Rule, everything, own_agency

WORKERS = {"caseworker", "supervisor", "identifying_officer"}
CASE_MANAGERS = {"caseworker", "supervisor"}
OPERATOR = Grant({"operator"}, everything)
OWN, OWN_CASE = own_agency("agency"), own_agency("case__agency")

RECORDS_RULES = [
    # attachments belong to the owner of the case: a share gives no access to them
    Rule("files.view", CaseFile, [Grant(WORKERS, OWN_CASE), OPERATOR]),
    Rule("files.add", Case, [Grant(WORKERS, OWN), OPERATOR]),
    Rule("files.remove", CaseFile, [Grant(CASE_MANAGERS, OWN_CASE), OPERATOR]),
    Rule("files.destroy", None, [OPERATOR]),
    Rule("holds.place", Case, [Grant({"supervisor"}, OWN), OPERATOR]),
    Rule("holds.end", LegalHold, [Grant({"supervisor"}, OWN_CASE), OPERATOR]),
    # separation of duties: the coordinator decides and sees neither the case nor the person
    Rule("erasure.request", Case, [Grant(CASE_MANAGERS, OWN), OPERATOR]),
    Rule("erasure.withdraw", ErasureRequest, [Grant(CASE_MANAGERS, OWN), OPERATOR]),
    Rule("erasure.decide", ErasureRequest, [Grant({"coordinator"}, everything), OPERATOR]),
    Rule("erasure.receipt", ErasureRequest, [Grant(CASE_MANAGERS, OWN), Grant({"coordinator", "auditor"}, everything)]),
    # access statement for the person: a supervisor prints it after reauthentication
    Rule("history.print", Case, [Grant({"supervisor"}, OWN)]),
    Rule("retention.view", None, [Grant({"coordinator", "auditor"}, everything), OPERATOR]),
    Rule("retention.approve", None, [Grant({"coordinator"}, everything)]),
    Rule("retention.run", None, [OPERATOR]),
]
