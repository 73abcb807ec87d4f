"""Key files under a master key: no key is in clear, and none opens under another name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kerege.base import ciphers, ed25519, key_seal
from kerege.base.errors import Refused
from kerege.base.key_file import read_or_create_key

MASTER, OTHER = "ab" * 32, "cd" * 32
KEY = bytes(range(32))


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(key_seal.COMMAND, f"echo {MASTER}")


@pytest.mark.usefixtures("sealed")
def test_a_sealed_file_holds_no_key_and_opens_under_its_name_only() -> None:
    text = key_seal.file_text("kek-0001-a1b2c3", KEY)
    assert key_seal.is_sealed(text)
    assert KEY.hex() not in text
    assert key_seal.read_text("kek-0001-a1b2c3", text) == KEY
    with pytest.raises(Refused, match="does not open the key kek-0002"):
        key_seal.read_text("kek-0002-a1b2c3", text)


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize("cipher", ciphers.CIPHERS)
def test_a_sealed_file_names_its_cipher_and_opens_under_any_setting(
    cipher: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ciphers.VARIABLE, cipher)
    text = key_seal.file_text("kek-0001-a1b2c3", KEY)
    assert text.startswith(f"sealed/1 {cipher} ")
    monkeypatch.delenv(ciphers.VARIABLE)
    assert key_seal.read_text("kek-0001-a1b2c3", text) == KEY
    with pytest.raises(Refused, match="does not know"):
        key_seal.read_text("kek-0001-a1b2c3", text.replace(cipher, "rot13"))


def test_a_copy_of_the_disk_opens_nothing(sealed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    text = key_seal.file_text("kek-0001-a1b2c3", KEY)
    monkeypatch.delenv(key_seal.COMMAND)
    with pytest.raises(Refused, match="set KEREGE_KEY_COMMAND"):
        key_seal.read_text("kek-0001-a1b2c3", text)
    monkeypatch.setenv(key_seal.COMMAND, f"echo {OTHER}")
    with pytest.raises(Refused, match="does not open"):
        key_seal.read_text("kek-0001-a1b2c3", text)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("/nowhere/vault", "was not found"),
        ("false", "failed"),
        ("echo words", "did not print hex"),
        ("echo abcd", "64 hex"),
    ],
)
def test_a_wrong_command_is_refused(command: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(key_seal.COMMAND, command)
    with pytest.raises(Refused, match=message):
        key_seal.file_text("kek-0001-a1b2c3", KEY)


def test_without_a_command_the_file_is_in_hexadecimal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(key_seal.COMMAND, raising=False)
    assert key_seal.file_text("x", KEY) == KEY.hex() + "\n"
    assert key_seal.read_text("x", KEY.hex()) == KEY


@pytest.mark.usefixtures("sealed")
def test_the_keys_of_the_command_line_are_sealed_too(tmp_path: Path) -> None:
    key = ed25519.release_key(tmp_path)
    [path] = (tmp_path / "keys").iterdir()
    assert key_seal.is_sealed(path.read_text())
    assert ed25519.release_key(tmp_path) == key == read_or_create_key(path, "a signing key")
    assert key.hex() not in json.dumps(path.read_text())
