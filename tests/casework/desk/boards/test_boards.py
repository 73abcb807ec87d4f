"""Boards: a mark is a link if and only if its list counts as many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.queries import referrals
from kerege.casework.cases.models.case import Case, Decision, Event, Task
from kerege.casework.cases.models.workload import Approval
from kerege.casework.cases.services import tasks
from kerege.casework.desk import targets
from kerege.casework.desk.boards import coordinator, supervisor
from kerege.casework.desk.boards.board import Board, BoardPicture, link_marks
from kerege.casework.desk.targets import TargetDraft
from kerege.casework.intake.models import Signal
from kerege.casework.intake.queries import signals
from kerege.casework.intake.services.signals import SignalDraft, send_signal
from kerege.core.accounts.actors import actor_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
TODAY = timezone.localdate


def set_target(user: Any, value: int | None, **more: Any) -> None:
    fields = {"figure": "crimes", "direction": "at_least", "source": "Plan of measures", "source_on": TODAY()}
    month = TODAY().replace(day=1) - timedelta(days=400)
    draft = TargetDraft(value=value, from_month=month.replace(day=1), **(fields | more))
    targets.set_target(actor_for(user), draft)


@pytest.fixture
def agency_at_work(make_user: Any, make_case: Any, make_agency: Any, operator: Any) -> Any:
    """Return a supervisor of an agency with cases and tasks of many kinds, beside those of another agency."""
    boss, busy, calm = make_user("supervisor"), make_user("caseworker"), make_user("caseworker")
    elsewhere = make_agency("elsewhere", "ngo")
    for number in range(6):
        case = make_case(caseworker=(busy, calm, None)[number % 3], risk_level=("high", "low")[number % 2])
        Case.objects.filter(pk=case.pk).update(registered_on=TODAY() - timedelta(days=20 * number))
        Event.objects.filter(case=case).update(on=TODAY() - timedelta(days=18 * number))
        _add_task(operator, case, (busy, calm, None)[number % 3], number - 3)
    Case.objects.filter(pk=make_case(caseworker=busy).pk).update(status="closed", closed_on=TODAY())
    _add_task(operator, make_case(elsewhere), None, -5)
    own = boss.assignments.get().agency
    for sender, receiver in ((elsewhere, own), (own, elsewhere)):
        case = make_case(sender)
        for number, status in enumerate(("sent", "sent", "seen", "accepted", "declined", "completed")):
            urgency = ("immediate", "normal")[number % 2]
            add_referral(case, receiver, 3 - 2 * number, status=status, urgency=urgency)
        for state in ("new", "seen", "seen", "case_opened", "closed"):
            add_signal(operator, sender, receiver, state)
    return boss


def add_referral(case: Case, receiver: Any, days: int, **more: Any) -> None:
    """Send a referral that is due in so many days."""
    due, sent = TODAY() + timedelta(days=days), timezone.now() - timedelta(days=10)
    row = {"case": case, "from_agency": case.agency, "to_agency": receiver, "legal_basis": "x", "sent_by": "x"}
    Referral.objects.create(due_on=due, sent_at=sent, services=["legal_aid"], **row, **more)


def add_signal(operator: Any, sender: Any, receiver: Any, state: str) -> None:
    signal = send_signal(operator, SignalDraft(sender, receiver, "raid", narrative="x"))
    Signal.objects.filter(pk=signal.pk).update(state=state)


def _add_task(operator: Any, case: Any, user: Any, days: int) -> None:
    due = TODAY() + timedelta(days=days)
    tasks.add_tasks(operator, [Task(agency=case.agency, case=case, assignee=user, kind="follow_up", due_on=due)])


def marks(board: Board) -> Iterator[tuple[BoardPicture, tuple[str, str], float | None]]:
    for picture in board.pictures:
        for key, value in picture.chart.values.items():
            yield picture, key, value.count


def picture_of(board: Board, question: str) -> BoardPicture:
    return next(picture for picture in board.pictures if picture.question.startswith(question))


def brute_count(url: str, agency: Any) -> int:
    """Return what a list of the agency should show, counted row by row from its address."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    path = urlsplit(url).path
    if path == reverse("cases:approvals"):
        return sum(row.case.agency_id == agency.pk and row.decided_at is None for row in Approval.objects.all())
    if path == reverse("cases:tasks"):
        return sum(_task_fits(row, agency, query) for row in Task.objects.all())
    if path == reverse("assistance:referral-inbox"):
        return sum(_referral_fits(row, agency, query, urlsplit(url).fragment) for row in Referral.objects.all())
    if path == reverse("intake:signal-list"):
        assert urlsplit(url).fragment == "waiting"
        return sum(row.to_agency_id == agency.pk and row.state in {"new", "seen"} for row in Signal.objects.all())
    assert path == reverse("cases:list")
    return sum(_case_fits(row, agency, dict(query)) for row in Case.objects.all())


