"""A calling system, the description of the interface, and a case with a consent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.services import consents
from kerege.core.integrations import services
from kerege.core.integrations.scopes import SCOPES
from tests.casework.exchange.api.api_driver import Caller


@pytest.fixture
def caller(make_agency: Callable[..., Any], make_actor: Callable[..., Any]) -> Callable[..., Caller]:
    """Return a system of an agency with scopes."""
    make_agency("centre", "crisis_centre")

    def make(*scopes: str, agency: str = "police") -> Caller:
        own = make_agency(agency, "internal_affairs")
        administrator = make_actor("administrator", agency=own)
        row, token = services.issue(administrator, own, "Register", scopes or list(SCOPES), 30)
        if row.confirmed_at is None:
            services.confirm(make_actor("administrator", agency=own), row)
        return Caller(token)

    return make


@pytest.fixture
def sharing(caller: Any, make_case: Any, make_agency: Any, operator: Any) -> Any:
    """Return a case of the police with consent to share the name with the centre, and both systems."""
    case = make_case(make_agency("police", "internal_affairs"))
    consent = Consent(
        case=case, purpose="sharing_with_agency", given=True, on=date(2025, 3, 1), categories=["identity"]
    )
    consents.record_consent(operator, consent)
    return case, caller(), caller(agency="centre")


@pytest.fixture
def described() -> Iterator[Any]:
    """Yield the OpenAPI description; the connection of the test stays open between requests."""
    for moment in (request_started, request_finished):
        moment.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    for moment in (request_started, request_finished):
        moment.connect(close_old_connections)
