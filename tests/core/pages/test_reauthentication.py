"""Reauthentication before sensitive acts; form input is kept in the page and stored nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, path
from django.utils import translation

from kerege.config import urls
from kerege.core import pages
from kerege.core.accounts.models import Installation
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Grant, Rule
from kerege.core.authorization import rules as registry
from tests import second_factor
from tests.django_fixtures import just_now
from tests.registries import with_items

pytestmark = pytest.mark.django_db
PASSWORD = "кереге-шаңырақ-уық"
LONG_AGO = 301


@pages.page("t.merge")
@pages.stepped_up
def merge(request: HttpRequest) -> HttpResponse:
    """Answer as a view that needs reauthentication."""
    return HttpResponse("merged " + ",".join(request.POST.getlist("who")))


@pages.page("t.merge")
@pages.stepped_up_to("take")
def several(request: HttpRequest) -> HttpResponse:
    """Answer as a view of two actions, one of which needs reauthentication."""
    return HttpResponse("left")


# acts that need reauthentication: they cannot be undone, grant rights or export many persons. Ending a token or a
# webhook needs none. On the contact page only the view of the number needs it, inside the view function.
MUST_BE_STEPPED_UP = {
    "accounts:address": "to post",
    "accounts:users": "to post",
    "accounts:user": "to post",
    "accounts:rights": "to post",
    "accounts:end-sessions": "to post",
    "accounts:end-session": "to post",
    "usersessions_list": "to post",
    "accounts:agencies": "to post",
    "accounts:close-agency": "to post",
    "accounts:move-agency": "to post",
    "accounts:role-requests": "to post",
    "accounts:access-review": "to post",
    "systems:tokens": "to post",
    "systems:webhooks": "to post",
    "systems:confirm": "to post",
    "systems:renew-secret": "to post",
    "audit:export": "always",
    "desk:month-sheet": "always",
    "cases:emergency-open": "to post",
    "cases:seen": "always",
    "cases:reveal": "always",
    "cases:edit-identity": "to show",
    "cases:erasure": "to post",
    "cases:hold-end": "to post",
    "cases:retention-approve": "to post",
    "assistance:offer-caseload": "to post",
    "assistance:offer-case": "to post",
    "assistance:handover": "to accept, accept_all",
    "assistance:handover-pack": "always",
    "persons:merge": "to merge, show",
    "persons:undo": "to post",
    "law:confirm": "to post",
    "law:correct": "to post",
    "releases:approve": "to post",
    "releases:withdraw": "to post",
    "releases:deputies": "to post",
}


class Urls:
    """The URLs of the system, and those of the views above."""

    urlpatterns = [*urls.urlpatterns, path("merge/", merge), path("several/", several)]


@pytest.fixture(autouse=True)
def _page(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.ROOT_URLCONF = Urls
    with_items(monkeypatch, registry.rules, Rule("t.merge", None, [Grant({"caseworker"})]))
    return iter([None])


@pytest.fixture
def late(make_user: Any, sign_in: Any) -> Any:
    """Return a client whose sign-in is older than five minutes."""
    user = make_user("caseworker", password=PASSWORD)
    client = sign_in(user)
    just_now(client, user, ago=LONG_AGO)
    return client


def test_a_recent_sign_in_needs_no_confirmation(make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("caseworker"))
    assert client.post("/merge/", {"who": ["a", "b"]}).content == b"merged a,b"


def test_the_form_input_is_kept_during_the_confirmation(late: Any) -> None:
    asked = late.post("/merge/", {"who": ["a", "Айгүл"]})
    assert b"merged" not in asked.content
    assert 'name="who" value="Айгүл"' in asked.content.decode()
    assert "Айгүл" not in str(dict(late.session))
    done = late.post("/merge/", {"who": ["a", "b"], "step_up": "1", "step_up_secret": PASSWORD})
    assert done.content == b"merged a,b"
    assert late.post("/merge/", {"who": "c"}).content == b"merged c"
    assert AuditEvent.objects.filter(action="accounts.step_up", outcome="done").count() == 1


def test_a_confirmation_gives_a_new_session_token_and_keeps_the_key_of_unsent_words(late: Any) -> None:
    def key_of_unsent_words() -> list[str]:
        return re.findall(r'data-kg-(?:session|key)="([^"]+)"', late.get("/en/account/sessions/").content.decode())

    before, words = late.session.session_key, key_of_unsent_words()
    row = UserSession.objects.create(user_id=late.session["_auth_user_id"], ip="10.0.0.1", session_key=before)
    late.post("/merge/", {"who": "a", "step_up": "1", "step_up_secret": "wrong"})
    assert late.session.session_key == before
    late.post("/merge/", {"who": "a", "step_up": "1", "step_up_secret": PASSWORD})
    after = late.session.session_key
    assert after != before
    assert not late.session.exists(before)
    row.refresh_from_db()
    assert row.session_key == after  # the user still sees the session in the list
    assert key_of_unsent_words() == words
    assert len(words) == 2
    assert "".join(words) not in str(dict(late.session))


def test_a_confirmation_on_a_page_of_allauth_gives_a_new_session_token(late: Any) -> None:
    before = late.session.session_key
    late.post("/en/account/reauthenticate/", {"password": PASSWORD})
    assert late.session.session_key != before
    assert not late.session.exists(before)


def test_a_confirmation_here_counts_on_the_pages_of_allauth(late: Any) -> None:
    page = "/en/account/2fa/totp/deactivate/"
    assert "reauthenticate" in late.get(page)["Location"]
    late.post("/merge/", {"who": "a", "step_up": "1", "step_up_secret": PASSWORD})
    assert late.get(page).status_code == 200


@pytest.mark.parametrize("typed", ["", "wrong", "000000"])
def test_a_wrong_password_changes_nothing_and_is_recorded(late: Any, typed: str) -> None:
    answer = late.post("/merge/", {"who": "a", "step_up": "1", "step_up_secret": typed})
    assert b"merged" not in answer.content
    assert typed == "" or typed not in answer.content.decode()
    assert AuditEvent.objects.filter(action="accounts.step_up", outcome="refused").count() == 1


def test_a_password_with_outer_spaces_confirms(make_user: Any, sign_in: Any, client: Any) -> None:
    user = make_user("caseworker", password=f" {PASSWORD} ")
    sign_in(user)
    just_now(client, user, ago=LONG_AGO)
    answer = client.post("/merge/", {"who": "a", "step_up": "1", "step_up_secret": f" {PASSWORD} "})
    assert answer.content == b"merged a"


def test_a_current_authenticator_code_confirms(late: Any) -> None:
    from allauth.mfa.models import Authenticator

    secret = Authenticator.objects.get().wrap().instance.data["secret"]
    from kerege.core.accounts.sealed_secrets import unseal_stored

    plain = unseal_stored(secret) if secret.startswith("kek-") else secret
    answer = late.post("/merge/", {"who": "a", "step_up": "1", "step_up_secret": second_factor.code(plain)})
    assert answer.content == b"merged a"


def test_attempts_are_rate_limited(late: Any) -> None:
    answers = [late.post("/merge/", {"step_up": "1", "step_up_secret": f"no{n}"}).content.decode() for n in range(12)]
    with translation.override("kk"):
        assert translation.gettext("Too many attempts") in answers[-1]
    right = late.post("/merge/", {"step_up": "1", "step_up_secret": PASSWORD}).content
    assert b"merged" not in right


def test_after_confirmation_a_get_returns_to_its_page(late: Any) -> None:
    asked = late.get("/merge/?of=x").content.decode()
    assert 'name="next" value="/merge/?of=x"' in asked
    confirm = {"step_up": "1", "step_up_secret": PASSWORD}
    done = late.post("/en/account/confirm/", confirm | {"next": "/merge/?of=x"})
    assert (done.status_code, done["Location"]) == (302, "/merge/?of=x")
    away = late.post("/en/account/confirm/", confirm | {"next": "https://elsewhere.example/"})
    assert away["Location"] == "/"


def test_the_demo_confirms_with_a_button_and_no_password(make_user: Any, settings: Any, client: Any) -> None:
    settings.DEMO = True
    Installation.mark(demo=True)
    user = make_user("caseworker", username="caseworker")
    here = {"HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1"}
    client.post("/en/account/demo/", {"role": "caseworker"}, **here)
    just_now(client, user, ago=LONG_AGO)
    asked = client.post("/merge/", {"who": "a"}, **here).content.decode()
    assert "step_up_secret" not in asked
    assert client.post("/merge/", {"who": "a", "step_up": "1"}, **here).content == b"merged a"


def named_views(patterns: list[Any], namespace: str = "") -> Iterator[tuple[str, Any]]:
    """Yield all views by their full names."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from named_views(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{namespace}{pattern.name}", pattern.callback


