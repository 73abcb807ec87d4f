"""Fields of an identity that an agency reads.

The tables of expected answers, written by hand, cover every relation to the record.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from kerege.base.errors import Refused
from kerege.casework.cases.models.case import Case, Share
from kerege.casework.cases.models.emergency_access import Emergency
from kerege.casework.vault.identity import Identity
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.queries import identities, masking
from kerege.casework.vault.services.identities import store_records
from kerege.core import audit
from kerege.core.accounts.models import Agency
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor, Denied
from tests import rights
from tests.rights import NOW, Rows, make

pytestmark = [pytest.mark.django_db, pytest.mark.db]

HOUR, TODAY = timedelta(hours=1), timedelta(0)
FULL = Identity(
    names=[{"kind": "main", "given": "Айгүл", "family": "Серикова"}],
    birth_date="1996-05-17",
    gender="feminine",
    citizenships=["KZ"],
    documents=[{"kind": "passport", "number": "N123456", "country": "KZ"}],
    languages=["kk"],
    phones=["+7 701"],
    email="a@example.org",
    address={"street": "Абай 1"},
    safe_contact="mornings",
    contact_rules={"times": "mornings"},
    source_id="P-1",
)
IDENTITY = {"names", "birth_date", "gender", "citizenships", "documents", "languages"}
CONTACT = {"languages", "phones", "email", "address", "safe_contact", "contact_rules"}
ALL = set(FULL)

# relation -> shares as (own agency?, categories, begin, end), and the fields that the agency reads; None: no entry
SHARED: dict[str, tuple[list[tuple[bool, list[str], timedelta, timedelta]], set[str] | None]] = {
    "identity": ([(True, ["identity"], -HOUR, HOUR)], IDENTITY),
    "contact": ([(True, ["contact"], -HOUR, HOUR)], CONTACT),
    "health alone": ([(True, ["health"], -HOUR, HOUR)], set()),
    "two shares": ([(True, ["identity"], -HOUR, HOUR), (True, ["contact"], TODAY, HOUR)], IDENTITY | CONTACT),
    "identity before": ([(True, ["identity"], -HOUR, TODAY), (True, ["contact"], -HOUR, HOUR)], CONTACT),
    "identity later": ([(True, ["identity"], HOUR, 2 * HOUR), (True, ["contact"], -HOUR, HOUR)], CONTACT),
    "identity to others": ([(False, ["identity"], -HOUR, HOUR), (True, ["contact"], -HOUR, HOUR)], CONTACT),
    "before alone": ([(True, ["identity"], -HOUR, TODAY)], None),
    "to others alone": ([(False, ["identity"], -HOUR, HOUR)], None),
}


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> Rows:
    """Return a caseworker of an agency at a stopped clock."""
    rights.stop_clock(monkeypatch)
    return rights.start_rows()


def store(agency: Agency, count: int = 1) -> list[IdentityRecord]:
    """Store records with the same full identity."""
    operator = Actor.system("tests")
    with audit.act(operator, "test"):
        return [record for record, _key in store_records(operator, [(agency, FULL, "")] * count)]


def read_fields(actor: Actor, records: dict[str, IdentityRecord]) -> dict[str, set[str]]:
    """Return the fields that an actor reads, by the names of the records."""
    names = {record.pk: name for name, record in records.items()}
    with audit.act(actor, "test"):
        return {names[pk]: set(identity) for pk, identity in identities.read_many(actor, names).items()}


def test_another_agency_reads_the_fields_of_its_running_shares_alone(rows: Rows) -> None:
    teller, other = make(Agency), make(Agency)
    records = dict(zip(SHARED, store(teller, len(SHARED)), strict=True))
    for name, (shares, _fields) in SHARED.items():
        case = make(Case, record=records[name], agency=teller)
        for own, categories, begin, end in shares:
            times = {"from_at": NOW + begin, "to_at": NOW + end}
            agency = rows.own if own else other
            make(Share, case=case, agency=agency, basis="legal", categories=categories, **times)
    expected = {name: fields for name, (_shares, fields) in SHARED.items() if fields is not None}
    for role in ("caseworker", "supervisor", "identifying_officer", "api:referrals"):
        assert read_fields(rows.actor(role), records) == expected, role
    assert read_fields(rows.actor(rights.OPERATOR), records) == dict.fromkeys(SHARED, ALL)


def test_the_agency_of_the_record_and_the_agency_of_a_case_read_every_field(rows: Rows) -> None:
    (own,), elsewhere = store(rows.own), store(make(Agency), 2)
    make(Case, record=elsewhere[0], agency=rows.own)
    make(Case, record=elsewhere[1])
    records = {"own": own, "own case": elsewhere[0], "other": elsewhere[1]}
    assert read_fields(rows.actor("caseworker"), records) == {"own": ALL, "own case": ALL}


def test_an_own_record_in_the_same_query_widens_no_other_one(rows: Rows) -> None:
    (own,), (shared,) = store(rows.own), store(make(Agency))
    case = make(Case, record=shared)
    make(Share, case=case, agency=rows.own, basis="legal", categories=["contact"], from_at=NOW)
    assert read_fields(rows.actor("caseworker"), {"own": own, "shared": shared}) == {"own": ALL, "shared": CONTACT}


def test_emergency_access_shows_identity_and_contact_to_its_user_until_it_ends(rows: Rows) -> None:
    records = dict(zip(("running", "ends now", "ended", "of a colleague"), store(make(Agency), 4), strict=True))
    for name, values in {
        "running": {},
        "ends now": {"until": NOW},
        "ended": {"ended_at": NOW},
        "of a colleague": {"user": make(type(rows.user))},
    }.items():
        values = {"user": rows.user, "agency": rows.own, "until": NOW + HOUR} | values
        make(Emergency, case=make(Case, record=records[name]), opened_at=NOW - HOUR, **values)
    assert read_fields(rows.actor("caseworker"), records) == {"running": IDENTITY | CONTACT}


def test_a_read_names_the_records_that_were_read_and_no_others(rows: Rows) -> None:
    (own,), (other,) = store(rows.own), store(make(Agency))
    read_fields(rows.actor("caseworker"), {"own": own, "other": other})
    assert AuditEvent.objects.latest("seq").details["identities"] == [str(own.pk)]


# -- merged records ----------------------------------------------------------------------------------------------------
def given_name(identity: Identity) -> str:
    return identity["names"][0]["given"]


def store_named(agency: Agency, *names: str) -> list[IdentityRecord]:
    """Store records with a given name each."""
    operator = Actor.system("tests")
    drafts = [(agency, Identity(names=[{"kind": "main", "given": name}]), "") for name in names]
    with audit.act(operator, "test"):
        return [record for record, _key in store_records(operator, drafts)]


def test_a_merged_record_reads_as_the_survivor_at_its_agency_and_as_itself_elsewhere(rows: Rows) -> None:
    teller = make(Agency)
    merged, middle, survivor = store_named(teller, "Merged", "Middle", "Survivor")
    for record, into in ((merged, middle), (middle, survivor)):
        IdentityRecord.objects.filter(pk=record.pk).update(superseded_by=into)
    case = make(Case, record=merged, agency=teller)
    make(Share, case=case, agency=rows.own, basis="legal", categories=["identity"], from_at=NOW)
    at_home = Actor("user:home", rows.user.pk, teller.pk, frozenset({"caseworker"}))
    for actor, name in (
        (at_home, "Survivor"),
        (Actor.system("tests"), "Survivor"),
        (rows.actor("caseworker"), "Merged"),
    ):
        with audit.act(actor, "test"):
            assert given_name(identities.read(actor, merged)) == name, actor.label


# -- the reveal of masked fields ---------------------------------------------------------------------------------------
def test_a_reveal_records_the_groups_and_the_reason_and_no_value(rows: Rows) -> None:
    (record,) = store(rows.own)
    masking.reveal(rows.actor("identifying_officer"), record, ["documents", "birth"])
    masking.reveal(rows.actor("supervisor"), record, ["contact"], "complaint")
    first, second = AuditEvent.objects.filter(action="vault.reveal").order_by("seq")
    assert (first.target, second.target) == (f"identityrecord:{record.pk}",) * 2
    assert (first.details["groups"], first.details["reason"]) == (["birth", "documents"], "")
    assert (second.details["groups"], second.details["reason"]) == (["contact"], "complaint")
    assert "N123456" not in str(first.details)


def test_a_supervisor_without_a_reason_reveals_nothing_and_the_refusal_is_recorded(rows: Rows) -> None:
    (record,) = store(rows.own)
    with pytest.raises(Denied):
        masking.reveal(rows.actor("supervisor"), record, ["contact"])
    event = AuditEvent.objects.latest("seq")
    assert (event.action, event.outcome, event.target) == ("vault.reveal", "refused", f"identityrecord:{record.pk}")


def test_a_record_without_any_version_cannot_be_read(rows: Rows) -> None:
    from kerege.casework.vault.services.identities import newest

    with pytest.raises(Refused, match="no values"):
        newest(make(IdentityRecord, agency=rows.own))
