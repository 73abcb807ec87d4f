"""Board of a supervisor: what is late, who has too much, which cases are quiet, what waits."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kerege.casework.cases.forms.case import QUIET, workers
from kerege.casework.cases.forms.workload import DECIDERS
from kerege.casework.cases.queries.workload import list_approvals
from kerege.casework.desk.boards.board import COUNTED, Board, BoardPicture, bars
from kerege.casework.desk.boards.counted_lists import (
    CountedList,
    count_cases,
    count_cases_of_workers,
    count_referrals,
    count_sent_referrals,
    count_signals,
    count_tasks,
    count_tasks_of_workers,
)
from kerege.charts import Value, ranked
from kerege.core.accounts.actors import agency_of
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor

Row = tuple[str, str, CountedList | None]  # code, label, list


def build_board(actor: Actor) -> Board:
    """Return the board of the actor's agency: true counts, each mark with its list."""
    agency = agency_of(actor)
    pictures = [_waiting(actor, agency), _late(actor, agency), _caseload(actor, agency), _quiet(actor, agency)]
    return Board(_("The agency at work"), [*pictures, _answers(actor)], timezone.localtime())


def _picture(question: str, rows: Iterable[Row], *, by_size: bool = False) -> BoardPicture:
    """Return bars of lists; a list that would not take the filters has no mark."""
    known = [(code, label, counted) for code, label, counted in rows if counted is not None]
    chart = bars(question, [(code, label, Value.exact(counted.count)) for code, label, counted in known])
    links = {(COUNTED.code, code): counted.url for code, _label, counted in known if counted.url}
    return BoardPicture(question, ranked(chart) if by_size else chart, links)


def _late(actor: Actor, agency: Agency) -> BoardPicture:
    users = workers(agency, *DECIDERS)
    counts = count_tasks_of_workers(actor, agency, {"state": "overdue"}, users)
    late = {pk: counted for pk, counted in counts.items() if counted.count}
    rows = [(str(user.pk), user.full_name, late[user.pk]) for user in users if user.pk in late]
    return _picture(_("What is late, by colleague?"), rows, by_size=True)


def _caseload(actor: Actor, agency: Agency) -> BoardPicture:
    users = workers(agency)
    counts = count_cases_of_workers(actor, agency, {"status": "open"}, users)
    rows = [(str(user.pk), user.full_name, counts.get(user.pk)) for user in users]
    return _picture(_("Who has too much? Open cases by caseworker"), rows, by_size=True)


def _quiet(actor: Actor, agency: Agency) -> BoardPicture:
    rows = [
        (days, str(label), count_cases(actor, agency, {"status": "open", "quiet": days}))
        for days, label in QUIET.items()
    ]
    return _picture(_("Which open cases have had no entry for so long?"), rows)


def _answers(actor: Actor) -> BoardPicture:
    rows = [
        ("signals", _("Signals to us"), count_signals(actor)),
        ("referrals", _("Open referrals to us"), count_referrals(actor, {})),
        ("immediate", _("of these, immediate"), count_referrals(actor, {"urgency": "immediate"})),
        ("late", _("of these, overdue without our answer"), count_referrals(actor, {"late": "on"})),
        ("sent", _("Our referrals to others, not answered"), count_sent_referrals(actor)),
    ]
    return _picture(_("Which signals and referrals wait?"), rows)


def _waiting(actor: Actor, agency: Agency) -> BoardPicture:
    approvals = CountedList(list_approvals(actor).count(), reverse("cases:approvals"))
    rows: list[Row] = [
        ("approvals", _("Approvals of the agency"), approvals),
        ("overdue", _("Overdue tasks"), count_tasks(actor, agency, {"whose": "agency", "state": "overdue"})),
        ("today", _("Tasks due today"), count_tasks(actor, agency, {"whose": "agency", "state": "today"})),
        (
            "unassigned",
            _("Open cases without a caseworker"),
            count_cases(actor, agency, {"status": "open", "lacks": "caseworker"}),
        ),
        ("high", _("Open cases at high risk"), count_cases(actor, agency, {"status": "open", "risk_level": "high"})),
    ]
    return _picture(_("What waits for me?"), rows)
