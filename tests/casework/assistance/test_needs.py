"""Needs and risk over time: the newest day counts, and what was not asked about is not none."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.casework.assistance.services import needs as need_services
from kerege.casework.vault.services.identities import open_text

pytestmark = pytest.mark.db
DAY, LATER = date(2025, 3, 10), date(2025, 4, 10)


def test_the_risk_of_the_newest_day_is_the_cases(make_case: Any, make_actor: Any, make_agency: Any) -> None:
    case, actor = make_case(), make_actor("caseworker", agency=make_agency())
    need_services.assess(actor, case, LATER, {"housing": 4}, "high")
    need_services.assess(actor, case, DAY, {"housing": 1}, "low")  # written down late
    case.refresh_from_db()
    assert case.risk_level == "high"


def test_an_unknown_risk_leaves_what_was_known(make_case: Any, make_actor: Any, make_agency: Any) -> None:
    case, actor = make_case(), make_actor("caseworker", agency=make_agency())
    need_services.assess(actor, case, DAY, {}, "high")
    need_services.assess(actor, case, LATER, {"work": 2}, "")
    case.refresh_from_db()
    assert case.risk_level == "high"


@pytest.mark.parametrize("needs", [{"housing": 5}, {"housing": -1}, {"luck": 1}])
def test_a_need_is_of_the_list_and_its_level_between_none_and_acute(
    needs: dict[str, int], make_case: Any, make_actor: Any, make_agency: Any
) -> None:
    case, actor = make_case(), make_actor("caseworker", agency=make_agency())
    with pytest.raises(BadInput):
        need_services.assess(actor, case, DAY, needs, "low")
    assert not case.assessments.exists()


def test_a_remark_is_sealed(make_case: Any, make_actor: Any, make_agency: Any) -> None:
    case, actor = make_case(), make_actor("caseworker", agency=make_agency())
    row = need_services.assess(actor, case, DAY, {}, "", "құпия сөз")
    assert open_text(row.remark) == "құпия сөз"
    assert "құпия".encode() not in bytes(row.remark.ciphertext)
