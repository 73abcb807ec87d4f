"""Words of the system and of the agency do not count towards the length of a password."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from kerege.core.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def aigul(make_user: Any, make_agency: Any) -> User:
    agency = make_agency("nomad-house", "crisis_centre")
    agency.names["ru"] = "Дом Надежда"
    agency.save()
    return make_user("caseworker", agency=agency, username="aigul")


def faults(password: str, user: User | None = None) -> list[str]:
    """Return the codes of the faults of a password."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        return [str(fault.code) for fault in error.error_list]
    return []


@pytest.mark.parametrize(
    "password",
    ["Kerege-register-1", "caseworker case 12", "nomad-house!!!!!", "НАДЕЖДА надежда 9", "Кереге!Кереге!Кереге!"],
)
def test_a_password_with_a_word_of_the_system_or_the_agency_is_refused(password: str, aigul: User) -> None:
    assert "password_of_context_words" in faults(password, aigul)


def test_these_words_may_stand_in_a_password_that_is_long_without_them(aigul: User) -> None:
    assert faults("kerege seven sheep", aigul) == []


def test_words_of_another_agency_are_ordinary_words(make_user: Any) -> None:
    assert faults("nomad-house!!!!!", make_user("caseworker")) == []


def test_an_unsaved_user_has_no_agency() -> None:
    assert faults("nomad-house!!!!!", User(username="aigul")) == []


def test_a_password_has_at_least_twelve_letters(aigul: User) -> None:
    assert "password_too_short" in faults("yurt camels", aigul)
    assert faults("yurt camel 1", aigul) == []


def test_a_password_of_small_letters_and_spaces_passes(aigul: User) -> None:
    assert faults("seven sheep on the steppe", aigul) == []


def test_a_password_of_a_hundred_letters_passes(aigul: User) -> None:
    password = "seven sheep on the steppe, " * 4
    aigul.set_password(password)
    assert len(password) > 100
    assert faults(password, aigul) == []
    assert aigul.check_password(password)
    assert not aigul.check_password(password[:-1])
