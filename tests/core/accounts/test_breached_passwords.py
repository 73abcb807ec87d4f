"""The list of breached passwords: its search, and the refusal of its passwords."""

from __future__ import annotations

import hashlib
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.contrib.auth.password_validation import get_default_password_validators, validate_password
from django.core.exceptions import ValidationError

from kerege.core import health
from kerege.core.accounts.breached_passwords import BreachedPasswordValidator, is_breached

KNOWN = "correct horse battery staple"


def digest(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def write_list(path: Path, passwords: list[str], ending: str = "\r\n") -> Path:
    lines = sorted(f"{digest(password)}:{number + 1}" for number, password in enumerate(passwords))
    path.write_bytes("".join(line + ending for line in lines).encode())
    return path


@pytest.mark.parametrize("count", [0, 1, 2, 3, 10, 257])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_exactly_the_passwords_of_a_list_are_found(tmp_path: Path, count: int, ending: str) -> None:
    passwords = [f"password {number}" for number in range(count)]
    path = write_list(tmp_path / "list", passwords, ending)
    assert all(is_breached(password, path) for password in passwords)
    assert not any(is_breached(f"other {number}", path) for number in range(50))


def test_lines_without_a_number_in_small_letters_and_an_open_end_are_read(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text("\n".join(sorted(digest(word).lower() for word in ("a", "b", "c"))))
    assert [is_breached(word, path) for word in "abcd"] == [True, True, True, False]


def test_a_search_reads_few_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = [str(Random(number).random()) for number in range(4_000)]
    path = write_list(tmp_path / "list", words)
    from kerege.core.accounts import breached_passwords

    calls: list[int] = []
    read = breached_passwords._line_from
    monkeypatch.setattr(
        breached_passwords, "_line_from", lambda file, position: (calls.append(position), read(file, position))[1]
    )
    assert is_breached(words[7], path)
    assert len(calls) <= 20  # 2^20 bytes are five times the file


def test_a_password_of_the_list_is_refused_and_another_one_passes(
    tmp_path: Path, settings: Any, in_english: None
) -> None:
    settings.BREACHED_PASSWORDS = str(write_list(tmp_path / "list", [KNOWN]))
    with pytest.raises(ValidationError, match="known from a data breach"):
        validate_password(KNOWN)
    validate_password(f"{KNOWN}, but longer")


def test_without_a_list_nothing_is_searched_and_doctor_warns(settings: Any) -> None:
    settings.BREACHED_PASSWORDS = ""
    BreachedPasswordValidator().validate(KNOWN)
    assert health.breached_passwords().state == "warn"


def test_a_list_that_cannot_be_read_lets_no_password_pass(tmp_path: Path, settings: Any, in_english: None) -> None:
    settings.BREACHED_PASSWORDS = str(tmp_path / "missing")
    with pytest.raises(ValidationError, match="cannot be read"):
        validate_password(KNOWN)
    assert health.breached_passwords().state == "fail"


def test_doctor_refuses_a_list_that_is_not_in_order(tmp_path: Path, settings: Any) -> None:
    path = write_list(tmp_path / "list", ["a", "b", "c"])
    settings.BREACHED_PASSWORDS = str(path)
    assert health.breached_passwords().state == "ok"
    path.write_bytes(b"".join(reversed(path.read_bytes().splitlines(keepends=True))))
    assert health.breached_passwords().state == "fail"
    path.write_text("hello\nworld\n")
    assert health.breached_passwords().state == "fail"


def test_the_validator_is_one_of_those_of_django() -> None:
    assert any(isinstance(validator, BreachedPasswordValidator) for validator in get_default_password_validators())
