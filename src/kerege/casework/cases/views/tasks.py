"""Pages of tasks: list, create, change, complete, reopen."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kerege.base.errors import BadInput
from kerege.casework.cases import task_pages
from kerege.casework.cases.forms.workload import TaskFilterForm, TaskForm
from kerege.casework.cases.models.case import Task
from kerege.casework.cases.queries import workload
from kerege.casework.cases.services import tasks
from kerege.casework.cases.views.case import load
from kerege.casework.cases.views.changes import BOTH, change
from kerege.casework.cases.views.lists import PER_PAGE, list_filter_chips
from kerege.casework.vault.services.identities import open_text
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of, agency_of
from kerege.core.authorization import Actor
from kerege.core.pages.page_of_rows import get_page_of_rows
from kerege.web.undo_messages import undoable

ROWS: QuerySet[Task] = Task.objects.select_related("case__record__data_key", "agency", "assignee", "remark__data_key")


def find_task(actor: Actor, pk: Any) -> Task:
    """Return a task that the actor may change."""
    return authorization.find(actor, Task, action="tasks.change", rows=ROWS, pk=pk)


@pages.page("tasks.view")
@require_GET
def task_list(request: HttpRequest) -> HttpResponse:
    """Show tasks of the actor or of their agency."""
    actor = actor_of(request)
    form = TaskFilterForm(agency_of(actor), request.GET)
    form.is_valid()
    page = get_page_of_rows(workload.task_list(actor, **form.cleaned_data), PER_PAGE, request.GET.get("page"))
    context = {
        "page": page,
        "form": form,
        "chosen": list_filter_chips(request, form),
        "done": form.cleaned_data.get("state"),
    }
    return TemplateResponse(request, "cases/tasks.html", context)


@pages.page("cases.change")
@BOTH
def task(request: HttpRequest, pk: Any) -> HttpResponse:
    """Add a task to a case."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    form = TaskForm(case.agency, request.POST or None, initial={"assignee": case.caseworker_id})

    def save(data: dict[str, Any]) -> None:
        remark = data.pop("remark")
        tasks.add_task(actor, Task(agency=case.agency, case=case, **data), remark)

    words = (_("Add a task"), _("Add the task"), _("The task is added."))
    return change(request, case, form, save, words=words, versioned=False)


@pages.page("cases.register")
@BOTH
def task_new(request: HttpRequest) -> HttpResponse:
    """Add a task without a case."""
    actor = actor_of(request)
    agency = agency_of(actor)
    form = TaskForm(agency, request.POST or None, initial={"assignee": actor.user_id})
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        remark = data.pop("remark")
        if try_save(form, lambda: tasks.add_task(actor, Task(agency=agency, **data), remark)):
            messages.success(request, _("The task is added."))
            return redirect("cases:tasks")
    return TemplateResponse(request, "cases/task.html", {"form": form})


@pages.page("tasks.change")
@BOTH
def task_edit(request: HttpRequest, pk: Any) -> HttpResponse:
    """Change the kind, day, assignee or remark of a task."""
    actor = actor_of(request)
    row = find_task(actor, pk)
    form = TaskForm.of(row, open_text(row.remark) or "", request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        remark = data.pop("remark")
        if try_save(form, lambda: tasks.change_task(actor, row, data, remark)):
            messages.success(request, _("The task is changed."))
            return _redirect_back(request, row)
    context = {"form": form, "task": row, "task_page": task_pages.find_page(actor, row)}
    return TemplateResponse(request, "cases/task.html", context)


@pages.page("tasks.change")
@require_POST
def task_done(request: HttpRequest, pk: Any) -> HttpResponse:
    """Mark a task as done, and return to the page where it was shown."""
    actor = actor_of(request)
    row = find_task(actor, pk)
    if row.done_at is None:
        tasks.finish_task(actor, row)
        undoable(request, _("The task is done."), reverse("cases:task-undo", kwargs={"pk": row.pk}))
    return _redirect_back(request, row)


@pages.page("tasks.change")
@require_POST
def task_undo(request: HttpRequest, pk: Any) -> HttpResponse:
    """Reopen a task that was marked as done."""
    actor = actor_of(request)
    row = find_task(actor, pk)
    if row.done_at is not None:
        tasks.reopen_task(actor, row)
        messages.success(request, _("The task is open again."))
    return _redirect_back(request, row)


def try_save(form: Any, save: Any) -> bool:
    """Call `save` and return whether it succeeded; put its errors on the form."""
    try:
        save()
    except BadInput as error:
        form.add_error(None, [ValidationError(f"{_(fault.what)}: {_(fault.todo)}.") for fault in error.faults])
    except ValidationError as error:
        form.add_error(None, error.messages)
    return not form.errors


def _redirect_back(request: HttpRequest, row: Task) -> HttpResponse:
    """Redirect to the page from which the task was changed."""
    origin = request.POST.get("back")
    if origin == "case" and row.case_id:
        return redirect("cases:case", pk=row.case_id)
    match = request.resolver_match
    is_task_page = match is not None and match.url_name == "task-edit"
    return redirect("cases:tasks" if origin == "tasks" or is_task_page else "desk:home")
