"""Legal terms: complete in three languages, and listed while a lawyer has not confirmed them."""

from __future__ import annotations

import pytest

from kerege.vocabulary import terms

ROW = {"en": "victim", "ru": "жертва", "kk": "құрбан", "status": "unconfirmed"}


def test_every_term_has_three_languages_and_none_is_confirmed_yet() -> None:
    bundled = terms.legal_terms()

    assert all(set(term.labels) == {"kk", "ru", "en"} for term in bundled.values())
    assert len(terms.unconfirmed(bundled.values())) == len(bundled) == 23
    assert bundled["legal_hold"].labels["ru"] == "запрет на уничтожение"


def test_a_confirmed_term_no_longer_waits() -> None:
    waiting, done = terms._term("victim", ROW), terms._term("victim", ROW | {"status": "confirmed"})

    assert terms.unconfirmed([waiting, done]) == ["victim"]


@pytest.mark.parametrize("change", [{"status": "maybe"}, {"kk": ""}])
def test_a_faulty_term_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"terms\.toml: victim needs"):
        terms._term("victim", ROW | change)
