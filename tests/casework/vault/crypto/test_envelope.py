"""Ciphertexts, index tokens and form tokens, against AES-GCM and HMAC computed without the vault."""

from __future__ import annotations

import base64
import time
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kerege.base.errors import Refused
from kerege.casework.vault.crypto import envelope, file_stream, form_token
from kerege.casework.vault.crypto.form_token import Token
from kerege.core.security import keyring

KEY = bytes(range(32))
USER = str(UUID(int=7))
# RFC 4231, test case 1: HMAC-SHA-256 of "Hi There" under twenty bytes 0x0b
RFC_4231 = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"


def test_a_ciphertext_is_a_mark_a_nonce_of_12_bytes_then_aes_gcm_with_its_tag_of_16() -> None:
    sealed = envelope.seal(KEY, "Айгүл".encode(), "identity:1")
    head, nonce, body = sealed[:5], sealed[5:17], sealed[17:]
    assert head == b"\xf5krg\x01"
    assert len(body) == len("Айгүл".encode()) + 16
    assert AESGCM(KEY).decrypt(nonce, body, head + b"identity:1").decode() == "Айгүл"


@pytest.mark.parametrize("cipher", ["AES-256-GCM", "ChaCha20-Poly1305"])
def test_a_file_names_its_cipher_and_opens_under_any_setting(cipher: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEREGE_CIPHER", cipher)
    sealed = b"".join(file_stream.seal(KEY, b"photograph", "file:1"))
    assert sealed[:1] == (b"\x01" if cipher == "AES-256-GCM" else b"\x02")
    monkeypatch.delenv("KEREGE_CIPHER")
    assert file_stream.unseal(KEY, sealed, "file:1") == b"photograph"
    with pytest.raises(Refused):
        file_stream.unseal(KEY, b"\x03" + sealed[1:], "file:1")


def test_a_data_key_has_256_bits_and_is_never_the_same() -> None:
    keys = {envelope.new_data_key() for _ in range(20)}
    assert {len(key) for key in keys} == {32}
    assert len(keys) == 20


def test_a_data_key_opens_under_its_own_key_encryption_key_and_name_alone() -> None:
    kek_id, kek = keyring.keyring().current("kek")
    key_id = uuid4()
    wrapped = envelope.seal(kek, KEY, f"key:{key_id}")
    assert envelope.open_data_key(key_id, kek_id, wrapped) == KEY
    with pytest.raises(Refused):
        envelope.open_data_key(uuid4(), kek_id, wrapped)
    with pytest.raises(envelope.Erased):
        envelope.open_data_key(key_id, kek_id, None)


def test_an_index_token_is_the_first_half_of_hmac_sha256() -> None:
    assert envelope.token(b"\x0b" * 20, "Hi There").hex() == RFC_4231[:32]


def test_values_are_stored_as_compact_json_that_keeps_letters() -> None:
    value = {"names": ["Айгүл"], "verified": True}
    sealed = envelope.seal_json(KEY, value, "p")
    assert envelope.unseal(KEY, sealed, "p").decode() == '{"names":["Айгүл"],"verified":true}'
    assert envelope.unseal_json(KEY, sealed, "p") == value


@pytest.mark.parametrize(("size", "chunks"), [(0, 1), (1, 1), (256 * 1024, 1), (256 * 1024 + 1, 2), (600 * 1024, 3)])
def test_a_file_is_a_header_of_8_bytes_and_chunks_of_256_kib_each_with_a_tag(size: int, chunks: int) -> None:
    sealed = list(file_stream.seal(KEY, b"x" * size, "file:1"))
    assert len(sealed) == 1 + chunks
    assert (len(sealed[0]), sealed[0][:1]) == (8, b"\x01")
    assert sum(map(len, sealed)) == 8 + size + 16 * chunks


def test_the_chunks_of_a_file_are_numbered_and_only_the_last_is_marked() -> None:
    """STREAM (Hoang and others 2015): the nonce is prefix, number in 4 bytes, mark of the last."""
    data = bytes(300 * 1024)
    head, first, last = file_stream.seal(KEY, data, "file:1")
    prefix = head[1:]
    opened = AESGCM(KEY).decrypt(prefix + b"\x00\x00\x00\x00\x00", first, b"file:1")
    opened += AESGCM(KEY).decrypt(prefix + b"\x00\x00\x00\x01\x01", last, b"file:1")
    assert opened == data


# -- form tokens -------------------------------------------------------------------------------------------------------
def written(**parts: object) -> Token:
    """Return a token of a form with every part filled."""
    token = Token(
        user=USER,
        page="/work/",
        target="/work/save/",
        form="NoteForm",
        key=str(uuid4()),
        base={"text": ["а"]},
        of=["cases.Case", str(uuid4()), "3"],
        draft=[str(uuid4()), "2026-11-28T10:00:00+00:00"],
        held_back=["phones"],
    )
    return replace(token, **parts)  # type: ignore[arg-type]


def test_a_form_token_is_read_as_it_was_written_also_after_its_key_was_rotated() -> None:
    token = written()
    text = form_token.write(token)
    assert form_token.read(text) == token
    keyring.keyring().rotate("django")
    assert form_token.read(text) == token
    assert form_token.read(form_token.write(token)) == token


def test_a_form_token_shows_its_user_and_nothing_else() -> None:
    token = written()
    user, _dot, body = form_token.write(token).partition(".")
    assert UUID(user) == UUID(USER)
    sealed = base64.urlsafe_b64decode(body)
    assert not any(part.encode() in sealed for part in ("NoteForm", "/work/", "phones"))


def test_a_text_that_is_no_token_of_its_user_is_no_token() -> None:
    text = form_token.write(written())
    user, _dot, body = text.partition(".")
    sealed = bytearray(base64.urlsafe_b64decode(body))
    sealed[-1] ^= 1
    forged = [
        "",
        "x",
        user,
        f"{user}.",
        f"{user}.x",
        f"{user}.{body[:-8]}",
        f"{UUID(int=8).hex}.{body}",
        f"no-user.{body}",
        f"{user}.{base64.urlsafe_b64encode(sealed).decode()}",
    ]
    assert [form_token.read(other) for other in forged] == [None] * len(forged)


def test_every_opened_form_has_a_number_of_its_own() -> None:
    openings = {Token(user=USER, page="/", target="/").opening for _ in range(50)}
    assert len(openings) == 50
    assert all(UUID(opening).hex == opening for opening in openings)


def test_a_form_can_be_sent_without_a_session_for_twenty_hours() -> None:
    now = int(time.time())
    assert not written(at=now).is_old
    assert not written(at=now - 20 * 3600 + 60).is_old
    assert written(at=now - 20 * 3600 - 60).is_old
