"""Recovery codes: shown once, stored as password hashes, each valid once."""

from __future__ import annotations

import importlib
import json
import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.test import Client

from kerege.base.errors import Refused
from kerege.core import key_commands
from kerege.core.accounts import recovery_codes, sealed_secrets
from kerege.core.accounts.models import User
from kerege.core.audit.models import AuditEvent
from tests import second_factor
from tests.django_fixtures import just_now

pytestmark = pytest.mark.django_db
PASSWORD = "кереге-шаңырақ-уық"
GENERATE, VIEW = "/en/account/2fa/recovery-codes/generate/", "/en/account/2fa/recovery-codes/"
CODE = re.compile(r"<li>(\d[2-9a-z]{9})</li>")
# a seed of allauth, and the codes that it computed from it
SEED, OLD = "ab" * 40, ["30590342", "17884826"]


@pytest.fixture
def aigul(make_user: Any) -> User:
    user = make_user("caseworker", username="aigul", password=PASSWORD)
    second_factor.activate(user)
    return user


@pytest.fixture
def browser(aigul: User, client: Client) -> Client:
    client.force_login(aigul, backend="allauth.account.auth_backends.AuthenticationBackend")
    just_now(client, aigul)
    session = client.session
    confirmed = {"method": "password", "at": time.time(), "reauthenticated": True}
    session["account_authentication_methods"] += [confirmed]
    session.save()
    return client


def row_of(user: User) -> Authenticator:
    return Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES)


def draw(browser: Client) -> list[str]:
    """Make new codes and return those that the page shows."""
    browser.post(GENERATE)
    return CODE.findall(browser.get(VIEW).content.decode())


def signs_in(code: str) -> bool:
    """Return whether a new browser signs in with the password and a code."""
    browser = Client()
    browser.post("/en/account/login/", {"login": "aigul", "password": PASSWORD})
    return browser.post("/en/account/2fa/authenticate/", {"code": code}).status_code == 302


def test_codes_are_shown_once_and_stored_as_password_hashes(aigul: User, browser: Client) -> None:
    codes = draw(browser)
    assert len(set(codes)) == recovery_codes.COUNT
    assert [code[0] for code in codes] == list("0123456789")
    assert CODE.findall(browser.get(VIEW).content.decode()) == []
    stored = row_of(aigul).data
    assert {value.partition("$")[0] for value in stored["hashes"].values()} == {"md5"}  # in tests; else argon2
    assert not any(code[1:] in json.dumps(stored) for code in codes)
    assert "seed" not in stored


def test_a_code_signs_in_once_with_or_without_separators(aigul: User, browser: Client) -> None:
    first, second, *rest = draw(browser)
    assert signs_in(first)
    assert not signs_in(first)
    assert signs_in(f" {second[:5].upper()}-{second[5:]} ")
    assert len(row_of(aigul).data["hashes"]) == len(rest)
    assert "8 codes left" in browser.get("/en/account/2fa/").content.decode()


@pytest.mark.parametrize("code", ["0zzzzzzzzz", "00000000", "x", "0"])
def test_another_code_does_not(code: str, browser: Client) -> None:
    draw(browser)
    assert not signs_in(code)


