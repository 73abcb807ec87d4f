"""Rights to cases and to what belongs to them.

The tables of expected answers, written by hand, cover every role, agency and state.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kerege.casework.cases.models.case import Case, Share, Task
from kerege.casework.cases.models.emergency_access import Emergency
from kerege.casework.cases.models.notices import Notice
from kerege.casework.cases.models.records import CaseFile, ErasureRequest, LegalHold
from kerege.casework.cases.models.workload import Approval, Cover, Reassignment
from kerege.core.accounts.models import Agency, User
from tests import rights
from tests.rights import DAY, NO_ROW, NOW, OPERATOR, ROLES, Rights, Rows, make

pytestmark = [pytest.mark.django_db, pytest.mark.db]

CASEWORK = {"caseworker", "supervisor", "identifying_officer"}
MANAGERS = {"caseworker", "supervisor"}
SUPERVISOR, OFFICER, COORDINATOR = {"supervisor"}, {"identifying_officer"}, {"coordinator"}
SYSTEM = {OPERATOR}
HOUR, MOMENT, TODAY = timedelta(hours=1), timedelta(microseconds=1), timedelta(0)


def own_and_other(roles: set[str]) -> dict[str, set[str]]:
    """Return the entry of an action on cases of the own agency."""
    return {"own": roles | SYSTEM, **dict.fromkeys((*SHARED, *IN_EMERGENCY, *CLOSED), SYSTEM)}


SHARED = ("shared", "shared from now on", "shared for a moment more")
IN_EMERGENCY = ("opened in an emergency",)
CLOSED = (
    "share ended now",
    "share begins in a moment",
    "shared with another agency",
    "emergency ends now",
    "emergency was ended",
    "emergency of a colleague",
    "emergency of the user elsewhere",
    "other",
)

CASES: Rights = {
    "cases.view": {
        "own": CASEWORK | SYSTEM,
        **dict.fromkeys((*SHARED, *IN_EMERGENCY), CASEWORK | SYSTEM),
        **dict.fromkeys(CLOSED, SYSTEM),
    },
    "cases.decide": {
        "own": OFFICER | SYSTEM,
        **dict.fromkeys(SHARED, OFFICER | SYSTEM),
        **dict.fromkeys((*IN_EMERGENCY, *CLOSED), SYSTEM),
    },
    "cases.change": own_and_other(MANAGERS),
    "cases.share": own_and_other(MANAGERS | {"api:referrals"}),
    "files.add": own_and_other(CASEWORK),
    "holds.place": own_and_other(SUPERVISOR),
    "erasure.request": own_and_other(MANAGERS),
    "history.print": {"own": SUPERVISOR},
}


def store_cases(rows: Rows) -> None:
    """Store a case for each relation between the user, their agency and a case of another agency."""
    rows.add("own", Case, agency=rows.own)
    for name in (*SHARED, *IN_EMERGENCY, *CLOSED):
        rows.add(name, Case)
    other, colleague = make(Agency), make(User)

    def share(name: str, agency: Agency = rows.own, begins: timedelta = -HOUR, ends: timedelta | None = None) -> None:
        to_at = None if ends is None else NOW + ends
        make(Share, case=rows.rows[name], agency=agency, basis="legal", from_at=NOW + begins, to_at=to_at)

    def open_emergency(name: str, ends: timedelta = MOMENT, **values: Any) -> None:
        values = {"user": rows.user, "agency": rows.own} | values
        make(Emergency, case=rows.rows[name], opened_at=NOW - HOUR, until=NOW + ends, **values)

    share("shared")
    share("shared from now on", begins=TODAY)
    share("shared for a moment more", ends=MOMENT)
    share("share ended now", ends=TODAY)
    share("share begins in a moment", begins=MOMENT)
    share("shared with another agency", other)
    open_emergency("opened in an emergency")
    open_emergency("emergency ends now", ends=TODAY)
    open_emergency("emergency was ended", ended_at=NOW - MOMENT)
    open_emergency("emergency of a colleague", user=colleague)
    open_emergency("emergency of the user elsewhere", agency=other)


def test_a_case_opens_to_its_agency_to_running_shares_and_in_emergencies(monkeypatch: pytest.MonkeyPatch) -> None:
    rights.stop_clock(monkeypatch)
    rows = rights.start_rows()
    store_cases(rows)
    assert rights.list_differences(CASES, rows) == []


# -- what belongs to a case or to an agency ----------------------------------------------------------------------------
BELONGINGS: Rights = {
    "emergencies.mine": {"emergency of the user": CASEWORK},
    "emergencies.end": {"emergency of the user": CASEWORK, "emergency of an own case": SUPERVISOR},
    "emergencies.review": {
        "emergency of an own case": SUPERVISOR | {"auditor"} | SYSTEM,
        "emergency of the user": {"auditor"} | SYSTEM,
        "emergency of others": {"auditor"} | SYSTEM,
    },
    "cases.register": {"own agency": CASEWORK | SYSTEM, "other agency": SYSTEM},
    "team.manage": {"own agency": SUPERVISOR | SYSTEM, "other agency": SYSTEM},
    "tasks.view": {"own task": CASEWORK, "task of an own case at another agency": set()},
    "tasks.change": {"own task": CASEWORK | SYSTEM, "task of an own case at another agency": SYSTEM},
    "approvals.view": {"own approval": MANAGERS},
    "approvals.decide": {"own approval": SUPERVISOR | SYSTEM, "other approval": SYSTEM},
    "covers.change": {"cover for the user": CASEWORK, "own cover": SUPERVISOR, "cover by the user": set()},
    "reassignments.undo": {"own reassignment": SUPERVISOR},
    "files.view": {"file of an own case": CASEWORK | SYSTEM, "file of a case that left": SYSTEM},
    "files.remove": {"file of an own case": MANAGERS | SYSTEM, "file of a case that left": SYSTEM},
    "holds.end": {"own hold": SUPERVISOR | SYSTEM, "other hold": SYSTEM},
    "erasure.withdraw": {"own erasure": MANAGERS | SYSTEM, "other erasure": SYSTEM},
    "erasure.decide": dict.fromkeys(("own erasure", "other erasure"), COORDINATOR | SYSTEM),
    "erasure.receipt": {
        "own erasure": MANAGERS | COORDINATOR | {"auditor"},
        "other erasure": COORDINATOR | {"auditor"},
    },
}


def store_belongings(rows: Rows) -> None:
    """Store one row of the own agency and one of another agency for each model."""
    own, other = make(Case, agency=rows.own), make(Case)
    rows.rows |= {"own agency": rows.own, "other agency": other.agency}
    ends = {"opened_at": NOW, "until": NOW + HOUR}
    rows.add(
        "emergency of the user", Emergency, case=other, user=rows.user, agency=rows.own, owner=other.agency, **ends
    )
    rows.add("emergency of an own case", Emergency, case=own, owner=rows.own, **ends)
    rows.add("emergency of others", Emergency, case=other, owner=other.agency, **ends)
    rows.add("own task", Task, agency=rows.own, case=other)
    rows.add("task of an own case at another agency", Task, agency=other.agency, case=own)
    rows.add("own approval", Approval, case=own)
    rows.add("other approval", Approval, case=other)
    rows.add("cover for the user", Cover, absent=rows.user)
    rows.add("own cover", Cover, agency=rows.own)
    rows.add("cover by the user", Cover, by=rows.user)
    rows.add("own reassignment", Reassignment, agency=rows.own)
    rows.add("other reassignment", Reassignment)
    # a file of an earlier agency stays with the case: the agency that added it loses it at a handover
    rows.add("file of an own case", CaseFile, case=own, agency=other.agency)
    rows.add("file of a case that left", CaseFile, case=other, agency=rows.own)
    rows.add("own hold", LegalHold, case=own)
    rows.add("other hold", LegalHold, case=other)
    rows.add("own erasure", ErasureRequest, case=other, agency=rows.own)
    rows.add("other erasure", ErasureRequest, case=own, agency=other.agency)


def test_a_task_a_file_a_hold_or_an_emergency_opens_to_its_agency() -> None:
    rows = rights.start_rows()
    store_belongings(rows)
    assert rights.list_differences(BELONGINGS, rows) == []


READERS = set(ROLES) - {"administrator", "minister"}
NOTICES: Rights = {
    "notices.read": {
        "to the user": READERS,
        "to a covered colleague": READERS,
        "to every caseworker": {"caseworker"},
        "to every auditor": {"auditor"},
        "to all who work on cases": CASEWORK,
    }
}


def test_a_notice_is_read_by_its_user_their_cover_and_the_holders_of_its_role() -> None:
    rows = rights.start_rows()
    colleague, absent_before = make(User), make(User)
    make(Cover, by=rows.user, absent=colleague, agency=rows.own, from_on=DAY, until=DAY + timedelta(days=36500))
    make(Cover, by=rows.user, absent=absent_before, agency=rows.own, until=DAY)
    for name, values in {
        "to the user": {"user": rows.user},
        "to a covered colleague": {"user": colleague},
        "to a colleague who is back": {"user": absent_before},
        "to another user of a role": {"user": make(User), "role": "caseworker"},
        "to every caseworker": {"role": "caseworker"},
        "to every auditor": {"role": "auditor"},
        "to every administrator": {"role": "administrator"},
        "to all who work on cases": {"role": ""},
    }.items():
        rows.add(name, Notice, agency=rows.own, **values)
        rows.add(f"elsewhere, {name}", Notice, **values)
    assert rights.list_differences(NOTICES, rows) == []


WITHOUT_ROWS: Rights = {
    "emergencies.open": {NO_ROW: CASEWORK},
    "cases.decide_many": {NO_ROW: SYSTEM},
    "tasks.plan": {NO_ROW: SYSTEM},
    "files.destroy": {NO_ROW: SYSTEM},
    "retention.view": {NO_ROW: COORDINATOR | {"auditor"} | SYSTEM},
    "retention.approve": {NO_ROW: COORDINATOR},
    "retention.run": {NO_ROW: SYSTEM},
}


def test_actions_without_rows_are_open_to_their_roles_alone() -> None:
    assert rights.list_differences(WITHOUT_ROWS, rights.start_rows()) == []


def test_the_tables_hold_every_action_of_cases() -> None:
    areas = ("cases", "emergencies", "tasks", "team", "approvals", "covers", "reassignments", "notices")
    areas += ("files", "holds", "erasure", "history", "retention")
    assert set(rights.list_actions(*areas)) == {*CASES, *BELONGINGS, *NOTICES, *WITHOUT_ROWS}
