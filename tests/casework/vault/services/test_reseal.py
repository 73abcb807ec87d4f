"""All stored values change to another cipher, and none is lost."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from kerege.base.ciphers import VARIABLE
from kerege.casework.vault.models.files import StoredFile
from kerege.casework.vault.models.identities import DataKey, IdentityVersion, SealedText
from kerege.casework.vault.queries import identities as queries
from kerege.casework.vault.services import files, identities
from kerege.core import audit, key_commands
from kerege.core.authorization import Actor
from kerege.core.security import aead
from tests import second_factor
from tests.casework.conftest import identity

pytestmark = pytest.mark.django_db


def ciphers() -> list[set[str]]:
    """Return the ciphers of each kind of stored value."""
    secrets = [row.data["secret"].partition("$")[2] for row in Authenticator.objects.filter(type="totp")]
    return [
        {aead.algorithm_of(bytes(row)) for row in DataKey.objects.values_list("wrapped", flat=True) if row},
        {aead.algorithm_of(bytes(row)) for row in IdentityVersion.objects.values_list("ciphertext", flat=True)},
        {aead.algorithm_of(bytes(row)) for row in SealedText.objects.values_list("ciphertext", flat=True)},
        {files.path(row.blob).read_bytes()[:1].hex() for row in StoredFile.objects.all()},
        {aead.algorithm_of(base64.b64decode(secret)) for secret in secrets},
    ]


def test_every_value_changes_to_another_cipher_and_opens(
    make_case: Any,
    make_user: Any,
    operator: Actor,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    tmp_path: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    case = make_case(person=identity(given="Айгүл"))
    key = case.record.data_key
    with audit.act(operator, "test"):
        text, stored = identities.save_text(key, "a note"), files.keep(key, b"photograph", "jpg")
    old_path = files.path(stored.blob)
    second_factor.activate(make_user("caseworker"), secret := second_factor.new_secret())
    assert ciphers() == [{"AES-256-GCM"}, {"AES-256-GCM"}, {"AES-256-GCM"}, {"01"}, {"AES-256-GCM"}]
    monkeypatch.setenv(VARIABLE, "ChaCha20-Poly1305")
    with django_capture_on_commit_callbacks(execute=True):
        assert key_commands.reseal() >= 5
    chosen = {"ChaCha20-Poly1305"}
    assert ciphers() == [chosen, chosen, chosen, {"02"}, chosen]
    monkeypatch.delenv(VARIABLE)
    with audit.act(operator, "test"):
        assert queries.read(operator, case.record)["names"][0]["given"] == "Айгүл"
        assert identities.open_text(SealedText.objects.select_related("data_key").get(pk=text.pk)) == "a note"
        assert files.read(StoredFile.objects.select_related("data_key").get(pk=stored.pk)) == b"photograph"
    assert not old_path.exists()
    assert Authenticator.objects.get(type="totp").wrap().validate_code(second_factor.code(secret))
