"""Amounts in a form: as many decimals as the currency and the amount have."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.http import QueryDict

from kerege.casework.justice.forms import CompensationForm
from kerege.casework.justice.models import Compensation
from kerege.vocabulary.pack import using
from tests.core.pages.test_shell_xanadu import XANADU


@pytest.mark.parametrize(("stored", "shown"), [("110000.00", "110000"), ("0.50", "0.50"), ("0.00", "0")])
def test_a_stored_amount_is_offered_without_decimals_if_it_is_whole(stored: str, shown: str) -> None:
    form = CompensationForm.of([], None, Compensation(source="fund", currency="KZT", paid=Decimal(stored)))
    assert f'value="{shown}"' in str(form["paid"])


@pytest.mark.parametrize(("typed", "is_valid"), [("110000", True), ("110000.00", True), ("110000.5", False)])
def test_a_currency_without_decimals_refuses_them(typed: str, is_valid: bool) -> None:
    with using(XANADU):
        form = CompensationForm.of([], QueryDict(f"source=fund&currency=IQD&claimed={typed}"))
        form.full_clean()
        assert ("claimed" not in form.errors) is is_valid