def test_exactly_the_listed_acts_need_reauthentication() -> None:
    protected = {
        name: action
        for name, view in named_views(get_resolver("kerege.config.urls").url_patterns)
        if (action := getattr(view, "stepped_up", None))
    }
    assert protected == MUST_BE_STEPPED_UP


@pytest.mark.parametrize("address", ["/en/account/systems/", "/en/account/systems/webhooks/"])
def test_a_stale_session_cannot_create_a_token_or_a_webhook(make_user: Any, sign_in: Any, address: str) -> None:
    from kerege.core.integrations.models import SystemToken, Webhook

    user = make_user("administrator", password=PASSWORD)
    client = sign_in(user)
    just_now(client, user, ago=LONG_AGO)
    assert client.get(address).status_code == 200
    form = {"name": "x", "scopes": ["api:export"], "days": "30", "url": "https://h/", "events": ["referral.sent"]}
    assert "step_up_secret" in client.post(address, form).content.decode()
    assert not SystemToken.objects.exists()
    assert not Webhook.objects.exists()


def test_a_stale_session_cannot_approve_a_disposal(make_user: Any, sign_in: Any) -> None:
    from kerege.casework.cases.models.records import RetentionApproval

    user = make_user("coordinator", password=PASSWORD)
    client = sign_in(user)
    just_now(client, user, ago=LONG_AGO)
    asked = client.post("/en/work/retention/approve/", {"kind": "closed_case"}).content.decode()
    assert "step_up_secret" in asked
    assert not RetentionApproval.objects.exists()


def test_only_the_named_acts_of_a_page_need_reauthentication(late: Any) -> None:
    assert late.post("/several/", {"do": "leave"}).content == b"left"
    assert "step_up_secret" in late.post("/several/", {"do": "take"}).content.decode()
    assert "step_up_secret" in late.post("/several/", {"take": "1"}).content.decode()
