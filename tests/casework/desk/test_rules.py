"""Rights to the home pages and their counts.

The tables of expected answers, written by hand, cover every role.
"""

from __future__ import annotations

import pytest

from kerege.casework.cases.models.case import Case
from tests import rights
from tests.rights import NO_ROW, ROLES, Rights

pytestmark = [pytest.mark.django_db, pytest.mark.db]

COUNTERS = {"coordinator", "analyst"}
TABLE: Rights = {
    "desk.home": {NO_ROW: set(ROLES)},
    "desk.count_cases": dict.fromkeys(("own case", "other case"), COUNTERS),
    "desk.process": {NO_ROW: {"coordinator"}},
    "desk.quality": {NO_ROW: {"supervisor", "coordinator", "analyst"}},
    "desk.supervisor_board": {NO_ROW: {"supervisor"}},
    "desk.coordinator_board": {NO_ROW: {"coordinator"}},
    "desk.ministry_board": {NO_ROW: {"minister", "publisher"}},
    "targets.set": {NO_ROW: {"coordinator", "publisher"}},
    "desk.month": {NO_ROW: {"caseworker", "supervisor"}},
}


def test_coordinators_and_analysts_count_the_cases_of_all_agencies() -> None:
    rows = rights.start_rows()
    rows.add("own case", Case, agency=rows.own)
    rows.add("other case", Case)
    assert rights.list_differences(TABLE, rows) == []


def test_the_tables_hold_every_action_of_the_home_pages() -> None:
    # the table of referrals is in the tests of assistance
    assert set(rights.list_actions("desk", "targets")) == {*TABLE, "desk.count_referrals"}
