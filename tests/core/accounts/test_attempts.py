"""Limits on attempts to guess a secret; the database counts them for all processes."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from kerege.casework.cases.models.notices import Notice
from kerege.core.accounts import attempts, refusals
from kerege.core.accounts.attempts import LIMITS, Counted, Limit, TooManyAttempts, WindowLimit
from kerege.core.accounts.client_address import client_ip
from kerege.core.accounts.models import Agency, AttemptCounter, User
from kerege.core.audit.models import AuditEvent
from kerege.core.integrations.services import confirm, issue
from tests import second_factor

pytestmark = pytest.mark.django_db
LOGIN, CODE, STEP_UP = "/en/account/login/", "/en/account/2fa/authenticate/", "/en/account/confirm/"
PASSWORD = "seven sheep on the steppe"
ACCOUNT = [Counted("code", "one user")]


def let_time_pass(**passed: int) -> None:
    """Move all counters into the past."""
    for row in AttemptCounter.objects.all():
        row.last_at -= timedelta(**passed)
        row.blocked_until = row.blocked_until and row.blocked_until - timedelta(**passed)
        row.recent = [moment - timedelta(**passed).total_seconds() for moment in row.recent]
        row.save()


@pytest.fixture
def secret() -> str:
    return second_factor.new_secret()


@pytest.fixture
def aigul(make_user: Any, secret: str) -> User:
    user = make_user("caseworker", username="aigul", password=PASSWORD)
    second_factor.activate(user, secret)
    return user


def after_password(address: str = "10.0.0.1") -> Client:
    """Return a browser that gave the right password and is asked for the code."""
    browser = Client(REMOTE_ADDR=address)
    assert browser.post(LOGIN, {"login": "aigul", "password": PASSWORD})["Location"] == CODE
    return browser


def wrong(secret: str) -> str:
    """Return a code that no window of time accepts."""
    valid = {second_factor.code(secret, int(time.time()) // second_factor.PERIOD + step) for step in range(-3, 4)}
    return next(code for code in ("000000", "111111", "222222") if code not in valid)


@pytest.mark.db
@given(st.integers(0, 20), st.integers(1, 300), st.integers(300, 5000), st.integers(0, 60))
def test_delays_grow_and_have_a_longest(free: int, first: int, longest: int, failures: int) -> None:
    limit = Limit(free, first, longest)
    assert limit.delay(failures) <= limit.delay(failures + 1) <= longest
    assert (limit.delay(failures) > 0) == (failures >= free)


@pytest.mark.db
def test_after_the_free_failures_nothing_is_tried_for_a_while() -> None:
    for _ in range(LIMITS["code"].free):
        attempts.begin(ACCOUNT)
    with pytest.raises(TooManyAttempts) as refusal:
        attempts.begin(ACCOUNT)
    assert 0 < refusal.value.seconds <= LIMITS["code"].first
    let_time_pass(seconds=LIMITS["code"].first)
    attempts.begin(ACCOUNT)
    with pytest.raises(TooManyAttempts) as longer:
        attempts.begin(ACCOUNT)
    assert longer.value.seconds > LIMITS["code"].first


@pytest.mark.db
@given(st.lists(st.integers(0, 4000), max_size=40), st.integers(1, 6))
def test_no_window_holds_more_attempts_than_its_limit(pauses: list[int], most: int) -> None:
    limit, now = WindowLimit(most), datetime(2026, 1, 1, tzinfo=UTC)
    row = AttemptCounter(last_at=now)
    passed: list[datetime] = []
    for pause in pauses:
        now += timedelta(seconds=pause)
        before = sum(now - moment < timedelta(hours=1) for moment in passed)
        is_refused = row.blocked_until is not None and row.blocked_until > now
        assert is_refused == (before == most)
        if not is_refused:
            limit.count(row, now)
            passed.append(now)


@pytest.mark.db
def test_an_attempt_is_free_again_when_the_oldest_leaves_the_hour() -> None:
    for _ in range(4):
        attempts.count_emergency("user:one")
    let_time_pass(minutes=30)
    attempts.count_emergency("user:one")
    attempts.count_emergency("user:two")
    with pytest.raises(TooManyAttempts) as refusal:
        attempts.count_emergency("user:one")
    assert 29 * 60 < refusal.value.seconds <= 30 * 60 + 1
    let_time_pass(minutes=30)
    attempts.count_emergency("user:one")


@pytest.mark.db
def test_a_refused_attempt_is_not_counted() -> None:
    for _ in range(LIMITS["code"].free):
        attempts.begin(ACCOUNT)
    for _ in range(10):
        with pytest.raises(TooManyAttempts):
            attempts.begin(ACCOUNT)
    assert AttemptCounter.objects.get().failures == LIMITS["code"].free


@pytest.mark.db
def test_failures_of_another_day_are_forgotten() -> None:
    for _ in range(LIMITS["code"].free):
        attempts.begin(ACCOUNT)
    let_time_pass(hours=25)
    attempts.begin(ACCOUNT)
    assert AttemptCounter.objects.get().failures == 1


@pytest.mark.db
def test_a_success_ends_the_count_of_the_account_and_not_that_of_the_address() -> None:
    counters = attempts.of_code("one user", "10.0.0.1")
    for _ in range(4):
        attempts.begin(counters)
    attempts.succeed(counters)
    assert sorted(AttemptCounter.objects.values_list("failures", flat=True)) == [0, 3]


@pytest.mark.db
def test_the_table_holds_no_name_and_no_address() -> None:
    attempts.begin(attempts.of_password("aigul", "10.0.0.1"))
    assert all(len(key) == 64 for key in AttemptCounter.objects.values_list("key", flat=True))
    assert not AttemptCounter.objects.filter(key__contains="aigul").exists()


@pytest.mark.db
def test_one_subscriber_of_ipv6_is_one_address() -> None:
    assert attempts.network_of("2001:db8::1") == attempts.network_of("2001:db8::ffff:1")
    assert attempts.network_of("2001:db8::1") != attempts.network_of("2001:db8:0:1::1")
    assert attempts.network_of("10.0.0.1") != attempts.network_of("10.0.0.2")
    assert attempts.network_of("::ffff:10.0.0.1") == attempts.network_of("10.0.0.1")


@pytest.mark.db
def test_a_forwarded_address_counts_only_from_a_trusted_proxy(rf: Any, settings: Any) -> None:
    request = rf.get("/", HTTP_X_FORWARDED_FOR="10.9.9.9, 10.0.0.1", REMOTE_ADDR="10.0.0.2")
    settings.TRUSTED_PROXY = False
    assert client_ip(request) == "10.0.0.2"
    settings.TRUSTED_PROXY = True
    assert client_ip(request) == "10.0.0.1"  # the proxy wrote the last entry; the client can write all others


def test_codes_cannot_be_guessed_from_many_addresses(aigul: User, secret: str) -> None:
    statuses = []
    for number in range(LIMITS["code"].free + 1):
        statuses.append(after_password(f"10.0.0.{number}").post(CODE, {"code": wrong(secret)}).status_code)
    assert statuses == [200] * LIMITS["code"].free + [429]
    right = after_password("10.0.1.1").post(CODE, {"code": second_factor.code(secret)})
    assert right.status_code == 429


@pytest.mark.db
def test_limits_hold_in_another_process(aigul: User, secret: str) -> None:
    for _ in range(LIMITS["code"].free):
        after_password().post(CODE, {"code": wrong(secret)})
        cache.clear()  # another process has another cache
    assert after_password().post(CODE, {"code": wrong(secret)}).status_code == 429


@pytest.mark.db
def test_a_wrong_code_is_recorded_and_the_user_and_the_auditor_are_notified(aigul: User, secret: str) -> None:
    Agency.objects.update(national=True)
    for _ in range(LIMITS["code"].free):
        after_password().post(CODE, {"code": wrong(secret)})
    refused = AuditEvent.objects.filter(action="accounts.second_factor", outcome="refused", target=f"user:{aigul.pk}")
    assert refused.count() == LIMITS["code"].free
    assert AuditEvent.objects.filter(action="accounts.blocked").count() == 1
    assert Notice.objects.filter(user=aigul, kind="sign_in_blocked").exists()
    assert Notice.objects.filter(role="auditor", kind="sign_in_blocked_of").exists()


@pytest.mark.parametrize("credential", ["[1]", '{"id": "AAAA"}', '{"rawId": 7, "response": []}'])
def test_a_wrong_passkey_is_recorded_and_names_nobody(aigul: User, credential: str) -> None:
    answer = Client().post("/en/account/2fa/webauthn/login/", {"credential": credential})
    assert answer["Location"].endswith(LOGIN)
    event = AuditEvent.objects.get(action="accounts.sign_in")
    assert (event.outcome, event.target, event.actor) == ("refused", "", "anonymous")


@pytest.mark.db
def test_a_right_code_ends_the_count(aigul: User, secret: str) -> None:
    for _ in range(LIMITS["code"].free - 1):
        after_password().post(CODE, {"code": wrong(secret)})
    assert after_password().post(CODE, {"code": second_factor.code(secret)}).status_code == 302
    assert after_password().post(CODE, {"code": wrong(secret)}).status_code == 200


@pytest.mark.db
def test_a_code_of_another_half_minute_is_refused(aigul: User, secret: str) -> None:
    period = second_factor.current_period()
    for other in (period - 1, period + 1):
        code = second_factor.code(secret, other)
        if code != second_factor.code(secret, period):
            assert after_password().post(CODE, {"code": code}).status_code == 200
    assert after_password().post(CODE, {"code": second_factor.code(secret, period)}).status_code == 302


@pytest.mark.db
def test_the_code_of_the_period_before_is_refused_with_its_reason_and_counts_as_no_attempt(
    aigul: User, secret: str
) -> None:
    browser, period = after_password(), second_factor.current_period()
    code = second_factor.code(secret, period - 1)
    refusals = AuditEvent.objects.filter(outcome="refused").count()
    for _ in range(LIMITS["code"].free + 2):
        assert "This code has expired" in browser.post(CODE, {"code": code}).content.decode()
    assert AuditEvent.objects.filter(outcome="refused").count() == refusals
    assert browser.post(CODE, {"code": second_factor.code(secret)}).status_code == 302


def test_an_expired_code_ends_no_delay_for_earlier_failures() -> None:
    counters = attempts.of_code("someone", "10.0.0.1")
    AttemptCounter.objects.create(key=counters[0].key, failures=7, last_at=timezone.now())
    attempts.begin(counters)
    attempts.take_back(counters)
    assert attempts.is_blocked(counters)
    assert AttemptCounter.objects.get(key=counters[0].key).failures == 7


def test_a_code_is_used_once_for_as_long_as_it_is_accepted(aigul: User, secret: str) -> None:
    code = second_factor.code(secret)
    assert after_password().post(CODE, {"code": code}).status_code == 302
    cache.clear()
    assert after_password().post(CODE, {"code": code}).status_code == 200


@pytest.mark.db
def test_a_code_used_at_sign_in_does_not_confirm_an_act(aigul: User, secret: str) -> None:
    browser, code = after_password(), second_factor.code(secret)
    browser.post(CODE, {"code": code})
    cache.clear()
    session = browser.session
    session["account_authentication_methods"], session["confirmed"] = [], {}
    session.save()
    page = browser.post(STEP_UP, {"step_up_secret": code, "step_up": "1", "next": "/"})
    assert "neither your password nor a current code" in page.content.decode()


@pytest.mark.db
def test_confirmations_are_limited(make_user: Any, sign_in: Any, client: Client) -> None:
    sign_in(make_user("caseworker", password=PASSWORD))
    session = client.session
    session["account_authentication_methods"] = []
    session.save()
    typed = {"step_up_secret": "wrong wrong wrong", "step_up": "1", "next": "/"}
    pages = [client.post(STEP_UP, typed).content.decode() for _ in range(LIMITS["code"].free + 1)]
    assert "neither your password" in pages[LIMITS["code"].free - 1]
    assert "Too many attempts" in pages[-1]
    right = client.post(STEP_UP, typed | {"step_up_secret": PASSWORD}).content.decode()
    assert "Too many attempts" in right


def test_many_addresses_cannot_try_one_password_for_long(aigul: User) -> None:
    for number in range(LIMITS["password"].free):
        Client(REMOTE_ADDR=f"10.1.0.{number}").post(LOGIN, {"login": "aigul", "password": "wrong wrong wrong"})
    right = {"login": "aigul", "password": PASSWORD}
    assert Client(REMOTE_ADDR="10.2.0.1").post(LOGIN, right).status_code == 429


@pytest.mark.db
def test_strangers_do_not_lock_a_user_out_at_an_address_that_the_user_knows(aigul: User, secret: str) -> None:
    after_password("192.0.2.7").post(CODE, {"code": second_factor.code(secret)})
    for number in range(LIMITS["password"].free + 5):
        Client(REMOTE_ADDR=f"10.1.0.{number}").post(LOGIN, {"login": "aigul", "password": "wrong wrong wrong"})
    assert after_password("192.0.2.7") is not None


def test_one_address_cannot_try_many_accounts() -> None:
    browser = Client(REMOTE_ADDR="10.3.0.1")
    for number in range(LIMITS["address"].free):
        browser.post(LOGIN, {"login": f"name{number}", "password": "wrong wrong wrong"})
    assert browser.post(LOGIN, {"login": "other", "password": "x"}).status_code == 429


@pytest.mark.db
def test_an_unknown_name_is_refused_like_a_known_one(aigul: User) -> None:
    def statuses(name: str) -> list[int]:
        browser = Client(REMOTE_ADDR="10.4.0.1")
        tried = {"login": name, "password": "wrong wrong wrong"}
        return [browser.post(LOGIN, tried).status_code for _ in range(LIMITS["pair"].free + 1)]

    assert statuses("aigul") == statuses("nobody")


def test_tokens_cannot_be_guessed(client: Client) -> None:
    headers = {"HTTP_AUTHORIZATION": "Bearer krg_wrong", "REMOTE_ADDR": "10.5.0.1"}
    statuses = [client.get("/api/v1/records/", **headers).status_code for _ in range(LIMITS["token"].free + 1)]
    assert statuses == [401] * LIMITS["token"].free + [429]


def test_bursts_of_refusals_are_slowed_down(make_user: Any, sign_in: Any) -> None:
    browser = sign_in(make_user("caseworker"))
    statuses = [browser.get("/en/account/users/").status_code for _ in range(LIMITS["refusal"].free + 1)]
    assert statuses == [403] * LIMITS["refusal"].free + [429]
    answer = browser.get("/en/account/start/")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) <= LIMITS["refusal"].first
    session = browser.session
    session["refused_until"] = int(timezone.now().timestamp()) - 1
    session.save()
    assert browser.get("/en/account/start/").status_code == 302


def auditor_notices() -> list[Notice]:
    return list(Notice.objects.filter(kind="refusals_burst", role="auditor"))


def test_a_burst_of_refusals_is_reported_to_the_auditor_once_and_names_nobody(
    make_user: Any, sign_in: Any, make_agency: Any
) -> None:
    Agency.objects.filter(pk=make_agency("ministry").pk).update(national=True)
    user = make_user("caseworker", username="curious")
    browser = sign_in(user)
    for _ in range(LIMITS["refusal"].free - 1):
        browser.get("/en/account/users/")
    assert auditor_notices() == []
    for _ in range(5):
        browser.get("/en/account/users/")
    [notice] = auditor_notices()
    assert (notice.user, notice.reference, notice.object_id, notice.url_name) == (None, "", None, "audit:trail")
    event = AuditEvent.objects.get(action="accounts.refusals_burst")
    assert (event.actor, event.details["refusals"]) == ("user:curious", LIMITS["refusal"].free)
    let_time_pass(minutes=11)
    session = browser.session
    session["refused_until"] = 0
    session.save()
    for _ in range(LIMITS["refusal"].free):
        browser.get("/en/account/users/")
    assert len(auditor_notices()) == 2  # a second burst


def test_a_burst_of_refusals_of_a_token_is_reported_too(client: Client, make_agency: Any, make_actor: Any) -> None:
    agency = make_agency()
    Agency.objects.filter(pk=agency.pk).update(national=True)
    row, token = issue(make_actor("administrator", agency=agency), agency, "Register", ["api:export"], 30)
    confirm(make_actor("administrator", agency=agency), row)
    for _ in range(LIMITS["refusal"].free + 3):
        client.get("/api/v1/signals/", HTTP_AUTHORIZATION=f"Bearer {token}")
    assert len(auditor_notices()) == 1
    assert AuditEvent.objects.get(action="accounts.refusals_burst").actor.startswith("token:")


def test_a_burst_of_wrong_tokens_is_reported_once(client: Client, make_agency: Any) -> None:
    Agency.objects.filter(pk=make_agency().pk).update(national=True)
    for number in range(LIMITS["token"].free + 3):
        client.get("/api/v1/records/", HTTP_AUTHORIZATION=f"Bearer krg_{number}", REMOTE_ADDR="10.7.0.1")
    assert len(auditor_notices()) == 1
    event = AuditEvent.objects.get(action="accounts.refusals_burst")
    assert (event.actor, "10.7" in str(event.details)) == ("anonymous", False)


def test_steady_wrong_tokens_without_a_pause_are_reported_again(make_agency: Any) -> None:
    """A program that tries once an hour never ends the burst."""
    Agency.objects.filter(pk=make_agency().pk).update(national=True)
    for _ in range(LIMITS["token"].free + 2 * attempts.AGAIN):
        AttemptCounter.objects.update(blocked_until=None)
        refusals.count_wrong_token("10.7.0.1")
    assert [event.details["refusals"] for event in AuditEvent.objects.filter(action="accounts.refusals_burst")] == [
        LIMITS["token"].free + number * attempts.AGAIN for number in range(3)
    ]


def test_a_program_with_an_expired_token_locks_neither_users_nor_other_programs_out(
    client: Client, aigul: User, make_agency: Any, make_actor: Any
) -> None:
    """All programs and users of an office share one address."""
    address, agency = {"REMOTE_ADDR": "10.5.0.2"}, make_agency()
    for _ in range(LIMITS["token"].free + 5):
        client.get("/api/v1/records/", HTTP_AUTHORIZATION="Bearer krg_expired", **address)
    assert after_password("10.5.0.2") is not None
    row, token = issue(make_actor("administrator", agency=agency), agency, "Register", ["api:export"], 30)
    confirm(make_actor("administrator", agency=agency), row)
    assert client.get("/api/v1/records/", HTTP_AUTHORIZATION=f"Bearer {token}", **address).status_code == 200
