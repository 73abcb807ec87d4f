"""Rules of identity records: the agency of the record, of a case, and of a running share."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kerege.casework.cases.models import Case
from kerege.casework.cases.models.case import Share
from kerege.casework.cases.models.emergency_access import Emergency
from kerege.casework.cases.services import shares
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.rules import own_or_named, own_or_shared
from kerege.core.accounts.models import Agency, User
from kerege.core.authorization import Actor
from tests import rights
from tests.rights import NO_ROW, NOW, OPERATOR, Rights, Rows, make

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture
def case(make_case: Any) -> Case:
    """Return a case of a record of the centre."""
    created: Case = make_case()
    return created


@pytest.fixture
def reader(make_actor: Any, make_agency: Any) -> Actor:
    """Return a caseworker of another agency."""
    actor: Actor = make_actor("caseworker", agency=make_agency("other", "ngo"))
    return actor


def is_readable(actor: Actor, case: Case) -> bool:
    return IdentityRecord.objects.filter(own_or_shared(actor), pk=case.record_id).exists()


def test_another_agency_reads_no_record(case: Case, reader: Actor) -> None:
    assert not is_readable(reader, case)


def test_the_agency_of_a_case_reads_the_record_without_a_share(case: Case, reader: Actor) -> None:
    """A handover moves the case; the record stays with the agency that wrote it."""
    Case.objects.filter(pk=case.pk).update(agency=reader.agency_id)
    assert is_readable(reader, case)
    assert IdentityRecord.objects.filter(own_or_named(reader), pk=case.record_id).exists()


def test_the_agency_of_a_running_share_reads_the_record_without_a_case(
    case: Case, reader: Actor, operator: Actor, make_agency: Any
) -> None:
    share = shares.share(operator, case, make_agency("other", "ngo"), "legal")
    assert is_readable(reader, case)
    shares.end_share(operator, share)
    assert not is_readable(reader, case)


# -- tables by hand for every role, agency and state -------------------------------------------------------------------
CASEWORK, SYSTEM, BY_API = {"caseworker", "supervisor", "identifying_officer"}, {OPERATOR}, {"api:referrals"}
CASEWORKER, SUPERVISOR, OFFICER = {"caseworker"}, {"supervisor"}, {"identifying_officer"}
HOUR, MOMENT, TODAY = timedelta(hours=1), timedelta(microseconds=1), timedelta(0)

OWN = ("own", "own, assigned to the user", "own, assigned to a colleague")
WITH_CASE = ("elsewhere, with an own case", "elsewhere, with an own case of the user")
NAMED = ("name shared", "name shared from now on", "name shared for a moment more")
SHARED = (*NAMED, "shared without the name", "contact shared, name shared before")
EMERGENCY = ("opened in an emergency",)
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
EVERY_RECORD = (*OWN, *WITH_CASE, *SHARED, *EMERGENCY, *CLOSED)
SYSTEM_ON_ALL = dict.fromkeys(EVERY_RECORD, SYSTEM)
RECORDS: Rights = {
    "vault.read": {
        **SYSTEM_ON_ALL,
        **dict.fromkeys((*OWN, *WITH_CASE, *SHARED), CASEWORK | BY_API | SYSTEM),
        **dict.fromkeys(EMERGENCY, CASEWORK | SYSTEM),
    },
    # a supervisor of the record's agency reveals without a reason only for own cases, an officer at the own agency
    "vault.reveal": {
        **dict.fromkeys(OWN, CASEWORKER | OFFICER),
        "own, assigned to the user": CASEWORK,
        **dict.fromkeys((*WITH_CASE, *SHARED), CASEWORKER),
        **dict.fromkeys(EMERGENCY, CASEWORK),
    },
    "vault.reveal_for_reason": dict.fromkeys((*OWN, *WITH_CASE, *SHARED), SUPERVISOR | OFFICER),
    "vault.find": {**SYSTEM_ON_ALL, **dict.fromkeys((*OWN, *WITH_CASE, *NAMED), CASEWORK | SYSTEM)},
    "vault.change": {**SYSTEM_ON_ALL, **dict.fromkeys(OWN, CASEWORK | SYSTEM)},
    "vault.link": dict.fromkeys(EVERY_RECORD, {"coordinator"} | SYSTEM),
    "vault.write": {NO_ROW: CASEWORK | SYSTEM},
    "vault.erase": {NO_ROW: {"coordinator"} | SYSTEM},
    "vault.replay": {NO_ROW: SYSTEM},
}


def store_records(rows: Rows) -> None:
    """Store a record for each relation between the user, their agency and a record of another agency."""
    cases: dict[str, Case] = {}
    for name in EVERY_RECORD:
        agency = {"agency": rows.own} if name in OWN else {}
        record = rows.add(name, IdentityRecord, **agency)
        cases[name] = make(Case, record=record, **{"agency": rows.own} if name in WITH_CASE else {})
    other, colleague = make(Agency), make(User)
    for name, user in {
        "own, assigned to the user": rows.user,
        "own, assigned to a colleague": colleague,
        "elsewhere, with an own case of the user": rows.user,
        "other": rows.user,
    }.items():
        Case.objects.filter(pk=cases[name].pk).update(caseworker=user)

    def share(
        name: str, agency: Agency = rows.own, begins: timedelta = -HOUR, ends: timedelta = HOUR, named: bool = True
    ) -> None:
        times = {"from_at": NOW + begins, "to_at": NOW + ends}
        make(Share, case=cases[name], agency=agency, basis="legal", named=named, **times)

    def open_emergency(name: str, ends: timedelta = MOMENT, **values: Any) -> None:
        values = {"user": rows.user, "agency": rows.own} | values
        make(Emergency, case=cases[name], opened_at=NOW - HOUR, until=NOW + ends, **values)

    share("name shared")
    share("name shared from now on", begins=TODAY)
    share("name shared for a moment more", ends=MOMENT)
    share("shared without the name", named=False)
    # one share runs and another names the person: neither shows the name now
    share("contact shared, name shared before", named=False)
    share("contact shared, name shared before", ends=TODAY)
    share("contact shared, name shared before", other)
    share("share ended now", ends=TODAY)
    share("share begins in a moment", begins=MOMENT)
    share("shared with another agency", other)
    open_emergency("opened in an emergency")
    open_emergency("emergency ends now", ends=TODAY)
    open_emergency("emergency was ended", ended_at=NOW - MOMENT)
    open_emergency("emergency of a colleague", user=colleague)
    open_emergency("emergency of the user elsewhere", agency=other)


def test_a_record_opens_by_its_agency_its_cases_running_shares_and_emergencies(monkeypatch: pytest.MonkeyPatch) -> None:
    rights.stop_clock(monkeypatch)
    rows = rights.start_rows()
    store_records(rows)
    assert rights.list_differences(RECORDS, rows) == []


def test_the_table_holds_every_action_of_the_vault() -> None:
    assert set(rights.list_actions("vault")) == set(RECORDS)
