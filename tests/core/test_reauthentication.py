"""Before what cannot be taken back it is asked again who sits there; what was typed is kept, and stored nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
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
    """What is done once it is certain who asks."""
    return HttpResponse("merged " + ",".join(request.POST.getlist("who")))


@pages.page("t.merge")
@pages.stepped_up_to("take")
def several(request: HttpRequest) -> HttpResponse:
    """A page of two acts, one of them dangerous."""
    return HttpResponse("left")


# every act that cannot be taken back, hands out rights or takes many persons out: it is asked again who sits there.
# To stop something (a token, a session, a webhook) asks for nothing more. Of the page on which a person is contacted
# only showing the number asks: inside its view.
MUST_BE_STEPPED_UP = {
    "accounts:users": "to post",
    "accounts:user": "to post",
    "accounts:rights": "to post",
    "accounts:end-sessions": "to post",
    "accounts:agencies": "to post",
    "systems:tokens": "to post",
    "systems:webhooks": "to post",
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
    "releases:approve": "to post",
    "releases:withdraw": "to post",
    "releases:deputies": "to post",
}


class Urls:
    """The addresses of the system, and the page of this test."""

    urlpatterns = [*urls.urlpatterns, path("merge/", merge), path("several/", several)]


@pytest.fixture(autouse=True)
def _page(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.ROOT_URLCONF = Urls
    with_items(monkeypatch, registry.rules, Rule("t.merge", None, [Grant({"caseworker"})]))
    return iter([None])


@pytest.fixture
def late(make_user: Any, sign_in: Any) -> Any:
    """A client whose user signed in a while ago."""
    user = make_user("caseworker", password=PASSWORD)
    client = sign_in(user)
    just_now(client, user, ago=LONG_AGO)
    return client


def test_whoever_signed_in_a_moment_ago_is_not_asked(make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("caseworker"))
    assert client.post("/merge/", {"who": ["a", "b"]}).content == b"merged a,b"


def test_a_form_is_kept_while_it_is_asked_and_goes_on_with_the_password(late: Any) -> None:
    asked = late.post("/merge/", {"who": ["a", "Айгүл"]})
    assert b"merged" not in asked.content
    assert 'name="who" value="Айгүл"' in asked.content.decode()
    assert "Айгүл" not in str(dict(late.session))
    done = late.post("/merge/", {"who": ["a", "b"], "step_up": "1", "step_up_secret": PASSWORD})
    assert done.content == b"merged a,b"
    assert late.post("/merge/", {"who": "c"}).content == b"merged c"
    assert AuditEvent.objects.filter(action="accounts.step_up", outcome="done").count() == 1


@pytest.mark.parametrize("typed", ["", "wrong", "000000"])
def test_a_wrong_answer_changes_nothing_and_is_remembered(late: Any, typed: str) -> None:
    answer = late.post("/merge/", {"who": "a", "step_up": "1", "step_up_secret": typed})
    assert b"merged" not in answer.content
    assert typed == "" or typed not in answer.content.decode()
    assert AuditEvent.objects.filter(action="accounts.step_up", outcome="refused").count() == 1


def test_a_current_code_of_the_app_will_do(late: Any) -> None:
    from allauth.mfa.models import Authenticator

    secret = Authenticator.objects.get().wrap().instance.data["secret"]
    from kerege.core.accounts.sealed_secrets import unseal

    plain = unseal(secret) if secret.startswith("kek-") else secret
    answer = late.post("/merge/", {"who": "a", "step_up": "1", "step_up_secret": second_factor.code(plain)})
    assert answer.content == b"merged a"


def test_guessing_is_slowed_down(late: Any) -> None:
    said = [late.post("/merge/", {"step_up": "1", "step_up_secret": f"no{n}"}).content.decode() for n in range(12)]
    with translation.override("kk"):
        assert translation.gettext("Too many attempts. Wait a minute.") in said[-1]
    right = late.post("/merge/", {"step_up": "1", "step_up_secret": PASSWORD}).content
    assert b"merged" not in right


def test_a_page_that_was_only_opened_is_returned_to(late: Any) -> None:
    asked = late.get("/merge/?of=x").content.decode()
    assert 'name="next" value="/merge/?of=x"' in asked
    confirm = {"step_up": "1", "step_up_secret": PASSWORD}
    done = late.post("/en/account/confirm/", confirm | {"next": "/merge/?of=x"})
    assert (done.status_code, done["Location"]) == (302, "/merge/?of=x")
    away = late.post("/en/account/confirm/", confirm | {"next": "https://elsewhere.example/"})
    assert away["Location"] == "/"


def test_the_demo_asks_for_a_press_of_a_button_and_no_password(make_user: Any, settings: Any, client: Any) -> None:
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
    """Every view by its full name."""
    for each in patterns:
        if isinstance(each, URLResolver):
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from named_views(each.url_patterns, inner)
        elif isinstance(each, URLPattern) and each.name:
            yield f"{namespace}{each.name}", each.callback


def test_every_dangerous_act_is_stepped_up_and_the_list_of_them_is_whole() -> None:
    found = {
        name: told
        for name, view in named_views(get_resolver("kerege.config.urls").url_patterns)
        if (told := getattr(view, "stepped_up", None))
    }
    assert found == MUST_BE_STEPPED_UP


@pytest.mark.parametrize("address", ["/en/account/systems/", "/en/account/systems/webhooks/"])
def test_a_stale_session_gives_no_system_a_token_or_a_webhook(make_user: Any, sign_in: Any, address: str) -> None:
    from kerege.core.integrations.models import SystemToken, Webhook

    user = make_user("administrator", password=PASSWORD)
    client = sign_in(user)
    just_now(client, user, ago=LONG_AGO)
    assert client.get(address).status_code == 200
    form = {"name": "x", "scopes": ["api:export"], "days": "30", "url": "https://h/", "events": ["referral.sent"]}
    assert "step_up_secret" in client.post(address, form).content.decode()
    assert not SystemToken.objects.exists()
    assert not Webhook.objects.exists()


def test_a_stale_session_approves_no_removal_by_retention(make_user: Any, sign_in: Any) -> None:
    from kerege.casework.cases.models.records import RetentionApproval

    user = make_user("coordinator", password=PASSWORD)
    client = sign_in(user)
    just_now(client, user, ago=LONG_AGO)
    asked = client.post("/en/work/retention/approve/", {"kind": "closed_case"}).content.decode()
    assert "step_up_secret" in asked
    assert not RetentionApproval.objects.exists()


def test_of_a_page_with_several_acts_only_the_dangerous_ones_ask_again(late: Any) -> None:
    assert late.post("/several/", {"do": "leave"}).content == b"left"
    assert "step_up_secret" in late.post("/several/", {"do": "take"}).content.decode()
    assert "step_up_secret" in late.post("/several/", {"take": "1"}).content.decode()
