"""A clock that is set back stretches no limit, session or term, hides no event, and is reported."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from kerege.base import clock_sync, steady_clock
from kerege.base.steady_clock import CLOCK, SteadyClock
from kerege.casework.cases.services import retention
from kerege.core import audit, health
from kerege.core.accounts import attempts, second_factor, services
from kerege.core.accounts.attempts import Counted, TooManyAttempts, WindowLimit
from kerege.core.accounts.models import AttemptCounter, UsedCode
from kerege.core.audit import clock, search
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor
from kerege.core.integrations import services as integrations
from kerege.core.jobs.models import Schedule
from kerege.core.jobs.registry import Job
from kerege.core.jobs.scheduler import _claim
from kerege.core.pages import middleware
from tests import second_factor as factor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _synchronised(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the kernel say that a time service keeps the clock: on a test machine none may run."""
    monkeypatch.setattr(clock_sync, "is_synchronised", lambda: True)


HOUR = timedelta(hours=1)
PASSWORD = "seven sheep on the steppe"
START = datetime(2026, 11, 25, 12, tzinfo=UTC)
Set = Callable[..., None]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Set]:
    """Set the machine's clock to START plus `machine`, while `passed` has really passed since then."""
    state = {"machine": START, "ticks": 1000.0}

    def move(machine: timedelta, passed: timedelta) -> None:
        state.update(machine=START + machine, ticks=1000.0 + passed.total_seconds())

    monkeypatch.setattr(timezone, "now", lambda: state["machine"])
    monkeypatch.setattr(time, "time", lambda: state["machine"].timestamp())
    monkeypatch.setattr(steady_clock, "elapsed", lambda: state["ticks"])
    yield move
    CLOCK.reset()


def test_the_clock_never_runs_backwards_and_follows_forwards(set_clock: Set) -> None:
    steady = SteadyClock()
    assert steady.now(START) == START
    set_clock(-HOUR, timedelta(minutes=10))
    assert steady.now(START - HOUR) == START + timedelta(minutes=10)
    set_clock(2 * HOUR, timedelta(minutes=11))
    assert steady.now(START + 2 * HOUR) == START + 2 * HOUR
    steady.reset()
    assert steady.now(START - HOUR) == START - HOUR


def test_a_new_process_starts_no_earlier_than_the_newest_event(set_clock: Set) -> None:
    audit.record(Actor.system("tests"), "test.act")
    set_clock(-HOUR, timedelta())
    clock.restart()
    assert clock.now() == START
    set_clock(-40 * 24 * HOUR, timedelta())
    clock.restart()
    assert clock.now() == START - 40 * 24 * HOUR  # the event was the error: doctor reports it
    assert health.clocks().state == "fail"


# -- audit log ---------------------------------------------------------------------------------------------------------
def test_the_filter_by_days_hides_no_event_after_a_step_back(set_clock: Set) -> None:
    """Eight of 40 events follow a step back by a day: the filter showed these alone."""
    for _number in range(32):
        audit.record(Actor.system("tests"), "test.act")
    set_clock(-24 * HOUR, HOUR)
    for _number in range(8):
        audit.record(Actor.system("tests"), "test.act")
    first, second = (START - 24 * HOUR).date(), START.date()
    assert search.find(search.AuditFilter(first=first)).count() == 40
    assert search.find(search.AuditFilter(first=second)).count() == 40
    assert search.find(search.AuditFilter(last=first)).count() == 40
    assert search.find(search.AuditFilter(first=second + timedelta(days=1))).count() == 0
    assert search.find(search.AuditFilter(last=first - timedelta(days=1))).count() == 0
    numbers = [row.seq for row in search.find(search.AuditFilter())]
    assert numbers == sorted(numbers, reverse=True)


def test_verification_doctor_and_the_page_report_that_time_ran_backwards(
    set_clock: Set, make_user: Any, sign_in: Any
) -> None:
    auditor, page = make_user("auditor"), "/en/work/audit/"
    client = sign_in(auditor)
    audit.record(Actor.system("tests"), "test.act")
    assert (audit.verify().clock_steps, health.clocks().state) == (0, "ok")
    assert "set back" not in client.get(page).content.decode()
    before = AuditEvent.objects.count()
    set_clock(-HOUR, timedelta(minutes=1))
    audit.record(Actor.system("tests"), "test.act")
    result = audit.verify()
    assert (result.ok, result.clock_steps, result.last_step, result.longest_step) == (True, 1, before + 1, 3600.0)
    assert "3600 seconds behind the newest audit event" in health.clocks().words
    assert "3600 seconds behind the newest event" in client.get(page).content.decode()
    set_clock(timedelta(minutes=2), timedelta(minutes=2))
    search.check(timezone.now())
    assert f"last before event {before + 1}" in health.clocks().words
    # the session has expired by the clock of the machine
    client.force_login(auditor, backend=settings.AUTHENTICATION_BACKENDS[-1])
    assert "The time ran backwards 1 time" in client.get(page).content.decode()


