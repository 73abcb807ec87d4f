"""Rights to the risk assessment. The table of expected answers, written by hand, covers every role."""

from __future__ import annotations

import pytest

from kerege.coordination.commissions.models import Commission
from kerege.coordination.risk.models import RiskFactor, RiskJudgement, RiskRound, RiskValue
from kerege.core.accounts.models import Agency
from tests import rights
from tests.rights import OPERATOR, Rights, make

pytestmark = [pytest.mark.django_db, pytest.mark.db]

READERS, EDITORS, SYSTEM = {"coordinator", "analyst", "publisher", "secretary"}, {"coordinator", "analyst"}, {OPERATOR}


def named(what: str, own: set[str], other: set[str]) -> dict[str, set[str]]:
    return {f"own {what}": own, f"other {what}": other}


TABLE: Rights = {
    "risk.set_up": named("agency", EDITORS | SYSTEM, SYSTEM),
    "risk.read": named("round", READERS, READERS),
    "risk.edit": named("round", EDITORS | SYSTEM, SYSTEM),
    "risk.list_factors": named("factor", READERS, READERS),
    "risk.edit_factor": named("factor", EDITORS | SYSTEM, SYSTEM),
    "risk.list_values": named("value", READERS, READERS),
    "risk.list_judgements": named("judgement", READERS, READERS),
    "risk.judge": named("commission", {"secretary"} | SYSTEM, SYSTEM),
}


def test_an_agency_changes_its_rounds_and_a_secretary_judges_the_own_region() -> None:
    rows = rights.start_rows()
    other = make(Agency)
    rows.rows |= {"own agency": rows.own, "other agency": other}
    for whose, agency, region in (("own", rows.own, "10"), ("other", other, "11")):
        row = rows.add(f"{whose} round", RiskRound, agency=agency, year=2025)
        factor = rows.add(f"{whose} factor", RiskFactor, round=row, place=1, group="threat", source="x")
        rows.add(f"{whose} value", RiskValue, factor=factor, region=region, number=1)
        rows.add(f"{whose} judgement", RiskJudgement, round=row, agency=agency, region=region, level="low", ground="x")
        rows.add(f"{whose} commission", Commission, agency=agency, region=region)
    assert rights.list_differences(TABLE, rows) == []


def test_the_table_holds_every_action_of_the_risk_assessment() -> None:
    assert set(rights.list_actions("risk")) == set(TABLE)
