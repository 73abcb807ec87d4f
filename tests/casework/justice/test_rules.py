"""Rights to crimes and their parts. The tables of expected rights are written by hand."""

from __future__ import annotations

import pytest

from kerege.casework.cases.models.case import Case
from kerege.casework.justice.models import CaseLink, Compensation, Crime, Hearing, ProtectionMeasure, Suspect
from tests import rights
from tests.rights import DAY, NO_ROW, OPERATOR, Rights, make

pytestmark = [pytest.mark.django_db, pytest.mark.db]

OFFICER, SYSTEM = {"justice_officer"}, {OPERATOR}
OWN_ALONE = {"own": OFFICER | SYSTEM, "other": SYSTEM}
CRIMES: Rights = {
    "crimes.record": {"own agency": OFFICER | SYSTEM, "other agency": SYSTEM},
    "crimes.view": OWN_ALONE,
    "crimes.change": OWN_ALONE,
    "suspects.change": {f"suspect, {name}": roles for name, roles in OWN_ALONE.items()},
    "hearings.change": {f"hearing, {name}": roles for name, roles in OWN_ALONE.items()},
    "protections.change": {f"measure, {name}": roles for name, roles in OWN_ALONE.items()},
    "compensations.change": {f"compensation, {name}": roles for name, roles in OWN_ALONE.items()},
    "links.change": {f"link, {name}": roles for name, roles in OWN_ALONE.items()},
    "crimes.count": {NO_ROW: OFFICER | {"coordinator", "analyst"} | SYSTEM},
}


def test_a_crime_and_its_suspects_hearings_and_links_open_to_the_officers_of_its_agency() -> None:
    rows = rights.start_rows()
    for name, values in {"own": {"agency": rows.own}, "other": {}}.items():
        crime = rows.add(name, Crime, **values)
        rows.add(f"suspect, {name}", Suspect, crime=crime)
        rows.add(f"hearing, {name}", Hearing, crime=crime)
        rows.add(f"measure, {name}", ProtectionMeasure, crime=crime, starts_on=DAY)
        rows.add(f"compensation, {name}", Compensation, crime=crime)
        # the case of a link gives no right to it
        case = make(Case, agency=rows.own) if name == "other" else make(Case)
        rows.add(f"link, {name}", CaseLink, crime=crime, case=case)
        rows.rows[f"{name} agency"] = crime.agency
    assert rights.list_differences(CRIMES, rows) == []


AREAS = ("crimes", "suspects", "hearings", "links", "protections", "compensations")


def test_the_table_holds_every_action_of_justice() -> None:
    assert set(rights.list_actions(*AREAS)) == set(CRIMES)
