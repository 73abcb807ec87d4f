"""Sealed values name their algorithm; every known one and the values of version 0.1 can be read."""

from __future__ import annotations

import base64

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from kerege.base import ciphers
from kerege.base.errors import BadInput
from kerege.core.accounts import sealed_secrets
from kerege.core.security import aead
from kerege.core.security.keyring import keyring

KEY, TEXT, PLACE = bytes(range(32)), "Айгүл".encode(), "identity:1"
NONCE = bytes(12)


@pytest.mark.parametrize("cipher", aead.ALGORITHMS)
def test_a_value_names_its_algorithm_and_opens_under_any_setting(cipher: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ciphers.VARIABLE, cipher)
    sealed = aead.seal(KEY, TEXT, PLACE)
    assert aead.algorithm_of(sealed) == cipher
    monkeypatch.delenv(ciphers.VARIABLE)
    assert aead.unseal(KEY, sealed, PLACE) == TEXT
    for key, value, place in (
        (bytes(32), sealed, PLACE),
        (KEY, sealed[:-1] + bytes([sealed[-1] ^ 1]), PLACE),
        (KEY, sealed, "identity:2"),
    ):
        with pytest.raises(InvalidTag):
            aead.unseal(key, value, place)


def test_ciphers_are_those_of_their_standards(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = aead.seal(KEY, TEXT, PLACE)
    assert AESGCM(KEY).decrypt(sealed[5:17], sealed[17:], sealed[:5] + PLACE.encode()) == TEXT
    monkeypatch.setenv(ciphers.VARIABLE, "ChaCha20-Poly1305")
    sealed = aead.seal(KEY, TEXT, PLACE)
    assert ChaCha20Poly1305(KEY).decrypt(sealed[5:17], sealed[17:], sealed[:5] + PLACE.encode()) == TEXT


@pytest.mark.parametrize("nonce", [NONCE, aead.MARK + b"\x01" + bytes(7)], ids=["any", "like the mark"])
def test_a_value_of_version_0_1_opens(nonce: bytes) -> None:
    old = nonce + AESGCM(KEY).encrypt(nonce, TEXT, PLACE.encode())
    assert aead.unseal(KEY, old, PLACE) == TEXT


def test_the_name_of_the_algorithm_cannot_be_exchanged_or_removed() -> None:
    sealed = aead.seal(KEY, TEXT, PLACE)
    for changed in (aead.MARK + b"\x02" + sealed[5:], sealed[5:]):
        with pytest.raises(InvalidTag):
            aead.unseal(KEY, changed, PLACE)


def test_an_unknown_cipher_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ciphers.VARIABLE, "rot13")
    with pytest.raises(BadInput, match="no known cipher"):
        aead.seal(KEY, TEXT, PLACE)


def test_secrets_of_accounts_are_sealed_alike_and_older_ones_open() -> None:
    sealed = sealed_secrets.seal("secret", PLACE)
    key_id, _, body = sealed.partition("$")
    assert aead.algorithm_of(base64.b64decode(body)) == "AES-256-GCM"
    assert sealed_secrets.unseal(sealed, PLACE) == "secret"
    key = keyring().get("kek", key_id)
    old = base64.b64encode(NONCE + AESGCM(key).encrypt(NONCE, b"secret", PLACE.encode())).decode()
    assert sealed_secrets.unseal(f"{key_id}${old}", PLACE) == "secret"
