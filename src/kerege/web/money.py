"""Amounts of money in the currency of the country or of a row, as a language writes them."""

from __future__ import annotations

from decimal import Decimal

from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal, get_currency_precision, get_currency_symbol, get_territory_currencies

from kerege.vocabulary import languages
from kerege.vocabulary.profile import active

STORED_DIGITS = 2  # decimals of a stored amount


def currency() -> str:
    """Return the currency of the country as ISO 4217 writes it."""
    return active().currency


def currencies() -> list[str]:
    """Return the currencies that a claim may state: that of the country, then those of its neighbours."""
    near = [code for country in active().near_countries for code in get_territory_currencies(country)]
    return list(dict.fromkeys([currency(), *near]))


def signs(language: str) -> list[tuple[str, str]]:
    """Return the currencies that a claim may state with their signs in a language."""
    return [(code, symbol(language, code)) for code in currencies()]


def symbol(language: str, code: str = "") -> str:
    """Return the sign of a currency in a language, by default of that of the country.

    Examples
    --------
    >>> symbol("kk", "KZT"), symbol("en", "KGS")
    ('₸', 'KGS')
    """
    return get_currency_symbol(code or currency(), locale=locale_of(language))


def digits(code: str) -> int:
    """Return the number of decimals of a currency.

    Examples
    --------
    >>> digits("KZT"), digits("IQD")
    (2, 0)
    """
    return get_currency_precision(code)


def amount(value: Decimal | int, language: str, code: str = "") -> str:
    """Return an amount with its currency; a whole amount has no decimals.

    An amount with decimals keeps them, also in a currency that has none: rounding would show 0.50 as 0.

    Examples
    --------
    >>> amount(117960, "kk", "KZT"), amount(Decimal("0.50"), "en", "RUB"), amount(Decimal("10.00"), "en", "IQD")
    ('117\xa0960\xa0₸', '0.50\xa0RUB', '10\xa0IQD')
    """
    code = code or currency()
    decimals = "." + "0" * (digits(code) or STORED_DIGITS) if value != int(value) else ""
    number = format_decimal(value, f"#,##0{decimals}", locale=locale_of(language))
    return f"{number}\xa0{symbol(language, code)}".replace("\u202f", "\xa0")


def locale_of(language: str) -> Locale:
    """Return the locale of a language, English for a language that Unicode CLDR does not know."""
    try:
        return Locale.parse(language, sep="-")
    except UnknownLocaleError:
        return Locale.parse(languages.LAST_RESORT)
