"""Sign-in: password and second factor in production; a button only in the demo, on this machine."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.utils import timezone

from kerege.core.accounts import sealed_secrets
from kerege.core.accounts.attempts import LIMITS
from kerege.core.accounts.models import Installation, User
from kerege.core.accounts.services import password_path
from kerege.core.audit.models import AuditEvent
from kerege.core.integrations.models import Webhook
from tests import second_factor

pytestmark = pytest.mark.django_db
DEMO, LOGIN, CODE = "/en/account/demo/", "/en/account/login/", "/en/account/2fa/authenticate/"
PASSWORD = "seven sheep on the steppe"


@pytest.fixture
def demo_register(make_user: Callable[..., Any], settings: Any) -> User:
    settings.DEMO = True
    Installation.mark(demo=True)
    return make_user("caseworker", username="caseworker")


def press(client: Client, **extra: str) -> int:
    """Press the demo's button, by default from this machine."""
    headers = {"HTTP_HOST": "localhost:8000", "REMOTE_ADDR": "127.0.0.1"} | extra
    return client.post(DEMO, {"role": "caseworker"}, **headers).status_code


def test_the_demo_button_signs_in_without_password_or_second_factor(client: Client, demo_register: User) -> None:
    assert press(client) == 302
    assert client.session["_auth_user_id"] == str(demo_register.pk)
    answer = client.get("/en/account/start/", HTTP_HOST="localhost:8000")
    assert answer["Location"] == "/en/work/"


def test_a_demo_user_is_not_warned_about_a_second_factor_that_they_do_not_need(
    client: Client, demo_register: User
) -> None:
    press(client)
    page = client.get("/en/account/2fa/", HTTP_HOST="localhost:8000", REMOTE_ADDR="127.0.0.1").content.decode()
    assert "no second factor is needed" in page
    assert "Your work opens once a second factor is set up" not in page


def test_a_signed_in_user_who_opens_the_sign_in_page_stays_in_the_language_of_its_address(
    sign_in: Any, make_user: Any
) -> None:
    user = make_user("caseworker")
    user.language = "kk"
    user.save(update_fields=["language"])
    client = sign_in(user)
    assert client.get(LOGIN)["Location"] == "/en/work/"
    assert client.get("/ru/account/login/")["Location"] == "/ru/work/"


