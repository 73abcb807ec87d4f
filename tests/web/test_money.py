"""Amounts of money: the currency of the country or of the row, with its decimals."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kerege.vocabulary.pack import using
from kerege.web import money
from tests.core.pages.test_shell_xanadu import XANADU


@pytest.mark.parametrize(
    ("value", "language", "code", "shown"),
    [
        (117960, "kk", "KZT", "117\xa0960\xa0₸"),
        (Decimal("117960.00"), "ru", "RUB", "117\xa0960\xa0₽"),
        (Decimal("0.5"), "en", "USD", "0.50\xa0$"),
        (1200000, "en", "IQD", "1,200,000\xa0IQD"),
        (10, "kri", "KGS", "10\xa0KGS"),
        (Decimal("0.50"), "en", "IQD", "0.50\xa0IQD"),
        (Decimal("10.00"), "en", "IQD", "10\xa0IQD"),
    ],
)
def test_an_amount_has_the_separators_of_the_language_and_the_sign_of_its_currency(
    value: Decimal | int, language: str, code: str, shown: str
) -> None:
    assert money.amount(value, language, code) == shown


def test_the_currency_is_that_of_the_country_and_a_claim_may_state_that_of_a_neighbour() -> None:
    assert (money.currency(), money.amount(5, "en")) == ("KZT", "5\xa0KZT")
    assert money.currencies()[0] == "KZT"
    assert {"RUB", "KGS", "UZS"} <= set(money.currencies())
    with using(XANADU):
        assert (money.currency(), money.digits(money.currency())) == ("IQD", 0)
        assert {"AFN", "TJS"} < set(money.currencies())
