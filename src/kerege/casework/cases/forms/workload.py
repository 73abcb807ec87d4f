"""Forms of tasks, assignment, covers, approvals, and the end of a case."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.forms import Select
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kerege.casework.cases.forms.case import LONGEST, FilterField, Narrowing, WorkerField, long_text, workers
from kerege.casework.cases.models.case import Case, Task
from kerege.core.accounts.models import Agency
from kerege.web.forms import CodeChoiceField, DateField, Form

DECIDERS = ("identifying_officer",)
ENDINGS = ("follow_up", "closed")


class TaskForm(Form):
    """Form for a task with its due day, assignee and remark."""

    kind = CodeChoiceField("task_kind", label=_("What is to be done"), required=True, states=False, widget=Select)
    due_on = DateField(label=_("By when"), required=True, allow_future=True)
    assignee = WorkerField(label=_("Who does it"), required=False, empty_label=_("Any free colleague"))
    remark = long_text(_("Remark"), 3, help_text=_("Stored encrypted. Write only what the task needs."))

    def __init__(self, agency: Agency, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"].queryset = workers(agency, *DECIDERS)  # type: ignore[attr-defined]

    @classmethod
    def of(cls, task: Task, remark: str, data: Any = None) -> TaskForm:
        """Return the form of an existing task."""
        initial = {"kind": task.kind, "due_on": task.due_on, "assignee": task.assignee_id, "remark": remark}
        return cls(task.agency, data, initial=initial)


class TaskFilterForm(Narrowing):
    """Form for filters of the task list. Their values are codes and ids, so they may appear in a URL."""

    whose = forms.ChoiceField(
        label=_("Whose"),
        required=False,
        choices=[("", _("My tasks and unassigned tasks")), ("agency", _("My agency's"))],
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("Not done yet")), ("overdue", _("Overdue")), ("today", _("Due today")), ("done", _("Done"))],
    )
    kind = FilterField("task_kind", label=_("What is to be done"))
    worker = WorkerField(label=_("Colleague"), required=False, empty_label=_("All"))

    def __init__(self, agency: Agency, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["worker"].queryset = workers(agency, *DECIDERS)  # type: ignore[attr-defined]


class AssignForm(Form):
    """Form to assign a caseworker to a case."""

    caseworker = WorkerField(label=_("Caseworker"), required=False, empty_label=_("Not assigned"))

    def __init__(self, agency: Agency, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["caseworker"].queryset = workers(agency)  # type: ignore[attr-defined]


class SinceForm(Form):
    """Form for the first day of a new state of a case."""

    on = DateField(label=_("Since"), required=True)

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"on": timezone.localdate()} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.case = case

    def clean_on(self) -> date:
        """Check that the day is not before the registration of the case."""
        on: date = self.cleaned_data["on"]
        if on < self.case.registered_on:
            raise forms.ValidationError(_("The case was registered later than this day. Correct the day."))
        return on


class CloseForm(SinceForm):
    """Form to close a case: next status, reason, day, next contact and comment."""

    status = forms.ChoiceField(label=_("Next status"), widget=forms.RadioSelect)
    reason = CodeChoiceField("closure_reason", label=_("Why help ends"), states=False, widget=Select, required=True)
    next_contact_on = DateField(
        label=_("Next contact, if it is followed up"), allow_future=True, help_text=_("A task is created for that day.")
    )
    comment = long_text(_("Comment for the approver"), 3, help_text=_("Stored encrypted."))
    field_order = ("status", "reason", "on", "next_contact_on", "comment")

    def __init__(self, case: Case, approval: bool, *args: Any, **kwargs: Any) -> None:
        super().__init__(case, *args, **kwargs)
        labels = {"follow_up": _("Help has ended; we stay in touch"), "closed": _("The case is closed")}
        next_statuses = [status for status in ENDINGS if status != case.status]
        self.fields["status"].choices = [(status, labels[status]) for status in next_statuses]  # type: ignore[attr-defined]
        if "follow_up" not in next_statuses:
            del self.fields["next_contact_on"]
        if not approval:
            del self.fields["comment"]


class ReopenForm(SinceForm):
    """Form for the reason and day of a reopening."""

    reason = CodeChoiceField("reopening_reason", label=_("Why it is opened again"), states=False, required=True)
    field_order = ("reason", "on")


class DecideApprovalForm(Form):
    """Form for the decision on an approval, with a comment."""

    outcome = CodeChoiceField("approval_outcome", label=_("Your decision"), states=False, required=True)
    comment = long_text(_("Comment"), 4, help_text=_("Needed when you return it. Stored encrypted."))

    def clean(self) -> dict[str, Any]:
        """Require a comment when the request is returned."""
        data = super().clean() or self.cleaned_data
        if data.get("outcome") == "returned" and not data.get("comment", "").strip():
            self.add_error("comment", _("Write what is to be changed."))
        return data


class CoverForm(Form):
    """Form for a cover: the absent colleague, the covering colleague and the period."""

    absent = WorkerField(label=_("Absent colleague"), empty_label=None)
    by = WorkerField(label=_("Covering colleague"), empty_label=_("Choose"))
    from_on = DateField(label=pgettext_lazy("start date", "From"), required=True, allow_future=True)
    until = DateField(label=_("Until, that day included"), required=True, allow_future=True)

    def __init__(self, agency: Agency, own_id: Any, can_choose_all: bool, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"absent": own_id, "from_on": timezone.localdate()} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        team = workers(agency, *DECIDERS)
        self.fields["absent"].queryset = team if can_choose_all else team.filter(pk=own_id)  # type: ignore[attr-defined]
        self.fields["by"].queryset = team  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Check that the two colleagues differ, and that the cover does not end before it begins."""
        data = super().clean() or self.cleaned_data
        if data.get("by") and data.get("by") == data.get("absent"):
            self.add_error("by", _("Choose another colleague."))
        if data.get("until") and data.get("from_on") and data["until"] < data["from_on"]:
            self.add_error("until", _("The last day is before the first. Correct one of them."))
        return data


class ReassignForm(Form):
    """Form for the colleague who receives the chosen cases, and a note for each case."""

    to = WorkerField(label=_("New caseworker"), empty_label=_("Choose"))
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The text is added to each of these cases. Stored encrypted."),
    )

    def __init__(self, agency: Agency, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = workers(agency)  # type: ignore[attr-defined]
