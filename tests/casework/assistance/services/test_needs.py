"""Needs and risk: the newest day counts, and a domain without an assessment is not zero."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.casework.assistance.services import needs as need_services
from kerege.casework.vault.services.identities import open_text

pytestmark = pytest.mark.db
DAY, LATER = date(2025, 3, 10), date(2025, 4, 10)


def test_the_case_has_the_risk_of_the_newest_assessment(make_case: Any, make_actor: Any, make_agency: Any) -> None:
    case, actor = make_case(), make_actor("caseworker", agency=make_agency())
    need_services.assess(actor, case, LATER, {"housing": 4}, "high")
    need_services.assess(actor, case, DAY, {"housing": 1}, "low")  # recorded late
    case.refresh_from_db()
    assert case.risk_level == "high"


def test_an_empty_risk_level_keeps_the_known_one(make_case: Any, make_actor: Any, make_agency: Any) -> None:
    case, actor = make_case(), make_actor("caseworker", agency=make_agency())
    need_services.assess(actor, case, DAY, {}, "high")
    need_services.assess(actor, case, LATER, {"work": 2}, "")
    case.refresh_from_db()
    assert case.risk_level == "high"


@pytest.mark.parametrize("needs", [{"housing": 5}, {"housing": -1}, {"luck": 1}])
def test_a_need_outside_the_code_list_or_levels_is_refused(
    needs: dict[str, int], make_case: Any, make_actor: Any, make_agency: Any
) -> None:
    case, actor = make_case(), make_actor("caseworker", agency=make_agency())
    with pytest.raises(BadInput):
        need_services.assess(actor, case, DAY, needs, "low")
    assert not case.assessments.exists()


def test_a_remark_is_stored_encrypted(make_case: Any, make_actor: Any, make_agency: Any) -> None:
    case, actor = make_case(), make_actor("caseworker", agency=make_agency())
    row = need_services.assess(actor, case, DAY, {}, "", "құпия сөз")
    assert open_text(row.remark) == "құпия сөз"
    assert "құпия".encode() not in bytes(row.remark.ciphertext)
