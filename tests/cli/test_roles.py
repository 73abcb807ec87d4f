"""`kerege roles`: the operator confirms roles and marks national agencies."""

from __future__ import annotations

from typing import Any

import pytest
from typer.testing import CliRunner

from kerege.cli import roles
from kerege.core.accounts.models import Agency, RoleRequest
from kerege.core.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
run = CliRunner().invoke


@pytest.fixture
def request_of_dana(make_user: Any, make_agency: Any) -> RoleRequest:
    return RoleRequest.objects.create(
        user=make_user(username="dana"), agency=make_agency(), role="caseworker", asked_by="user:admin"
    )


def test_the_operator_lists_and_confirms_a_request(request_of_dana: RoleRequest) -> None:
    listed = run(roles.app, ["requests"]).output
    assert str(request_of_dana.pk) in listed
    assert "caseworker in centre for dana, asked by user:admin" in listed
    assert run(roles.app, ["confirm", str(request_of_dana.pk)]).exit_code == 0
    assert request_of_dana.user.assignments.get().role == "caseworker"
    assert AuditEvent.objects.get(action="roles.confirm").actor.startswith("cli:")


def test_the_operator_refuses_a_request(request_of_dana: RoleRequest) -> None:
    assert "refused" in run(roles.app, ["refuse", str(request_of_dana.pk)]).output
    assert not request_of_dana.user.assignments.exists()


@pytest.mark.parametrize("wrong", ["x", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_request_is_an_error(wrong: str) -> None:
    assert "no open request has this id" in str(run(roles.app, ["confirm", wrong]).exception)


def test_the_mark_of_a_national_agency_needs_a_reason_and_is_recorded(make_agency: Any) -> None:
    make_agency("pgo", kind="prosecution")
    assert "the reason is empty" in str(run(roles.app, ["national", "pgo", "--reason", " "]).exception)
    assert run(roles.app, ["national", "pgo", "--reason", "order 12"]).exit_code == 0
    assert Agency.objects.get(code="pgo").national
    assert AuditEvent.objects.get(action="agencies.mark_national").details["reason"] == "order 12"
    run(roles.app, ["national", "pgo", "--reason", "order 13", "--remove"])
    assert not Agency.objects.get(code="pgo").national
