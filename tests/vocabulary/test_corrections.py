"""Corrected facts of an installation: value and source, from a day on, and never below what holds."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from kerege.vocabulary import confirmations, corrections, profile
from kerege.vocabulary.corrections import Correction

KZ = profile.load_profile("kz")
TODAY = date.today()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty home."""
    monkeypatch.setenv("KEREGE_HOME", str(tmp_path))
    monkeypatch.delenv("KEREGE_COUNTRY", raising=False)
    return tmp_path


def correction(path: str, from_on: date = TODAY, lawyer: str = "A. Lawyer", **values: object) -> Correction:
    fact = next(fact.fact for fact in KZ.facts() if fact.path == path)
    content = json.dumps(corrections.values_of(fact) | values)
    base = confirmations.digest_of(fact)
    return Correction(path, base, content, "order 12", from_on, lawyer, "order 12, point 3")


def test_each_fact_of_the_profile_can_be_corrected_and_no_other_fact_changes() -> None:
    """Every fact keeps its values and gets another source, also those in lists and tables."""
    for fact in KZ.facts():
        corrections.write([correction(fact.path)])
        changed = {new.path for new, old in zip(profile.active().facts(), KZ.facts(), strict=True) if new != old}
        assert changed == {fact.path}


def test_a_corrected_value_has_its_source_and_is_confirmed_by_its_lawyer_alone() -> None:
    corrections.write([correction("hotline", number="150"), correction("emergency", number="112", lawyer="")])
    assert (profile.active().hotline.number, profile.active().hotline.source) == ("150", "order 12")
    assert profile.active().hotline.confirmed
    assert not profile.active().emergency.confirmed


def test_a_confirmation_of_the_earlier_value_does_not_confirm_the_corrected_one() -> None:
    digest = confirmations.digest_of(KZ.emergency)
    confirmations.write([confirmations.Confirmation("emergency", digest, "L", "D", TODAY)])
    assert profile.active().emergency.confirmed
    corrections.write([correction("emergency", number="112", lawyer="")])
    assert not profile.active().emergency.confirmed


def test_a_correction_holds_from_its_first_day_until_a_later_one() -> None:
    tomorrow = TODAY + timedelta(days=1)
    corrections.write([correction("hotline", tomorrow, number="150")])
    assert profile.active().hotline.number == KZ.hotline.number
    rows = [correction("hotline", date(2026, 1, 1), number="11"), correction("hotline", date(2026, 3, 1), number="22")]
    for on, number in ((date(2025, 12, 31), KZ.hotline.number), (date(2026, 2, 28), "11"), (date(2026, 3, 1), "22")):
        assert corrections.correct(KZ, rows, on).hotline.number == number


def test_a_deadline_keeps_the_term_of_its_first_day() -> None:
    """Terms: that of the package, 2 days from 2 March, 20 days from 1 June; compared with plain counting."""
    name, holidays = "referral_answer", KZ.holidays.includes
    first, second = date(2026, 3, 2), date(2026, 6, 1)
    rows = [
        correction(f"clocks.{name}", first, business_days=2),
        correction(f"clocks.{name}", second, business_days=20),
    ]
    corrected = corrections.correct(KZ, rows, date(2026, 11, 30))
    own = KZ.clocks[name].business_days
    for start, days in (
        (date(2026, 3, 1), own),
        (first, 2),
        (date(2026, 5, 31), 2),
        (second, 20),
        (date(2026, 11, 30), 20),
    ):
        end, left = start, days
        while left:
            end += timedelta(days=1)
            left -= end.weekday() < 5 and not holidays(end)
        assert corrected.due(name, start) == end, start
    assert corrected.due("complaint_answer", first) == KZ.due("complaint_answer", first)


@pytest.mark.parametrize("values", ['{"number": 5}', '{"digits": "1"}', "no JSON", "[]"])
def test_a_correction_that_no_longer_fits_is_left_out_and_named(values: str) -> None:
    row = Correction("hotline", "", values, "s", TODAY, "L", "D")
    corrections.write([row, correction("emergency", number="112")])
    assert profile.active().hotline == KZ.hotline
    assert profile.active().emergency.number == "112"
    facts = {fact.path: fact.fact for fact in KZ.facts()}
    assert corrections.list_invalid(facts, corrections.read_home()) == ["hotline"]


def test_what_is_written_is_read_back() -> None:
    rows = [correction("hotline", number='"1" \\ 2'), correction("hotline", date(2026, 1, 1)), correction("law.art-16")]
    corrections.write(rows)
    assert set(corrections.read_home()) == set(rows)