@pytest.mark.parametrize(
    "extra",
    [
        {"HTTP_HOST": "kerege.example"},
        {"REMOTE_ADDR": "10.0.0.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_X_REAL_IP": "127.0.0.1"},
        {"HTTP_X_FORWARDED_HOST": "localhost"},
        {"HTTP_HOST": "localhost.kerege.example"},
        {"HTTP_HOST": "localhost@kerege.example"},
    ],
    ids=lambda extra: " ".join(f"{name}={value}" for name, value in extra.items()),
)
def test_the_demo_button_does_not_exist_from_elsewhere(
    client: Client, demo_register: User, settings: Any, extra: dict[str, str]
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert press(client, **extra) in {400, 404}
    assert "_auth_user_id" not in client.session


def test_the_demo_button_does_not_exist_without_the_demo_flag(
    client: Client, demo_register: User, settings: Any
) -> None:
    settings.DEMO = False
    assert press(client) == 404


def test_the_demo_button_does_not_exist_on_a_production_register(client: Client, make_user: Any, settings: Any) -> None:
    settings.DEMO = True
    make_user("caseworker", username="caseworker")
    assert press(client) == 404
    Installation.mark(demo=False)
    assert press(client) == 404


def test_a_production_register_can_never_be_marked_as_a_demo() -> None:
    Installation.mark(demo=False)
    with pytest.raises(ValueError, match="already marked"):
        Installation.mark(demo=True)


def test_a_demo_session_ends_its_privilege_when_the_flag_is_off(
    client: Client, demo_register: User, settings: Any
) -> None:
    press(client)
    settings.DEMO = False
    answer = client.get("/en/account/start/", HTTP_HOST="localhost:8000")
    assert answer["Location"] == "/en/account/2fa/"


def test_the_sign_in_page_offers_roles_only_in_the_demo(client: Client, demo_register: User, settings: Any) -> None:
    here = {"HTTP_HOST": "localhost:8000"}
    assert DEMO in client.get(LOGIN, **here).content.decode()
    settings.DEMO = False
    assert DEMO not in client.get(LOGIN, **here).content.decode()


def test_a_password_alone_leads_only_to_setting_up_a_second_factor(client: Client, make_user: Any) -> None:
    make_user("caseworker", username="aigul", password=PASSWORD)
    answer = client.post(LOGIN, {"login": "aigul", "password": PASSWORD})
    assert answer.status_code == 302
    for path in ("/en/account/start/", "/en/account/sessions/"):
        assert client.get(path)["Location"] == "/en/account/2fa/"
    assert client.get("/en/account/2fa/totp/activate/").status_code in {200, 302}


def test_with_a_second_factor_the_password_alone_does_not_sign_in(client: Client, make_user: Any) -> None:
    user = make_user("caseworker", username="aigul", password=PASSWORD)
    second_factor.activate(user)
    answer = client.post(LOGIN, {"login": "aigul", "password": PASSWORD})
    assert answer["Location"] == "/en/account/2fa/authenticate/"
    assert "_auth_user_id" not in client.session


def test_the_secret_of_a_second_factor_is_sealed_in_the_database(make_user: Any) -> None:
    user, secret = make_user("caseworker"), second_factor.new_secret()
    second_factor.activate(user, secret)
    stored = Authenticator.objects.get(user=user).data["secret"]
    assert secret not in stored
    assert stored.startswith("kek-")


def test_a_rotated_key_still_opens_second_factors(make_user: Any) -> None:
    from kerege.core.security import keyring

    user, secret = make_user("caseworker"), second_factor.new_secret()
    second_factor.activate(user, secret)
    new = keyring.keyring().rotate("kek")
    sealed_secrets.rewrap()
    stored = Authenticator.objects.get(user=user).data["secret"]
    assert stored.startswith(f"{new}$")
    assert sealed_secrets.unseal_stored(stored) == secret


def test_a_secret_that_is_copied_to_another_user_does_not_open(client: Client, make_user: Any) -> None:
    """An intruder with the database copies the row of a user whose authenticator app they hold."""
    own, victim = second_factor.new_secret(), make_user("caseworker", username="aigul", password=PASSWORD)
    intruder = make_user("caseworker", username="intruder")
    second_factor.activate(intruder, own)
    second_factor.activate(victim)
    data = Authenticator.objects.get(user=intruder).data
    Authenticator.objects.filter(user=victim).update(data=data)
    client.post(LOGIN, {"login": "aigul", "password": PASSWORD})
    assert client.post(CODE, {"code": second_factor.code(own)}).status_code == 200
    Authenticator.objects.filter(user=intruder).delete()
    assert client.post(CODE, {"code": second_factor.code(own)}).status_code == 200
    assert "_auth_user_id" not in client.session
    moved = AuditEvent.objects.filter(action="accounts.moved_secret", target=f"user:{victim.pk}")
    assert moved.count() == 2


def test_the_upgrade_binds_every_secret_to_its_row(make_user: Any, make_agency: Any) -> None:
    """Secrets of version 0.1 were all bound to one place."""
    secret, user = second_factor.new_secret(), make_user("caseworker")
    second_factor.activate(user, secret)
    hook = Webhook(agency=make_agency(), url="https://x/", created_at=timezone.now())
    hook.secret = sealed_secrets.seal("signing", sealed_secrets.UNBOUND)
    hook.save()
    Authenticator.objects.update(data={"secret": sealed_secrets.seal(secret, sealed_secrets.UNBOUND)})
    for name in (
        "kerege.core.accounts.migrations.0004_bound_secrets",
        "kerege.core.integrations.migrations.0002_bound_secrets",
    ):
        import_module(name).bind(apps, None)
    assert sealed_secrets.unseal_stored(Authenticator.objects.get().data["secret"]) == secret
    hook.refresh_from_db()
    assert sealed_secrets.unseal(hook.secret, hook.secret_place) == "signing"


def test_there_is_no_self_registration(client: Client) -> None:
    assert client.get("/en/account/signup/").status_code == 404


def test_the_one_time_address_sets_a_password_once(client: Client, make_user: Any) -> None:
    user = make_user("administrator", username="aigul")
    path = password_path(user)
    form = client.get(path)["Location"]
    answer = client.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    again = Client().get(path)
    assert again.status_code == 200
    assert "password1" not in again.content.decode()


def test_wrong_passwords_lock_one_name_from_one_address_only(client: Client, make_user: Any) -> None:
    make_user("caseworker", username="aigul", password=PASSWORD)
    for _ in range(LIMITS["pair"].free + 1):
        answer = client.post(LOGIN, {"login": "aigul", "password": "wrong wrong wrong"}, REMOTE_ADDR="10.0.0.1")
    assert answer.status_code == 429
    right = {"login": "aigul", "password": PASSWORD}
    assert client.post(LOGIN, right, REMOTE_ADDR="10.0.0.1").status_code == 429
    assert Client().post(LOGIN, right, REMOTE_ADDR="10.0.0.2").status_code == 302


def test_sign_ins_and_failures_are_recorded_without_what_was_typed(client: Client, make_user: Any) -> None:
    user = make_user("caseworker", username="aigul", password=PASSWORD)
    client.post(LOGIN, {"login": "Ivanova Maria", "password": "x"})
    client.post(LOGIN, {"login": "aigul", "password": "x"})
    client.post(LOGIN, {"login": "aigul", "password": PASSWORD})
    events = list(AuditEvent.objects.values_list("action", "outcome", "target"))
    assert events == [
        ("accounts.sign_in", "refused", ""),
        ("accounts.sign_in", "refused", f"user:{user.pk}"),
        ("accounts.sign_in", "done", f"user:{user.pk}"),
    ]


def test_a_session_ends_after_twelve_hours_whatever_is_done(
    sign_in: Any, make_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(make_user("caseworker"))
    assert client.get("/en/account/start/")["Location"] == "/en/work/"
    session = client.session
    session["signed_in_at"] = int(timezone.now().timestamp()) - settings.SESSION_ABSOLUTE_AGE
    session.save()
    assert "/account/login/" in client.get("/en/account/start/")["Location"]


def test_a_session_ends_after_fifteen_idle_minutes(sign_in: Any, make_user: Any) -> None:
    client = sign_in(make_user("caseworker"))
    client.get("/en/account/start/")
    session = client.session
    session["seen_at"] = int(timezone.now().timestamp()) - settings.SESSION_COOKIE_AGE
    session.save()
    assert "/account/login/" in client.get("/en/account/start/")["Location"]


def test_a_user_of_two_agencies_chooses_one(sign_in: Any, make_user: Any, make_agency: Any) -> None:
    home, other, stranger = make_agency("home"), make_agency("other"), make_agency("stranger")
    user = make_user("caseworker", agency=home)
    user.assignments.create(agency=other, role="supervisor")
    client = sign_in(user)
    assert client.post("/en/account/agency/", {"agency": str(other.pk)}).status_code == 302
    assert client.session["agency"] == str(other.pk)
    assert client.post("/en/account/agency/", {"agency": str(stranger.pk)}).status_code == 404
    assert client.post("/en/account/agency/", {"agency": "nonsense"}).status_code == 404
    assert client.session["agency"] == str(other.pk)


def test_the_language_is_remembered_and_leads_nowhere_else(sign_in: Any, make_user: Any) -> None:
    user = make_user("caseworker")
    client = sign_in(user)
    answer = client.post("/en/account/language/", {"language": "ru", "next": "/en/account/agency/"})
    assert answer["Location"] == "/ru/account/agency/"
    user.refresh_from_db()
    assert user.language == "ru"
    evil = client.post("/en/account/language/", {"language": "kk", "next": "https://evil.example/"})
    assert evil["Location"] == "/"


def test_pages_of_signed_in_users_are_not_cached(sign_in: Any, make_user: Any) -> None:
    answer = sign_in(make_user("caseworker")).get("/en/account/agency/")
    assert "no-store" in answer["Cache-Control"]


def test_every_response_has_the_security_headers(client: Client) -> None:
    answer = client.get(LOGIN)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]


def test_passwords_are_hashed_with_argon2_and_cookies_require_tls() -> None:
    from kerege.config import settings as production

    assert production.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")
    if production.HTTPS:
        assert production.SESSION_COOKIE_SECURE
        assert production.SECURE_SSL_REDIRECT
        assert production.SESSION_COOKIE_NAME.startswith("__Host-")
