"""Lists with filters, counted by their own queries, so that a mark says what its list shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, QuerySet
from django.urls import reverse

from kerege.casework.assistance.forms.referrals import InboxForm
from kerege.casework.assistance.queries import referrals
from kerege.casework.cases.forms.case import FilterForm
from kerege.casework.cases.forms.workload import TaskFilterForm
from kerege.casework.cases.models.case import Case, Task
from kerege.casework.cases.queries.cases import case_list
from kerege.casework.cases.queries.workload import task_list
from kerege.casework.intake.queries import signals
from kerege.core.accounts.models import Agency, User
from kerege.core.authorization import Actor

Filters = Mapping[str, str]


@dataclass(frozen=True)
class CountedList:
    """Count of a list, and its URL; '' if no list shows all its rows."""

    count: int
    url: str


def count_cases(actor: Actor, agency: Agency, filters: Filters) -> CountedList | None:
    """Return the count of the case list with filters; None if the list would not take one of them."""
    rows = _list_cases(actor, agency, filters)
    return None if rows is None else CountedList(rows.count(), _url("cases:list", filters))


def count_tasks(actor: Actor, agency: Agency, filters: Filters) -> CountedList | None:
    """Return the count of the task list with filters; None if the list would not take one of them."""
    rows = _list_tasks(actor, agency, filters)
    return None if rows is None else CountedList(rows.count(), _url("cases:tasks", filters))


def count_referrals(actor: Actor, filters: Filters) -> CountedList | None:
    """Return the count of the inbox of referrals with filters; None if it would not take one of them."""
    form = InboxForm(filters)
    if not form.is_valid():
        return None
    chosen = {name: value for name, value in form.cleaned_data.items() if value}
    rows = referrals.open_referrals(actor, **chosen)
    return _uncut(rows.count(), referrals.MAX_ROWS, _url("assistance:referral-inbox", filters))


def count_sent_referrals(actor: Actor) -> CountedList:
    """Return the count of the agency's own referrals that wait for an answer."""
    url = f"{reverse('assistance:referral-inbox')}#sent"
    return _uncut(referrals.waiting_for_others(actor).count(), referrals.MAX_ROWS, url)


def count_signals(actor: Actor) -> CountedList:
    """Return the count of the signals that wait for the agency."""
    return _uncut(signals.list_inbox(actor).count(), signals.MAX_ROWS, f"{reverse('intake:signal-list')}#waiting")


def _uncut(count: int, most: int, url: str) -> CountedList:
    """Return a count with the URL of its list, unless the page would cut the list."""
    return CountedList(count, url if count <= most else "")


def count_cases_of_workers(
    actor: Actor, agency: Agency, filters: Filters, users: Iterable[User]
) -> dict[UUID, CountedList]:
    """Return the counts of the case list with filters and each caseworker, by worker, in one query."""
    rows = _list_cases(actor, agency, filters)
    if rows is None:
        return {}
    counts = _count_by(rows.filter(agency=actor.agency_id), "caseworker")
    return _lists_of_workers(counts, "cases:list", filters, users)


def count_tasks_of_workers(
    actor: Actor, agency: Agency, filters: Filters, users: Iterable[User]
) -> dict[UUID, CountedList]:
    """Return the counts of the task list with filters and each colleague, by worker, in one query."""
    # a list of one worker holds their tasks; without a worker it holds those of the actor unless it asks for all
    rows = _list_tasks(actor, agency, {**filters, "whose": "agency"})
    if rows is None:
        return {}
    return _lists_of_workers(_count_by(rows, "assignee"), "cases:tasks", filters, users)


def _list_cases(actor: Actor, agency: Agency, filters: Filters) -> QuerySet[Case] | None:
    form = FilterForm(agency, filters)
    return case_list(actor, form.filters()) if form.is_valid() else None


def _list_tasks(actor: Actor, agency: Agency, filters: Filters) -> QuerySet[Task] | None:
    form = TaskFilterForm(agency, filters)
    if not form.is_valid():
        return None
    chosen = form.cleaned_data
    return task_list(actor, chosen["whose"], chosen["state"], chosen["kind"], chosen["worker"])


def _count_by(rows: QuerySet[Case] | QuerySet[Task], worker: str) -> dict[UUID | None, int]:
    return dict(rows.order_by().values_list(worker).annotate(Count("pk", distinct=True)))


def _lists_of_workers(
    counts: Mapping[UUID | None, int], name: str, filters: Filters, users: Iterable[User]
) -> dict[UUID, CountedList]:
    return {
        user.pk: CountedList(counts.get(user.pk, 0), _url(name, {**filters, "worker": str(user.pk)})) for user in users
    }


def _url(name: str, filters: Filters) -> str:
    return f"{reverse(name)}?{urlencode(filters)}" if filters else reverse(name)
