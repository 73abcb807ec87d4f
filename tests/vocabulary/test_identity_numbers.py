"""National identity numbers: the check digit finds each digit that is mistyped; a pattern cannot hang."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerege.base.errors import BadInput
from kerege.vocabulary import profile
from kerege.vocabulary.identity_numbers import bare_number, is_well_formed, mod11_kz
from kerege.vocabulary.pack import active_pack
from kerege.vocabulary.profile_parts import IdentityNumber, TranslatedText

RULE = profile.load_profile("kz").identity_number
PUBLISHED = "061211600012"  # the example of the library kz-iin-validator; its first remainder is 10


def test_a_published_number_fits_and_none_with_one_wrong_digit_does() -> None:
    assert RULE is not None
    assert is_well_formed(PUBLISHED, RULE)
    others = [
        f"{PUBLISHED[:place]}{digit}{PUBLISHED[place + 1 :]}"
        for place in range(12)
        for digit in "0123456789"
        if digit != PUBLISHED[place]
    ]
    # the second weights come in where the first remainder is 10, so a few wrong digits pass
    assert sum(map(mod11_kz, others)) <= len(others) // 11


@given(st.text(alphabet="0123456789", min_size=11, max_size=11))
def test_at_most_one_check_digit_completes_a_number(stem: str) -> None:
    assert sum(mod11_kz(f"{stem}{digit}") for digit in range(10)) <= 1


@pytest.mark.parametrize("number", ["06121160001", "0612116000122", "06121160001x", "٠٦١٢١١٦٠٠٠١٢", ""])
def test_a_number_of_another_form_is_refused(number: str) -> None:
    assert RULE is not None
    assert not is_well_formed(number, RULE)


def test_spaces_and_hyphens_are_no_part_of_a_number() -> None:
    assert RULE is not None
    assert is_well_formed(" 061211-600 012", RULE)
    assert bare_number("1–2\u00a03") == "123"


def test_a_country_without_a_check_digit_asks_for_the_pattern_only() -> None:
    rule = IdentityNumber(pattern=r"[12]\d{13}", confirmed=False, source="x", name=TranslatedText.model_validate(NAMES))
    assert is_well_formed("20101199912345", rule)
    assert not is_well_formed("30101199912345", rule)


NAMES = dict.fromkeys(("kk", "ru", "en"), "PIN")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("pattern", "(\\d+)+$", "pattern"),  # can take years
        ("pattern", "[0-9", "is not a pattern of digits"),
        ("pattern", "\\d{14}", "mod11_kz needs the pattern"),
        ("check", "os.system", "check"),
    ],
)
def test_a_rule_of_a_pack_is_data_and_cannot_hang(key: str, value: str, words: str) -> None:
    tree = tomllib.loads(active_pack().read_text("profile.toml")) | tomllib.loads(
        active_pack().read_text("calendar.toml")
    )
    tree["identity_number"][key] = value
    with pytest.raises(BadInput, match=words):
        profile.check(tree, "kz.toml")
