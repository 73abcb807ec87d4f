"""Rights to imports, exports and snapshots.

The tables of expected answers, written by hand, cover every role.
"""

from __future__ import annotations

import pytest

from kerege.casework.cases.models.case import Case, Share
from tests import rights
from tests.rights import NO_ROW, NOW, OPERATOR, Rights, make

pytestmark = [pytest.mark.django_db, pytest.mark.db]

SYSTEM = {OPERATOR}
TABLE: Rights = {
    "exchange.import": {NO_ROW: SYSTEM},
    "exchange.import_own": {"own agency": {"api:records", "supervisor"}},
    "exchange.add_agencies": {NO_ROW: SYSTEM},
    "exchange.export": {
        "own case": {"supervisor", "api:export"} | SYSTEM,
        "shared case": SYSTEM,
        "other case": SYSTEM,
    },
    "exchange.export_identities": dict.fromkeys(("own case", "shared case", "other case"), SYSTEM),
    "exchange.snapshot": {NO_ROW: {"analyst"} | SYSTEM},
    "figures.compute": {NO_ROW: {"analyst", "coordinator"} | SYSTEM},
}


def test_an_agency_exports_its_own_cases_and_no_shared_ones() -> None:
    rows = rights.start_rows()
    rows.add("own case", Case, agency=rows.own)
    shared, other = rows.add("shared case", Case), rows.add("other case", Case)
    make(Share, case=shared, agency=rows.own, basis="legal", from_at=NOW)
    rows.rows |= {"own agency": rows.own, "other agency": other.agency}
    assert rights.list_differences(TABLE, rows) == []


def test_the_table_holds_every_action_of_exchange() -> None:
    assert set(rights.list_actions("exchange", "figures")) == set(TABLE)