def _task_fits(row: Task, agency: Any, query: dict[str, str]) -> bool:
    by_state = {"overdue": row.due_on < TODAY(), "today": row.due_on == TODAY()}
    is_of = str(row.assignee_id) == query["worker"] if "worker" in query else query["whose"] == "agency"
    return row.agency_id == agency.pk and row.done_at is None and is_of and by_state[query["state"]]


def _referral_fits(row: Referral, agency: Any, query: dict[str, str], part: str) -> bool:
    waits = row.status in {"sent", "seen"}
    if part == "sent":
        return row.from_agency_id == agency.pk and waits
    is_late = waits and row.due_on < TODAY()
    is_open = waits or row.status in {"accepted", "started"}
    fits = query.get("urgency", row.urgency) == row.urgency and (is_late or "late" not in query)
    return row.to_agency_id == agency.pk and is_open and fits


def _case_fits(row: Case, agency: Any, query: dict[str, str]) -> bool:
    newest = max((event.on for event in row.events.all()), default=row.registered_on)
    quiet_days = (TODAY() - max(newest, row.registered_on)).days
    values = {
        "status": row.status,
        "worker": str(row.caseworker_id),
        "lacks": "caseworker" if row.caseworker_id is None else "",
        "risk_level": row.risk_level,
    }
    is_quiet = quiet_days >= int(query.pop("quiet", "0"))
    return row.agency_id == agency.pk and is_quiet and query.items() <= values.items()


@pytest.mark.db
def test_each_mark_of_a_supervisor_leads_to_a_list_of_as_many(agency_at_work: Any, sign_in: Any) -> None:
    boss = agency_at_work
    browser = sign_in(boss)
    agency = boss.assignments.get().agency
    page = browser.get(reverse("desk:supervisor-board"))
    board = page.context_data["board"]
    counts = []
    for picture, key, count in marks(board):
        url = picture.links[key]
        assert brute_count(url, agency) == count, (picture.question, key)
        shown = browser.get(url)
        assert shown.status_code == 200
        assert f'id="{urlsplit(url).fragment}"' in shown.content.decode() or "#" not in url
        assert url.replace("&", "&amp;") in picture.wide
        counts.append(count)
    assert sum(counts) > 10
    assert len(set(counts)) > 3


