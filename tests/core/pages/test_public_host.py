"""The public site has a host of its own, where no page of staff answers and nobody is signed in."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db
PUBLIC, STAFF = "figures.example", "testserver"


@pytest.fixture(autouse=True)
def _hosts(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = [STAFF, PUBLIC]
    settings.PUBLIC_HOST = PUBLIC


@pytest.mark.parametrize(
    "path",
    ["/en/account/login/", "/en/work/", "/en/work/cases/", "/en/account/demo/", "/en/account/language/", "/api/v1/x/"],
)
def test_no_page_of_staff_answers_on_the_public_host(path: str, client: Client) -> None:
    for answer in (client.get(path, headers={"host": PUBLIC}), client.post(path, headers={"host": PUBLIC})):
        assert answer.status_code == 404, path
        assert not answer.cookies
    assert client.get(path, headers={"host": STAFF}).status_code != 404 or path.startswith("/api/")


def test_the_public_site_answers_on_its_host_without_a_way_to_sign_in(client: Client) -> None:
    answer = client.get("/en/r/", headers={"host": PUBLIC})
    assert answer.status_code == 200
    assert "account/login" not in answer.content.decode()
    assert client.get("/", headers={"host": PUBLIC})["Location"] == "/kk/"
    assert client.get("/en/r/", headers={"host": f"{PUBLIC}:8443"}).status_code == 200


def test_a_public_page_on_the_host_of_staff_leads_to_the_public_host(client: Client, settings: Settings) -> None:
    for https, scheme in ((True, "https"), (False, "http")):
        settings.HTTPS = https
        answer = client.get("/en/r/?page=2", headers={"host": STAFF})
        assert (answer.status_code, answer["Location"]) == (302, f"{scheme}://{PUBLIC}/en/r/?page=2")


def test_nobody_is_signed_in_on_the_public_host(make_user: Any, sign_in: Any, client: Client) -> None:
    sign_in(make_user("publisher"))
    assert client.get("/en/work/", headers={"host": STAFF}).status_code == 200
    answer = client.get("/en/r/", headers={"host": PUBLIC})  # with the cookie of the session
    assert answer.wsgi_request.user.is_anonymous


def test_without_a_public_host_both_share_one(client: Client, settings: Settings) -> None:
    settings.PUBLIC_HOST = ""
    assert client.get("/en/r/", headers={"host": STAFF}).status_code == 200
    assert client.get("/en/account/login/", headers={"host": PUBLIC}).status_code == 200
