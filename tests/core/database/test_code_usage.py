"""Every table that holds a code of a list is counted, single codes and lists of codes alike."""

from __future__ import annotations

from typing import Any

import pytest

from kerege.core.database.code_usage import count_uses, list_fields


def test_every_table_with_regions_is_known() -> None:
    tables = {model._meta.label for model, _field in list_fields("region")}
    assert {"cases.Case", "justice.Crime", "awareness.Campaign", "accounts.Agency"} <= tables


@pytest.mark.django_db
def test_records_are_counted_by_code(make_agency: Any) -> None:
    for code, region, services in (("a", "10", ["shelter", "legal_aid"]), ("b", "10", ["legal_aid"]), ("c", "", [])):
        agency = make_agency(code)
        agency.region, agency.services = region, services
        agency.save()
    assert (count_uses("region")["10"], count_uses("region")["11"], count_uses("region")[""]) == (2, 0, 0)
    assert (count_uses("service")["legal_aid"], count_uses("service")["shelter"]) == (2, 1)