def test_small_differences_of_several_machines_are_no_step(set_clock: Set) -> None:
    audit.record(Actor.system("tests"), "test.act")
    set_clock(timedelta(seconds=-1), timedelta())
    audit.record(Actor.system("tests"), "test.act")
    assert audit.verify().clock_steps == 0
    assert health.clocks().state == "ok"


def test_doctor_reports_a_database_with_another_time(set_clock: Set, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_database_time", lambda: START - HOUR)
    assert "+3600 seconds from the clock of the database" in health.clocks().words


# -- sessions and confirmations ----------------------------------------------------------------------------------------
@pytest.fixture
def browser(set_clock: Set, make_user: Any, sign_in: Any) -> Client:
    """Return a client that has just opened a page."""
    client = sign_in(make_user("caseworker"))
    assert is_signed_in(client)
    return client


def is_signed_in(client: Client) -> bool:
    """Return whether a client is still signed in."""
    return bool(client.get("/en/account/sessions/").status_code == 200)


def test_the_idle_limit_does_not_stretch(set_clock: Set, browser: Client) -> None:
    set_clock(timedelta(minutes=-10), timedelta(seconds=settings.SESSION_COOKIE_AGE + 1))
    assert not is_signed_in(browser)


def test_the_absolute_limit_does_not_stretch(set_clock: Set, browser: Client) -> None:
    for minutes in range(0, 12 * 60, 10):
        set_clock(-HOUR, timedelta(minutes=minutes))
        assert is_signed_in(browser)
    set_clock(-HOUR, 12 * HOUR)
    assert not is_signed_in(browser)


def test_a_session_of_a_later_time_ends_in_a_new_process(set_clock: Set, browser: Client) -> None:
    set_clock(timedelta(minutes=-10), timedelta(minutes=1))
    CLOCK.reset()
    assert not is_signed_in(browser)
    assert not [row for row in Session.objects.all() if middleware.SEEN_AT in row.get_decoded()]


def test_a_confirmation_does_not_stretch(set_clock: Set, make_user: Any, sign_in: Any) -> None:
    client, page = sign_in(make_user("auditor")), "/en/work/audit/export/"
    assert client.get(page)["Content-Type"].startswith("text/csv")
    set_clock(timedelta(minutes=-5), timedelta(minutes=6))
    assert not client.get(page)["Content-Type"].startswith("text/csv")
    CLOCK.reset()  # a new process, in which the confirmation lies in the future
    session = client.session
    session[middleware.SIGNED_IN_AT] = session[middleware.SEEN_AT] = int(timezone.now().timestamp())
    session.save()
    assert not client.get(page)["Content-Type"].startswith("text/csv")


def test_a_confirmation_does_not_stretch_on_the_pages_of_allauth(set_clock: Set, make_user: Any, sign_in: Any) -> None:
    client, page = sign_in(make_user("caseworker", password=PASSWORD)), "/en/account/2fa/totp/deactivate/"
    assert client.post("/en/account/reauthenticate/", {"password": PASSWORD}).status_code == 302
    assert client.get(page).status_code == 200
    set_clock(timedelta(minutes=-5), timedelta(minutes=6))
    assert "reauthenticate" in client.get(page)["Location"]
    client.post("/en/account/reauthenticate/", {"password": PASSWORD})
    assert client.get(page).status_code == 200  # a clock that is behind locks nobody out


def test_a_sign_in_without_its_second_factor_does_not_stretch(set_clock: Set, make_user: Any, client: Client) -> None:
    factor.activate(make_user("caseworker", username="aigul", password=PASSWORD), factor.new_secret())
    code = "/en/account/2fa/authenticate/"
    assert client.post("/en/account/login/", {"login": "aigul", "password": PASSWORD})["Location"] == code
    set_clock(timedelta(minutes=-15), timedelta(minutes=14))
    assert client.get(code).status_code == 200
    set_clock(timedelta(minutes=-15), timedelta(minutes=16))
    assert client.get(code)["Location"] == "/en/account/login/"


def test_no_page_confirms_an_address_by_the_clock_of_allauth() -> None:
    """Kerege confirms addresses by links of its own."""
    with pytest.raises(NoReverseMatch):
        reverse("account_confirm_email", args=["key"])


def test_a_password_link_does_not_stretch(set_clock: Set, make_user: Any, client: Client) -> None:
    user = make_user("caseworker")
    path = services.password_path(user)
    assert client.get(path).status_code == 302
    set_clock(timedelta(), timedelta(hours=25))
    assert client.get(path).status_code == 200  # the page says that the link does not work


# -- limits on attempts ------------------------------------------------------------------------------------------------
def test_a_limit_per_hour_neither_undercounts_nor_stretches(set_clock: Set) -> None:
    counter = [Counted("emergency", "user:a")]
    for _number in range(4):
        attempts.begin(counter)
    set_clock(-5 * HOUR, timedelta(minutes=1))
    attempts.begin(counter)
    with pytest.raises(TooManyAttempts) as refusal:
        attempts.begin(counter)
    assert refusal.value.seconds <= 3600
    set_clock(-4 * HOUR, timedelta(minutes=62))
    attempts.begin(counter)


def test_attempts_in_the_future_count_as_attempts_of_now() -> None:
    row = AttemptCounter(recent=[START.timestamp() + 9999] * 2, last_at=START)
    WindowLimit(most=3).count(row, START)
    assert row.recent == [START.timestamp()] * 3
    assert row.blocked_until == START + HOUR


def test_a_lock_of_the_future_lasts_no_longer_than_the_longest_delay(set_clock: Set) -> None:
    counter = Counted("pair", "name|address")
    AttemptCounter.objects.create(key=counter.key, last_at=START, blocked_until=START + 1000 * HOUR)
    with pytest.raises(TooManyAttempts) as refusal:
        attempts.begin([counter])
    assert refusal.value.seconds == 3601


def test_a_used_code_is_not_accepted_again_after_a_step_back(set_clock: Set, make_user: Any) -> None:
    user = make_user("caseworker")
    assert second_factor._use_up(user, "123456")
    set_clock(timedelta(minutes=20), timedelta(minutes=20))
    assert second_factor._use_up(user, "654321")
    set_clock(timedelta(), timedelta(minutes=21))
    assert not second_factor._use_up(user, "123456")
    assert UsedCode.objects.count() == 2


# -- tokens, terms and jobs --------------------------------------------------------------------------------------------
def test_a_token_of_a_system_does_not_stretch(set_clock: Set, make_actor: Any, make_agency: Any) -> None:
    row, token = integrations.issue(make_actor("administrator"), make_agency(), "system", ["api:signals"], days=1)
    assert integrations.find_token(token) == row
    set_clock(-24 * HOUR, 25 * HOUR)
    assert integrations.find_token(token) is None


def test_a_retention_term_does_not_stretch(set_clock: Set, monkeypatch: pytest.MonkeyPatch) -> None:
    days: list[Any] = []
    monkeypatch.setattr(retention, "require_right", lambda *request: None)
    monkeypatch.setattr(retention.retention_rules, "due", lambda kind, today: days.append(today) or iter(()))
    clock.now()
    set_clock(-30 * 24 * HOUR, 48 * HOUR)
    retention.RetentionApproval.objects.create(
        kind="signal", due_until=START.date(), due_count=1, approved_at=START, approved_by="user:a", originator="1:"
    )
    retention.run_approved(Actor.system("tests"))
    assert days == [(START + 48 * HOUR).date()]


def test_a_job_runs_although_the_clock_was_set_back(set_clock: Set) -> None:
    job = Job("test.job", HOUR, lambda now: None)
    Schedule.objects.create(name=job.name, due_at=START + 30 * 24 * HOUR)
    assert _claim(job, START)
    assert not _claim(job, START)
    Schedule.objects.filter(name=job.name).update(due_at=START + HOUR)
    assert not _claim(job, START)


def test_doctor_warns_when_no_time_service_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_sync, "is_synchronised", lambda: False)
    assert "no time service" in health.clocks().words
    monkeypatch.setattr(clock_sync, "is_synchronised", lambda: None)
    assert health.clocks().words.startswith("the kernel does not say")
