"""Confirmation of a fact: two people of national agencies, bound to the value, taken back by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from kerege.base.errors import BadInput, Refused
from kerege.core.accounts import fact_confirmations as services
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.fact_confirmations import FactRequest
from kerege.core.accounts.models import Agency, FactConfirmation
from kerege.core.authorization import Actor, Denied
from kerege.vocabulary import confirmations
from kerege.vocabulary.profile import active

pytestmark = [pytest.mark.db, pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home without confirmations, with the keys of the tests."""
    monkeypatch.setattr(confirmations, "FILE_NAME", f"{tmp_path.name}.toml")
    return tmp_path


@pytest.fixture
def ministry(make_agency: Any) -> Agency:
    agency: Agency = make_agency("ministry", "social_protection")
    Agency.objects.filter(pk=agency.pk).update(national=True)
    return agency


def person(make_user: Any, role: str, agency: Agency, name: str) -> Actor:
    return actor_for(make_user(role, agency=agency, username=name), agency)


@pytest.fixture
def two(make_user: Any, ministry: Agency) -> list[Actor]:
    return [person(make_user, "administrator", ministry, "adam"), person(make_user, "coordinator", ministry, "saule")]


def ask(actor: Actor, agency: Agency, path: str = "hotline", digest: str = "") -> FactConfirmation:
    digest = digest or confirmations.digest_of(services.find_fact(path).fact)
    return services.request_confirmation(actor, agency, FactRequest(path, digest, "A. Lawyer", "letter 12"))


def test_two_people_confirm_a_fact_and_one_takes_it_back(
    two: list[Actor], ministry: Agency, django_capture_on_commit_callbacks: Any
) -> None:
    first, second = two
    request = ask(first, ministry)
    assert not active().hotline.confirmed
    with django_capture_on_commit_callbacks(execute=True):
        services.decide_confirmation(second, request, give=True)
    assert active().hotline.confirmed
    held = confirmations.read_home()["hotline"]
    assert (held.lawyer, held.document) == ("A. Lawyer", "letter 12")
    with django_capture_on_commit_callbacks(execute=True):
        services.withdraw_confirmation(first, request)
    assert not active().hotline.confirmed


def test_nobody_confirms_their_own_request(two: list[Actor], ministry: Agency) -> None:
    request = ask(two[0], ministry)
    with pytest.raises(Refused):
        services.decide_confirmation(two[0], request, give=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        FactConfirmation.objects.filter(pk=request.pk).update(outcome="given", decided_by=two[0].label)


def test_a_fact_is_asked_for_once_and_a_refused_one_again(two: list[Actor], ministry: Agency) -> None:
    request = ask(two[0], ministry)
    with pytest.raises(BadInput):
        ask(two[1], ministry)
    services.decide_confirmation(two[1], request, give=False)
    assert not confirmations.read_home()
    assert ask(two[1], ministry).pk != request.pk


def test_a_fact_that_changed_in_between_is_not_confirmed(two: list[Actor], ministry: Agency) -> None:
    with pytest.raises(BadInput):
        ask(two[0], ministry, digest="0" * 64)
    request = ask(two[0], ministry)
    FactConfirmation.objects.filter(pk=request.pk).update(digest="0" * 64)
    request.refresh_from_db()
    with pytest.raises(BadInput):
        services.decide_confirmation(two[1], request, give=True)


def test_an_unknown_fact_is_refused(two: list[Actor], ministry: Agency) -> None:
    with pytest.raises(BadInput):
        ask(two[0], ministry, "clocks.invented", "0" * 64)


def test_only_people_of_national_agencies_ask_or_confirm(
    two: list[Actor], ministry: Agency, make_user: Any, make_agency: Any
) -> None:
    centre = make_agency("centre")
    local = person(make_user, "administrator", centre, "local")
    with pytest.raises(Denied):
        ask(local, centre)
    request = ask(two[0], ministry)
    with pytest.raises(Denied):
        services.decide_confirmation(local, request, give=True)


def test_a_lost_file_is_written_again(
    two: list[Actor], ministry: Agency, django_capture_on_commit_callbacks: Any
) -> None:
    request = ask(two[0], ministry)
    services.decide_confirmation(two[1], request, give=True)
    assert not confirmations.read_home()  # the transaction of the test never ends
    services.write_file()
    assert active().hotline.confirmed
