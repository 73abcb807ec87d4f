"""Rights to services, beds, referrals, handovers and transfer requests.

The tables of expected answers, written by hand, cover every role.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from kerege.casework.assistance.models.handovers import Handover, HandoverOffer, TransferRequest
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.models.shelter import Bed, Stay
from kerege.casework.cases.models.case import Case, Share
from tests import rights
from tests.rights import DAY, NO_ROW, NOW, OPERATOR, Rights, make

pytestmark = [pytest.mark.django_db, pytest.mark.db]

CASEWORK = {"caseworker", "supervisor", "identifying_officer"}
WORKERS = {"caseworker", "supervisor"}
SUPERVISOR, COORDINATOR, SYSTEM = {"supervisor"}, {"coordinator"}, {OPERATOR}
BY_API = {"api:referrals"}

ADDING: Rights = {
    "services.add": {
        "own case": WORKERS | SYSTEM,
        "accepted and shared": WORKERS | SYSTEM,
        "started and shared": WORKERS | SYSTEM,
        "sent and shared": SYSTEM,
        "accepted, share ended": SYSTEM,
        "accepted by another agency, shared": SYSTEM,
        "shared alone": SYSTEM,
    }
}


def test_an_agency_adds_services_to_own_cases_and_to_shared_ones_whose_referral_it_accepted() -> None:
    rows = rights.start_rows()
    rows.add("own case", Case, agency=rows.own)
    for name, status in {
        "accepted and shared": "accepted",
        "started and shared": "started",
        "sent and shared": "sent",
        "accepted, share ended": "accepted",
        "accepted by another agency, shared": "",
        "shared alone": "",
    }.items():
        case = rows.add(name, Case)
        to_at = NOW if name == "accepted, share ended" else None
        make(Share, case=case, agency=rows.own, basis="legal", from_at=NOW - timedelta(hours=1), to_at=to_at)
        if status:
            make(Referral, case=case, to_agency=rows.own, status=status)
    make(Referral, case=rows.rows["accepted by another agency, shared"], status="accepted")
    assert rights.list_differences(ADDING, rows) == []


# -- services and shelter ----------------------------------------------------------------------------------------------
BY_CASE, BY_PROVIDER = "of an own case", "provided by the agency"
SHELTER: Rights = {
    "services.view": {f"service {BY_CASE}": CASEWORK, f"service {BY_PROVIDER}": WORKERS},
    "stays.view": {f"stay {BY_CASE}": CASEWORK, f"stay {BY_PROVIDER}": WORKERS},
    "stays.change": {f"stay {BY_CASE}": SYSTEM, f"stay {BY_PROVIDER}": WORKERS | SYSTEM, "other stay": SYSTEM},
    "stays.extend": {f"stay {BY_CASE}": SYSTEM, f"stay {BY_PROVIDER}": SUPERVISOR | SYSTEM, "other stay": SYSTEM},
    "beds.use": {"own bed": WORKERS | SYSTEM, "other bed": SYSTEM},
    "beds.change": {"own agency": SUPERVISOR | SYSTEM, "other agency": SYSTEM},
    "transfers.request": {"own agency": CASEWORK | SYSTEM, "other agency": SYSTEM},
}


def test_a_service_or_a_stay_opens_to_the_owner_of_the_case_and_to_the_provider() -> None:
    rows = rights.start_rows()
    own, other = make(Case, agency=rows.own), make(Case)
    rows.rows |= {"own agency": rows.own, "other agency": other.agency}
    for name, case, provider in (
        (BY_CASE, own, other.agency),
        (BY_PROVIDER, other, rows.own),
        ("of others", make(Case), other.agency),
    ):
        rows.add(f"service {name}", Service, case=case, provider=provider, started_on=DAY)
        rows.add("other stay" if name == "of others" else f"stay {name}", Stay, case=case, agency=provider)
    rows.add("own bed", Bed, agency=rows.own)
    rows.add("other bed", Bed)
    assert rights.list_differences(SHELTER, rows) == []


# -- referrals ---------------------------------------------------------------------------------------------------------
SENDERS = CASEWORK | COORDINATOR
REFERRALS: Rights = {
    "referrals.view": dict.fromkeys(("sent", "received", "of a case that came later"), SENDERS | BY_API),
    "referrals.follow": {"sent": SENDERS},
    "referrals.answer": {
        "sent": SYSTEM,
        "received": SENDERS | BY_API | SYSTEM,
        "of a case that came later": SYSTEM,
        "of others": SYSTEM,
    },
    "referrals.withdraw": {
        "sent": WORKERS | BY_API | SYSTEM,
        "received": SYSTEM,
        "of a case that came later": SYSTEM,
        "of others": SYSTEM,
    },
    **dict.fromkeys(
        ("referrals.chase", "desk.count_referrals"),
        dict.fromkeys(("sent", "received", "of a case that came later", "of others"), COORDINATOR),
    ),
}


def test_the_receiver_answers_a_referral_and_the_sender_withdraws_it() -> None:
    rows = rights.start_rows()
    rows.add("sent", Referral, from_agency=rows.own)
    rows.add("received", Referral, to_agency=rows.own)
    rows.add("of a case that came later", Referral, case=make(Case, agency=rows.own))
    rows.add("of others", Referral)
    assert rights.list_differences(REFERRALS, rows) == []


# -- handovers and transfer requests -----------------------------------------------------------------------------------
BOTH_SIDES = {"given": SUPERVISOR | SYSTEM, "taken": SUPERVISOR | SYSTEM, "of others": SYSTEM}
HANDOVERS: Rights = {
    "handovers.offer": {"own case": SUPERVISOR | SYSTEM, "other case": SYSTEM},
    "handovers.view": {f"offer {name}": roles for name, roles in BOTH_SIDES.items()},
    "handovers.read": BOTH_SIDES,
    "handovers.undo": BOTH_SIDES,
    "handovers.answer": BOTH_SIDES | {"given": SYSTEM},
    "handovers.withdraw": BOTH_SIDES | {"taken": SYSTEM},
}


def test_supervisors_of_both_agencies_read_a_handover_the_receiver_answers_the_giver_withdraws() -> None:
    rows = rights.start_rows()
    own, other = make(Case, agency=rows.own), make(Case)
    rows.rows |= {"own case": own, "other case": other}
    for name, sides in {"given": {"from_agency": rows.own}, "taken": {"to_agency": rows.own}, "of others": {}}.items():
        rows.add(f"offer {name}", HandoverOffer, **sides)
        # neither the case nor the offer of a handover gives the right: an undone handover keeps both agencies
        case = own if name == "of others" else other
        rows.add(name, Handover, case=case, status="declined", answered_at=NOW, **sides)
    assert rights.list_differences(HANDOVERS, rows) == []


REQUESTS = ("asked by the agency", "passed on to the agency", "not passed on yet", "without a match", "of others")
TRANSFERS: Rights = {
    "transfers.follow": {"asked by the agency": CASEWORK},
    "transfers.pass_on": dict.fromkeys(REQUESTS, COORDINATOR | SYSTEM),
    "transfers.answer": {**dict.fromkeys(REQUESTS, SYSTEM), "passed on to the agency": SUPERVISOR | SYSTEM},
}


def test_an_owner_sees_a_transfer_request_only_after_the_coordinator_passed_it_on() -> None:
    rows = rights.start_rows()
    own = make(Case, agency=rows.own)
    rows.add("asked by the agency", TransferRequest, agency=rows.own, case=make(Case), status="passed_on")
    rows.add("passed on to the agency", TransferRequest, case=own, status="passed_on")
    rows.add("not passed on yet", TransferRequest, case=own, status="sent")
    rows.add("without a match", TransferRequest, case=None, status="passed_on")
    rows.add("of others", TransferRequest, case=make(Case), status="passed_on")
    assert rights.list_differences(TRANSFERS, rows) == []


WITHOUT_ROWS: Rights = {"services.add_many": {NO_ROW: SYSTEM}}


def test_the_tables_hold_every_action_of_assistance() -> None:
    assert rights.list_differences(WITHOUT_ROWS, rights.start_rows()) == []
    tables = {*ADDING, *SHELTER, *REFERRALS, *HANDOVERS, *TRANSFERS, *WITHOUT_ROWS} - {"desk.count_referrals"}
    assert set(rights.list_actions("services", "stays", "beds", "referrals", "handovers", "transfers")) == tables
