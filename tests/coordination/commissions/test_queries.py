"""Pages of commissions, the plan and the risk read no table of casework."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kerege.coordination.commissions import services
from kerege.coordination.commissions.models import AgendaItem, Meeting
from kerege.coordination.risk.models import RiskFactor, RiskRound
from tests.coordination.commissions.test_services import meeting, release, secretary

__all__ = ["meeting", "release", "secretary"]
pytestmark = [pytest.mark.django_db, pytest.mark.db]


def tables_of_casework() -> set[str]:
    """Return the tables with records of persons, cases, crimes and contacts."""
    models = (model for model in apps.get_models() if model.__module__.startswith("kerege.casework."))
    return {model._meta.db_table for model in models}


def tables_in(statements: Iterable[dict[str, str]]) -> set[str]:
    """Return every quoted name in SQL statements."""
    return {name for row in statements for name in re.findall(r'"(\w+)"', row["sql"])}


@pytest.mark.parametrize("role", ["secretary", "coordinator"])
def test_no_page_of_coordination_reads_a_table_of_casework(
    role: str, meeting: Meeting, secretary: Any, release: str, bodies: dict[str, Any], make_user: Any, sign_in: Any
) -> None:
    item = AgendaItem(meeting=meeting, titles={"ru": "Итоги"}, release=release, table="destination")
    services.add_item(secretary, item)
    round_ = RiskRound.objects.create(agency=bodies["akimat-35"], year=2025)
    RiskFactor.objects.create(round=round_, place=1, labels={"ru": "x"}, group="threat", source="stat.gov.kz")
    client = sign_in(make_user(role, agency=bodies["akimat-35"]))
    addresses = [reverse(f"commissions:{name}") for name in ("list", "own")]
    addresses += [reverse("commissions:commission", args=[meeting.commission_id])]
    addresses += [reverse(f"commissions:{name}", args=[meeting.pk]) for name in ("meeting", "papers")]
    addresses += [reverse("risk:rounds"), reverse("risk:round", args=[round_.pk])]
    addresses += [reverse("measures:plans"), reverse("measures:own")]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answers = {address: client.get(address).status_code for address in addresses}
    assert {status for address, status in answers.items() if "commissions" in address} == {200}
    seen = tables_in(asked.captured_queries)
    assert {"commissions_meeting", "commissions_agendaitem"} <= seen
    assert seen & tables_of_casework() == set()
    assert len(tables_of_casework()) > 50
