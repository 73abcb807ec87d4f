"""Rights to commissions. The table of expected answers, written by hand, covers every role."""

from __future__ import annotations

from datetime import date

import pytest

from kerege.coordination.commissions.models import (
    AgendaItem,
    Commission,
    CommissionMember,
    Meeting,
    Resolution,
    ResolutionBody,
)
from kerege.core.accounts.models import Agency
from tests import rights
from tests.rights import OPERATOR, Rights, make

pytestmark = [pytest.mark.django_db, pytest.mark.db]

DAY = date(2025, 3, 3)
KEEPERS, SYSTEM = {"coordinator", "secretary"}, {OPERATOR}


def read(what: str) -> dict[str, set[str]]:
    both = {"coordinator", "secretary"}
    return {f"kept {what}": both, f"member {what}": both, f"other {what}": {"coordinator"}}


def keep(what: str) -> dict[str, set[str]]:
    return {f"kept {what}": KEEPERS | SYSTEM, f"member {what}": SYSTEM, f"other {what}": SYSTEM}


TABLE: Rights = {
    "commissions.set_up": dict.fromkeys(("own agency", "other agency"), {"coordinator"} | SYSTEM),
    "commissions.read": read("commission"),
    "commissions.keep": keep("commission"),
    "commissions.list_members": read("membership"),
    "commissions.read_meeting": read("meeting"),
    "commissions.keep_meeting": keep("meeting"),
    "commissions.list_items": read("item"),
    "commissions.list_resolutions": read("resolution"),
    "commissions.list_bodies": read("body"),
    "commissions.decide": keep("body"),
    "commissions.report": {"kept body": SYSTEM, "member body": KEEPERS | SYSTEM, "other body": SYSTEM},
}


def test_a_body_sees_the_commissions_that_it_keeps_or_of_which_it_is_a_member() -> None:
    rows = rights.start_rows()
    other = make(Agency)
    rows.rows |= {"own agency": rows.own, "other agency": other}
    cases = (("kept", rows.own, other, "10"), ("member", other, rows.own, "11"), ("other", other, other, "15"))
    for whose, keeper, member, region in cases:
        commission = rows.add(f"{whose} commission", Commission, agency=keeper, region=region)
        rows.add(f"{whose} membership", CommissionMember, commission=commission, agency=member, from_on=DAY)
        meeting = rows.add(f"{whose} meeting", Meeting, commission=commission, number="1", on=DAY)
        rows.add(f"{whose} item", AgendaItem, meeting=meeting, place=1)
        resolution = rows.add(f"{whose} resolution", Resolution, meeting=meeting, number="1", due_on=DAY)
        rows.add(f"{whose} body", ResolutionBody, resolution=resolution, agency=member)
    assert rights.list_differences(TABLE, rows) == []


def test_the_table_holds_every_action_of_commissions() -> None:
    assert set(rights.list_actions("commissions")) == set(TABLE)
