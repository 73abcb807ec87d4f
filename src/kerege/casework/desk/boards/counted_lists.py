"""Lists with filters, counted by their own queries, so that a mark says what its list shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, QuerySet
from django.urls import reverse

from kerege.casework.cases.forms.case import FilterForm
from kerege.casework.cases.forms.workload import TaskFilterForm
from kerege.casework.cases.models.case import Case, Task
from kerege.casework.cases.queries.cases import case_list
from kerege.casework.cases.queries.workload import task_list
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor

Filters = Mapping[str, str]


@dataclass(frozen=True)
class CountedList:
    """Count of a list, and its URL."""

    count: int
    url: str


def count_cases(actor: Actor, agency: Agency, filters: Filters) -> CountedList | None:
    """Return the count of the case list with filters; None if the list would not take one of them."""
    form = FilterForm(agency, filters)
    if not form.is_valid():
        return None
    return CountedList(case_list(actor, form.filters()).count(), _url("cases:list", filters))


def count_cases_of_workers(actor: Actor, agency: Agency, filters: Filters) -> dict[UUID, CountedList]:
    """Return the counts of the case list with filters and each caseworker, by worker, in one query."""
    form = FilterForm(agency, filters)
    if not form.is_valid():
        return {}
    rows = case_list(actor, form.filters()).filter(agency=actor.agency_id)
    return _count_by_worker(rows, "caseworker", "cases:list", filters)


def count_tasks_of_workers(actor: Actor, agency: Agency, filters: Filters) -> dict[UUID, CountedList]:
    """Return the counts of the task list with filters and each colleague, by worker, in one query."""
    form = TaskFilterForm(agency, filters)
    if not form.is_valid():
        return {}
    chosen = form.cleaned_data
    rows = task_list(actor, chosen["whose"], chosen["state"], chosen["kind"])
    return _count_by_worker(rows, "assignee", "cases:tasks", filters)


def _count_by_worker(
    rows: QuerySet[Case] | QuerySet[Task], worker: str, name: str, filters: Filters
) -> dict[UUID, CountedList]:
    counts = rows.exclude(**{worker: None}).order_by().values_list(worker).annotate(Count("pk", distinct=True))
    return {key: CountedList(count, _url(name, {**filters, "worker": str(key)})) for key, count in counts}


def count_tasks(actor: Actor, agency: Agency, filters: Filters) -> CountedList | None:
    """Return the count of the task list with filters; None if the list would not take one of them."""
    form = TaskFilterForm(agency, filters)
    if not form.is_valid():
        return None
    chosen = form.cleaned_data
    rows = task_list(actor, chosen["whose"], chosen["state"], chosen["kind"], chosen["worker"])
    return CountedList(rows.count(), _url("cases:tasks", filters))


def _url(name: str, filters: Filters) -> str:
    return f"{reverse(name)}?{urlencode(filters)}"