def test_a_mark_whose_list_the_page_would_cut_is_no_link(agency_at_work: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(referrals, "MAX_ROWS", 3)
    monkeypatch.setattr(signals, "MAX_ROWS", 2)
    picture = picture_of(supervisor.build_board(actor_for(agency_at_work)), "Which signals and referrals wait")
    counts = {code: value.count for (_series, code), value in picture.chart.values.items()}
    assert counts == {"signals": 3, "referrals": 4, "immediate": 2, "late": 1, "sent": 3}
    assert {code for _series, code in picture.links} == {"immediate", "late", "sent"}


def test_each_colleague_with_a_late_task_has_a_mark(agency_at_work: Any) -> None:
    late = picture_of(supervisor.build_board(actor_for(agency_at_work)), "What is late")
    tasks_by_user = Task.objects.filter(due_on__lt=TODAY(), agency=agency_at_work.assignments.get().agency)
    expected = Counter(str(row.assignee_id) for row in tasks_by_user if row.assignee_id)
    assert {key[1]: value.count for key, value in late.chart.values.items()} == expected
    assert len(expected) == 2


def test_a_caseworker_without_an_open_case_has_a_mark_of_zero(make_user: Any, make_case: Any) -> None:
    boss, free = make_user("supervisor"), make_user("caseworker")
    make_case(caseworker=make_user("caseworker"))
    caseload = picture_of(supervisor.build_board(actor_for(boss)), "Who has too much")
    assert caseload.chart.values["n", str(free.pk)].count == 0


@pytest.mark.db
def test_a_coordinator_has_a_link_only_to_the_list_that_they_may_open(
    make_user: Any, make_case: Any, make_agency: Any, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_agency("other", "ngo")
    for days in (-3, -2, 4):
        add_referral(make_case(), other, days)
    user = make_user("coordinator")
    browser = sign_in(user)
    page = browser.get(reverse("desk:coordinator-board"))
    board = page.context_data["board"]
    linked = {(key, n, picture.links[key]) for picture, key, n in marks(board) if key in picture.links}
    assert linked == {(("n", "all"), 2, reverse("assistance:silent"))}
    assert len(browser.get(reverse("assistance:silent")).context_data["rows"]) == 2
    assert browser.get(reverse("cases:list")).status_code == 403
    assert len(list(marks(board))) > 20
    monkeypatch.setattr(referrals, "MAX_ROWS", 1)
    overdue = coordinator.build_board(actor_for(user)).pictures[3]
    assert overdue.chart.values["n", "all"].count == 2  # the list is cut, the count is not
    assert not overdue.links


def test_a_preliminary_identification_is_no_formal_decision(make_user: Any, make_case: Any) -> None:
    start = TODAY() - timedelta(days=40)
    cases = [make_case(), make_case()]
    Case.objects.update(registered_on=start)
    row = {"case": cases[0], "track": "social", "resulting_status": "presumed", "decided_by": "x"}
    for kind, days in (("preliminary_identification", 2), ("formal_identification", 20), ("formal_identification", 10)):
        Decision.objects.create(kind=kind, decided_on=start + timedelta(days=days), created_at=timezone.now(), **row)
    steps, days_until = coordinator.build_board(actor_for(make_user("coordinator"))).pictures[:2]
    assert steps.chart.values["n", "decided"].count == 1
    assert days_until.chart.values["n", "10"].count == 50
    assert ("n", "2") not in days_until.chart.values
    assert days_until.note == "Half are decided by day 10. 1 case is open."


def test_a_coordinator_compares_the_answers_with_the_target_where_a_share_is_shown(
    make_user: Any, make_case: Any, make_agency: Any
) -> None:
    user, case, many, few = make_user("coordinator"), make_case(), make_agency("many"), make_agency("few")
    for agency, n in ((many, 50), (few, 3)):
        for number in range(n):
            answered = timezone.now() - timedelta(days=20 if number % 2 else 1)
            add_referral(case, agency, -5, status="accepted", answered_at=answered)
    set_target(user, 90, figure="answered")
    picture = picture_of(coordinator.build_board(actor_for(user)), "Which referrals are answered")
    assert picture.chart.goals == {("n", "all"): 90, ("n", str(many.pk)): 90}
    assert picture.chart.value("n", "all").count == 49  # 26 of 53
    assert picture.remarks == {
        "all": ("at least 90: not met",),
        str(many.pk): ("at least 90: not met",),
        str(few.pk): ("at least 90: not compared",),
    }


@pytest.mark.parametrize("builder", [supervisor, coordinator])
def test_a_board_of_an_empty_register_opens(make_user: Any, sign_in: Any, builder: Any) -> None:
    role = builder.__name__.rpartition(".")[2]
    page = sign_in(make_user(role)).get(reverse(f"desk:{role}-board"))
    assert page.status_code == 200


def test_marks_link_by_their_own_key_and_take_no_focus() -> None:
    svg = '<g data-mark="n a"><rect/></g><g data-mark="n ab"><rect/></g>'
    assert link_marks(svg, {("n", "ab"): "/x?a=1&b=2"}) == (
        '<g data-mark="n a"><rect/></g><a href="/x?a=1&amp;b=2" tabindex="-1"><g data-mark="n ab"><rect/></g></a>'
    )
