"""Rights to campaigns and hotline contacts.

The tables of expected answers, written by hand, cover every role.
"""

from __future__ import annotations

import pytest

from kerege.casework.awareness.models import Campaign, HotlineContact
from kerege.core.accounts.models import Agency
from tests import rights
from tests.rights import OPERATOR, Rights, make

pytestmark = [pytest.mark.django_db, pytest.mark.db]

WRITERS, HOTLINE = {"coordinator", "supervisor", "caseworker"}, {"first_responder", "supervisor"}
READERS, SYSTEM = {"coordinator", "analyst", "publisher"}, {OPERATOR}
TABLE: Rights = {
    "campaigns.record": {"own agency": WRITERS | SYSTEM, "other agency": SYSTEM},
    "campaigns.list": {"own campaign": WRITERS | READERS, "other campaign": READERS},
    "campaigns.change": {"own campaign": WRITERS | SYSTEM, "other campaign": SYSTEM},
    "contacts.record": {"own agency": HOTLINE | SYSTEM, "other agency": SYSTEM},
    "contacts.list": {"own contact": HOTLINE},
    "contacts.count": dict.fromkeys(("own contact", "other contact"), WRITERS | {"analyst", "publisher"}),
}


def test_an_agency_changes_its_own_campaigns_and_lists_its_own_contacts() -> None:
    rows = rights.start_rows()
    rows.rows |= {"own agency": rows.own, "other agency": make(Agency)}
    for name, agency in {"own": rows.own, "other": rows.rows["other agency"]}.items():
        rows.add(f"{name} campaign", Campaign, agency=agency)
        rows.add(f"{name} contact", HotlineContact, agency=agency)
    assert rights.list_differences(TABLE, rows) == []


def test_the_table_holds_every_action_of_awareness() -> None:
    assert set(rights.list_actions("campaigns", "contacts")) == set(TABLE)
