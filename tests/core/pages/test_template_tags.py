"""Attributes for the page's script: nothing waits on the disk unless the operator accepts it."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

pytestmark = pytest.mark.django_db
PAGE = "/en/account/sessions/"


@pytest.mark.parametrize("allowed", [True, False])
def test_words_wait_on_the_disk_only_where_it_is_allowed(
    allowed: bool, make_user: Any, sign_in: Any, settings: Settings
) -> None:
    settings.BROWSER_DRAFTS = allowed
    page = sign_in(make_user("caseworker")).get(PAGE).content.decode()
    assert 'data-kg-key="' in page
    assert ("data-kg-disk" in page) is allowed


def test_without_a_session_the_script_gets_no_key(client: Any) -> None:
    page = client.get("/en/account/login/").content.decode()
    assert 'data-kg-key="' not in page
    assert "data-kg-disk" not in page
