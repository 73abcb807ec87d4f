"""Rights to candidate pairs and links: an agency answers its own, the coordinator others."""

from __future__ import annotations

from typing import Any

import pytest

from kerege.casework.persons.models import MatchCandidate, Merge, PairReview
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core.accounts.models import Agency, RoleAssignment, User
from tests import rights
from tests.rights import NO_ROW, OPERATOR, Rights, Rows, make

pytestmark = [pytest.mark.django_db, pytest.mark.db]

WORKERS, COORDINATOR, SYSTEM = {"caseworker", "supervisor"}, {"coordinator"}, {OPERATOR}
BOTH = COORDINATOR | SYSTEM

PAIRS = (
    "of the agency",
    "of an agency with reviewers",
    "between agencies",
    "of an agency without reviewers",
    "of an agency whose only reviewer left",
    "of an agency without reviewers, decided",
    "answered by the user",
    "answered by others",
)
REVIEW: Rights = {
    "persons.review": {
        "of the agency": WORKERS | SYSTEM,
        "of an agency with reviewers": SYSTEM,
        "between agencies": BOTH,
        "of an agency without reviewers": BOTH,
        "of an agency whose only reviewer left": BOTH,
        "of an agency without reviewers, decided": SYSTEM,
        "answered by the user": BOTH,
        "answered by others": SYSTEM,
    },
    "persons.oversee": dict.fromkeys(PAIRS, BOTH),
}


def make_agency_of(*roles: str, **user: Any) -> Agency:
    """Store an agency with one user who holds the roles there."""
    agency: Agency = make(Agency)
    if roles:
        holder = make(User, **user)
        for role in roles:
            make(RoleAssignment, user=holder, agency=agency, role=role)
    return agency


def pair_of(agency: Agency | None) -> dict[str, Any]:
    """Return the columns of a candidate pair; the left record has the smaller id."""
    left, right = sorted((make(IdentityRecord) for _ in range(2)), key=lambda record: record.pk)
    return {"agency": agency, "left": left, "right": right}


def store_pairs(rows: Rows) -> None:
    """Store a pair for each relation to the user, with the reviewers of its agency."""
    make(RoleAssignment, user=make(User), agency=rows.own, role="caseworker")
    staffed = make_agency_of("supervisor")
    empty, left = make_agency_of("analyst"), make_agency_of("caseworker", is_active=False)
    rows.add("of the agency", MatchCandidate, **pair_of(rows.own))
    rows.add("of an agency with reviewers", MatchCandidate, **pair_of(staffed))
    rows.add("between agencies", MatchCandidate, **pair_of(None), state="different")
    rows.add("of an agency without reviewers", MatchCandidate, **pair_of(empty))
    rows.add("of an agency whose only reviewer left", MatchCandidate, **pair_of(left), state="discuss")
    rows.add("of an agency without reviewers, decided", MatchCandidate, **pair_of(empty), state="different")
    for name, user in {"answered by the user": rows.user, "answered by others": make(User)}.items():
        pair = rows.add(name, MatchCandidate, **pair_of(staffed), state="same")
        # the reviewer is the user id, whatever the name is
        make(PairReview, candidate=pair, reviewer=user, by=f"user:{rows.user.username}", answer="same")


def test_a_pair_waits_for_its_agency_and_for_the_coordinator_where_nobody_else_is_left() -> None:
    rows = rights.start_rows()
    store_pairs(rows)
    assert rights.list_differences(REVIEW, rows) == []


UNDO = {
    "link of the agency": WORKERS | SYSTEM,
    "merge of the agency": WORKERS | SYSTEM,
    "link between agencies": BOTH,
    "link of an agency with reviewers": SYSTEM,
    "link of an agency without reviewers": BOTH,
    "merge of an agency without reviewers": SYSTEM,
    "link of a pair that the user answered": BOTH,
    "merge of a pair that the user answered": SYSTEM,
}
LINKS: Rights = {
    "persons.undo": UNDO,
    "persons.look_back": UNDO,
    "persons.oversee_merges": dict.fromkeys(
        (
            *(f"link {place}" for place in ("of the agency", "between agencies", "of an agency with reviewers")),
            *(f"merge {place}" for place in ("of the agency", "of an agency without reviewers")),
            "link of an agency without reviewers",
            *(f"{kind} of a pair that the user answered" for kind in ("link", "merge")),
        ),
        BOTH,
    ),
    "persons.compare": {"own record": WORKERS | SYSTEM, "other record": SYSTEM},
    "persons.merge": {"own record": WORKERS | SYSTEM, "other record": SYSTEM},
    "persons.quality": {NO_ROW: {"coordinator", "auditor"} | SYSTEM},
    "persons.match": {NO_ROW: SYSTEM},
}


def test_who_can_link_can_unlink_and_a_merge_stays_with_its_agency() -> None:
    rows = rights.start_rows()
    make(RoleAssignment, user=make(User), agency=rows.own, role="caseworker")
    staffed, empty = make_agency_of("caseworker"), make_agency_of("auditor")
    answered = make(MatchCandidate, **pair_of(staffed), state="same")
    make(PairReview, candidate=answered, reviewer=rows.user, by="user:earlier-name", answer="same")
    for name, agency in {
        "of the agency": rows.own,
        "between agencies": None,
        "of an agency with reviewers": staffed,
        "of an agency without reviewers": empty,
        "of a pair that the user answered": staffed,
    }.items():
        candidate = answered if "answered" in name else None
        for kind in ("link", "merge") if agency and name != "of an agency with reviewers" else ("link",):
            rows.add(f"{kind} {name}", Merge, agency=agency, kind=kind, candidate=candidate)
    rows.add("own record", IdentityRecord, agency=rows.own)
    rows.add("other record", IdentityRecord)
    assert rights.list_differences(LINKS, rows) == []


def test_the_tables_hold_every_action_of_persons() -> None:
    assert set(rights.list_actions("persons")) == {*REVIEW, *LINKS}
