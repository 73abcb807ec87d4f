"""Rights to signals, screenings and decisions.

The tables of expected answers, written by hand, cover every role and state.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from kerege.casework.cases.models.case import Case, Decision, Share
from kerege.casework.intake.models import DecisionRequest, Screening, Signal
from kerege.casework.vault.models.identities import SealedText
from kerege.core.accounts.models import Agency
from tests import rights
from tests.rights import NO_ROW, NOW, OPERATOR, Rights, Rows, make

pytestmark = [pytest.mark.django_db, pytest.mark.db]

CASEWORK = {"caseworker", "supervisor", "identifying_officer"}
HELPERS, OFFICER, FIRST = {"caseworker", "supervisor"}, {"identifying_officer"}, {"first_responder", "justice_officer"}
COORDINATOR, COUNTERS, INBOX = {"coordinator"}, {"coordinator", "analyst"}, {"api:inbox"}
SYSTEM = {OPERATOR}
SENDERS, RECEIVERS = FIRST | CASEWORK | COORDINATOR, CASEWORK | COORDINATOR

# -- signals -----------------------------------------------------------------------------------------------------------
STATES = ("new", "seen", "case_opened", "closed")
SENT, RECEIVED = [f"sent, {state}" for state in STATES], [f"received, {state}" for state in STATES]
ELSEWHERE = [f"of others, {state}" for state in STATES]
SIGNALS: Rights = {
    "signals.send": {"own agency": SENDERS | {"api:signals"} | SYSTEM, "other agency": SYSTEM},
    "signals.follow": dict.fromkeys(SENT, SENDERS | {"api:signals"}),
    "signals.read": dict.fromkeys(RECEIVED, RECEIVERS),
    "signals.inbox": dict.fromkeys(RECEIVED, INBOX),
    "signals.answer": {**dict.fromkeys(RECEIVED, RECEIVERS | SYSTEM), **dict.fromkeys((*SENT, *ELSEWHERE), SYSTEM)},
    "screenings.start_on_signal": {
        **dict.fromkeys((*SENT, *ELSEWHERE), SYSTEM),
        **dict.fromkeys(RECEIVED, CASEWORK | SYSTEM),
        "sent, new": CASEWORK | FIRST | SYSTEM,
    },
}


def test_the_receiver_reads_a_signal_and_the_sender_screens_until_it_is_opened() -> None:
    rows = rights.start_rows()
    rows.rows |= {"own agency": rows.own, "other agency": make(Agency)}
    for state in STATES:
        rows.add(f"sent, {state}", Signal, from_agency=rows.own, state=state)
        rows.add(f"received, {state}", Signal, to_agency=rows.own, state=state)
        rows.add(f"of others, {state}", Signal, state=state)
    assert rights.list_differences(SIGNALS, rows) == []


# -- screenings --------------------------------------------------------------------------------------------------------
EMPTY = ("held by the agency", "of an own case", "of a signal received", "of a signal sent, empty")
OPENED = ("with answers", "with evidence", "concluded", "held by a colleague")
STARTED = ("of a signal sent, opened", "of a case of a signal received", "exploitation shared", "identity shared")
OTHER = ("shared before", "of others")
SCREENINGS: Rights = {
    "screenings.view": {
        **dict.fromkeys((*EMPTY, *OPENED, "of a signal sent, opened", "exploitation shared"), CASEWORK | SYSTEM),
        **dict.fromkeys(("of a case of a signal received", "identity shared", *OTHER), SYSTEM),
    },
    "screenings.conclude": {
        **dict.fromkeys((*EMPTY, *OPENED, "of a signal sent, opened"), CASEWORK | SYSTEM),
        **dict.fromkeys(("of a case of a signal received", "exploitation shared", "identity shared", *OTHER), SYSTEM),
    },
    "screenings.fill": {
        **dict.fromkeys((*EMPTY, *OPENED, "of a signal sent, opened"), CASEWORK | SYSTEM),
        **dict.fromkeys(("of a case of a signal received", "exploitation shared", "identity shared", *OTHER), SYSTEM),
        "of a signal sent, empty": CASEWORK | FIRST | SYSTEM,
    },
    "screenings.discard": dict.fromkeys((*EMPTY, "of a signal sent, opened"), CASEWORK | FIRST),
}


def store_screenings(rows: Rows) -> None:
    """Store a screening for each relation; those of `EMPTY` were begun by the user and hold nothing."""
    label = rows.actor("caseworker").label
    own, shared, other = make(Case, agency=rows.own), make(Case), make(Case)
    mine = {"screened_by": label, "agency": rows.own, "case": other}
    rows.add("held by the agency", Screening, **mine)
    rows.add("of an own case", Screening, screened_by=label, case=own)
    rows.add("of a signal received", Screening, screened_by=label, signal=make(Signal, to_agency=rows.own))
    rows.add("of a signal sent, empty", Screening, **mine | {"case": None, "signal": make(Signal)})
    rows.add("with answers", Screening, **mine, answers={"a1": "yes"})
    rows.add("with evidence", Screening, **mine, evidence=make(SealedText))
    rows.add("concluded", Screening, **mine, concluded_at=NOW, conclusion="presumed")
    rows.add("held by a colleague", Screening, **mine | {"screened_by": "user:colleague"})
    rows.add("of a signal sent, opened", Screening, **mine | {"case": None, "signal": make(Signal, state="seen")})
    received = make(Signal, to_agency=rows.own)
    rows.add("of a case of a signal received", Screening, screened_by=label, case=other, signal=received)
    for name, case, category, to_at in (
        ("exploitation shared", shared, "exploitation", None),
        ("identity shared", make(Case), "identity", None),
        ("shared before", make(Case), "exploitation", NOW - timedelta(hours=1)),
    ):
        times = {"from_at": NOW - timedelta(hours=2), "to_at": to_at}
        make(Share, case=case, agency=rows.own, basis="legal", categories=[category], **times)
        rows.add(name, Screening, case=case)
    rows.add("of others", Screening, case=make(Case))


def test_a_screening_opens_to_its_agency_its_case_its_signal_and_a_share_of_exploitation() -> None:
    rows = rights.start_rows()
    store_screenings(rows)
    assert rights.list_differences(SCREENINGS, rows) == []


# -- decisions ---------------------------------------------------------------------------------------------------------
CASES: Rights = {
    "decisions.request": {"own case": CASEWORK | SYSTEM, "shared case": SYSTEM, "other case": SYSTEM},
    "screenings.start": {
        "own case": HELPERS | OFFICER | SYSTEM,
        "shared case": OFFICER | SYSTEM,
        "other case": SYSTEM,
    },
}
DECISIONS: Rights = {
    "decisions.withdraw_request": {"request of the agency": CASEWORK | SYSTEM, "request to the agency": SYSTEM},
    "decisions.notify": {
        "decision on an own case": HELPERS | SYSTEM,
        "decision by the agency": OFFICER | SYSTEM,
        "other decision": SYSTEM,
    },
    "decisions.review": {
        "decision on an own case": HELPERS | OFFICER | SYSTEM,
        "decision by the agency": OFFICER | SYSTEM,
        "other decision": SYSTEM,
    },
    "statuses.count": dict.fromkeys(("decision on an own case", "decision by the agency", "other decision"), COUNTERS),
    "decisions.queue": {NO_ROW: OFFICER},
}


def test_the_agency_of_the_case_and_the_deciding_authority_handle_a_decision() -> None:
    rows = rights.start_rows()
    own, shared, other = (
        rows.add("own case", Case, agency=rows.own),
        rows.add("shared case", Case),
        rows.add("other case", Case),
    )
    make(Share, case=shared, agency=rows.own, basis="legal", from_at=NOW)
    rows.add("request of the agency", DecisionRequest, from_agency=rows.own, case=other, track="social")
    rows.add("request to the agency", DecisionRequest, authority=rows.own, case=own, track="social")
    rows.add("decision on an own case", Decision, case=own, authority=other.agency, track="social")
    rows.add("decision by the agency", Decision, case=other, authority=rows.own, track="police")
    rows.add("other decision", Decision, case=other, authority=other.agency, track="social")
    assert rights.list_differences(CASES | DECISIONS, rows) == []


def test_the_tables_hold_every_action_of_intake() -> None:
    tables = {*SIGNALS, *SCREENINGS, *CASES, *DECISIONS}
    assert set(rights.list_actions("signals", "screenings", "decisions", "statuses")) == tables
