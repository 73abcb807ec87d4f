"""Authorization: default deny, lists agree with object checks, records of other agencies are hidden."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from kerege.config import logs
from kerege.core import authorization
from kerege.core import pages as access_pages
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.models import Agency, Role, User
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor, Denied, Grant, Rule, any_of, everything, nothing, own_agency, session_scope
from kerege.core.authorization import rules as registry
from kerege.core.authorization.rules import requested_target
from kerege.core.integrations.scopes import SCOPES
from kerege.core.row_security import policies
from tests.core.urlconf import pages
from tests.registries import with_items

pytestmark = pytest.mark.django_db
RULES = [
    Rule("t.read", User, [Grant({"caseworker"}, own_agency("assignments__agency")), Grant({"auditor"}, everything)]),
    Rule("t.agency", Agency, [Grant({"caseworker"}, own_agency("pk"))]),
    Rule("t.nobody", Agency, []),
    Rule("t.start", None, [Grant({"caseworker"})]),
]


@pytest.fixture(autouse=True)
def _test_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    with_items(monkeypatch, registry.rules, *RULES)


def test_every_view_declares_its_action_or_that_it_is_public() -> None:
    undeclared = [page.pattern for page in pages() if not page.action and not page.of_library]
    assert undeclared == []


def test_every_declared_action_has_a_rule() -> None:
    unknown = {page.action for page in pages() if page.action not in {"", "public", "token"}} - {
        rule.action for rule in registry.rules.all()
    }
    assert unknown == set()


def test_every_rule_grants_only_to_roles_that_exist() -> None:
    known = {*Role.values, *SCOPES, "operator"}
    strangers = {
        (rule.action, str(role))
        for rule in registry.rules.all()
        for grant in rule.grants
        for role in grant.roles
        if str(role) not in known
    }
    assert strangers == set()


def test_an_administrator_may_do_nothing_with_a_case() -> None:
    """No rule about a casework model grants anything to the administrator."""
    casework = [rule for rule in registry.rules.all() if rule.model and "casework" in rule.model.__module__]
    assert [
        rule.action for rule in casework for grant in rule.grants if "administrator" in {str(r) for r in grant.roles}
    ] == []


def test_every_decision_about_a_user_is_logged_with_ids_alone(
    make_actor: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    worker = make_actor("caseworker")
    user = User.objects.get(pk=worker.user_id)
    caplog.set_level(logging.INFO, logger=logs.DECISIONS)
    authorization.require(worker, "t.start")
    authorization.require(worker, "t.read", user)
    authorization.find(worker, User, action="t.read", pk=user.pk)
    authorization.require(Actor.system("tests"), "keys.rotate")  # the operator's acts are audit events
    with pytest.raises(Denied):
        authorization.require(worker, "t.nobody")
    with pytest.raises(Denied):
        authorization.find(worker, User, action="t.read", pk=UUID(int=7))
    authorization.scope(worker, User, action="t.read")
    assert authorization.allows(worker, "t.start")
    lines = [record.msg for record in caplog.records if record.name == logs.DECISIONS]
    facts = [{name: line[name] for name in ("event", "actor", "action", "target")} for line in lines]  # type: ignore[index]
    own = {"event": "allowed", "actor": str(worker.user_id)}
    read = own | {"action": "t.read", "target": f"user:{user.pk}"}
    start = own | {"action": "t.start", "target": ""}
    assert facts == [
        start,
        read,
        read,
        own | {"event": "denied", "action": "t.nobody", "target": ""},
        read | {"event": "denied", "target": f"user:{UUID(int=7)}"},
        read | {"target": "user"},
        start,
    ]
    assert {"actor", "action", "target"} <= logs.ALLOWED


def test_an_action_that_no_rule_declares_is_an_error_not_a_right(make_actor: Callable[..., Any]) -> None:
    with pytest.raises(LookupError):
        authorization.allows(make_actor("caseworker"), "t.unheard_of")


def test_a_rule_about_one_model_says_nothing_about_another(make_actor: Callable[..., Any]) -> None:
    with pytest.raises(LookupError):
        authorization.scope(make_actor("caseworker"), Agency, action="t.read")


def test_two_rules_for_one_action_stop_the_start() -> None:
    with pytest.raises(ValueError, match=r"two rules are named 't\.read'"):
        registry.rules.add(Rule("t.read", Agency, [Grant({"auditor"}, everything)]))


def test_roles_count_only_in_the_agency_where_they_are_held(make_user: Callable[..., Any], make_agency: Any) -> None:
    home, other = make_agency("home"), make_agency("other")
    user = make_user("auditor", agency=home)
    user.assignments.create(agency=other, role="caseworker")
    assert actor_for(user, home).roles == {"auditor"}
    assert actor_for(user, other).roles == {"caseworker"}
    stranger = make_agency("stranger")
    assert actor_for(user, stranger).agency_id == home.pk


@pytest.mark.parametrize("change", ["user", "agency"])
def test_a_user_or_agency_put_out_of_service_has_no_roles(make_user: Any, make_agency: Any, change: str) -> None:
    user, agency = make_user("caseworker"), make_agency()
    if change == "user":
        user.is_active = False
        user.save()
    else:
        agency.active = False
        agency.save()
    assert actor_for(user, agency).roles == frozenset()


def test_own_agency_holds_no_rows_without_an_agency() -> None:
    actor = Actor("user:x", roles=frozenset({"caseworker"}))
    assert not authorization.scope(actor, Agency, action="t.agency").exists()


def test_a_join_to_many_does_not_repeat_rows(make_user: Any, make_actor: Any) -> None:
    user = make_user("caseworker", "supervisor", "analyst")
    rows = list(authorization.scope(actor_for(user), User, action="t.read"))
    assert rows == [user]


def test_any_of_is_the_union_of_its_scopes(make_actor: Any) -> None:
    actor = make_actor("caseworker")
    assert any_of(nothing, everything)(actor) == Q()
    assert not Agency.objects.filter(any_of(nothing)(actor)).exists()


def test_another_agencys_record_and_an_absent_one_are_refused_alike(
    make_actor: Any, make_agency: Any, django_assert_num_queries: Any
) -> None:
    actor, other = make_actor("caseworker"), make_agency("other")
    for key in (other.pk, uuid4()):
        with pytest.raises(Denied) as refused, django_assert_num_queries(1):
            authorization.find(actor, Agency, action="t.agency", pk=key)
        assert refused.value.hidden
        assert refused.value.target == f"agency:{key}"


@pytest.mark.parametrize(
    ("lookup", "target"),
    [
        ({"reference": "S-2222-2222"}, "agency:S-2222-2222"),
        ({"reference": "KZ-2025-00417"}, "agency:KZ-2025-00417"),
        ({"reference": "AIGUL-CANARY"}, "agency"),
        ({"reference": "Айгүл"}, "agency"),
        ({"code": "Айгүл"}, "agency"),
    ],
)
def test_a_refusal_names_what_was_asked_for_and_no_text_that_was_typed(lookup: dict[str, str], target: str) -> None:
    assert requested_target(Agency, lookup) == target


AGENCIES, ROLES = ("a", "b", "c"), ("caseworker", "auditor", "analyst")
held = st.lists(st.tuples(st.sampled_from(AGENCIES), st.sampled_from(ROLES)), unique=True, max_size=5)


@pytest.mark.db
@hypothesis_settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(users=st.lists(held, min_size=1, max_size=4), acting=st.integers(0, 3), place=st.sampled_from(AGENCIES))
def test_the_scope_of_a_list_equals_the_check_of_each_object(
    make_agency: Any, users: list[list[tuple[str, str]]], acting: int, place: str
) -> None:
    with transaction.atomic():
        actor = one_world(make_agency, users, acting, place)
        for action, model in (("t.read", User), ("t.agency", Agency), ("t.nobody", Agency)):
            listed = list(authorization.scope(actor, model, action=action).values_list("pk", flat=True))
            assert len(listed) == len(set(listed))
            checked = {row.pk for row in model._default_manager.all() if authorization.allows(actor, action, row)}
            assert set(listed) == checked
            if checked:
                assert authorization.allows(actor, action)
        transaction.set_rollback(True)


def one_world(make_agency: Any, users: list[list[tuple[str, str]]], acting: int, place: str) -> Actor:
    """Users with role assignments; the actor is one of them in one agency."""
    agencies = {code: make_agency(code) for code in AGENCIES}
    made = []
    for number, assignments in enumerate(users):
        made.append(User.objects.create_user(f"u{number}", full_name="U"))
        for code, role in assignments:
            made[-1].assignments.create(agency=agencies[code], role=role)
    return actor_for(made[acting % len(made)], agencies[place])


@access_pages.page("t.start")
def view(request: HttpRequest) -> HttpResponse:
    return HttpResponse("in")


def request_of(user: Any) -> HttpRequest:
    request = RequestFactory().get("/en/work/")
    request.user, request.session = user, SessionStore()
    return request


def test_a_page_without_the_right_is_refused_before_the_view_runs(make_user: Any) -> None:
    assert view(request_of(make_user("caseworker"))).content == b"in"
    with pytest.raises(Denied):
        view(request_of(make_user("analyst")))


def test_a_page_redirects_to_the_sign_in_without_the_query_string() -> None:
    from django.contrib.auth.models import AnonymousUser

    request = RequestFactory().get("/en/work/?q=Ivanova")
    request.user, request.session = AnonymousUser(), {}  # type: ignore[assignment]
    response = view(request)
    assert response.status_code == 302
    assert "Ivanova" not in response["Location"]


def test_the_middleware_answers_404_or_403_and_records_the_refusal(make_user: Any, client: Any) -> None:
    from kerege.core.pages.middleware import refusals

    handler = refusals(lambda request: HttpResponse())
    request = request_of(make_user("caseworker"))
    answers = [
        handler.process_exception(request, Denied("t.read", "user:1", hidden=True)).status_code,  # type: ignore[attr-defined]
        handler.process_exception(request, Denied("t.read")).status_code,  # type: ignore[attr-defined]
    ]
    assert answers == [404, 403]
    assert list(AuditEvent.objects.filter(outcome="refused").values_list("target", flat=True)) == ["user:1", ""]


@pytest.mark.db
def test_the_lookup_among_finds_the_same_rows_as_in(make_agency: Callable[..., Agency]) -> None:
    agencies = [make_agency(code) for code in ("one", "two", "three")]
    few = Agency.objects.filter(code__in=["one", "two"])
    assert set(Agency.objects.filter(pk__among=few.values("pk"))) == set(few) == set(agencies[:2])
    assert set(Agency.objects.filter(Q(code="three") | Q(pk__among=few.values("pk")))) == set(agencies)
    assert list(Agency.objects.filter(pk__among=few.none().values("pk"))) == []
    assert agencies[0] not in Agency.objects.filter(~Q(pk__among=few.values("pk")))
    for agency in agencies:
        Agency.objects.filter(pk=agency.pk).update(parent=agencies[0])
    assert set(Agency.objects.filter(parent__among=few.values_list("pk", flat=True).order_by())) == set(agencies)


def test_the_label_of_an_operator_is_the_given_name_else_that_of_the_system_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Actor.system("nightly").label == "cli:nightly"
    monkeypatch.setattr("getpass.getuser", lambda: "aliya")
    assert Actor.system().label == "cli:aliya"

    def refuse() -> str:
        raise KeyError("uid 1000 has no entry")

    monkeypatch.setattr("getpass.getuser", refuse)
    assert Actor.system().label == "cli:system"


def test_a_scope_ends_with_its_code() -> None:
    outside = session_scope.current()
    with session_scope.closed():
        assert session_scope.current() == session_scope.CLOSED
        with session_scope.bypass_row_security("test"):
            assert session_scope.current() == session_scope.OPEN
        assert session_scope.current() == session_scope.CLOSED
    assert session_scope.current() == outside


def test_the_scope_of_an_operator_is_open_and_that_of_a_user_without_roles_is_closed(make_agency: Any) -> None:
    agency = make_agency()
    assert policies.of(Actor.system("test")) == session_scope.OPEN
    without_roles = policies.of(Actor("user", user_id=uuid4(), agency_id=agency.pk))
    assert (without_roles.agency, without_roles.user) == ("", "")


@pytest.mark.parametrize("path", ["agency", "case__agency"])
def test_the_scope_of_an_agency_or_a_user_is_a_condition_on_its_id(path: str) -> None:
    agency, user = uuid4(), uuid4()
    actor = Actor("user:x", user, agency, frozenset({"caseworker"}))
    assert own_agency(path)(actor) == Q(**{f"{path}_id": agency})
    assert own_agency("pk")(actor) == Q(pk=agency)
    assert authorization.own_user("assignee")(actor) == Q(assignee=user)
    nobody = Actor("user:x", roles=frozenset({"caseworker"}))
    assert own_agency(path)(nobody) == authorization.own_user()(nobody) == nothing(nobody) == Q(pk__in=[])


def test_a_refusal_names_the_action_and_the_record_and_is_hidden_only_for_a_record(make_actor: Any) -> None:
    actor, own = make_actor("caseworker"), Agency.objects.get()
    other = Agency.objects.create(code="other", kind="ngo", names={"kk": "x", "ru": "x", "en": "x"})
    for action, row, hidden in (("t.nobody", None, False), ("t.agency", other, True)):
        with pytest.raises(Denied) as refused:
            authorization.require(actor, action, row)
        denied = refused.value
        assert (denied.action, denied.hidden, denied.recorded) == (action, hidden, False)
        assert denied.target == (f"agency:{other.pk}" if row else "")
        assert str(denied) == f"you may not do this: {action}"
    authorization.require(actor, "t.agency", own)
    authorization.require(actor, "t.start")


def test_a_row_is_found_among_the_given_rows_alone(make_actor: Any) -> None:
    actor, own = make_actor("caseworker"), Agency.objects.get()
    assert authorization.find(actor, Agency, action="t.agency", pk=own.pk) == own
    assert authorization.find(actor, Agency, action="t.agency", rows=Agency.objects.all(), pk=own.pk) == own
    with pytest.raises(Denied):
        authorization.find(actor, Agency, action="t.agency", rows=Agency.objects.none(), pk=own.pk)


def test_a_right_without_a_record_asks_for_a_role_and_one_with_a_record_for_its_row(make_actor: Any) -> None:
    for role, allowed in {"caseworker": True, "auditor": False}.items():
        actor = make_actor(role)
        assert authorization.allows(actor, "t.agency") is allowed
        assert authorization.allows(actor, "t.agency", Agency.objects.get()) is allowed
        assert authorization.allows(actor, "t.start") is allowed
        assert not authorization.allows(actor, "t.nobody")
    assert authorization.model_of("t.agency") is Agency
    assert authorization.model_of("t.start") is None


def test_the_union_of_scopes_holds_the_rows_of_each(make_actor: Any, make_agency: Any) -> None:
    actor, one, other = make_actor("caseworker"), make_agency("one"), make_agency("other")

    def by_code(code: str) -> Any:
        return lambda _actor: Q(code=code)

    def codes(*withins: Any) -> set[str]:
        return set(Agency.objects.filter(any_of(*withins)(actor)).values_list("code", flat=True))

    assert codes(by_code("one"), by_code("other")) == {one.code, other.code}
    assert codes(by_code("one"), nothing) == codes(nothing, by_code("one")) == {one.code}
    assert codes(by_code("one"), everything) == set(Agency.objects.values_list("code", flat=True))
    assert codes() == set()


def test_on_postgresql_the_lookup_among_compares_with_an_array() -> None:
    """SQLite runs IN; the SQL of PostgreSQL is compared as text."""
    from kerege.core.authorization.lookups import Among

    class Parts(Among):
        def __init__(self) -> None:
            pass

        def process_lhs(self, *_: Any) -> Any:
            return "t.id", ("left",)

        def process_rhs(self, *_: Any) -> Any:
            return "(SELECT id FROM few)", ["right"]

    assert Parts().as_postgresql(None, None) == ("t.id = ANY(ARRAY(SELECT id FROM few))", ("left", "right"))


def test_a_list_without_a_join_to_many_needs_no_subquery(make_actor: Any) -> None:
    actor = make_actor("caseworker")
    assert "IN (SELECT" not in str(authorization.scope(actor, Agency, action="t.agency").query)
    assert "IN (SELECT" in str(authorization.scope(actor, User, action="t.read").query)