def test_only_eight_digits_are_compared_with_codes_of_an_older_version(
    aigul: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = Authenticator(user=aigul, type=Authenticator.Type.RECOVERY_CODES)
    row.data = {"old_hashes": ["first", "second"]}
    row.save()
    compared: list[str] = []
    monkeypatch.setattr(recovery_codes, "check_password", lambda code, stored: bool(compared.append(code)))
    codes = recovery_codes.RecoveryCodes(row)
    for typed in ("123456", "1234567x", "1234 5678"):
        assert not codes.validate_code(typed)
    assert compared == ["12345678", "12345678"]


def test_codes_that_nobody_viewed_do_not_exist(aigul: User, browser: Client) -> None:
    browser.post(GENERATE)
    assert row_of(aigul).data == {"hashes": {}}


def test_new_codes_end_the_old_ones(browser: Client) -> None:
    old = draw(browser)
    draw(browser)
    assert not signs_in(old[0])


def test_a_seed_that_was_copied_from_another_row_does_not_stop_the_upgrade(aigul: User) -> None:
    """One row by an intruder must not block the upgrades of all; the log names the user."""
    row = Authenticator(user=aigul, type=Authenticator.Type.RECOVERY_CODES, data={})
    kind = Authenticator.Type.RECOVERY_CODES
    for seed in (sealed_secrets.seal(SEED, f"mfa_authenticator.data.seed:0:{kind}"), "kek-0009-abcdef$eA==", "words"):
        Authenticator.objects.filter(user=aigul, type=kind).delete()
        row.pk, row.data = None, {"seed": seed, "used_mask": 0}
        Authenticator.objects.bulk_create([row])
        assert recovery_codes.hash_seeds() == 1
        assert row_of(aigul).data == {"hashes": {}}
        event = AuditEvent.objects.latest("seq")
        assert (event.action, event.target) == ("accounts.unreadable_factor", f"user:{aigul.pk}")


def test_a_factor_that_does_not_open_does_not_stop_an_upgrade_from_version_0_1(aigul: User) -> None:
    migration = importlib.import_module("kerege.core.accounts.migrations.0004_bound_secrets")
    torn = sealed_secrets.seal(SEED)[:-8]
    row = Authenticator(user=aigul, type=Authenticator.Type.RECOVERY_CODES, data={"seed": torn})
    Authenticator.objects.bulk_create([row])
    migration.bind(apps, None)
    assert row_of(aigul).data == {"seed": torn}
    assert AuditEvent.objects.latest("seq").action == "accounts.unreadable_factor"


@pytest.fixture
def old_codes(aigul: User) -> User:
    """Store a seed of an older version, whose first code was used."""
    row = Authenticator(user=aigul, type=Authenticator.Type.RECOVERY_CODES, data={})
    row.data = {"seed": sealed_secrets.seal(SEED, sealed_secrets.place_of(row, "seed")), "used_mask": 1}
    Authenticator.objects.bulk_create([row])  # without the receivers of this version
    assert recovery_codes.compute_codes(SEED)[:2] == OLD
    return aigul


def test_codes_of_an_older_version_stay_valid_and_their_seed_is_deleted(old_codes: User, browser: Client) -> None:
    assert recovery_codes.hash_seeds() == 1
    stored = row_of(old_codes).data
    assert len(stored["old_hashes"]) == 9
    assert "seed" not in stored
    assert not signs_in(OLD[0])  # used before
    assert signs_in(OLD[1])
    assert not signs_in(OLD[1])
    assert recovery_codes.hash_seeds() == 0
    assert len(row_of(old_codes).data["old_hashes"]) == 8


def test_codes_of_an_older_version_work_before_they_are_hashed(old_codes: User, browser: Client) -> None:
    assert not signs_in(OLD[0])
    assert signs_in(OLD[1])
    assert not signs_in(OLD[1])
    assert len(recovery_codes.RecoveryCodes(row_of(old_codes)).get_unused_codes()) == 8
    assert sealed_secrets.rewrap() == 2  # the app of the user, and the seed, which stays
    assert recovery_codes.hash_seeds() == 1
    assert len(row_of(old_codes).data["old_hashes"]) == 8


def test_a_code_that_is_used_while_they_are_hashed_stays_used(old_codes: User, monkeypatch: pytest.MonkeyPatch) -> None:
    row = row_of(old_codes)
    recovery_codes.RecoveryCodes(row_of(old_codes)).validate_code(OLD[1])
    monkeypatch.setattr(recovery_codes, "make_password", lambda code: f"hash of {code}")
    assert not recovery_codes._hash_seed(row)
    assert recovery_codes.hash_seeds() == 1
    assert f"hash of {OLD[1]}" not in row_of(old_codes).data["old_hashes"]


def test_a_rotation_passes_over_a_factor_that_does_not_open(old_codes: User) -> None:
    """Else one row by an intruder keeps the older key in use for ever, or blocks every rotation."""
    torn = sealed_secrets.seal(SEED)
    row = row_of(old_codes)
    Authenticator.objects.filter(pk=row.pk).update(data={"seed": torn, "used_mask": 0})
    rotation = key_commands.rotate("kek")
    event = AuditEvent.objects.filter(action="keys.rotate").latest("seq")
    unreadable = {"action": "accounts.unreadable_factor", "target": f"user:{old_codes.pk}", "type": "recovery_codes"}
    assert unreadable in event.details["acts"]
    app = Authenticator.objects.get(user=old_codes, type=Authenticator.Type.TOTP)
    assert app.data["secret"].startswith(rotation.key_id)
    assert row_of(old_codes).data["seed"] == torn
    assert not key_commands.is_unfinished("kek")
    [line] = key_commands.list_unreadable()
    assert line.startswith("1 unreadable second factors under kek-")
    with pytest.raises(Refused, match="unreadable second factors"):
        key_commands.retire(torn.partition("$")[0])
