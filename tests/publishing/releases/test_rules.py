"""Rights to releases.

The tables of expected answers, written by hand, cover every role, with and without an appointment as a deputy.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kerege.core.accounts.models import User
from kerege.publishing.releases.calendar_models import AnnouncedRelease
from kerege.publishing.releases.models import Deputy, Release
from kerege.publishing.releases.rules import is_deputy
from tests import rights
from tests.rights import DAY, NO_ROW, OPERATOR, Rights, make

pytestmark = [pytest.mark.django_db, pytest.mark.db]

PUBLISHER, COMPOSERS, SYSTEM = {"publisher"}, {"analyst", "publisher"}, {OPERATOR}
DEPUTY = {"coordinator"}
WITHOUT_DEPUTY: Rights = {
    "releases.read": {"release": COMPOSERS | {"auditor"} | SYSTEM},
    "releases.prepare": {"release": COMPOSERS},
    "releases.evaluation": {"release": COMPOSERS},
    "releases.propose": {NO_ROW: COMPOSERS | {"coordinator"}},
    "releases.freeze": {NO_ROW: COMPOSERS},
    "releases.check": {"release": SYSTEM},
    "releases.approve": {"release": PUBLISHER},
    "releases.withdraw": {"release": PUBLISHER},
    "releases.appoint": {"deputy": PUBLISHER},
    "releases.announce": {"announced": PUBLISHER | {"coordinator"}},
}
FOR_DEPUTIES = ("releases.read", "releases.evaluation", "releases.approve", "releases.withdraw")
WITH_DEPUTY: Rights = WITHOUT_DEPUTY | {
    action: {"release": WITHOUT_DEPUTY[action]["release"] | DEPUTY} for action in FOR_DEPUTIES
}
BEFORE, LATER = DAY - timedelta(days=1), DAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("values", "is_appointed"),
    [
        ({"from_on": DAY, "until_on": DAY}, True),
        ({"from_on": BEFORE, "until_on": LATER}, True),
        ({"from_on": BEFORE, "until_on": BEFORE}, False),
        ({"from_on": LATER, "until_on": LATER}, False),
        ({"from_on": DAY, "until_on": DAY, "ended_at": rights.NOW}, False),
        ({"from_on": DAY, "until_on": DAY, "user": None}, False),
    ],
)
def test_a_coordinator_approves_in_the_days_of_the_appointment_alone(
    values: dict[str, Any], is_appointed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rights.stop_clock(monkeypatch)
    rows = rights.start_rows()
    rows.add("release", Release)
    rows.add("announced", AnnouncedRelease, month=DAY.replace(day=1))
    values = {"user": rows.user} | values
    rows.add("deputy", Deputy, **values | {"user": values["user"] or make(User)})
    assert rights.list_differences(WITH_DEPUTY if is_appointed else WITHOUT_DEPUTY, rows) == []


def test_the_operator_is_no_deputy() -> None:
    make(Deputy, from_on=BEFORE, until_on=DAY + timedelta(days=36500))
    assert not is_deputy(rights.start_rows().actor(OPERATOR))


def test_the_table_holds_every_action_of_releases() -> None:
    assert set(rights.list_actions("releases")) == set(WITHOUT_DEPUTY)
